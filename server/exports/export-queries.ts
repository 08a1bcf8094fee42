import { sql } from 'kysely'
import type { RefundKind, RefundStatus, TradeStatus } from '../connectors/connector.ts'
import type { SheetGoods } from '../connectors/words-contract.ts'
import { type Database, num } from '../core/db/db.ts'
import type { RowFor } from '../core/db/rows.ts'
import type { OrderStatus } from '../orders/order/lifecycle.ts'

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

export type OrderOut = {
  id: string
  no: string
  shopId: string
  tid: string
  origin: string
  status: OrderStatus
  cod: boolean
  paymentFen: number
  postFeeFen: number
  discountFen: number
  refundedFen: number
  quantity: number
  refundedQuantity: number
  orderedAt: Date
  paidAt: Date | null
  shipBy: Date | null
  createdAt: Date
  createdBy: string
  flag: number
  holds: string[]
  buyerMessage: string
  sellerMemo: string
  receiverMasked: string
  region: string
  voidReason: string
  courier: string
  waybillNo: string
  goods: SheetGoods[]
}

export async function ordersOut(db: Database, ids: readonly string[]): Promise<OrderOut[]> {
  const found = await sql<RowFor<'sales_order', OrderOut>>`
    select o.id, o.no, o.shop_id as "shopId", o.tid, o.origin, o.status, o.cod, o.payment_fen as "paymentFen",
      o.post_fee_fen as "postFeeFen", o.discount_fen as "discountFen", o.refunded_fen as "refundedFen", o.quantity,
      o.refunded_quantity as "refundedQuantity", o.ordered_at as "orderedAt", o.paid_at as "paidAt",
      o.ship_by as "shipBy", o.created_at as "createdAt", o.created_by as "createdBy", o.flag,
      case when o.open_holds = 0 then '{}' else array(
        select distinct reason from order_hold where order_id = o.id and released_at is null) end as holds,
      o.buyer_message as "buyerMessage", o.seller_memo as "sellerMemo", o.receiver_masked as "receiverMasked", o.region,
      o.void_reason as "voidReason", coalesce(d.courier, o.courier) as courier, coalesce(d.waybill_no, '') as "waybillNo", l.goods
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join sales_order o on o.id = i.id
    left join delivery d on d.order_id = o.id and d.status <> 'cancelled' and d.waybill_no <> ''
    cross join lateral (
      select coalesce(jsonb_agg(jsonb_build_object('title', title, 'spec', spec, 'quantity', quantity, 'outerSkuId', outer_sku_id,
        'outerItemId', outer_item_id, 'refund', case when refunded_quantity = quantity then 'succeeded' else 'none' end) order by line_no), '[]') as goods
      from order_line where order_id = o.id and (not gift or refunded_quantity < quantity)
    ) l
    order by i.n`.execute(db)
  return found.rows.map((row) => ({
    ...row,
    paymentFen: num(row.paymentFen),
    postFeeFen: num(row.postFeeFen),
    discountFen: num(row.discountFen),
    refundedFen: num(row.refundedFen),
  }))
}
