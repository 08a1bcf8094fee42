import { apportion } from '../../lib/money.ts'
import { isUnshipped, type OrderStatus } from '../order/lifecycle.ts'
import type { LineMoney } from './refund-money.ts'
import type { AppliedRefund } from './refund-queries.ts'

export type ShareOrder = {
  id: string
  status: OrderStatus
  /** True if an earlier version of the refund was applied to the order. */
  known: boolean
  /** Payment of the order in fen, freight included, less its other refunds. */
  leftFen: number
  quantity: number
  lines: readonly { oid: string; quantity: number; paymentFen: number }[]
}

export type Share = { orderId: string; amountFen: number; quantity: number }

/** How much of a refund counts on an order; `fact` null: nothing. */
export type CountedShare = Pick<
  AppliedRefund,
  'refundNo' | 'fact' | 'countedOid' | 'countedFen' | 'countedQuantity' | 'takesGoods'
>

export function shareOrders(
  { refundNo }: { refundNo: string },
  orders: readonly { id: string; status: OrderStatus; paymentFen: number }[],
  lines: ReadonlyMap<string, readonly LineMoney[]>,
  applied: ReadonlyMap<string, readonly CountedShare[]>,
): ShareOrder[] {
  return orders.map(({ id, status, paymentFen }) => {
    const mine = applied.get(id) ?? []
    const others = mine.filter((refund) => refund.refundNo !== refundNo && refund.fact !== null)
    const own = lines.get(id) ?? []
    return {
      id,
      status,
      known: mine.some((refund) => refund.refundNo === refundNo),
      leftFen: others.reduce((left, { countedFen }) => left - countedFen, paymentFen),
      quantity: own.reduce((sum, { quantity }) => sum + quantity, 0),
      lines: [...Map.groupBy(own, ({ oid }) => oid)].map(([oid, rows]) => {
        const ofLine = others.filter(({ countedOid }) => countedOid === oid)
        const pieces = sumOf(ofLine, (one) => (one.takesGoods ? one.countedQuantity : 0))
        return {
          oid,
          quantity: Math.max(0, sumOf(rows, (row) => row.quantity) - pieces),
          paymentFen: Math.max(
            0,
            sumOf(rows, (row) => row.paymentFen) - sumOf(ofLine, (one) => one.countedFen),
          ),
        }
      }),
    }
  })
}

const sumOf = <T>(rows: readonly T[], of: (row: T) => number) => rows.reduce((sum, row) => sum + of(row), 0)

/**
 * Divides a refund of a trade among the orders of the trade; the shares sum to the refund.
 * A refund of a line goes to the orders with pieces of it: first those with an earlier version of the refund, then unshipped, shipped
 * and voided ones. Pieces are taken in that sequence, and the money follows the pieces; money without pieces is spread by what each
 * order has left. A refund of the whole trade is spread over orders that are not voided by what each has left, and the rest over voided
 * ones. An order with an earlier version always gets a share, 0 if need be, so that the new version is applied to it. Empty: no order
 * has the line.
 */
export function sharesOf(
  refund: { oid: string; amountFen: number; quantity: number },
  orders: readonly ShareOrder[],
): Share[] {
  const holders = orders.filter(({ lines }) =>
    lines.some(({ oid }) => refund.oid === '' || oid === refund.oid),
  )
  const [only] = holders
  if (!only) return []
  if (orders.length === 1)
    return [{ orderId: only.id, amountFen: refund.amountFen, quantity: refund.quantity }]
  const ranked = holders.toSorted((a, b) => rankOf(a) - rankOf(b))
  const chosen = refund.oid === '' ? ofTrade(refund, ranked) : ofLine(refund, ranked)
  const given = new Set(chosen.map(({ orderId }) => orderId))
  const known = orders.filter(({ id, known }) => known && !given.has(id))
  return [...chosen, ...known.map(({ id }) => ({ orderId: id, amountFen: 0, quantity: 0 }))]
}

function rankOf({ known, status }: ShareOrder): number {
  if (known) return 0
  if (isUnshipped(status)) return 1
  return status === 'voided' ? 3 : 2
}

function ofTrade(refund: { amountFen: number; quantity: number }, ranked: readonly ShareOrder[]): Share[] {
  const amounts = spread(refund.amountFen, ranked)
  return ranked.flatMap((order, at) => {
    const amountFen = amounts[at] ?? 0
    // For a refund of the whole trade the platform's quantity is no number of pieces: above 0 it means all goods of each order, at 0 none.
    const quantity = refund.quantity > 0 ? order.quantity : 0
    return amountFen > 0 || refund.amountFen === 0 ? [{ orderId: order.id, amountFen, quantity }] : []
  })
}

function ofLine(
  { oid, amountFen, quantity }: { oid: string; amountFen: number; quantity: number },
  ranked: readonly ShareOrder[],
): Share[] {
  const own = ranked.map((order) => {
    const lines = order.lines.filter((line) => line.oid === oid)
    const pieces = lines.reduce((sum, line) => sum + line.quantity, 0)
    return { order, pieces, fen: lines.reduce((sum, line) => sum + line.paymentFen, 0) }
  })
  let wanted = quantity
  const taken = own.map(({ pieces }) => {
    const part = Math.min(wanted, pieces)
    wanted -= part
    return part
  })
  const first = taken.findIndex((pieces) => pieces > 0)
  if (first < 0) {
    const amounts = spread(amountFen, ranked)
    return ranked.flatMap(({ id }, at) => shareOf(id, amounts[at] ?? 0, 0, amountFen))
  }
  const amounts = follow(
    amountFen,
    own.map(({ order, fen, pieces }, at) => ({
      costFen: pieces > 0 ? Math.floor((fen * (taken[at] ?? 0)) / pieces) : 0,
      leftFen: (taken[at] ?? 0) > 0 ? order.leftFen : 0,
    })),
  )
  return own.flatMap(({ order }, at) => {
    // Pieces beyond those that the orders have are added to the first order's share.
    const pieces = (taken[at] ?? 0) + (at === first ? wanted : 0)
    return shareOf(order.id, amounts[at] ?? 0, pieces, amountFen)
  })
}

/**
 * Spreads money over the orders by the cost of their refunded pieces; money above that cost, such as freight, goes to the orders that
 * have money left.
 */
function follow(amountFen: number, parts: readonly { costFen: number; leftFen: number }[]): number[] {
  const costs = parts.map(({ costFen }) => costFen)
  const cost = costs.reduce((sum, one) => sum + one, 0)
  if (amountFen < cost) return apportion(amountFen, costs)
  const more = parts.map(({ costFen, leftFen }) => Math.max(0, leftFen - costFen))
  const none = more.every((one) => one === 0)
  const extra = apportion(amountFen - cost, none ? parts.map(({ leftFen }) => Math.max(0, leftFen)) : more)
  return costs.map((one, at) => one + (extra[at] ?? 0))
}

const shareOf = (orderId: string, amountFen: number, quantity: number, whole: number): Share[] =>
  amountFen > 0 || quantity > 0 || whole === 0 ? [{ orderId, amountFen, quantity }] : []

/**
 * Spreads the money by what each order has left: first over orders that are not voided or have an earlier version of the refund; the
 * rest over voided ones, whose money is paid back too. The first order takes what exceeds all of that.
 */
function spread(amountFen: number, orders: readonly ShareOrder[]): number[] {
  const lefts = (known: boolean) =>
    orders.map((order) =>
      (order.known || order.status !== 'voided') === known ? Math.max(0, order.leftFen) : 0,
    )
  let open = amountFen
  const parts = [lefts(true), lefts(false)].map((rests) => {
    const part = Math.min(
      open,
      rests.reduce((sum, rest) => sum + rest, 0),
    )
    open -= part
    return part > 0 ? apportion(part, rests) : rests.map(() => 0)
  })
  return orders.map((_, at) => parts.reduce((sum, part) => sum + (part[at] ?? 0), at === 0 ? open : 0))
}
