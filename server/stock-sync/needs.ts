import { type RawBuilder, sql } from 'kysely'
import { matchedListings, skuParts, withBundles } from '../catalog/relations.ts'
import { preparedStatement, type Tx } from '../core/db/db.ts'
import type { Rows } from '../core/db/rows.ts'
import { bumpChanges } from '../inventory/stock.ts'

/**
 * Stores the staged demand of these trades: `relation` yields (trade_id, shop_id, item_id, platform_sku_id, quantity), no row for a trade
 * without demand. The change counters of SKUs whose demand changed are raised; unchanged demand writes nothing. Two callers must not run at
 * the same time.
 */
export async function writeStagedDemand(
  tx: Tx,
  tradeIds: readonly string[],
  relation: RawBuilder<unknown>,
): Promise<void> {
  const same = sql`n.trade_id = w.trade_id and n.item_id = w.item_id and n.platform_sku_id = w.platform_sku_id`
  await sql`${preparedStatement}
    with wanted as materialized (${relation}),
    gone as (
      delete from staged_need n
      where n.trade_id = any(${[...tradeIds]}::bigint[]) and not exists (select from wanted w where ${same})
      returning n.shop_id, n.item_id, n.platform_sku_id
    ), made as (
      insert into staged_need as n (trade_id, shop_id, item_id, platform_sku_id, quantity)
      select trade_id, shop_id, item_id, platform_sku_id, quantity from wanted
      on conflict (trade_id, item_id, platform_sku_id) do update set quantity = excluded.quantity
      where n.quantity <> excluded.quantity
      returning n.shop_id, n.item_id, n.platform_sku_id
    ), touched as (select * from gone union select * from made)
    ${bumpChanges(sql`
      select part.part_id as sku_id from touched
      join ${matchedListings} l using (shop_id, item_id, platform_sku_id) join ${skuParts} as part on part.sku_id = l.sku_id`)}`.execute(
    tx,
  )
}

/**
 * Deletes the staged demand of trades that become orders, because orders reserve stock themselves. Returns the SKUs of this demand. The
 * caller marks them as changed at the end of its transaction, and enqueues a new count for the trades that did not become orders.
 */
export async function deleteStagedDemand(tx: Tx, tradeIds: readonly string[]): Promise<string[]> {
  if (tradeIds.length === 0) return []
  const found = await sql<{ skuId: Rows['sku']['id'] }>`${preparedStatement}
    with gone as (
      delete from staged_need where trade_id = any(${[...tradeIds]}::bigint[]) returning shop_id, item_id, platform_sku_id
    )
    select distinct part.part_id as "skuId" from (select distinct * from gone) g
    join ${matchedListings} l using (shop_id, item_id, platform_sku_id) join ${skuParts} as part on part.sku_id = l.sku_id`.execute(
    tx,
  )
  return found.rows.map(({ skuId }) => skuId)
}

/** Returns the staged demand of all shops by SKU, including the demand for bundles with the SKU. SKUs without demand are missing. */
export async function stagedDemandOf(tx: Tx, skuIds: readonly string[]): Promise<Map<string, number>> {
  const ids = [...skuIds]
  const found = await sql<{ skuId: Rows['sku']['id'] } & Record<'quantity', number>>`
    select part.part_id as "skuId", sum(n.quantity * part.quantity)::int as quantity
    from ${withBundles(ids)} sold
    join ${skuParts} as part on part.sku_id = sold.sku_id and part.part_id = any(${ids}::bigint[])
    join ${matchedListings} l on l.sku_id = sold.sku_id
    join staged_need n on n.shop_id = l.shop_id and n.item_id = l.item_id and n.platform_sku_id = l.platform_sku_id
    group by part.part_id`.execute(tx)
  return new Map(found.rows.map(({ skuId, quantity }) => [skuId, quantity]))
}
