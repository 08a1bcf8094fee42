import { type RawBuilder, sql } from 'kysely'

// What neighbours join, inside their own statements.

/** Warehouses that take something new: (id, priority, province, city). */
export const activeWarehouses: RawBuilder<unknown> = sql`(
  select id, priority, province, city from warehouse where active)`

/** What lines of orders hold and wait for: (order_id, line_no, sku_id, warehouse_id, per_line, wanted, reserved, shipped). */
export const promises: RawBuilder<unknown> = sql`(
  select order_id, line_no, sku_id, warehouse_id, per_line, wanted, reserved, shipped from reservation)`
