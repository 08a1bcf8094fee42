import { type RawBuilder, sql } from 'kysely'

// What neighbours join, inside their own statements.

/** Warehouses that goods are sold from: (id, name, priority, province, city). */
export const activeWarehouses: RawBuilder<unknown> = sql`(
  select id, name, priority, province, city from warehouse where active and kind <> 'defective')`

/** What lines of orders hold and wait for: (order_id, line_no, sku_id, warehouse_id, per_line, wanted, reserved, shipped). */
export const reservationRows: RawBuilder<unknown> = sql`(
  select order_id, line_no, sku_id, warehouse_id, per_line, wanted, reserved, shipped from reservation)`

/** Every warehouse, retired ones too: (id, name, active). */
export const warehouseNames: RawBuilder<unknown> = sql`(select id, name, active from warehouse)`

/**
 * What new orders can be promised once those that wait are served: (warehouse_id, sku_id, free). Below zero where more waits than
 * is there; zeros and what is defective are left out.
 */
export const freeStock: RawBuilder<unknown> = sql`(
  select warehouse_id, sku_id, on_hand - reserved - locked - short as free from stock
  where on_hand - reserved - locked - short <> 0
    and warehouse_id not in (select id from warehouse where kind = 'defective'))`
