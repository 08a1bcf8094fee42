import { sql } from 'kysely'
import type { RefundKind, RefundStatus } from '../connectors/connector.ts'
import { type Database, num } from '../core/db/db.ts'
import type { RowFor } from '../core/db/rows.ts'

export type RefundOut = {
  id: string
  shopId: string
  refundNo: string
  tid: string
  oid: string
  state: string
  stateAt: Date
  stateBy: string
  status: RefundStatus
  kind: RefundKind
  phase: string
  amountFen: number
  quantity: number
  deadline: Date | null
  createdAt: Date
  modifiedAt: Date
  reason: string
  outcome: string
  error: string
  orderNo: string
  title: string
  spec: string
  outerId: string
  buyerReason: string
  description: string
  carrier: string
  waybillNo: string
  buyerMasked: string
}

export async function refundsOut(db: Database, ids: readonly string[]): Promise<RefundOut[]> {
  const found = await sql<RowFor<'staged_refund', RefundOut>>`
    select r.id, r.shop_id as "shopId", r.refund_no as "refundNo", r.tid, r.oid, r.state, r.state_at as "stateAt",
      r.state_by as "stateBy", r.status, r.kind, r.phase, r.amount_fen as "amountFen", r.quantity, r.deadline,
      r.created_on_platform as "createdAt", r.modified_at as "modifiedAt", r.reason, r.outcome, r.error,
      r.order_no as "orderNo", r.title, r.spec, r.outer_id as "outerId", r.buyer_reason as "buyerReason", r.description,
      r.carrier, r.waybill_no as "waybillNo", r.buyer_masked as "buyerMasked"
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n) join staged_refund r on r.id = i.id
    order by i.n`.execute(db)
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen) }))
}
