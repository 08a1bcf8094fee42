import { deliveriesIn } from './deliveries.ts'
import { type Deeds, field, type Person } from './person.ts'

/** What buyers and platforms do while parcels are in the warehouse. */
export const buyerDeeds: Deeds = [
  [['a refund is applied for', applyForRefund], 5],
  [['a refund is withdrawn', withdrawRefund], 4],
  [['an address changes', (me) => change(me, 'address', {})], 1],
  [['a courier is promised', (me) => promiseCourier(me)], 1],
]

/** The refunds that buyers of this house have applied for, the newest last. */
const applied = new WeakMap<object, string[]>()
const appliedIn = ({ house }: Person) => {
  const known = applied.get(house) ?? []
  applied.set(house, known)
  return known
}

async function someParcel(me: Person): Promise<string | undefined> {
  const rows = await deliveriesIn(me, me.random.pick(['pending', 'pending', 'shipped']))
  return rows.length === 0 ? undefined : me.random.pick(rows).tid
}

async function applyForRefund(me: Person): Promise<void> {
  const tid = await someParcel(me)
  if (tid === undefined) return
  // A platform lets no buyer apply twice for the same goods.
  const known = field(await me.house.control(`trades/${tid}`), 'refunds')
  if (!Array.isArray(known) || known.length > 0) return
  const made = await me.house.control('refunds', { tid, kind: 'REFUND' })
  const id = field(made, 'refundId')
  if (typeof id === 'string') appliedIn(me).push(id)
}

/** Most buyers change their mind. */
async function withdrawRefund(me: Person): Promise<void> {
  const id = appliedIn(me).shift()
  if (id !== undefined) await me.house.control(`POST refunds/${id}/close`, {})
}

async function change(me: Person, what: string, to: object): Promise<void> {
  const tid = await someParcel(me)
  if (tid !== undefined) await me.house.control(`POST trades/${tid}/${what}`, to)
}

const promiseCourier = (me: Person) =>
  change(me, 'couriers', { couriers: me.random.pick(['', 'SF', 'YTO', 'ZTO,YTO']) })
