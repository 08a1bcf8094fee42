import { sql } from 'kysely'
import type { Database } from '../server/core/db/db.ts'
import { migrate } from '../server/core/db/migrate.ts'
import { processStockChanges } from '../server/stock-sync/loop.ts'
import { type BenchServer, freshDatabase, open } from './database.ts'
import { report } from './report.ts'

const shops = 3
const warehouses = 4

/**
 * Measures a change of every SKU, each sold by three shops: quantities are calculated and platform actions enqueued; then all change again.
 */
export async function benchUpload(server: BenchServer, skus: number): Promise<void> {
  const url = await freshDatabase(server, 'bench_upload')
  await migrate(url)
  const { db, close } = open(url, 2)
  try {
    await fill(db, skus)
    const first = skus / (await takeAll(db))
    await sql`update platform_action set state = 'succeeded', next_at = null, ended_at = now()`.execute(db)
    await sql`update stock_upload set action_id = null, told_quantity = quantity, told_version = version, told_at = now()`.execute(
      db,
    )
    await sql`vacuum analyze`.execute(db)
    await sql`update stock set reserved = reserved + 1`.execute(db)
    await sql`update stock_change set version = version + 1`.execute(db)
    const again = skus / (await takeAll(db))
    report({
      name: 'upload',
      work: `${skus.toLocaleString('en')} changed SKUs in ${warehouses} warehouses, each sold by ${shops} shops`,
      figure: again,
      unit: 'SKUs/s',
      floor: 1000,
      atMost: false,
      facts: { first, listings: skus * shops },
    })
  } finally {
    await close()
  }
}

async function takeAll(db: Database): Promise<number> {
  const began = performance.now()
  while (await processStockChanges(db));
  return (performance.now() - began) / 1000
}

/** Creates listings: four SKUs are one item in each shop. */
async function fill(db: Database, skus: number): Promise<void> {
  const rule = JSON.stringify({ warehouses: [], percent: 80, plus: 0, safety: 2, min: 0, max: null })
  await sql`
    insert into shop (platform, variant, name) select 'taobao', 'tmall', '店 ' || n from generate_series(1, ${shops}::int) n`.execute(
    db,
  )
  await sql`
    insert into upload_shop (shop_id, enabled, rule, updated_by) select id, true, ${rule}::jsonb, '' from shop`.execute(
    db,
  )
  await sql`
    insert into warehouse (code, name, kind)
    select 'W' || n, '仓 ' || n, 'own' from generate_series(1, ${warehouses}::int) n`.execute(db)
  await sql`
    insert into product (code, name) select 'P' || n, '四件套 ' || n from generate_series(1, ${skus}::int) n`.execute(
    db,
  )
  await sql`insert into sku (code, product_id, words) select 'S' || id, id, '' from product`.execute(db)
  await sql`
    insert into stock (warehouse_id, sku_id, on_hand) select w.id, s.id, 20 + s.id % 50 from warehouse w, sku s`.execute(
    db,
  )
  await sql`
    insert into listing (shop_id, item_id, platform_sku_id, title, status, modified_at, sku_id, matched_how)
    select shop.id, 'i' || s.id / 4, 's' || s.id, '四件套', 'on_sale', now(), s.id, 'hand' from shop, sku s`.execute(
    db,
  )
  await sql`insert into stock_change (sku_id, version, changed_at) select id, 1, now() from sku`.execute(db)
  await sql`vacuum analyze`.execute(db)
}
