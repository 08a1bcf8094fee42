import { type RawBuilder, sql } from 'kysely'

/** Warehouses that are active and sell goods: (id, name, priority, province, city). */
export const activeWarehouses: RawBuilder<unknown> = sql`(
  select id, name, priority, province, city from warehouse where active and kind <> 'defective')`

/** Reservations and backorders of order lines: (order_id, line_no, sku_id, warehouse_id, per_line, wanted, reserved, shipped). */
export const reservationRows: RawBuilder<unknown> = sql`(
  select order_id, line_no, sku_id, warehouse_id, per_line, wanted, reserved, shipped from reservation)`

/** Warehouses that print the label at the last piece that is checked (后置打印): (id). */
export const warehousesPrintingLast: RawBuilder<unknown> = sql`(
  select id from warehouse where prints_last and ship_steps @> array['print', 'check'])`

/** All warehouses, inactive ones included: (id, name, active). */
export const warehouseNames: RawBuilder<unknown> = sql`(select id, name, active from warehouse)`

/**
 * Pieces available to new orders after all backorders are filled: (warehouse_id, sku_id, free). Negative: the backorders exceed the stock.
 * Balances with exactly 0 free pieces and defective warehouses are left out.
 */
export const freeStock: RawBuilder<unknown> = sql`(
  select warehouse_id, sku_id, on_hand - reserved - locked - short as free from stock
  where on_hand - reserved - locked - short <> 0
    and warehouse_id not in (select id from warehouse where kind = 'defective'))`
