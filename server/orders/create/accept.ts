import { type RawBuilder, sql } from 'kysely'
import { type Actor, systemActor } from '../../core/access/actor.ts'
import { preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { facet } from '../../lib/facets.ts'
import { allocationBits, allocationFacet, heldFacet, warehouseFacet } from '../order/facets.ts'
import { orderStatuses } from '../order/lifecycle.ts'
import { skuOfLine } from '../sourcing/choice-facts.ts'
import { sourcingForTrades } from '../sourcing/place.ts'

export type AcceptedOrder = Row<'sales_order', 'id' | 'no' | 'tid' | 'shopId'> & { unmatched: boolean }

const statusFacet = (status: (typeof orderStatuses)[number]) =>
  facet('orderStatus', orderStatuses.indexOf(status) + 1)

/**
 * Makes the sales orders of trades in one statement: orders with warehouse and courier by the sourcing rules, lines with their SKUs, holds
 * for lines without a SKU, and events. The orders are inserted as "all reserved", so `reserveNewOrders` must follow.
 * `trades` is a relation, so that sealed bytes and lines are copied inside SQL. Its columns: shop_id, tid, status ('unconfirmed'; of a
 * record-only order 'shipped' or 'completed'), origin (`origins`), cod, post_fee_fen, subsidy_fen, paid_at, ordered_at, ship_by, flag,
 * facets (without the order's own, which come first), whole (all lines of the trade convert), people, buyer_message, seller_memo,
 * receiver_masked, receiver_hash, region, personal, lines (jsonb array of TradeLine, only those that convert; `ownSkuId` where the SKU is
 * known without a listing).
 * A trade that already has an order is missing in the result: the unique keys (tid, shop) decide, also between concurrent transactions. So
 * is a trade without pieces.
 */
export async function acceptOrders(
  tx: Tx,
  trades: RawBuilder<unknown>,
  actor: Actor,
): Promise<AcceptedOrder[]> {
  const chosen = await sourcingForTrades(tx, trades)
  const accepted = await sql<AcceptedOrder>`${preparedStatement}
    with trade as materialized (
      select t.*, case when t.origin <> 'record' then chosen.warehouse_id end as warehouse_id, coalesce(chosen.courier, '') as courier,
        chosen.courier_facet, chosen.story, l.goods_fen, l.payment_fen as lines_fen, l.quantity, l.skus,
        t.origin <> 'record' and l.unmatched as unmatched,
        t.origin <> 'record' and l.matched and (chosen.warehouse_id is null or not (t.paid_at is not null or t.cod)) as not_requested
      from (select * from (${trades}) t offset 0) t
      ${chosen}
      cross join lateral (
        select sum((line ->> 'priceFen')::bigint * (line ->> 'quantity')::int)::bigint as goods_fen,
               sum((line ->> 'paymentFen')::bigint)::bigint as payment_fen,
               sum((line ->> 'quantity')::int)::int as quantity, array_agg(sku_id order by n) as skus,
               bool_or(sku_id is null) as unmatched, bool_or(sku_id is not null) as matched
        from (
          select line, n, case when chosen.skus is null then ${skuOfLine} else (chosen.skus::bigint[])[n] end as sku_id
          from jsonb_array_elements(t.lines) with ordinality l (line, n)
          -- Without this fence the SKU would be looked up at each use of sku_id.
          offset 0
        ) l
      ) l
      where l.quantity > 0
    ), made as (
      insert into sales_order (no, shop_id, origin, tid, status, cod, goods_fen, post_fee_fen, discount_fen, payment_fen, subsidy_fen,
        quantity, whole_trade, paid_at, ordered_at, ship_by, flag, warehouse_id, courier, open_holds, facets, people, buyer_message, seller_memo,
        receiver_masked, receiver_hash, region, personal, created_by)
      select 'SO' || to_char(now(), 'YYMMDD') || to_char(nextval('sales_order_no'), 'FM9999999999000000'),
        shop_id, origin, tid, status, cod, goods_fen, post_fee_fen, goods_fen + post_fee_fen - greatest(lines_fen + post_fee_fen, 0),
        greatest(lines_fen + post_fee_fen, 0), subsidy_fen,
        quantity, whole, paid_at, ordered_at, ship_by, flag, warehouse_id, courier, unmatched::int,
        array[case status when 'unconfirmed' then ${statusFacet('unconfirmed')}::int
                          when 'shipped' then ${statusFacet('shipped')}::int else ${statusFacet('completed')}::int end,
              ${heldFacet(false)}::int + unmatched::int, ${facet('differs', 0)}::int, ${facet('refundState', 0)}::int,
              ${allocationFacet(0)}::int + unmatched::int * ${sql.lit(allocationBits.unmatched)} + not_requested::int * ${sql.lit(allocationBits.unasked)}]
          || facets || array_remove(array[courier_facet, (${warehouseFacet('0')} + warehouse_id)::int], null),
        people, buyer_message, seller_memo, receiver_masked, receiver_hash, region, personal, ${actor.name}
      from trade
      order by tid, shop_id
      on conflict do nothing
      returning id, no, tid, shop_id, origin, open_holds > 0 as unmatched
    ), lines as (
      insert into order_line (order_id, line_no, tid, oid, sku_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec,
        picture_url, quantity, price_fen, discount_fen, payment_fen)
      select made.id, l.n, made.tid, l.line ->> 'oid', trade.skus[l.n], l.line ->> 'itemId', l.line ->> 'skuId', l.line ->> 'outerItemId',
        l.line ->> 'outerSkuId', l.line ->> 'title', l.line ->> 'spec', l.line ->> 'pictureUrl', (l.line ->> 'quantity')::int,
        (l.line ->> 'priceFen')::bigint,
        (l.line ->> 'priceFen')::bigint * (l.line ->> 'quantity')::int - (l.line ->> 'paymentFen')::bigint, (l.line ->> 'paymentFen')::bigint
      from made
      join trade using (tid, shop_id)
      cross join lateral jsonb_array_elements(trade.lines) with ordinality l (line, n)
    ), holds as (
      insert into order_hold (order_id, reason, source, note, held_by)
      select id, 'unmatched', '', '', ${systemActor.name} from made where unmatched
    ), events as (
      insert into order_event (order_id, event, actor_kind, actor_id, actor_name, detail)
      select made.id, case when made.origin in ('trade', 'record') then 'convert' else 'create' end, ${actor.kind}, ${actor.id}, ${actor.name},
        case when story is null then jsonb_build_object('tid', tid) else jsonb_build_object('tid', tid, 'choice', story::jsonb) end
      from made join trade using (tid, shop_id)
    )
    select id, no, tid, shop_id as "shopId", unmatched from made`.execute(tx)
  return accepted.rows
}
