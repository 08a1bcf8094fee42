import { sql } from 'kysely'
import type { Tx } from '../db.ts'
import { unnestRows } from '../lib/unnest.ts'

export type FollowedRefund = {
  id: string
  refundNo: string
  kind: string
  status: string
  amountFen: number
  courier: string
  waybillNo: string
  reason: string
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
  ])

/** What a person typed of the parcel stays; the platform fills what is missing. Where there was nobody to tell there is now. */
export async function joinRefunds(tx: Tx, rows: readonly FollowedRefund[]): Promise<void> {
  await sql`
    update return_order t
    set refund_no = d.refund_no, refund_status = d.status, amount_fen = d.amount_fen, version = t.version + 1,
      kind = case when t.delivery_id is null and t.received_at is null and d.kind in ('return', 'exchange') then d.kind
        else t.kind end,
      told = case when t.told = 'none' then '' else t.told end,
      courier = case when t.waybill_no = '' then d.courier else t.courier end,
      waybill_no = case when t.waybill_no = '' then d.waybill_no else t.waybill_no end,
      reason = case when t.reason = '' then d.reason else t.reason end
    from ${relation(rows)} where t.id = d.id`.execute(tx)
}

/**
 * A later version of refunds that have their return. Until the goods are there the kind follows, and the parcel too, if the platform
 * made the return or nobody typed one. Answers those on which anything changed.
 */
export async function writeRefunds(tx: Tx, rows: readonly FollowedRefund[]): Promise<Set<string>> {
  const changed = await sql<{ id: string }>`
    with next as (
      select t.id, d.status, d.amount_fen, d.reason,
        case when t.received_at is null and t.delivery_id is null and d.kind in ('return', 'exchange') and t.exchange_order_id is null
          then d.kind else t.kind end as kind,
        t.received_at is null and d.waybill_no <> '' and (t.origin = 'refund' or t.waybill_no = '') as moves, d.courier, d.waybill_no
      from ${relation(rows)} join return_order t on t.id = d.id
    )
    update return_order t
    set refund_status = n.status, amount_fen = n.amount_fen, kind = n.kind, version = t.version + 1,
      reason = case when n.reason <> '' and t.origin = 'refund' then n.reason else t.reason end,
      courier = case when n.moves then n.courier else t.courier end,
      waybill_no = case when n.moves then n.waybill_no else t.waybill_no end
    from next n
    where t.id = n.id and (t.refund_status, t.amount_fen, t.kind, t.waybill_no, t.courier, t.reason) is distinct from
      (n.status, n.amount_fen, n.kind, case when n.moves then n.waybill_no else t.waybill_no end,
       case when n.moves then n.courier else t.courier end,
       case when n.reason <> '' and t.origin = 'refund' then n.reason else t.reason end)
    returning t.id`.execute(tx)
  return new Set(changed.rows.map(({ id }) => id))
}
