import { sql } from 'kysely'
import type { RefundKind, RefundStatus, TradeStatus } from '../connectors/connector.ts'
import type { SheetGoods } from '../connectors/words-contract.ts'
import { type Database, num } from '../core/db/db.ts'
import type { RowFor } from '../core/db/rows.ts'

export type TradeOut = {
  id: string
  shopId: string
  tid: string
  state: string
  stateAt: Date
  stateBy: string
  status: TradeStatus
  type: string
  reason: string
  orderedAt: Date | null
  paidAt: Date | null
  shipBy: Date | null
  modifiedAt: Date
  cod: boolean
  flag: number
  paymentFen: number
  postFeeFen: number
  discountFen: number
  quantity: number
  buyerMessage: string
  sellerMemo: string
  buyerMasked: string
  receiverMasked: string
  region: string
  note: string
  orderNo: string
  goods: SheetGoods[]
}

/** Returns the trades in the order of the ids, without sealed data. */
export async function tradesOut(db: Database, ids: readonly string[]): Promise<TradeOut[]> {
  const found = await sql<RowFor<'staged_trade', TradeOut>>`
    select t.id, t.shop_id as "shopId", t.tid, t.state, t.state_at as "stateAt", t.state_by as "stateBy", t.status,
      t.trade_type as type, t.reason, t.ordered_at as "orderedAt", t.paid_at as "paidAt", t.ship_by as "shipBy",
      t.modified_at as "modifiedAt", t.cod, t.flag, t.payment_fen as "paymentFen", t.post_fee_fen as "postFeeFen",
      t.discount_fen as "discountFen", t.quantity, t.buyer_message as "buyerMessage", t.seller_memo as "sellerMemo",
      t.buyer_masked as "buyerMasked", t.receiver_masked as "receiverMasked", t.region, t.note,
      t.order_no as "orderNo", coalesce(g.lines, '[]') as goods
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n) join staged_trade t on t.id = i.id
    left join staged_trade_lines g on g.trade_id = t.id
    order by i.n`.execute(db)
  return found.rows.map((row) => ({
    ...row,
    paymentFen: num(row.paymentFen),
    postFeeFen: num(row.postFeeFen),
    discountFen: num(row.discountFen),
  }))
}

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
