import { sql } from 'kysely'
import type { Doubt } from '../../connectors/connector.ts'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import type { Cursor } from '../../core/lists/list-table.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { openAboutGoods } from '../../orders/order/open-refunds.ts'
import type { TradeRest } from '../lifecycle.ts'
import { ownFacets, tradeReasonFacet, tradeStateFacet } from '../staged/trade-columns.ts'
import { lineConverts, restOfTrade } from './left-behind.ts'

export type ToConvert = {
  paidBy: Date
  skipWithMessage: boolean
  skipWithMemo: boolean
  skipWithFlag: boolean
  after: Cursor | undefined
  limit: number
}

/** Returns the shop's trades that can be converted, the earliest payment first. An unpaid trade counts by its order time. */
export async function tradesToConvert(db: Database, shopId: string, wanted: ToConvert): Promise<Cursor[]> {
  const { paidBy, skipWithMessage, skipWithMemo, skipWithFlag, after, limit } = wanted
  const at = sql`coalesce(paid_at, ordered_at)`
  const found = await sql<Row<'staged_trade', 'id'> & Record<'value', string>>`
    select id, ${at}::text as value from staged_trade
    where shop_id = ${shopId}::bigint and state = 'staged' and reason = '' and ${at} <= ${paidBy.toISOString()}::timestamptz
      ${after ? sql`and (${at}, id) > (${after.value}::timestamptz, ${after.id}::bigint)` : sql``}
      ${skipWithMessage ? sql`and buyer_message = ''` : sql``}
      ${skipWithMemo ? sql`and seller_memo = ''` : sql``}
      ${skipWithFlag ? sql`and flag = 0` : sql``}
    order by shop_id, ${at}, id limit ${limit}`.execute(db)
  return found.rows
}

export type ConvertFacts = Row<
  'staged_trade',
  'id' | 'tid' | 'state' | 'status' | 'reason' | 'cod' | 'holds'
> & {
  shop_id: Rows['staged_trade']['shopId']
  state_by: Rows['staged_trade']['stateBy']
  order_no: Rows['staged_trade']['orderNo']
  final_unpaid: Rows['staged_trade']['finalUnpaid']
  lines_applied: Rows['staged_trade']['linesApplied']
  lines_refunded: Rows['staged_trade']['linesRefunded']
  line_count: Rows['staged_trade']['lineCount']
  open_refunds: Rows['staged_trade']['openRefunds']
  doubts: Doubt[] | null
  doubts_taken: Doubt[] | null
  paid_at: Rows['staged_trade']['paidAt']
  ordered_at: Rows['staged_trade']['orderedAt']
  plan_at: Rows['staged_trade']['planAt']
  go_live_at: Rows['shop']['goLiveAt']
  convert_unpaid: boolean
  rest: TradeRest
}

/** SQL: true if the shop converts unpaid trades. */
export const convertsUnpaid = (shop: string) =>
  sql<boolean>`coalesce((${sql.ref(`${shop}.settings`)} ->> 'convertUnpaid')::boolean, false)`

/**
 * Locks trades and returns them with their shop's settings and the present count of open refunds. The count includes refunds that the
 * stored reason does not know yet.
 */
export async function lockForConvert(tx: Tx, ids: readonly string[]): Promise<ConvertFacts[]> {
  const found = await sql<ConvertFacts>`${preparedStatement}
    with trade as materialized (
      select id, shop_id, tid, state, state_by, order_no, status, reason, cod, final_unpaid, holds, lines_applied, lines_refunded,
             line_count, paid_at, ordered_at, plan_at, doubts, doubts_taken
      from staged_trade where id = any(${ids}::bigint[]) order by id for update
    )
    select trade.*, s.go_live_at, ${convertsUnpaid('s')} as convert_unpaid,
           refund.open as open_refunds,
           -- Of other trades the answer decides nothing, so their lines are not read.
           case when trade.status in ('unpaid', 'paid', 'partly_shipped') then
             (select ${restOfTrade} from staged_trade_lines g where g.trade_id = trade.id) else 'some' end as rest
    from trade
    cross join lateral (
      select count(*)::int as open
      from staged_refund r where r.tid = trade.tid and r.shop_id = trade.shop_id and ${openAboutGoods('r.status', 'r.kind')}
    ) refund
    join shop s on s.id = trade.shop_id`.execute(tx)
  return found.rows
}

/**
 * Returns the SQL relation of orders for `acceptOrders`. Refunded, closed, shipped and unknown lines are left out, unless `record`: then all
 * lines are taken. The freight is included unless a part was shipped before. Lines of a trade without such lines are copied unchanged, because
 * building them again costs ten times as much.
 */
export function convertibleTrades(ids: readonly string[], record: boolean) {
  const leaves = sql`exists (select from jsonb_array_elements(g.lines) line where not (${lineConverts}))`
  const lines = record
    ? sql`g.lines`
    : sql`case when left_behind.stays
        then (select jsonb_agg(line order by n) from jsonb_array_elements(g.lines) with ordinality l (line, n) where ${lineConverts})
        else g.lines end`
  return sql`
    select t.shop_id, t.tid, ${record ? sql`case t.status when 'finished' then 'completed' else 'shipped' end` : sql`'unconfirmed'`} as status,
      ${record ? sql`'record'` : sql`'trade'`} as origin, t.cod,
      case when t.status = 'partly_shipped' then 0 else t.post_fee_fen end as post_fee_fen, t.subsidy_fen, t.paid_at,
      coalesce(t.ordered_at, t.created_at) as ordered_at, t.ship_by, t.flag, t.facets[${sql.lit(ownFacets + 1)}:] as facets, t.people, t.buyer_message, t.seller_memo,
      t.receiver_masked, t.receiver_hash, t.region, t.personal, not left_behind.stays as whole, ${lines} as lines
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id
    cross join lateral (select ${record ? sql`false` : leaves} as stays offset 0) left_behind
    where t.id = any(${ids}::bigint[])`
}

/** Returns the planned ship dates of single lines, of trades that have just become orders. */
export async function lineDays(
  tx: Tx,
  orders: readonly { id: string; tid: string; shopId: string }[],
): Promise<{ orderId: string; oid: string; at: Date }[]> {
  if (orders.length === 0) return []
  const found = await sql<
    { orderId: Rows['sales_order']['id'] } & Record<'oid', string> & Record<'at', Date>
  >`
    select d.order_id as "orderId", line ->> 'oid' as oid, (line ->> 'planAt')::timestamptz as at
    from ${unnestRows('d', orders, [
      ['order_id', 'int8', (row) => row.id],
      ['tid', 'text', (row) => row.tid],
      ['shop_id', 'int8', (row) => row.shopId],
    ])}
    join staged_trade t on t.tid = d.tid and t.shop_id = d.shop_id
    join staged_trade_lines g on g.trade_id = t.id
    cross join lateral jsonb_array_elements(g.lines) line
    where line ? 'planAt'`.execute(tx)
  return found.rows
}

export async function markConverted(
  tx: Tx,
  orders: readonly { tid: string; shopId: string; id: string; no: string }[],
  by: string,
): Promise<void> {
  await sql`${preparedStatement}
    update staged_trade t
    set state = 'converted', state_at = now(), state_by = ${by}, order_id = d.order_id, order_no = d.order_no, reason = '',
        facets[3] = ${tradeReasonFacet('')}, facets[4] = ${tradeStateFacet('converted')}
    from ${unnestRows('d', orders, [
      ['tid', 'text', (row) => row.tid],
      ['shop_id', 'int8', (row) => row.shopId],
      ['order_id', 'int8', (row) => row.id],
      ['order_no', 'text', (row) => row.no],
    ])}
    where t.tid = d.tid and t.shop_id = d.shop_id`.execute(tx)
}
