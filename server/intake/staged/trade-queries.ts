import { sql } from 'kysely'
import type { Doubt } from '../../connectors/connector.ts'
import { systemActor } from '../../core/access/actor.ts'
import { preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { arrayText, type Column, unnestRows } from '../../lib/unnest.ts'
import { openAboutGoods } from '../../orders/order/open-refunds.ts'
import type { TradeState } from '../lifecycle.ts'
import type { TradeColumns } from './trade-columns.ts'

/** The stored values of a trade before a write, from which its changes are determined. */
export type LockedTrade = Row<
  'staged_trade',
  'id' | 'tid' | 'state' | 'status' | 'flag' | 'note' | 'facets'
> & {
  detail_at: Rows['staged_trade']['detailAt']
  fetched_at: Rows['staged_trade']['fetchedAt']
  modified_at: Rows['staged_trade']['modifiedAt']
  seller_memo: Rows['staged_trade']['sellerMemo']
  buyer_message: Rows['staged_trade']['buyerMessage']
  receiver_hash: Rows['staged_trade']['receiverHash']
  receiver_masked: Rows['staged_trade']['receiverMasked']
  payment_fen: Rows['staged_trade']['paymentFen']
  lines_applied: Rows['staged_trade']['linesApplied']
  lines_refunded: Rows['staged_trade']['linesRefunded']
  order_id: Rows['staged_trade']['orderId']
  plan_at: Rows['staged_trade']['planAt']
  paid_at: Rows['staged_trade']['paidAt']
  doubts_taken: Doubt[] | null
}

export type WrittenTrade = Row<'staged_trade', 'id' | 'tid'> & { state: TradeState }

export async function lockTrades(tx: Tx, shopId: string, tids: readonly string[]): Promise<LockedTrade[]> {
  const found = await sql<LockedTrade>`${preparedStatement}
    select id, tid, state, detail_at, fetched_at, modified_at, status, flag, seller_memo, buyer_message, receiver_hash,
           receiver_masked, payment_fen, lines_applied, lines_refunded, order_id, note, plan_at, paid_at, doubts_taken, facets
    from staged_trade
    where tid = any(${tids}::text[]) and shop_id = ${shopId}
    order by id
    for update`.execute(tx)
  return found.rows
}

export type RefundsOfTrade = {
  /** The number of open refunds about goods. */
  open: number
  /** Ids of refunds that were converted and have no order. */
  converted: readonly string[]
}

/** Returns the counts and ids of refunds by trade number. */
export async function refundsOf(
  tx: Tx,
  shopId: string,
  tids: readonly string[],
): Promise<Map<string, RefundsOfTrade>> {
  const found = await sql<Row<'staged_refund', 'tid'> & RefundsOfTrade>`${preparedStatement}
    select tid, (count(*) filter (where ${openAboutGoods('status', 'kind')}))::int as open,
      coalesce(array_agg(id::text) filter (where state = 'converted' and order_id is null), '{}') as converted
    from staged_refund
    where tid = any(${tids}::text[]) and shop_id = ${shopId}
    group by tid`.execute(tx)
  return new Map(found.rows.map((row) => [row.tid, row]))
}

const columns: readonly Column<TradeColumns>[] = [
  ['tid', 'text', (row) => row.tid],
  ['state', 'text', (row) => row.state],
  ['note', 'text', (row) => row.note],
  ['modified_at', 'timestamptz', (row) => row.modifiedAt],
  ['status', 'text', (row) => row.status],
  ['platform_status', 'text', (row) => row.platformStatus],
  ['trade_type', 'text', (row) => row.tradeType],
  ['ordered_at', 'timestamptz', (row) => row.orderedAt],
  ['paid_at', 'timestamptz', (row) => row.paidAt],
  ['ship_by', 'timestamptz', (row) => row.shipBy],
  ['plan_at', 'timestamptz', (row) => row.planAt],
  ['cod', 'bool', (row) => row.cod],
  ['final_unpaid', 'bool', (row) => row.finalUnpaid],
  ['flag', 'int2', (row) => row.flag],
  ['payment_fen', 'int8', (row) => row.paymentFen],
  ['post_fee_fen', 'int8', (row) => row.postFeeFen],
  ['discount_fen', 'int8', (row) => row.discountFen],
  ['subsidy_fen', 'int8', (row) => row.subsidyFen],
  ['quantity', 'int4', (row) => row.quantity],
  ['line_count', 'int2', (row) => row.lineCount],
  ['lines_applied', 'int2', (row) => row.linesApplied],
  ['lines_refunded', 'int2', (row) => row.linesRefunded],
  ['open_refunds', 'int4', (row) => row.openRefunds],
  ['receiver_hash', 'int4', (row) => row.receiverHashes[0] ?? 0],
  ['doubts', 'text', (row) => (row.doubts ? JSON.stringify(row.doubts) : null)],
  ['reason', 'text', (row) => row.reason],
  ['facets', 'text', (row) => arrayText(row.facets)],
  ['people', 'text', (row) => arrayText(row.people)],
  ['holds', 'text', (row) => arrayText(row.holds)],
  ['buyer_message', 'text', (row) => row.buyerMessage],
  ['seller_memo', 'text', (row) => row.sellerMemo],
  ['buyer_masked', 'text', (row) => row.buyerMasked],
  ['receiver_masked', 'text', (row) => row.receiverMasked],
  ['region', 'text', (row) => row.region],
  ['lines', 'text', (row) => JSON.stringify(row.lines)],
  ['personal', 'bytea', (row) => row.personal],
]

/**
 * True if the system marked the trade processed because the platform had closed it, and the platform has opened it again. A mark of a person
 * stays, and so does that of a trade which was refunded whole.
 */
const reopened = sql`(staged_trade.state = 'processed' and staged_trade.note in ('closed_unpaid', 'closed_refunded') and excluded.state = 'staged')`

/**
 * Writes details by the platform's modified time: an older detail never replaces a newer one. Processed and converted trades keep their
 * state, but for a closed one that is open again. `by` is stored if the state changes; if the platform ended the trade, the system is stored. `held`: ids of the trades that the
 * caller has read under its locks. Any other trade that is there already was staged meanwhile: it is locked, but not written.
 */
export async function upsertTrades(
  tx: Tx,
  shopId: string,
  rows: readonly TradeColumns[],
  { by, fetchedAt, held }: { by: string; fetchedAt: Date; held: readonly string[] },
): Promise<WrittenTrade[]> {
  const moves = sql`(staged_trade.state = 'fetching' or (staged_trade.state = 'staged' and excluded.state = 'processed') or ${reopened})`
  // The order with this number is still there; its voiding determines the reason again.
  const isDuplicate = sql`(staged_trade.reason = 'duplicate' and excluded.reason = '')`
  const written = await sql<WrittenTrade>`${preparedStatement}
    with d as materialized (select * from ${unnestRows('d', rows, columns)}),
    written as (insert into staged_trade (
      shop_id, tid, state, state_by, note, modified_at, detail_at, fetched_at, status, platform_status, trade_type, ordered_at, paid_at,
      ship_by, plan_at, cod, final_unpaid, flag, payment_fen, post_fee_fen, discount_fen, subsidy_fen, quantity, line_count, lines_applied,
      lines_refunded, open_refunds, receiver_hash, doubts, reason, facets, people, holds, buyer_message, seller_memo, buyer_masked,
      receiver_masked, region, personal)
    select ${shopId}, tid, state, case when state = 'processed' then ${systemActor.name} else ${by} end, note, modified_at, modified_at, ${fetchedAt.toISOString()}, status, platform_status, trade_type, ordered_at, paid_at,
      ship_by, plan_at, cod, final_unpaid, flag, payment_fen, post_fee_fen, discount_fen, subsidy_fen, quantity, line_count, lines_applied,
      lines_refunded, open_refunds, receiver_hash, doubts::jsonb, reason, facets::int[], people::bigint[], holds::text[], buyer_message, seller_memo, buyer_masked,
      receiver_masked, region, personal
    from d order by tid
    on conflict (tid, shop_id) do update set
      state = case when ${moves} then excluded.state else staged_trade.state end,
      state_at = case when ${moves} then now() else staged_trade.state_at end,
      state_by = case when ${moves} then excluded.state_by else staged_trade.state_by end,
      note = case when ${moves} then excluded.note else staged_trade.note end,
      facets = case when ${moves} then excluded.facets
        else excluded.facets[:2] || case when ${isDuplicate} then staged_trade.facets[3] else excluded.facets[3] end
          || staged_trade.facets[4] || excluded.facets[5:] end,
      modified_at = greatest(staged_trade.modified_at, excluded.modified_at),
      detail_at = excluded.detail_at, fetched_at = excluded.fetched_at, status = excluded.status, platform_status = excluded.platform_status,
      trade_type = excluded.trade_type, ordered_at = excluded.ordered_at, paid_at = excluded.paid_at,
      -- A detail of peak hours leaves the deadline out. The one that we know holds while the goods may still have to be shipped.
      ship_by = case when excluded.status in ('unpaid', 'paid', 'partly_shipped', 'unknown')
        then coalesce(excluded.ship_by, staged_trade.ship_by) end,
      plan_at = excluded.plan_at,
      cod = excluded.cod, final_unpaid = excluded.final_unpaid, flag = excluded.flag, payment_fen = excluded.payment_fen,
      post_fee_fen = excluded.post_fee_fen, discount_fen = excluded.discount_fen, subsidy_fen = excluded.subsidy_fen, quantity = excluded.quantity,
      line_count = excluded.line_count, lines_applied = excluded.lines_applied, lines_refunded = excluded.lines_refunded,
      open_refunds = excluded.open_refunds, receiver_hash = excluded.receiver_hash,
      -- A version without unclear values ends the acceptance, so that later ones wait for a person again.
      doubts = excluded.doubts, doubts_taken = case when excluded.doubts is null then null else staged_trade.doubts_taken end,
      reason = case when ${isDuplicate} then staged_trade.reason else excluded.reason end,
      people = excluded.people, holds = excluded.holds, buyer_message = excluded.buyer_message, seller_memo = excluded.seller_memo,
      buyer_masked = excluded.buyer_masked, receiver_masked = excluded.receiver_masked, region = excluded.region,
      personal = excluded.personal
    where staged_trade.id = any(${[...held]}::bigint[]) and (
      staged_trade.detail_at is null or staged_trade.detail_at < excluded.detail_at
      or (staged_trade.detail_at = excluded.detail_at and staged_trade.fetched_at > excluded.fetched_at is not true))
    returning id, tid, state),
    lines as (
      insert into staged_trade_lines (trade_id, lines)
      select written.id, d.lines::jsonb from written join d using (tid) order by written.id
      on conflict (trade_id) do update set lines = excluded.lines)
    select * from written`.execute(tx)
  return written.rows
}

export async function upsertRaw(
  tx: Tx,
  shopId: string,
  kind: 'trade' | 'refund',
  rows: readonly { platformId: string; modifiedAt: Date; sealed: Uint8Array }[],
): Promise<void> {
  await sql`${preparedStatement}
    insert into raw_payload (kind, shop_id, platform_id, modified_at, sealed)
    select ${kind}, ${shopId}, platform_id, modified_at, sealed
    from ${unnestRows('d', rows, [
      ['platform_id', 'text', (row) => row.platformId],
      ['modified_at', 'timestamptz', (row) => row.modifiedAt],
      ['sealed', 'bytea', (row) => row.sealed],
    ])}
    order by platform_id
    on conflict (platform_id, shop_id, kind) do update set modified_at = excluded.modified_at, sealed = excluded.sealed
    where raw_payload.modified_at <= excluded.modified_at`.execute(tx)
}

/**
 * Deletes the detail requests of trades whose detail arrived, unless a newer version was requested or the request came after `fetchedAt`.
 * Deletes their removals in any case.
 */
export async function clearFetchRequests(
  tx: Tx,
  shopId: string,
  rows: readonly { id: string; tid: string; modifiedAt: Date }[],
  fetchedAt: Date,
): Promise<void> {
  const relation = () =>
    unnestRows('d', rows, [
      ['id', 'int8', (row: { id: string; tid: string; modifiedAt: Date }) => row.id],
      ['tid', 'text', (row) => row.tid],
      ['modified_at', 'timestamptz', (row) => row.modifiedAt],
    ])
  await sql`${preparedStatement}
    delete from trade_fetch
    where trade_id in (
      select f.trade_id from trade_fetch f join ${relation()} on d.id = f.trade_id
      where f.wanted_at <= d.modified_at and f.asked_after <= ${fetchedAt.toISOString()} order by f.trade_id for update of f)`.execute(
    tx,
  )
  await sql`${preparedStatement}
    delete from removed_mark
    where kind = 'trade' and shop_id = ${shopId} and tid in (
      select m.tid from removed_mark m join ${relation()} on d.tid = m.tid
      where m.kind = 'trade' and m.shop_id = ${shopId} order by m.tid for update of m)`.execute(tx)
}
