import { type RawBuilder, sql } from 'kysely'

// What neighbours join, inside their own statements.

/** Lines with what of them is still to be shipped: (order_id, line_no, sku_id, title, spec, pieces). `${linesLeft} as line` */
export const linesLeft: RawBuilder<unknown> = sql`(
  select order_id, line_no, sku_id, title, spec, quantity - refunded_quantity as pieces from order_line)`

/** What trades became, with where it stands as refund-rules.ts names it: (id, no, tid, shop_id, standing). `${tradeOrders} as original` */
export const tradeOrders: RawBuilder<unknown> = sql`(
  select id, no, tid, shop_id, case when status = 'voided' then status when origin = 'record' then 'record'
    when status = 'shipped' and written_back_at is null then 'shipped_unwritten' else status end as standing
  from sales_order where origin in ('trade', 'record'))`
