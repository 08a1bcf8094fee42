import { type RawBuilder, sql } from 'kysely'
import { openAboutGoods } from './open-refunds.ts'

/**
 * Order lines with the pieces that remain after refunds, of orders in any status: (order_id, line_no, sku_id, title, spec, pieces, gift,
 * outer_sku_id). The name fits only orders that are not shipped. `${unshippedLines} as line`
 */
export const unshippedLines: RawBuilder<unknown> = sql`(
  select order_id, line_no, sku_id, title, spec, quantity - refunded_quantity as pieces, gift, outer_sku_id
  from order_line)`

/** The platform's numbers of the lines, of which a gift has none: (order_id, line_no, oid). `${lineOids} as line` */
export const lineOids: RawBuilder<unknown> = sql`(select order_id, line_no, oid from order_line)`

/** The texts of an order that a packer reads: (id, status, receiver_masked, region, buyer_message, seller_memo, own_note). `${packedOrders} as o` */
export const packedOrders: RawBuilder<unknown> = sql`(
  select id, status, receiver_masked, region, buyer_message, seller_memo, own_note from sales_order)`

/** Over `order_line l`: the SKU that the buyer ordered, also if a person has substituted another one; null: the line has no SKU. */
export const orderedSku: RawBuilder<string | null> = sql<string | null>`coalesce(l.substitute_for, l.sku_id)`

const originalState = sql`
  id, no, tid, shop_id, case when status = 'voided' then status when origin = 'record' then 'record'
    when status = 'shipped' and written_back_at is null then 'shipped_unwritten' else status end as standing`

/**
 * Orders of trades, child orders included, with their state as in refunds/refund-rules.ts: (id, no, tid, shop_id, standing). For a search by
 * id: no index has all of them by trade. `${tradeOrders} as original`
 */
export const tradeOrders: RawBuilder<unknown> = sql`(
  select ${originalState} from sales_order where origin in ('trade', 'record', 'split'))`

/**
 * Those of one trade, over columns of the caller's statement. The trade is named inside, because PostgreSQL brings no condition of a join into
 * a union and would read every order. `lateral ${ordersOfTrade(sql.ref('r.tid'), sql.ref('r.shop_id'))} as original`
 */
export const ordersOfTrade = (
  tid: RawBuilder<unknown>,
  shopId: RawBuilder<unknown>,
): RawBuilder<unknown> => sql`(
  select ${originalState} from sales_order where origin in ('trade', 'record') and tid = ${tid} and shop_id = ${shopId}
  union all select ${originalState} from sales_order where origin = 'split' and tid = ${tid} and shop_id = ${shopId})`

/**
 * SQL: the orders whose trades have refunds which are neither closed nor refused, refunds to which we agree, or a refund hold whose refund
 * ended while the order was voided: (id, tid, shop_id), once for each refund. `${ordersWithNotices} as noted`
 */
export const ordersWithNotices: RawBuilder<unknown> = sql`(
  select o.id, o.tid, o.shop_id
  from sales_order o join refund_notice n on n.tid = o.tid and n.shop_id = o.shop_id
  where o.origin in ('trade', 'split') and (n.refund_status not in ('closed', 'refused') or n.agreeing <> '' or exists (
    select from order_hold h
    where h.order_id = o.id and h.reason = 'refund_open' and h.source = n.refund_no and h.released_at is null)))`

/** The refunds applied to each order: (order_id, shop_id, refund_no). `${orderRefunds} as taken` */
export const orderRefunds: RawBuilder<unknown> = sql`(select order_id, shop_id, refund_no from order_refund)`

/** Refund waivers in force, by which orders ship over open refunds: (order_id, refund_no). `${letThroughOrders} as let` */
export const letThroughOrders: RawBuilder<unknown> = sql`(
  select order_id, refund_no from refund_waiver where ended_at is null)`

/**
 * Subquery of one row of `ordersOfTrade`, over columns of the caller's statement: the order that a refund concerns most. Orders with a share
 * of the refund come first. Then the state decides: shipped, then unshipped, then record-only, then voided ones.
 */
export function originalFor(
  tid: RawBuilder<unknown>,
  shopId: RawBuilder<unknown>,
  refundNo: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`(
    select original.id, original.no, original.standing from ${ordersOfTrade(tid, shopId)} as original
    left join order_refund taken on taken.order_id = original.id and taken.refund_no = ${refundNo}
    order by taken.order_id is null,
      array_position(array['shipped_unwritten', 'shipped', 'completed', 'released', 'confirmed', 'unconfirmed', 'record', 'voided'],
        original.standing), original.id
    limit 1)`
}

/**
 * Released orders that may be picked, because no hold, no open refund and no new address or designated courier stops them: (id, courier, region).
 * `${ordersToPick} as pickable`
 */
export const ordersToPick: RawBuilder<unknown> = sql`(
  select o.id, o.courier, o.region from sales_order o
  where o.status = 'released' and o.open_holds = 0
    and not exists (
      select from order_refund r where r.order_id = o.id and ${openAboutGoods('r.refund_status', 'r.kind')} and not exists (
        select from refund_waiver w where w.order_id = r.order_id and w.refund_no = r.refund_no and w.ended_at is null))
    and not exists (
      select from order_difference f where f.order_id = o.id and f.kind in ('address', 'courier') and f.settled_at is null))`
