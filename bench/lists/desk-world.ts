import { type RawBuilder, sql } from 'kysely'
import { systemActor, wholeScope } from '../../server/core/access/actor.ts'
import type { Database } from '../../server/core/db/db.ts'
import { migrate } from '../../server/core/db/migrate.ts'
import { convertTrades } from '../../server/flows/convert-trade.ts'
import { facet } from '../../server/lib/facets.ts'
import { unnestRows } from '../../server/lib/unnest.ts'
import { statusFacet } from '../../server/orders/order/facets.ts'
import type { OrderStatus } from '../../server/orders/order/lifecycle.ts'
import { type BenchServer, freshDatabase, hasDatabase, open, renameDatabase } from '../database.ts'
import { isOwn, stageOwn } from '../ingest.ts'
import { addShop, factsFor, makeQueues, shares, shopsOf, type World } from '../world/world.ts'

/** The number of orders, and of staged trades beside them. Eight of nine trades can be converted. */
const orders = 200_000
const trades = 330_000
/** The shares of orders in these statuses. The other half is unconfirmed. */
const moved: readonly [OrderStatus, number][] = [
  ['confirmed', 0.2],
  ['completed', 0.3],
]

/** `count` unconfirmed orders with stock have each of these flags. */
export const flagged = { flags: [4, 5], count: 10_000 } as const

export const deskOrders = orders

/** The name of the database that Sanyi opens by default. */
const ownName = 'sanyi'

/**
 * Prepares the orders of one night in four shops, created by the product with stock promised to them, as the embedded database in
 * `benchDir`. It is a copy of a kept database.
 */
export async function openDeskWorld(server: BenchServer): Promise<string> {
  const kept = `desk_${trades}`
  if (!(await hasDatabase(server, kept))) {
    const began = performance.now()
    const draft = `${kept}_draft`
    await build(await freshDatabase(server, draft))
    await renameDatabase(server, draft, kept)
    console.log(`built a desk of ${orders} orders in ${Math.round((performance.now() - began) / 1000)} s`)
  }
  const url = await freshDatabase(server, ownName, kept)
  await migrate(url)
  await makeQueues(url)
  return url
}

async function build(url: string): Promise<void> {
  await migrate(url)
  await makeQueues(url)
  const { db, close } = open(url)
  try {
    for (const no of shares.keys()) await addShop(db, no)
    const shops = shopsOf(trades)
    const world: World = {
      url,
      size: trades,
      shops,
      facts: new Map(shops.map((shop, no) => [shop.id, factsFor(no)])),
    }
    await addGoods(db, world)
    await stageOwn(world, trades)
    await sql`vacuum (analyze) staged_trade`.execute(db)
    await convertFirst(db)
    for (const [status, share] of moved) await move(db, status, Math.round(orders * share))
    for (const flag of flagged.flags) await setFlag(db, flag)
    // Like a database that has been running: with statistics and without pending index entries.
    await sql`vacuum (analyze)`.execute(db)
    await sql`checkpoint`.execute(db)
  } finally {
    await close()
  }
}

/** Adds a SKU for each listing, with more stock in one warehouse than is ever ordered. */
async function addGoods(db: Database, { shops }: World): Promise<void> {
  await sql`insert into warehouse (code, name, kind) values ('W1', '主仓', 'own')`.execute(db)
  for (const { id, goods } of shops) {
    const rows = unnestRows('d', goods.flat(), [
      ['item', 'text', (sku) => sku.itemId],
      ['kind', 'text', (sku) => sku.skuId],
      ['code', 'text', (sku) => sku.outerSkuId],
      ['title', 'text', (sku) => sku.title],
    ])
    await sql`
      with made as (insert into product (code, name) select code, title from ${rows} returning id, code),
      sku as (insert into sku (code, product_id, words) select code, id, '' from made returning id, code),
      shelf as (insert into stock (warehouse_id, sku_id, on_hand) select w.id, sku.id, 1000000 from sku, warehouse w)
      insert into listing (shop_id, item_id, platform_sku_id, title, status, modified_at, sku_id, matched_how)
      select ${id}::bigint, d.item, d.kind, d.title, 'on_sale', now(), sku.id, 'outer_id' from ${rows} join sku using (code)`.execute(
      db,
    )
  }
  await sql`analyze`.execute(db)
}

async function convertFirst(db: Database): Promise<void> {
  const found = await sql<{ id: string }>`
    select id from staged_trade where ${isOwn('tid')} and state = 'staged' and reason = '' order by id limit ${orders}`.execute(
    db,
  )
  const waiting = found.rows.map(({ id }) => id)
  if (waiting.length < orders) throw new Error(`only ${waiting.length} trades can be converted`)
  const lane = async () => {
    for (let ids = waiting.splice(0, 500); ids.length > 0; ids = waiting.splice(0, 500)) {
      const set = ids
      await db
        .transaction()
        .execute((tx) => convertTrades(tx, set, { actor: systemActor, scope: wholeScope }))
    }
  }
  await Promise.all([lane(), lane()])
  await sql`vacuum (analyze) sales_order`.execute(db)
}

/** Selects `count` orders spread evenly over all. */
const some = (count: number, where: RawBuilder<unknown>) => sql`(
  select id from (
    select id, row_number() over (order by id) - 1 as n, count(*) over () as total from sales_order
    where status = 'unconfirmed' and ${where}) placed
  where n * ${count}::bigint / total <> (n + 1) * ${count}::bigint / total)`

async function move(db: Database, status: OrderStatus, count: number): Promise<void> {
  await sql`
    update sales_order set status = ${status}, facets[1] = ${statusFacet(status)}::int
    where id in ${some(count, sql`open_holds = 0`)}`.execute(db)
}

async function setFlag(db: Database, flag: number): Promise<void> {
  const flagOf = (value: RawBuilder<unknown>) => sql`${facet('flag', 0)}::int + ${value}`
  await sql`
    update sales_order set flag = 3, facets = array_replace(facets, ${flagOf(sql`flag`)}, ${flagOf(sql`3`)})
    where flag = ${flag}`.execute(db)
  await sql`
    update sales_order set flag = ${flag}, facets = array_replace(facets, ${flagOf(sql`flag`)}, ${flagOf(sql`${flag}::int`)})
    where id in ${some(flagged.count, sql`flag not in (4, 5) and open_holds = 0 and open_problems = 0 and facets[5] = ${facet('goods', 0)}::int`)}`.execute(
    db,
  )
}
