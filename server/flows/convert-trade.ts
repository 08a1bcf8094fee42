import type { Actor, By } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import type { Outcome } from '../core/decide.ts'
import { applyPendingRefunds } from '../intake/refunds/convert-refunds.ts'
import { type ConvertDecision, decideConversion } from '../intake/trades/convert-verdict.ts'
import {
  type ConvertFacts,
  convertibleTrades,
  lineDays,
  lockForConvert,
  markConverted,
} from '../intake/trades/convertible.ts'
import { blockDuplicates, duplicatesOf } from '../intake/trades/duplicates.ts'
import { updateTradeReasons } from '../intake/trades/recheck.ts'
import { enqueueDemandCount } from '../intake/trades/staged-needs.ts'
import { enqueueUnmatched } from '../orders/allocation/goods-jobs.ts'
import { type AcceptedOrder, acceptOrders } from '../orders/create/accept.ts'
import { reserveWithGifts } from '../orders/gifts/give.ts'
import { type Plan, planOrders } from '../orders/holds/ship-after.ts'
import { applyNotices } from '../orders/refunds/refund-notices.ts'
import { lockAndUpdateSettlements } from '../orders/settle/settlements.ts'
import { deleteStagedDemand } from '../stock-sync/needs.ts'

/**
 * 转销售单. Creates exactly one sales order for each trade, however many calls and transactions try it; the later ones get the outcome
 * `already_converted` with the order's number. `asRecord` also converts trades that were shipped elsewhere, to a record without stock. In one
 * transaction:
 *
 * 1. The trades are locked, and it is decided again whether each can be converted. Their staged demand is deleted.
 * 2. Orders are created with their lines, trades are marked as converted, and refunds that were converted earlier are applied
 *    (`refund-applied.ts`).
 * 3. Refund notices that were written before the orders existed are applied.
 * 4. Presale orders are planned for the day that their trade names.
 * 5. Gifts are added and stock is reserved.
 * 6. The demand of trades that got no order is counted again. A trade whose number an off-platform order has stays staged with the
 *    reason `duplicate`; one that was to become a record keeps its own reason.
 *
 * Lock order: trades and their refunds; orders with the rows that belong to them, settlements and gift rules; stock balances.
 */
export async function convertTrades(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
  options: { asRecord?: boolean } = {},
): Promise<Outcome[]> {
  const facts = new Map((await lockForConvert(tx, ids)).map((row) => [row.id, row]))
  const verdicts = new Map(
    ids.map((id) => [id, decideConversion(facts.get(id), scope, options.asRecord ?? false)]),
  )
  await updateTradeReasons(tx, refusedSilently([...facts.values()], verdicts))
  const [asRecords, asTrades] = [pick(verdicts, 'record'), pick(verdicts, 'trade')]
  const moved = await deleteStagedDemand(tx, [...asRecords, ...asTrades])
  const records = await accept(tx, asRecords, true, actor)
  const trades = await accept(tx, asTrades, false, actor)
  // Applies the refund notices that were written before the orders existed. The notices are read here, because `facts` may be older than
  // the trades' locks.
  await applyNotices(
    tx,
    trades.orders.map(({ id }) => id),
    actor,
  )
  await planOrders(tx, await plansOf(tx, trades.orders, [...facts.values()]), actor)
  await reserveWithGifts(
    tx,
    trades.orders.map((order) => order.id),
    actor,
    { touched: trades.refunded, moved },
  )
  const orders = [...trades.orders, ...records.orders]
  const made = new Map(orders.map((order) => [`${order.shopId}/${order.tid}`, order.no]))
  const missed = [...facts.values()].filter((fact) =>
    isMissed(verdicts.get(fact.id), made.get(`${fact.shop_id}/${fact.tid}`)),
  )
  await enqueueDemandCount(
    tx,
    missed.map(({ id }) => id),
  )
  const duplicates = await duplicatesOf(tx, missed)
  // A trade that is to become a record keeps its own reason, because voiding the order would not make it convertible.
  await blockDuplicates(
    tx,
    [...duplicates].filter(([id]) => verdicts.get(id) === 'trade'),
  )
  return ids.map((id) => {
    const answer = verdicts.get(id)
    if (answer && typeof answer !== 'string') return { id, ...answer }
    const fact = facts.get(id)
    const no = fact && made.get(`${fact.shop_id}/${fact.tid}`)
    if (no) return { id, done: true, ref: no }
    const other = duplicates.get(id)
    return other
      ? { id, done: false, code: 'duplicate', ref: other }
      : { id, done: false, code: 'nothing_to_convert' }
  })
}

/** Returns a plan for each new order whose trade names the day on which it is to ship (presale). */
async function plansOf(
  tx: Tx,
  orders: readonly AcceptedOrder[],
  facts: readonly ConvertFacts[],
): Promise<Plan[]> {
  const planned = facts.filter(({ plan_at }) => plan_at !== null)
  const days = new Map(planned.map(({ shop_id, tid, plan_at }) => [`${shop_id}/${tid}`, plan_at]))
  const dayOf = ({ shopId, tid }: AcceptedOrder) => days.get(`${shopId}/${tid}`) ?? null
  const presales = orders.filter(dayOf)
  const lines = Map.groupBy(await lineDays(tx, presales), ({ orderId }) => orderId)
  return presales.map((order) => ({
    orderId: order.id,
    from: null,
    at: dayOf(order),
    lines: lines.get(order.id) ?? [],
  }))
}

/** Returns the trades that do not convert, although their list shows no reason. An earlier release may have stored none. */
function refusedSilently(
  facts: readonly ConvertFacts[],
  verdicts: ReadonlyMap<string, ConvertDecision>,
): string[] {
  const refused = facts.filter(({ id }) => typeof verdicts.get(id) === 'object')
  return refused.filter(({ state, reason }) => state === 'staged' && reason === '').map(({ id }) => id)
}

const isMissed = (verdict: ConvertDecision | undefined, no: string | undefined) =>
  typeof verdict === 'string' && no === undefined

function pick(verdicts: ReadonlyMap<string, ConvertDecision>, wanted: 'trade' | 'record'): string[] {
  return [...verdicts].filter(([, answer]) => answer === wanted).map(([id]) => id)
}

async function accept(tx: Tx, ids: readonly string[], record: boolean, actor: Actor) {
  if (ids.length === 0) return { orders: [], refunded: false }
  const orders = await acceptOrders(tx, convertibleTrades(ids, record), actor)
  if (orders.length === 0) return { orders, refunded: false }
  await markConverted(tx, orders, actor.name)
  if (record)
    await lockAndUpdateSettlements(
      tx,
      orders.map((order) => order.id),
      actor,
    )
  await enqueueUnmatched(
    tx,
    orders.filter((order) => order.unmatched).map((order) => order.id),
  )
  return { orders, refunded: await applyPendingRefunds(tx, orders, actor) }
}
