import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../sandbox/world/random.ts'
import type { House } from './day-house.ts'
import { handDeeds } from './hands/hands.ts'
import { call, type Deeds, distinct, list, type Person, type Row, some, type Work } from './hands/person.ts'
import { authoriseAgain } from './settle.ts'

export type { Work }

type RefundRow = Row & { version: string; amountFen: number; status: string; orderId: string | null }
type OrderRow = Row & { version: number; status: string; paymentFen: number; openHolds: number }

// A picture of one pixel: Tmall requires proof for a refusal.
const proof = {
  type: 'image/png',
  base64: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
}

/** Simulates users until the signal: `people` in the office, and `hands` in the warehouses. They do everything at the same time, and much of it twice. */
export async function peopleAtWork(
  house: House,
  { people, hands }: { people: number; hands: number },
  seed: string,
  signal: AbortSignal,
): Promise<Work> {
  const work: Work = { done: new Map(), broken: [] }
  const person = async (some: Deeds, name: string) => {
    const me: Person = { house, random: createRandom(`${seed}/${name}`), work }
    while (!signal.aborted) {
      const [deedName, deed] = me.random.weighted(some)
      await deed(me).catch((error: unknown) => work.broken.push(`${deedName}: ${String(error)}`))
      await sleep(me.random.between(10, 120))
    }
  }
  const many = (count: number, some: Deeds, prefix: string) =>
    Array.from({ length: count }, (_, number) => person(some, `${prefix}${number}`))
  await Promise.all([...many(people, deeds, ''), ...many(hands, handDeeds, 'hand ')])
  return work
}

const deeds: Deeds = [
  [['convert', convert], 14],
  [['convert all', convertAll], 2],
  [['remove', (me) => onTrades(me, 'staged', 'remove', 3)], 4],
  [['remove fetching', (me) => onTrades(me, 'fetching', 'remove', 2)], 2],
  [['process', (me) => onTrades(me, 'staged', 'process', 2)], 3],
  [['process fetching', (me) => onTrades(me, 'fetching', 'process', 1)], 1],
  [['unprocess', (me) => onTrades(me, 'processed', 'unprocess', 3)], 3],
  [['fetch now', (me) => onQueue(me, 'download')], 2],
  [['remove from queue', (me) => onQueue(me, 'remove')], 2],
  [['download', download], 3],
  [['convert refunds', convertRefunds], 8],
  [['process refund', (me) => onRefunds(me, 'process')], 2],
  [['unprocess refund', (me) => onRefunds(me, 'unprocess', 'processed')], 2],
  [['refuse', refuse], 5],
  [['agree', agree], 5],
  [['extra refund', extraRefund], 3],
  [['decide extra refunds', decideExtras], 3],
  [['void', voidOrder], 2],
  [['restore', restore], 3],
  [['hold', hold], 2],
  [['release', release], 2],
  [['settle differences', settleDifferences], 4],
  [['memo', memo], 5],
  [['authorise', authorise], 2],
]

const shopOf = ({ house, random }: Person) => random.pick(house.shops)

async function convert(me: Person): Promise<void> {
  const rows = await list(me, `/api/staged-trades?tab=staged&reason=none&limit=50&shop=${shopOf(me).id}`)
  const ids = distinct(some(me, rows, 12))
  if (ids.length === 0) return
  // A user may click twice.
  const presses = me.random.chance(0.3) ? 2 : 1
  const body = { ids, ...(me.random.chance(0.1) ? { asRecord: true } : {}) }
  await Promise.all(
    Array.from({ length: presses }, () => call(me, 'POST', '/api/staged-trades/convert', body)),
  )
}

async function convertAll(me: Person): Promise<void> {
  await call(me, 'POST', '/api/batches', {
    action: 'trades.convert',
    target: { filter: { tab: 'staged', shop: shopOf(me).id } },
    input: { asRecord: false },
  })
}

async function onTrades(me: Person, tab: string, verb: string, most: number): Promise<void> {
  const ids = distinct(some(me, await list(me, `/api/staged-trades?tab=${tab}&limit=50`), most))
  if (ids.length > 0) await call(me, 'POST', `/api/staged-trades/${verb}`, { ids })
}

async function onQueue(me: Person, verb: string): Promise<void> {
  const ids = distinct(some(me, await list(me, '/api/download-queue?limit=50'), 5))
  if (ids.length > 0) await call(me, 'POST', `/api/download-queue/${verb}`, { ids })
}

async function download(me: Person): Promise<void> {
  const shop = shopOf(me)
  const rows = await list<Row>(
    me,
    `/api/staged-trades?limit=50&shop=${shop.id}&tab=${me.random.pick(['staged', 'history', 'processed'])}`,
  )
  const tids = distinct(rows.slice(0, 5).map((row) => row.tid))
  if (tids.length > 0) await call(me, 'POST', '/api/staged-trades/download', { shopId: shop.id, tids })
  const to = new Date()
  const window = { from: new Date(to.getTime() - 1_800_000).toISOString(), to: to.toISOString() }
  if (me.random.chance(0.3))
    await call(me, 'POST', '/api/staged-refunds/download', { shopId: shop.id, ...window })
}

async function convertRefunds(me: Person): Promise<void> {
  const ids = distinct(some(me, await list(me, '/api/staged-refunds?tab=open&limit=100'), 8))
  if (ids.length > 0) await call(me, 'POST', '/api/staged-refunds/convert', { ids })
}

async function onRefunds(me: Person, verb: string, tab = 'open'): Promise<void> {
  const ids = distinct(some(me, await list(me, `/api/staged-refunds?tab=${tab}&limit=50`), 2))
  if (ids.length > 0) await call(me, 'POST', `/api/staged-refunds/${verb}`, { ids })
}

async function openRefund(me: Person): Promise<RefundRow | undefined> {
  const rows = await list<RefundRow>(me, '/api/staged-refunds?tab=open&status=applied,agreed&limit=100')
  return rows.length === 0 ? undefined : me.random.pick(rows)
}

async function refuse(me: Person): Promise<void> {
  const refund = await openRefund(me)
  if (!refund) return
  const answer = await call(me, 'GET', `/api/staged-refunds/${refund.id}/refuse-reasons`)
  const reasons = typeof answer === 'object' && answer !== null && 'reasons' in answer ? answer.reasons : []
  const reasonId = Array.isArray(reasons) && reasons.length > 0 ? String(me.random.pick(reasons).id) : ''
  await call(me, 'POST', `/api/staged-refunds/${refund.id}/refuse`, {
    reasonId,
    message: '商品已发出，请先签收',
    version: refund.version,
    proof,
  })
}

async function agree(me: Person): Promise<void> {
  const refund = await openRefund(me)
  if (!refund) return
  const body = { version: refund.version, amountFen: refund.amountFen }
  const press = () => call(me, 'POST', `/api/staged-refunds/${refund.id}/agree`, body)
  await Promise.all(me.random.chance(0.3) ? [press(), press()] : [press()])
}

async function someOrder(me: Person, filter: string): Promise<OrderRow | undefined> {
  const rows = await list<OrderRow>(me, `/api/orders?limit=100${filter}`)
  return rows.length === 0 ? undefined : me.random.pick(rows)
}

async function extraRefund(me: Person): Promise<void> {
  const order = await someOrder(me, '&tab=unconfirmed')
  if (!order) return
  const amountFen = me.random.between(1, Math.max(2, order.paymentFen))
  await call(me, 'POST', '/api/extra-refunds', {
    orderId: order.id,
    kind: 'compensation',
    amountFen,
    reason: '补偿',
  })
}

async function decideExtras(me: Person): Promise<void> {
  const ids = distinct(some(me, await list(me, '/api/extra-refunds?status=draft&limit=50'), 3))
  if (ids.length === 0) return
  const verb = () => me.random.pick(['approve', 'void'] as const)
  await Promise.all([verb(), verb()].map((one) => call(me, 'POST', `/api/extra-refunds/${one}`, { ids })))
}

async function voidOrder(me: Person): Promise<void> {
  const order = await someOrder(me, '&tab=unconfirmed')
  if (order) await call(me, 'POST', '/api/orders/void', { ids: [order.id], reason: '买家不要了' })
}

async function restore(me: Person): Promise<void> {
  const order = await someOrder(me, '&tab=voided')
  if (order) await call(me, 'POST', '/api/orders/restore', { ids: [order.id] })
}

async function hold(me: Person): Promise<void> {
  const order = await someOrder(me, '&tab=unconfirmed')
  if (order)
    await call(me, 'POST', '/api/orders/hold', { ids: [order.id], reason: 'ask_buyer', note: '等买家回复' })
}

async function release(me: Person): Promise<void> {
  const order = await someOrder(me, '')
  if (order) await call(me, 'POST', '/api/orders/release-hold', { ids: [order.id] })
}

async function settleDifferences(me: Person): Promise<void> {
  const ids = distinct(some(me, await list(me, '/api/orders?limit=100'), 6))
  if (ids.length === 0) return
  await call(me, 'POST', '/api/orders/settle-differences', { ids, how: me.random.pick(['apply', 'ignore']) })
}

async function memo(me: Person): Promise<void> {
  const order = await someOrder(me, '')
  if (!order) return
  const body = {
    memo: `已联系买家 ${me.random.between(1, 999)}`,
    flag: me.random.between(1, 5),
    version: order.version,
  }
  await call(me, 'POST', `/api/orders/${order.id}/memo`, body)
}

async function authorise(me: Person): Promise<void> {
  await authoriseAgain(me.house, shopOf(me))
}
