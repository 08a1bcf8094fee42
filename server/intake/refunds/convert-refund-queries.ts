import { sql } from 'kysely'
import type { Refund } from '../../connectors/connector.ts'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { isDoubtful } from '../staged/doubt-queries.ts'
import { refundReasonFacet, refundStateFacet } from '../staged/refund-columns.ts'
import { tradeStateFacet } from '../staged/trade-columns.ts'

export type RefundFacts = Row<
  'staged_refund',
  | 'id'
  | 'tid'
  | 'oid'
  | 'state'
  | 'kind'
  | 'phase'
  | 'status'
  | 'version'
  | 'quantity'
  | 'deadline'
  | 'carrier'
> & {
  shop_id: string
  refund_no: string
  state_by: string
  order_no: string
  modified_at: Date
  amount_fen: string
  goods_received: Refund['goodsReceived']
  waybill_no: string
  buyer_reason: string
  /** True if the refund has unclear values that no person has accepted. */
  doubtful: boolean
}

export type Original = Row<'staged_trade', 'id' | 'tid' | 'state' | 'reason'> & {
  shop_id: Rows['staged_trade']['shopId']
  order_id: Rows['staged_trade']['orderId']
  order_no: Rows['staged_trade']['orderNo']
}

/** Returns the trades of these refunds without locking anything. */
export async function peekRefunds(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<{ id: string; shop_id: string; tid: string }[]> {
  const found = await sql<
    Row<'staged_refund', 'id' | 'tid'> & { shop_id: Rows['staged_refund']['shopId'] }
  >`${preparedStatement}
    select id, shop_id, tid from staged_refund r
    where id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('r.shop_id'))}`.execute(tx)
  return found.rows
}

export async function lockRefundRows(tx: Tx, ids: readonly string[]): Promise<RefundFacts[]> {
  const found = await sql<RefundFacts>`${preparedStatement}
    select id, shop_id, refund_no, tid, oid, state, state_by, order_no, kind, phase, status, version, modified_at, amount_fen, quantity, goods_received, deadline,
      carrier, waybill_no, buyer_reason, ${isDoubtful(sql.ref('r'))} as doubtful
    from staged_refund r where id = any(${[...ids]}::bigint[]) order by id for update`.execute(tx)
  return found.rows
}

/** Locks the trades in the order of their ids. Returns them by shop and trade number. */
export async function lockOriginals(
  tx: Tx,
  refunds: readonly { shop_id: string; tid: string }[],
): Promise<Map<string, Original>> {
  const found = await sql<Original>`${preparedStatement}
    select t.id, t.shop_id, t.tid, t.state, t.reason, t.order_id, t.order_no
    from staged_trade t
    where (t.tid, t.shop_id) in (select tid, shop_id from ${unnestRows('d', refunds, [
      ['tid', 'text', (row) => row.tid],
      ['shop_id', 'int8', (row) => row.shop_id],
    ])})
    order by t.id for update`.execute(tx)
  return new Map(found.rows.map((row) => [`${row.shop_id}/${row.tid}`, row]))
}

/** Returns refunds that were converted before their trade was. */
export async function pendingRefunds(
  tx: Tx,
  orders: readonly { tid: string; shopId: string }[],
): Promise<string[]> {
  const found = await sql<Row<'staged_refund', 'id'>>`
    select r.id from ${unnestRows('d', orders, [
      ['tid', 'text', (row) => row.tid],
      ['shop_id', 'int8', (row) => row.shopId],
    ])}
    join staged_refund r on r.tid = d.tid and r.shop_id = d.shop_id and r.state = 'converted' and r.order_id is null`.execute(
    tx,
  )
  return found.rows.map((row) => row.id)
}

/**
 * Marks refunds converted. One that was written while its trade was not here keeps that reason, so that the next run counts the refunds of
 * its trade again.
 */
export async function setRefundsConverted(
  tx: Tx,
  rows: readonly { id: string; orderId: string | null; orderNo: string; outcome: string }[],
  by: string,
): Promise<void> {
  if (rows.length === 0) return
  await sql`${preparedStatement}
    update staged_refund r
    set state = 'converted',
        state_at = case when r.state = 'converted' then r.state_at else now() end,
        state_by = case when r.state = 'converted' then r.state_by else ${by} end,
        order_id = d.order_id, order_no = d.order_no, outcome = case when d.outcome = '' then r.outcome else d.outcome end,
        reason = case when ${unlinked} then r.reason else '' end, error = '',
        facets = ${refundStateFacet('converted')}::int || (case when ${unlinked} then r.facets[2] else ${refundReasonFacet('')}::int end || r.facets[3:])
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['order_id', 'int8', (row) => row.orderId],
      ['order_no', 'text', (row) => row.orderNo],
      ['outcome', 'text', (row) => row.outcome],
    ])}
    where r.id = d.id`.execute(tx)
}

/** Stages converted refunds again. They keep their order, whose hold stays until they are converted or processed. */
export async function setRefundsStaged(tx: Tx, ids: readonly string[], by: string): Promise<void> {
  if (ids.length === 0) return
  await sql`
    update staged_refund
    set state = 'staged', state_at = now(), state_by = ${by}, facets = ${refundStateFacet('staged')}::int || facets[2:]
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

const unlinked = sql`r.reason in ('no_original', 'original_fetching')`

/**
 * Marks lines of staged trades as refunded if the amount covers them: the line with this number, or all lines if the refund names none. The
 * lines stay, because the next download would bring them back. A trade whose lines are all refunded or closed is marked processed by the system,
 * unless one of them could not be read.
 */
export async function markLinesRefunded(
  tx: Tx,
  marks: readonly { tradeId: string; oid: string; amountFen: number }[],
): Promise<void> {
  const relation = () =>
    unnestRows('d', marks, [
      ['trade_id', 'int8', (row: { tradeId: string; oid: string; amountFen: number }) => row.tradeId],
      ['oid', 'text', (row) => row.oid],
      ['amount_fen', 'int8', (row) => row.amountFen],
    ])
  const gone = sql`marked.over >= t.line_count and not ${isDoubtful(sql.ref('t'))}`
  await sql`${preparedStatement}
    with mark as materialized (select * from ${relation()}),
    marked as (
      select t.id, jsonb_agg(case when covered.yes then jsonb_set(line, '{refund}', '"succeeded"') else line end order by n) as lines,
        (count(*) filter (where covered.yes or line ->> 'refund' = 'succeeded'))::smallint as refunded,
        count(*) filter (where covered.yes or line ->> 'refund' = 'succeeded' or line ->> 'status' in ('closed_unpaid', 'closed_refunded')) as over,
        (count(*) filter (where not covered.yes and line ->> 'refund' = 'applied'))::smallint as applied
      from staged_trade t join staged_trade_lines g on g.trade_id = t.id
      cross join lateral jsonb_array_elements(g.lines) with ordinality l (line, n)
      cross join lateral (
        select exists (
          select 1 from mark where mark.trade_id = t.id
            and (mark.oid = line ->> 'oid' and mark.amount_fen >= (line ->> 'paymentFen')::bigint
              or mark.oid = '' and mark.amount_fen >= t.payment_fen - t.post_fee_fen)) as yes
      ) covered
      where t.id in (select trade_id from mark) and t.state = 'staged'
      group by t.id
    ), rewritten as (
      update staged_trade_lines g set lines = marked.lines from marked where g.trade_id = marked.id
    )
    update staged_trade t
    set lines_refunded = marked.refunded, lines_applied = marked.applied,
        state = case when ${gone} then 'processed' else t.state end,
        state_at = case when ${gone} then now() else t.state_at end,
        note = case when ${gone} then case when marked.refunded >= t.line_count then 'all_refunded' else 'closed_refunded' end else t.note end,
        facets[4] = case when ${gone} then ${tradeStateFacet('processed')} else t.facets[4] end
    from marked where t.id = marked.id`.execute(tx)
}
