import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../server/core/db/db.ts'
import { open } from './database.ts'
import { report } from './report.ts'
import { freshBatches, ownTids } from './world/batches.ts'
import { type PlainWrite, plainSeconds } from './world/plain.ts'
import type { World } from './world/world.ts'

/** The number of processes; each has two connections. */
const lanes = 2

/** The condition that a trade number belongs to the benchmarks, in a form that can use the number's index. */
export function isOwn(column: string): RawBuilder<unknown> {
  return sql`${sql.ref(column)} >= ${ownTids} and ${sql.ref(column)} < ${String(Number(ownTids) + 1)}`
}

/** Measures staging decoded trade details: sealed and durable. */
export async function benchIngest(world: World, count: number): Promise<void> {
  const { db, close } = open(world.url)
  try {
    await removeOwn(db)
    const perSecond = await ingestAll(world, count)
    await keepSource(db)
    await removeOwn(db)
    const ownTables = await intoOwnTables(db, count)
    const ceiling = count / (await plainSeconds(world.url, written, lanes * 2))
    report({
      name: 'ingest',
      work: `${count.toLocaleString('en')} decoded details of two lines, ${bytesOfOne(world)} bytes each, by two processes, beside ${world.size.toLocaleString('en')}`,
      figure: perSecond,
      unit: 'trades/s',
      floor: 6000,
      atMost: false,
      ceiling,
      ownTables,
      floorRatio: 0.3,
    })
    await sql`drop table source_trade, source_lines, source_raw`.execute(db)
    await removeOwn(db)
  } finally {
    await close()
  }
}

/** Stages trades that another benchmark uses. */
export async function stageOwn(world: World, count: number): Promise<void> {
  await ingestAll(world, count)
}

function bytesOfOne(world: World): number {
  const sizes = freshBatches(world, 0, 100, 100).flatMap(({ arrived }) =>
    arrived.map(({ raw }) => Buffer.byteLength(raw)),
  )
  return Math.round(sizes.reduce((a, b) => a + b, 0) / sizes.length)
}

/** Uses two processes, as two workers would, so that both processor cores are busy. The time starts when both are ready. */
async function ingestAll(world: World, count: number): Promise<number> {
  const half = Math.ceil(count / 2)
  const running = [
    [0, half],
    [half, count - half],
  ].map(([first, many]) =>
    fork(path('./ingest-lane.ts'), [world.url, String(world.size), String(first), String(many)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  )
  await Promise.all(running.map((lane) => once(lane, 'message')))
  const began = performance.now()
  const ended = running.map((lane) => once(lane, 'exit'))
  for (const lane of running) lane.send('go')
  const codes = (await Promise.all(ended)).map(([code]) => code)
  if (codes.some((code) => code !== 0)) throw new Error('a lane of the ingest failed')
  return (count * 1000) / (performance.now() - began)
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** Keeps the written rows for the plain script. */
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

const written: readonly PlainWrite[] = [
  { name: 'trade', key: 'id' },
  { name: 'lines', key: 'trade_id' },
  { name: 'raw', key: 'kind, shop_id, platform_id' },
]

/** Moves these rows from table to table, with three statements in one transaction. */
async function intoOwnTables(db: Database, count: number): Promise<number> {
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

/** Deletes the rows of earlier benchmarks. */
export async function removeOwn(db: Database): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // The product never deletes orders, so the columns that refer to them have no index; checking the foreign keys would read every trade.
    await sql`set local session_replication_role = replica`.execute(tx)
    const orders = sql`(select id from sales_order where ${isOwn('tid')})`
    await sql`delete from order_line where order_id in ${orders}`.execute(tx)
    await sql`delete from order_hold where order_id in ${orders}`.execute(tx)
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
