import { type RawBuilder, sql } from 'kysely'

/**
 * Where SKUs lie: (warehouse_id, sku_id, bin_id, code, route, spare_bin_id, spare_code). A SKU without a main bin lies in its spare bin;
 * then it has no other. `${skuBins} as place`
 */
export const skuBins: RawBuilder<unknown> = sql`(
  select s.warehouse_id, s.sku_id, b.id as bin_id, b.code, b.route, spare.id as spare_bin_id, spare.code as spare_code
  from sku_bin s join bin b on b.id = coalesce(s.main_bin_id, s.spare_bin_id)
  left join bin spare on spare.id = s.spare_bin_id and spare.id <> b.id)`

/** All bins: (id, code, route). */
export const binNames: RawBuilder<unknown> = sql`(select id, code, route from bin)`
