import { type RawBuilder, sql } from 'kysely'
import { systemActor } from '../server/actor.ts'
import type { Database } from '../server/db.ts'
import { type ArrivedTrade, ingestTrades, prepareTrades, rememberItems } from '../server/intake/ingest.ts'
import type { KeyRing } from '../server/lib/seal.ts'
import { hourMs } from '../server/lib/time.ts'
import { open } from './database.ts'
import { rawOf } from './raw.ts'
import { report } from './report.ts'
import { makeTrade, tidOf } from './trades.ts'
import { type World, worldNow } from './world.ts'

const batchSize = 500
const pipelines = 3

/** Numbers of trades that this benchmark adds and takes away again. */
export const ownTids = '2961'

/** The condition that a column of trade numbers lies among them, served by its index. */
export function isOwn(column: string): RawBuilder<unknown> {
  return sql`${sql.ref(column)} >= ${ownTids} and ${sql.ref(column)} < ${String(Number(ownTids) + 1)}`
}

type Batch = { shopId: string; arrived: ArrivedTrade[] }

/** Decoded trade details → staged rows, sealed and durable. */
export async function benchIngest(world: World, ring: KeyRing, count: number): Promise<void> {
  const { db, close } = open(world.url)
  try {
    await removeOwn(db)
    const batches = freshBatches(world, count)
    const bytes = batches.flatMap((batch) =>
      batch.arrived.slice(0, 5).map(({ raw }) => Buffer.byteLength(raw)),
    )
    const perSecond = await ingestAll(db, ring, world, batches, count)
    await keepSource(db)
    await removeOwn(db)
    const ceiling = await plainSql(db, count)
    report({
      name: 'ingest',
      work: `${count.toLocaleString('en')} decoded details of two lines, ${Math.round(bytes.reduce((a, b) => a + b, 0) / bytes.length)} bytes each, beside ${world.size.toLocaleString('en')}`,
      figure: perSecond,
      unit: 'trades/s',
      floor: 6000,
      atMost: false,
      ceiling,
      floorRatio: 0.3,
    })
    await sql`drop table source_trade, source_lines, source_raw`.execute(db)
    await removeOwn(db)
  } finally {
    await close()
  }
}

/** The same trades, staged for another benchmark to go on from. */
export async function stageOwn(db: Database, ring: KeyRing, world: World, count: number): Promise<void> {
  await ingestAll(db, ring, world, freshBatches(world, count), count)
}

/** Today's trades, as a first look at a busy day brings them: mostly paid, waiting to be shipped. */
function freshBatches(world: World, count: number): Batch[] {
  return Array.from({ length: Math.ceil(count / batchSize) }, (_, batch) => {
    const shop = world.shops[batch % world.shops.length]
    if (!shop) throw new Error('a world without shops')
    const arrived = Array.from({ length: Math.min(batchSize, count - batch * batchSize) }, (__, at) => {
      const serial = batch * batchSize + at
      const createdAt = new Date(worldNow.getTime() - (1 - serial / count) * 6 * hourMs)
      const trade = makeTrade(shop, tidOf(ownTids, serial), createdAt, worldNow)
      return { trade, raw: rawOf(trade) }
    })
    return { shopId: shop.id, arrived }
  })
}

async function ingestAll(
  db: Database,
  ring: KeyRing,
  world: World,
  batches: readonly Batch[],
  count: number,
): Promise<number> {
  const waiting = [...batches]
  const pipeline = async () => {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      const facts = world.facts.get(batch.shopId)
      if (!facts) throw new Error(`no shop ${batch.shopId}`)
      const shop = { id: batch.shopId, facts }
      const prepared = prepareTrades(ring, shop, batch.arrived)
      await rememberItems(db, shop.id, batch.arrived)
      await db.transaction().execute((tx) => ingestTrades(tx, ring, shop, prepared, systemActor, new Date()))
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: pipelines }, pipeline))
  return (count * 1000) / (performance.now() - began)
}

/** The rows that were just written, as a plain script would read them. */
async function keepSource(db: Database): Promise<void> {
  await sql`drop table if exists source_trade, source_lines, source_raw`.execute(db)
  await sql`create unlogged table source_trade as select * from staged_trade where ${isOwn('tid')}`.execute(
    db,
  )
  await sql`create unlogged table source_lines as
    select g.* from staged_trade_lines g join source_trade s on s.id = g.trade_id`.execute(db)
  await sql`create unlogged table source_raw as select * from raw_payload where ${isOwn('platform_id')}`.execute(
    db,
  )
}

/** The very same rows, moved from table to table by three statements in one transaction. */
async function plainSql(db: Database, count: number): Promise<number> {
  const began = performance.now()
  await db.transaction().execute(async (tx) => {
    await sql`insert into staged_trade overriding system value select * from source_trade order by id`.execute(
      tx,
    )
    await sql`insert into staged_trade_lines select * from source_lines order by trade_id`.execute(tx)
    await sql`insert into raw_payload select * from source_raw`.execute(tx)
  })
  return (count * 1000) / (performance.now() - began)
}

/** Takes away what an earlier benchmark added. */
export async function removeOwn(db: Database): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // Orders are never deleted by the product, so nothing indexes what points at them: the checks would read every trade.
    await sql`set local session_replication_role = replica`.execute(tx)
    const orders = sql`(select id from sales_order where ${isOwn('tid')})`
    await sql`delete from order_line where order_id in ${orders}`.execute(tx)
    await sql`delete from order_event where order_id in ${orders}`.execute(tx)
    await sql`delete from sales_order where ${isOwn('tid')}`.execute(tx)
    await sql`delete from staged_trade_lines where trade_id in (select id from staged_trade where ${isOwn('tid')})`.execute(
      tx,
    )
    await sql`delete from staged_trade where ${isOwn('tid')}`.execute(tx)
    await sql`delete from raw_payload where ${isOwn('platform_id')}`.execute(tx)
    await sql`delete from trade_event where ${isOwn('tid')}`.execute(tx)
  })
  for (const table of [
    'staged_trade',
    'staged_trade_lines',
    'raw_payload',
    'sales_order',
    'order_line',
    'order_event',
  ])
    await sql`vacuum (analyze) ${sql.table(table)}`.execute(db)
}
