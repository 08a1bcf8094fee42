import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'

export type FollowedRefund = {
  id: string
  refundNo: string
  kind: string
  status: string
  amountFen: number
  courier: string
  waybillNo: string
  reason: string
  deadline?: Date | null
}

const relation = (rows: readonly FollowedRefund[]) =>
  unnestRows('d', rows, [
    ['id', 'int8', (row) => row.id],
    ['refund_no', 'text', (row) => row.refundNo],
    ['kind', 'text', (row) => row.kind],
    ['status', 'text', (row) => row.status],
    ['amount_fen', 'int8', (row) => row.amountFen],
    ['courier', 'text', (row) => row.courier],
    ['waybill_no', 'text', (row) => row.waybillNo.toUpperCase()],
    ['reason', 'text', (row) => row.reason],
    ['deadline', 'timestamptz', (row) => row.deadline ?? null],
  ])

export async function clearRefunds(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    update return_order set refund_no = '', refund_status = '', deadline = null, version = version + 1
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

/** Sets that a receipt for which nothing was to be written back (`none`) can be written back now. */
const withReceiptAgain = (condition: RawBuilder<unknown>) =>
  sql`told = case when t.told = 'none' and ${condition} then '' else t.told end`

/**
 * Links refunds with existing returns. Courier, waybill and reason of the refund fill only empty fields of the return. If nothing was to be
 * written back for the return (`none`), the receipt of its goods can now be written back for the refund.
 */
export async function joinRefunds(tx: Tx, rows: readonly FollowedRefund[]): Promise<void> {
  await sql`
    update return_order t
    set refund_no = d.refund_no, refund_status = d.status, amount_fen = d.amount_fen, deadline = d.deadline, version = t.version + 1,
      kind = case when t.delivery_id is null and t.received_at is null and t.exchange_order_id is null
        and d.kind in ('return', 'exchange') then d.kind else t.kind end,
      ${withReceiptAgain(sql`true`)},
      courier = case when t.waybill_no = '' then d.courier else t.courier end,
      waybill_no = case when t.waybill_no = '' then d.waybill_no else t.waybill_no end,
      reason = case when t.reason = '' then d.reason else t.reason end
    from ${relation(rows)} where t.id = d.id`.execute(tx)
}

/**
 * Writes newer refund versions to their returns. Until goods are received, the kind follows the refund, except for a returned parcel and
 * for a return with an exchange order; after that, only from an exchange to a return. If nothing was to be written back for received goods
 * (`none`) and their refund is open again, the receipt can now be written back. The waybill follows until then too, if the refund created the return or the return has no waybill.
 * Returns the ids of the returns with a change other than the deadline.
 */
export async function writeRefunds(tx: Tx, rows: readonly FollowedRefund[]): Promise<Set<string>> {
  const changed = await sql<Row<'return_order', 'id'> & { news: boolean }>`
    with given as (
      select t.id, d.status, d.kind as asked, d.amount_fen, d.deadline, d.courier, d.waybill_no,
        case when d.reason <> '' and t.origin = 'refund' then d.reason else t.reason end as reason,
        case when t.delivery_id is not null or t.exchange_order_id is not null then t.kind
          when t.received_at is null and d.kind in ('return', 'exchange') then d.kind
          when t.received_at is not null and t.kind = 'exchange' and d.kind in ('return', 'refund_only', 'money_only') then 'return'
          else t.kind end as kind,
        t.received_at is null and d.waybill_no <> '' and (t.origin = 'refund' or t.waybill_no = '') as moves
      from ${relation(rows)} join return_order t on t.id = d.id
    ), next as (
      select n.id, n.status, n.amount_fen, n.deadline, n.reason, n.kind,
        n.asked = 'return' and n.status in ('applied', 'agreed') and t.received_at is not null and t.action_id is null as waits,
        (t.refund_status, t.amount_fen, t.kind, t.reason) is distinct from (n.status, n.amount_fen, n.kind, n.reason)
          or n.moves and (t.courier, t.waybill_no) is distinct from (n.courier, n.waybill_no) as news,
        case when n.moves then n.courier else t.courier end as courier,
        case when n.moves then n.waybill_no else t.waybill_no end as waybill_no
      from given n join return_order t on t.id = n.id
    )
    update return_order t
    set refund_status = n.status, amount_fen = n.amount_fen, deadline = n.deadline, kind = n.kind, reason = n.reason,
      ${withReceiptAgain(sql`n.news and n.waits`)},
      courier = n.courier, waybill_no = n.waybill_no, version = t.version + case when n.news then 1 else 0 end
    from next n
    where t.id = n.id and (n.news or t.deadline is distinct from n.deadline)
    returning t.id, n.news`.execute(tx)
  return new Set(changed.rows.filter(({ news }) => news).map(({ id }) => id))
}

/** Returns the ids of those of these returns whose exchange order a refund has stopped before. */
export async function stoppedExchanges(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await sql<Row<'return_event', 'returnId'>>`
    select distinct return_id as "returnId" from return_event
    where return_id = any(${[...ids]}::bigint[]) and event = 'exchange_stopped'`.execute(tx)
  return new Set(found.rows.map(({ returnId }) => returnId))
}
