import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { LockedOrder } from '../order/queries.ts'
import { totalRefunds } from './refund-money.ts'
import { type AppliedRefund, type LineWithRefunds, linesOfOrders, refundsOfOrders } from './refund-queries.ts'
import { type Original, originalOf, refundRule } from './refund-rules.ts'

// How a parcel that has left is brought back because of a refund. `pull`: the warehouse takes it out. `recall`: the courier is asked for
// it.

export type Wanted = { way: 'pull' | 'recall'; refundNo: string; amountFen: number }

/** Returns those of these locked orders whose parcel must be intercepted because of their current refunds. */
export async function wantedBack(tx: Tx, orders: readonly LockedOrder[]): Promise<Map<string, Wanted>> {
  const ids = orders.map(({ id }) => id)
  const refunds = Map.groupBy(await refundsOfOrders(tx, ids), ({ orderId }) => orderId)
  const lines = await linesOfOrders(tx, ids)
  const wanted = new Map<string, Wanted>()
  for (const order of orders) {
    const one = wantedOf(order, refunds.get(order.id) ?? [], lines.get(order.id) ?? [])
    if (one) wanted.set(order.id, one)
  }
  return wanted
}

function wantedOf(
  order: LockedOrder,
  refunds: readonly AppliedRefund[],
  lines: readonly LineWithRefunds[],
): Wanted | undefined {
  // Goods that were refunded before shipping are not in the parcel, and a share of nothing asks for no goods.
  const sorted = refunds
    .filter(({ takesGoods, amountFen, quantity }) => !takesGoods && (amountFen > 0 || quantity > 0))
    .toSorted((a, b) => (a.refundNo < b.refundNo ? -1 : 1))
  const original = originalOf(order)
  const withGoal = (goal: Wanted['way']) =>
    sorted.filter((refund) => refundRule(refund, original).goods === goal)
  const [pulled] = withGoal('pull')
  if (pulled) return { way: 'pull', refundNo: pulled.refundNo, amountFen: pulled.amountFen }
  const recalled = withGoal('recall')
  const [first] = recalled
  if (!first || !asksGoodsBack(order, recalled, lines)) return undefined
  return { way: 'recall', refundNo: first.refundNo, amountFen: first.amountFen }
}

/**
 * Returns true if these refunds would reduce the order's goods if it were not shipped. A refund of freight only is no reason to recall a
 * parcel.
 */
function asksGoodsBack(
  order: LockedOrder,
  refunds: readonly AppliedRefund[],
  lines: readonly LineWithRefunds[],
): boolean {
  const counted = refunds.map(({ refundNo, oid, amountFen, quantity }) => ({
    refundNo,
    oid,
    fen: amountFen,
    quantity,
    takesGoods: true,
  }))
  const settled = totalRefunds(order, lines, counted)
  return settled.whole || settled.lines.some(({ refundedQuantity }) => refundedQuantity > 0)
}

export type OriginalState = Row<'sales_order', 'id' | 'writtenBackAt'> & { original: Original }

/** Returns the state of each original order, for the slice that reports it to the platform. */
export async function originalStatesOf(
  db: Database | Tx,
  ids: readonly string[],
): Promise<Map<string, OriginalState>> {
  const found = await sql<Row<'sales_order', 'id' | 'origin' | 'status' | 'writtenBackAt'>>`
    select id, origin, status, written_back_at as "writtenBackAt" from sales_order
    where id = any(${[...ids]}::bigint[])`.execute(db)
  return new Map(
    found.rows.map(({ id, origin, status, writtenBackAt }) => [
      id,
      { id, original: originalOf({ origin, status, writtenBack: writtenBackAt !== null }), writtenBackAt },
    ]),
  )
}
