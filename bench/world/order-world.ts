import { sql } from 'kysely'
import type { Database } from '../../server/core/db/db.ts'
import { migrate } from '../../server/core/db/migrate.ts'
import { hashFacet } from '../../server/lib/facets.ts'
import { maskReceiver, regionOf } from '../../server/lib/mask.ts'
import { makeBuyerKeys } from '../../server/lib/people.ts'
import { type KeyRing, seal } from '../../server/lib/seal.ts'
import { shortRegion, textHash } from '../../server/lib/text-hash.ts'
import { arrayText, unnestRows } from '../../server/lib/unnest.ts'
import { type BenchServer, freshDatabase, hasDatabase, open, renameDatabase, urlOf } from '../database.ts'
import { restoreIndexes, takeIndexes } from './copies.ts'
import type { Sku } from './goods.ts'
import { insertOrders, shopShares } from './order-rows.ts'
import { addStories } from './order-stories.ts'
import { buyerOf } from './people.ts'
import { makeShop } from './trades.ts'
import { makeQueues } from './world.ts'

/** Orders of 400 days in six shops, most of them completed long ago. `shops` are the shops' ids. */
export type OrderWorld = { url: string; size: number; shops: string[] }

/** The number of generated buyers. Each becomes twenty buyers with different search hashes. */
const buyersPerShop = 10_000

const tables = [
  'sales_order',
  'order_line',
  'order_hold',
  'order_difference',
  'order_problem',
  'order_refund',
]
/** Orders for each statement. */
const chunk = 50_000

/** Returns the kept database of this size, or builds a new one. Two builds differ only in their times. */
export async function openOrderWorld(
  server: BenchServer,
  size: number,
  rebuild: boolean,
): Promise<OrderWorld> {
  const name = `orders_${size}`
  if (rebuild || !(await hasDatabase(server, name))) {
    const began = performance.now()
    const draft = `${name}_draft`
    const url = await freshDatabase(server, draft)
    await migrate(url)
    await fillOrders(url, server.ring, size)
    await renameDatabase(server, draft, name)
    console.log(
      `built ${size.toLocaleString('en')} orders in ${Math.round((performance.now() - began) / 1000)} s`,
    )
  }
  const url = urlOf(server, name)
  // Applies newer migrations. If a migration was changed after the build, --rebuild is needed.
  await migrate(url)
  await makeQueues(url)
  return { url, size, shops: shopShares.map((_, no) => String(no + 1)) }
}

/**
 * Fills a migrated database without orders. Holds, differences, problems and refunds have their rows. Promises of stock, order events and
 * pictures are left out, and buyers' sealed data is kept for a month only, to save disk space.
 */
export async function fillOrders(url: string, ring: KeyRing, size: number): Promise<void> {
  const { db, close } = open(url, 4)
  try {
    await makeShops(db, ring)
    const indexes = await takeIndexes(db, tables)
    const waiting = Array.from({ length: Math.ceil(size / chunk) }, (_, at) => at * chunk)
    const lane = async () => {
      for (let from = waiting.shift(); from !== undefined; from = waiting.shift())
        await insertOrders(db, { from: from + 1, to: Math.min(size, from + chunk), size })
    }
    await Promise.all([lane(), lane()])
    await addStories(db)
    await sql`select setval(pg_get_serial_sequence('sales_order', 'id'), ${size}::bigint), setval('sales_order_no', ${size}::bigint)`.execute(
      db,
    )
    await sql`drop table bench_goods, bench_buyer`.execute(db)
    await restoreIndexes(url, indexes, [...tables, 'listing', 'sku'])
  } finally {
    await close()
  }
}

/** Creates shops, warehouses and the catalogue, and the tables of goods and buyers that orders are drawn from. */
async function makeShops(db: Database, ring: KeyRing): Promise<void> {
  await sql`
    insert into warehouse (code, name, kind, priority) values ('HZ', '杭州仓', 'own', 1), ('GZ', '广州仓', 'own', 2), ('WX', '外仓', 'outer', 3)`.execute(
    db,
  )
  await sql`
    create unlogged table bench_goods (shop_id bigint, place int, sku_id bigint, item_id text, platform_sku_id text, outer_item_id text,
      outer_sku_id text, title text, spec text, price_fen bigint, item_facet int, code_facet int, primary key (shop_id, place))`.execute(
    db,
  )
  await sql`
    create unlogged table bench_buyer (shop_id bigint, place int, people bigint[], masked text, region text, province_facet int, personal bytea,
      primary key (shop_id, place))`.execute(db)
  for (const no of shopShares.keys()) {
    const shopId = String(no + 1)
    await sql`
      insert into shop (platform, variant, name, go_live_at, auth_state)
      values ('taobao', 'tmall', ${`山隅家居 ${shopId} 店`}, now() - interval '800 days', 'live')`.execute(db)
    await addGoods(db, shopId, makeShop(shopId, no + 1, 1).goods.flat())
    await addBuyers(db, ring, shopId, no)
  }
  await sql`analyze bench_goods, bench_buyer`.execute(db)
}

async function addGoods(db: Database, shopId: string, goods: readonly Sku[]): Promise<void> {
  const rows = unnestRows(
    'd',
    goods.map((one, place) => ({ ...one, place })),
    [
      ['place', 'int4', (row) => row.place],
      ['item_id', 'text', (row) => row.itemId],
      ['platform_sku_id', 'text', (row) => row.skuId],
      ['outer_item_id', 'text', (row) => row.outerItemId],
      ['outer_sku_id', 'text', (row) => row.outerSkuId],
      ['title', 'text', (row) => row.title],
      ['spec', 'text', (row) => row.spec],
      ['picture_url', 'text', (row) => row.pictureUrl],
      ['price_fen', 'int8', (row) => row.priceFen],
      ['item_facet', 'int4', (row) => hashFacet('item', textHash(row.itemId))],
      ['code_facet', 'int4', (row) => hashFacet('outerCode', textHash(row.outerSkuId))],
    ],
  )
  await sql`
    with products as (
      insert into product (code, name, category) select distinct on (outer_item_id) outer_item_id, title, '家纺' from ${rows}
      returning id, code
    ), skus as (
      insert into sku (code, product_id, words, weight_g)
      select d.outer_sku_id, p.id, lower(d.outer_sku_id || ' ' || d.title), 800 from ${rows} join products p on p.code = d.outer_item_id
      returning id, code
    ), listings as (
      insert into listing (shop_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url, price_fen, status,
        modified_at, sku_id, matched_how)
      select ${shopId}, d.item_id, d.platform_sku_id, d.outer_item_id, d.outer_sku_id, d.title, d.spec, d.picture_url, d.price_fen, 'on_sale',
        now(), s.id, 'outer_id'
      from ${rows} join skus s on s.code = d.outer_sku_id
    )
    insert into bench_goods
    select ${shopId}, d.place, s.id, d.item_id, d.platform_sku_id, d.outer_item_id, d.outer_sku_id, d.title, d.spec, d.price_fen,
      d.item_facet, d.code_facet
    from ${rows} join skus s on s.code = d.outer_sku_id`.execute(db)
}

async function addBuyers(db: Database, ring: KeyRing, shopId: string, no: number): Promise<void> {
  const buyers = Array.from({ length: buyersPerShop }, (_, place) => {
    const person = buyerOf(no * buyersPerShop + place)
    return { place, ...person }
  })
  await sql`
    insert into bench_buyer
    select ${shopId}, place, people::bigint[], masked, region, province_facet, personal from ${unnestRows(
      'd',
      buyers,
      [
        ['place', 'int4', (row) => row.place],
        ['people', 'text', (row) => arrayText(makeBuyerKeys(ring, 0, row))],
        ['masked', 'text', (row) => maskReceiver(row.receiver)],
        ['region', 'text', (row) => regionOf(row.receiver)],
        [
          'province_facet',
          'int4',
          (row) => hashFacet('province', textHash(shortRegion(row.receiver.province))),
        ],
        [
          'personal',
          'bytea',
          (row) => seal(ring, shopId, JSON.stringify({ nick: row.nick, receiver: row.receiver })),
        ],
      ],
    )}`.execute(db)
}
