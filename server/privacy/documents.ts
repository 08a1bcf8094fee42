import { type RawBuilder, sql } from 'kysely'
import { offPlatformOrigins } from '../orders/order/lifecycle.ts'
import type { TradeKey } from '../shops/erased.ts'

/** SQL for the trades as a relation `d (tid, shop_id)`. */
export const asRelation = (keys: readonly TradeKey[]): RawBuilder<unknown> => sql`
  unnest(${keys.map(({ tid }) => tid)}::text[], ${keys.map(({ shopId }) => shopId)}::bigint[]) as d (tid, shop_id)`

/**
 * SQL for the ids of the orders of these trades, with the parts into which they were split. The numbers have an index for each of three kinds of
 * origin, so each is asked for by itself.
 */
export function ordersOf(keys: readonly TradeKey[]): RawBuilder<unknown> {
  const kinds = [['trade', 'record'], [...offPlatformOrigins], ['split']].map(
    (origins) => sql`
      select o.id from ${asRelation(keys)} join sales_order o on o.tid = d.tid and o.shop_id = d.shop_id
      where o.origin in (${sql.join(origins.map((origin) => sql.lit(origin)))})`,
  )
  return sql.join(kinds, sql` union all `)
}
