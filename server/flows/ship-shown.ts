import { type Actor, wholeScope } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { type LockedDelivery, lockPendingUnder } from '../fulfilment/held.ts'
import { writeBackShipped } from '../fulfilment/write-backs.ts'
import { shipReserved } from '../inventory/ship.ts'
import { openHoldsOf } from '../orders/holds/shipping.ts'
import { resolvePlatformChanges } from '../orders/platform-changes/differences.ts'
import { transition } from '../orders/status/transition.ts'

type Shown = { orderId: string; waybillNo: string }

/**
 * Ships deliveries that the platform shows as shipped under their own waybill. They left before this installation knew of it: it was restored
 * from an older backup, or a person shipped on the platform's pages. The write-back is enqueued as usual, and the platform answers that it
 * knows. An order with another hold, or without its goods, stays on hold as "shipped elsewhere" until a person decides.
 *
 * Lock order: orders with their child orders, shipments and deliveries; stock balances last.
 */
export async function shipShownDeliveries(tx: Tx, shown: readonly Shown[], actor: Actor): Promise<void> {
  const ready = (await lockPendingUnder(tx, shown)).filter(isReady)
  const leaving = await withoutOtherHolds(tx, ready)
  if (leaving.length === 0) return
  const orderIds = leaving.map(({ order }) => order.id)
  const by = { actor, scope: wholeScope }
  await resolvePlatformChanges(tx, orderIds, { how: 'ignore', kinds: ['shipped_elsewhere'] }, by)
  const how = { event: 'ship', detail: { how: 'shown' }, shown: true } as const
  const outcomes = await transition(tx, orderIds, how, actor)
  const done = outcomes.filter((one) => one.done).map(({ id }) => id)
  const shipped = leaving.filter(({ order }) => done.includes(order.id))
  if (shipped.length === 0) return
  await writeBackShipped(tx, shipped, actor)
  const left = await shipReserved(tx, done, actor)
  // Cannot happen: the orders have been locked since their goods were found to be reserved.
  if (left.some(({ code }) => code === 'short')) throw new Error('Goods that were reserved are not there.')
}

const isReady = ({ delivery, order }: LockedDelivery) =>
  delivery.status === 'pending' && order.status === 'released' && order.lockedBy === null && !order.short

/** Leaves out orders with a hold that the change "shipped elsewhere" did not place. */
async function withoutOtherHolds(tx: Tx, ready: readonly LockedDelivery[]): Promise<LockedDelivery[]> {
  const held = ready.flatMap(({ order }) => (order.openHolds > 0 ? [order.id] : []))
  if (held.length === 0) return [...ready]
  const others = (await openHoldsOf(tx, held)).filter(({ source }) => source !== 'shipped_elsewhere')
  const stopped = new Set(others.map(({ orderId }) => orderId))
  return ready.filter(({ order }) => !stopped.has(order.id))
}
