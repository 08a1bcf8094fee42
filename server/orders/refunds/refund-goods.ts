import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { LockedOrder } from '../order/queries.ts'
import { totalRefunds } from './refund-money.ts'
import { noticesOfTrades, openWaivers, ordersOfNotices, tradesOf } from './refund-notice-queries.ts'
import { type AppliedRefund, type LineWithRefunds, linesOfOrders, refundsOfOrders } from './refund-queries.ts'
import { type GoodsGoal, type Original, originalOf, refundRule } from './refund-rules.ts'
import { decideNotices, type NoticeDecision, numberOf } from './refund-verdicts.ts'
import { compareVersions } from './refund-versions.ts'

// How a parcel that has left is brought back because of a refund. `pull`: the warehouse takes it out. `recall`: the courier is asked for
// it.

/**
 * `refundNo`: empty if only a line shows the refund. `converted`: false if the parcel is wanted only because of refunds that no user has
 * converted yet.
 */
export type Wanted = { way: 'pull' | 'recall'; refundNo: string; amountFen: number; converted: boolean }

type GoodsRequest = Pick<AppliedRefund, 'refundNo' | 'oid' | 'amountFen' | 'quantity'> & {
  goods: GoodsGoal
  converted: boolean
}

/** Returns those of these locked orders whose parcel must be intercepted because of their current refunds, converted or only noted. */
export async function wantedBack(tx: Tx, orders: readonly LockedOrder[]): Promise<Map<string, Wanted>> {
  const ids = orders.map(({ id }) => id)
  const notices = await noticesOfTrades(tx, tradesOf(orders))
  // The shares of a refund depend on all orders of the trade.
  const noted = notices.length === 0 ? [] : await ordersOfNotices(tx, tradesOf(notices))
  const waivers = notices.length === 0 ? [] : await openWaivers(tx, ids)
  const all = [...new Set([...ids, ...noted.map(({ id }) => id)])]
  const applied = await refundsOfOrders(tx, all)
  const lines = await linesOfOrders(tx, all)
  const decisions = decideNotices({ orders: noted, notices, lines, applied, waivers })
  const refunds = Map.groupBy(applied, ({ orderId }) => orderId)
  const notedOf = Map.groupBy(decisions, ({ order }) => order.id)
  const wanted = new Map<string, Wanted>()
  for (const order of orders) {
    const requests = requestsOf(originalOf(order), refunds.get(order.id) ?? [], notedOf.get(order.id) ?? [])
    const one = wantedOf(order, requests, lines.get(order.id) ?? [])
    if (one) wanted.set(order.id, one)
  }
  return wanted
}

/**
 * Returns what each refund of an order asks of its goods: as its notice says, or as its conversion recorded it if that is newer. Goods that were
 * refunded before shipping are not in the parcel, and a share of nothing asks for no goods.
 */
function requestsOf(
  original: Original,
  applied: readonly AppliedRefund[],
  decisions: readonly NoticeDecision[],
): GoodsRequest[] {
  const converted = new Map(applied.map((one) => [one.refundNo, one]))
  const noted = decisions.flatMap(({ notice, share, goods }): GoodsRequest[] => {
    const known = converted.get(notice.refundNo)
    const newer = known ? compareVersions(notice, known) : 1
    if (!share || newer < 0) return []
    // A version that cannot be converted leaves the money unknown: the converted one counts.
    if (known && refundRule(notice, original).effect === 'refuse') return []
    const part = known && newer === 0 ? known : share
    return [{ ...notice, ...part, refundNo: numberOf(notice), goods, converted: known !== undefined }]
  })
  const isNoted = new Set(noted.map(({ refundNo }) => refundNo))
  const others = applied
    .filter(({ refundNo }) => !isNoted.has(refundNo))
    .map((one): GoodsRequest => ({ ...one, goods: refundRule(one, original).goods, converted: true }))
  return [...noted, ...others]
    .filter(({ refundNo }) => !converted.get(refundNo)?.takesGoods)
    .filter(({ amountFen, quantity }) => amountFen > 0 || quantity > 0)
    .toSorted((a, b) => (a.refundNo < b.refundNo ? -1 : 1))
}

function wantedOf(
  order: LockedOrder,
  requests: readonly GoodsRequest[],
  lines: readonly LineWithRefunds[],
): Wanted | undefined {
  const as = (way: Wanted['way'], { refundNo, amountFen, converted }: GoodsRequest): Wanted => ({
    way,
    refundNo,
    amountFen,
    converted,
  })
  const [pulled] = requests.filter(({ goods }) => goods === 'pull')
  if (pulled) return as('pull', pulled)
  const recalled = requests.filter(({ goods }) => goods === 'recall')
  const converted = recalled.filter((one) => one.converted)
  const asking = [converted, recalled].find((some) => asksGoodsBack(order, some, lines))
  const [first] = asking ?? []
  return first && { ...as('recall', first), converted: asking === converted }
}

/**
 * Returns true if these refunds would reduce the order's goods if it were not shipped. A refund of freight only is no reason to recall a
 * parcel.
 */
function asksGoodsBack(
  order: LockedOrder,
  refunds: readonly GoodsRequest[],
  lines: readonly LineWithRefunds[],
): boolean {
  if (refunds.length === 0) return false
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
