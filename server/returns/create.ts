import type { Actor, By } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { notFound, type Refusal } from '../core/decide.ts'
import { sendEvent } from '../events.ts'
import { type LockedDelivery, lockDeliveries } from '../fulfilment/held.ts'
import { linkReturns, openInterceptWays } from '../fulfilment/intercepts/for-returns.ts'
import { endByReturning } from '../fulfilment/intercepts/intercepts.ts'
import { lockOrdersById, noteShipping } from '../orders/holds/shipping.ts'
import { withinScope } from '../orders/order/access.ts'
import { isGone } from '../orders/order/lifecycle.ts'
import {
  linesToReturn,
  liveRefunds,
  type RefundOfOrder,
  type ShippedLine,
} from '../orders/refunds/for-returns.ts'
import type { ExchangeTime } from './lifecycle.ts'
import { addReturnEvents, insertReturns, type NewReturn, returnedOf, returnsOfRefunds } from './queries.ts'
import { grants, returnWarehouses } from './warehouses.ts'

export type ReturnRequest = {
  orderId: string
  kind: 'return' | 'exchange' | 'refused'
  reason: string
  courier: string
  waybillNo: string
  /** The warehouse that receives the goods; undefined: the one that shipped the order. */
  warehouseId: string | undefined
  exchangeWhen: ExchangeTime | undefined
  lines: readonly { lineNo: number; quantity: number }[]
}

/** `id`: id of the order (`createReturns`) or of the delivery (`returnParcels`). */
export type Created =
  | { id: string; done: true; ref: string; returnId: string }
  | ({ id: string; done: false; ref?: string } & Refusal)

/**
 * 手工建退货单: creates returns for chosen goods of shipped orders, at most the shipped pieces that are on no other return. A second request for
 * the same order in one call is refused.
 */
export async function createReturns(
  tx: Tx,
  wishes: readonly ReturnRequest[],
  { actor, scope }: By,
): Promise<Created[]> {
  const byOrder = new Map(wishes.toReversed().map((wish) => [wish.orderId, wish]))
  const refused: Created[] = []
  const drafts: { id: string; row: NewReturn }[] = []
  await withinScope(tx, [...byOrder.keys()], scope, async (ids) => {
    await lockOrdersById(tx, ids)
    const facts = await factsOf(tx, ids)
    const warehouses = await returnWarehouses(
      tx,
      [...byOrder.values()].flatMap(({ warehouseId }) => warehouseId ?? []),
      scope,
    )
    for (const id of ids) {
      const wish = byOrder.get(id)
      const lines = facts.linesOf(id)
      const [first] = lines
      if (!wish || !first) refused.push({ id, done: false, ...nothingLeft })
      else {
        const place = wish.warehouseId ?? first.warehouseId
        const isGranted =
          wish.warehouseId === undefined ? grants(scope, place) : warehouses.has(wish.warehouseId)
        const why = isGranted ? whyNot(wish, lines, facts) : noSuchWarehouse
        if (why) refused.push({ id, done: false, ref: first.orderNo, ...why })
        else drafts.push({ id, row: { ...rowOf(wish, first, lines), warehouseId: place } })
      }
    }
    return []
  })
  const made = await makeReturns(
    tx,
    drafts.map(({ row }) => row),
    actor,
  )
  const answers = new Map<string, Created>(refused.map((one) => [one.id, one]))
  drafts.forEach(({ id }, at) => {
    const one = made[at]
    if (one) answers.set(id, { id, done: true, ref: one.no, returnId: one.id })
  })
  return wishes.map((wish): Created => {
    const id = wish.orderId
    if (byOrder.get(id) !== wish) return { id, done: false, ...givenTwice }
    return answers.get(id) ?? { id, done: false, ...noOrder }
  })
}

type Facts = Awaited<ReturnType<typeof factsOf>>

/**
 * Reads the shipped lines of these locked orders, the pieces that are on returns, and open intercepts. `left`: the pieces of a line that
 * are on no return. `isSought`: an open intercept tries to get the order's parcel back.
 */
export async function factsOf(tx: Tx, orderIds: readonly string[]) {
  const lines = Map.groupBy(await linesToReturn(tx, orderIds), ({ orderId }) => orderId)
  const returned = await returnedOf(tx, orderIds)
  const sought = await openInterceptWays(tx, orderIds)
  const left = (line: Pick<ShippedLine, 'orderId' | 'lineNo' | 'quantity'>) =>
    Math.max(0, line.quantity - (returned.get(`${line.orderId}/${line.lineNo}`) ?? 0))
  const linesOf = (orderId: string) => lines.get(orderId) ?? []
  // The parcel of a completed order has reached its buyer, even if its intercept is still open.
  const isSought = (orderId: string) => sought.has(orderId) && linesOf(orderId)[0]?.status === 'shipped'
  return { linesOf, left, isSought, wayOf: (orderId: string) => sought.get(orderId) }
}

/** True if we shipped the goods: goods shipped by others do not come back into our stock. */
export const isShippedByUs = ({ status, origin }: Pick<ShippedLine, 'status' | 'origin'>) =>
  isGone(status) && origin !== 'record'

function whyNot(
  wish: ReturnRequest,
  lines: readonly ShippedLine[],
  { left, isSought }: Facts,
): Refusal | undefined {
  const [first] = lines
  if (!first || !isShippedByUs(first)) return notShipped
  if (isSought(first.orderId)) return sought
  if (new Set(wish.lines.map(({ lineNo }) => lineNo)).size < wish.lines.length) return noLine
  for (const { lineNo, quantity } of wish.lines) {
    const line = lines.find((one) => one.lineNo === lineNo)
    if (!line) return noLine
    if (quantity > left(line)) return tooMany(lineNo, left(line))
  }
  return undefined
}

function rowOf(wish: ReturnRequest, first: ShippedLine, lines: readonly ShippedLine[]): NewReturn {
  const asked = new Map(wish.lines.map(({ lineNo, quantity }) => [lineNo, quantity]))
  return {
    ...headOf(first),
    kind: wish.kind,
    origin: 'person',
    courier: wish.courier,
    waybillNo: wish.waybillNo,
    reason: wish.reason,
    exchangeWhen: wish.exchangeWhen ?? 'received',
    lines: lines.flatMap((line) => {
      const quantity = asked.get(line.lineNo)
      return quantity === undefined ? [] : [{ ...line, quantity }]
    }),
  }
}

export const headOf = ({ shopId, orderId, orderNo, tid, warehouseId }: ShippedLine) => ({
  shopId,
  orderId,
  orderNo,
  tid,
  warehouseId,
  refundNo: '',
  refundStatus: '',
  deliveryId: null,
  amountFen: 0,
  deadline: null,
})

/**
 * 拒收件: creates returns of whole parcels that came back unopened. Each parcel has at most one live return. An open intercept of the parcel
 * is ended.
 */
export async function returnParcels(
  tx: Tx,
  deliveryIds: readonly string[],
  { actor, scope }: By,
): Promise<Created[]> {
  const held = await lockDeliveries(tx, deliveryIds, scope)
  const facts = await factsOf(
    tx,
    held.map(({ order }) => order.id),
  )
  const owed = await refundsOfParcels(
    tx,
    held.map(({ order }) => order.id),
  )
  const drafts = held.map((one) => ({ one, row: parcelRow(one, facts, owed.get(one.order.id)) }))
  const back = drafts.flatMap(({ one, row }) => (row ? [one.delivery.id] : []))
  await endByReturning(tx, back, actor)
  const made = await makeOfParcels(
    tx,
    drafts.flatMap(({ row }) => row ?? []),
    actor,
  )
  const answers = new Map<string, Created>()
  let at = 0
  for (const { one, row } of drafts) {
    const { id, no } = one.delivery
    if (!row) {
      answers.set(id, { id, done: false, ref: no, ...whyNotBack(one, facts) })
      continue
    }
    const own = made[at++]
    answers.set(
      id,
      own ? { id, done: true, ref: own.no, returnId: own.id } : { id, done: false, ref: no, ...knownParcel },
    )
  }
  return [...new Set(deliveryIds)].map((id) => answers.get(id) ?? { id, done: false, ...noDelivery })
}

/**
 * Makes the returns of parcels. Where parcels share a refund, the first return has it, also if another transaction has made that meanwhile;
 * the others are made without.
 */
async function makeOfParcels(
  tx: Tx,
  rows: readonly NewReturn[],
  actor: Actor,
): Promise<({ id: string; no: string } | undefined)[]> {
  const made = await makeReturns(tx, rows, actor)
  const without = rows.flatMap((row, at) =>
    made[at] || row.refundNo === '' ? [] : [{ ...row, refundNo: '', refundStatus: '', amountFen: 0, at }],
  )
  const again = await makeReturns(tx, without, actor)
  const byPlace = new Map(without.map(({ at }, index) => [at, again[index]]))
  return made.map((one, at) => one ?? byPlace.get(at))
}

/**
 * Returns by order the refund that pays for the returned parcel: the only refund of the order without a return. Orders with none or several
 * such refunds are left out.
 */
async function refundsOfParcels(
  tx: Tx,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, RefundOfOrder>> {
  const refunds = await liveRefunds(tx, orderIds)
  const taken = new Set((await returnsOfRefunds(tx, refunds)).map(({ refundNo }) => refundNo))
  const free = Map.groupBy(
    refunds.filter(({ refundNo }) => !taken.has(refundNo)),
    ({ orderId }) => orderId,
  )
  return new Map([...free].flatMap(([id, some]) => (some[0] && some.length === 1 ? [[id, some[0]]] : [])))
}

function parcelRow(
  { delivery, order }: LockedDelivery,
  facts: Facts,
  refund: RefundOfOrder | undefined,
): NewReturn | undefined {
  const lines = facts.linesOf(order.id).flatMap((line) => {
    const quantity = facts.left(line)
    return quantity > 0 ? [{ ...line, quantity }] : []
  })
  const [first] = lines
  if (!first || !isShippedByUs(order) || facts.wayOf(order.id) === 'pull') return undefined
  return {
    ...headOf(first),
    kind: 'refused',
    origin: 'parcel',
    refundNo: refund?.refundNo ?? '',
    refundStatus: refund?.status ?? '',
    amountFen: refund?.amountFen ?? 0,
    deliveryId: delivery.id,
    courier: delivery.courier,
    waybillNo: delivery.waybillNo,
    reason: '',
    exchangeWhen: 'received',
    lines,
  }
}

function whyNotBack({ order }: LockedDelivery, { wayOf }: Facts): Refusal {
  if (!isShippedByUs(order)) return notShipped
  return wayOf(order.id) === 'pull' ? untold : nothingLeft
}

export async function makeReturns(
  tx: Tx,
  rows: readonly NewReturn[],
  actor: Actor,
): Promise<({ id: string; no: string } | undefined)[]> {
  const made = await insertReturns(tx, rows, actor.name)
  const fresh = rows.flatMap((row, at) => {
    const one = made[at]
    return one ? [{ row, ...one }] : []
  })
  await addReturnEvents(
    tx,
    fresh.map(({ row: { kind, origin, refundNo }, id }) => ({
      returnId: id,
      event: 'created',
      detail: { kind, origin, refundNo },
    })),
    actor,
  )
  const takenBy = fresh.flatMap(({ row, id, no }) =>
    [...new Set(row.lines.map(({ orderId }) => orderId))].map((orderId) => ({
      orderId,
      returnId: id,
      returnNo: no,
    })),
  )
  await noteShipping(
    tx,
    takenBy.map(({ orderId, returnNo: no }) => ({ orderId, event: 'return_made', detail: { no } })),
    actor,
  )
  await linkReturns(tx, takenBy)
  await enqueueWaybillMatch(
    tx,
    fresh.map(({ row }) => row.waybillNo),
  )
  return made
}

export async function enqueueWaybillMatch(tx: Tx, waybillNos: readonly string[]): Promise<void> {
  const known = [...new Set(waybillNos)].filter((no) => no !== '')
  await sendEvent(
    tx,
    'returns.match_parcels',
    known.map((waybillNo) => ({ waybillNo })),
  )
}

const noOrder = notFound({ zh: '销售订单', en: 'Sales order' })
const givenTwice: Refusal = {
  code: 'given_twice',
  message: {
    zh: '同一张销售订单写了两次，只建了第一张',
    en: 'One order was given twice; only the first was made',
  },
}
const noDelivery = notFound({ zh: '发货单', en: 'Delivery' })
export const notShipped: Refusal = {
  code: 'not_shipped',
  message: { zh: '没有发过货，没有可退的商品', en: 'It was not shipped, so nothing can come back' },
}
const nothingLeft: Refusal = {
  code: 'nothing_left',
  message: { zh: '发出的商品都已在退货单上', en: 'All that was shipped is on returns already' },
}
const sought: Refusal = {
  code: 'being_intercepted',
  message: {
    zh: '包裹正在拦截：拦到就不用退货。没拦到的，先在拦截里按没拦到，再建',
    en: 'Its parcel is being stopped, and needs no return if it is. Else mark the intercept missed first',
  },
}
const untold: Refusal = {
  code: 'being_intercepted',
  message: {
    zh: '平台还不知道已发货：包裹在手上就在拦截里按拦到了，撤销发货，不建退货单',
    en: 'The platform does not know of the shipment: mark its intercept pulled out, which undoes it',
  },
}
const noLine: Refusal = {
  code: 'no_line',
  message: { zh: '没有这一行商品，或选了两次', en: 'No such line, or chosen twice' },
}
const knownParcel: Refusal = {
  code: 'already',
  message: { zh: '这个包裹已有退货单', en: 'This parcel has its return already' },
}
export const noSuchWarehouse: Refusal = {
  code: 'no_such_warehouse',
  message: { zh: '没有这个退货仓，或已停用', en: 'There is no such warehouse, or it is retired' },
}
const tooMany = (lineNo: number, left: number): Refusal => ({
  code: 'too_many',
  message: {
    zh: `第 ${lineNo} 行最多还能退 ${left} 件`,
    en: `Line ${lineNo}: at most ${left} can still come back`,
  },
})
