import { sql } from 'kysely'
import { mostIds } from '../server/core/batches/batches.ts'
import type { Database } from '../server/core/db/db.ts'
import { bulkActions } from '../server/core/verbs.ts'
import { flowVerbs } from '../server/flows/verbs.ts'
import type { KeyRing } from '../server/lib/seal.ts'
import { open } from './database.ts'
import { isOwn, removeOwn, stageOwn } from './ingest.ts'
import { report } from './report.ts'
import { runBatch } from './run-batch.ts'
import { writtenColumns } from './world/copies.ts'
import { type PlainWrite, plainSeconds } from './world/plain.ts'
import type { World } from './world/world.ts'

/** Converts staged trades to sales orders through the bulk engine, as a user's 批量转订单 does. */
export async function benchConvert(world: World, ring: KeyRing, count: number): Promise<void> {
  const { db, close } = open(world.url)
  try {
    await removeOwn(db)
    await stageOwn(world, count)
    const ids = await convertible(db)
    await keepStaged(db)
    const seconds = await convertAll(db, ring, ids)
    const made = await sql<{
      n: number
    }>`select count(*)::int as n from sales_order where ${isOwn('tid')}`.execute(db)
    if (made.rows[0]?.n !== ids.length) throw new Error(`${made.rows[0]?.n} orders of ${ids.length} trades`)
    await keepOrders(db)
    await removeOwn(db)
    const ownTables = ids.length / (await intoOwnTables(db))
    const ceiling = ids.length / (await plainSeconds(world.url, written, 1))
    report({
      name: 'convert',
      work: `${ids.length.toLocaleString('en')} staged trades of two lines → sales orders, one batch`,
      figure: ids.length / seconds,
      unit: 'orders/s',
      floor: 8000,
      atMost: false,
      ceiling,
      ownTables,
      floorRatio: 0.65,
    })
    await removeOwn(db)
    await dropSources(db)
  } finally {
    await close()
  }
}

/** Converts all trades of the benchmarks that can be converted; returns how many. */
export async function convertOwn(db: Database, ring: KeyRing): Promise<number> {
  const ids = await convertible(db)
  for (let from = 0; from < ids.length; from += mostIds)
    await convertAll(db, ring, ids.slice(from, from + mostIds))
  return ids.length
}

async function convertible(db: Database): Promise<string[]> {
  await sql`vacuum (analyze) staged_trade`.execute(db)
  const found = await sql<{ id: string }>`
    select id from staged_trade where ${isOwn('tid')} and state = 'staged' and reason = '' order by id`.execute(
    db,
  )
  return found.rows.map((row) => row.id)
}

async function convertAll(db: Database, ring: KeyRing, ids: string[]): Promise<number> {
  const { seconds, succeeded } = await runBatch(
    { db, ring },
    bulkActions(flowVerbs(ring)),
    'trades.convert',
    ids,
  )
  if (succeeded !== ids.length) throw new Error(`${succeeded} of ${ids.length} trades were converted`)
  return seconds
}

async function keepStaged(db: Database): Promise<void> {
  await dropSources(db)
  await sql`create unlogged table source_trade as
    select * from staged_trade where ${isOwn('tid')} and state = 'staged' and reason = '' order by id`.execute(
    db,
  )
}

/** Keeps the rows that the conversion wrote, for the plain script. */
async function keepOrders(db: Database): Promise<void> {
  await sql`create unlogged table source_order as select * from sales_order where ${isOwn('tid')} order by id`.execute(
    db,
  )
  await sql`create unlogged table source_line as
    select l.* from order_line l join source_order o on o.id = l.order_id order by l.order_id, l.line_no`.execute(
    db,
  )
  await sql`create unlogged table source_event as
    select e.* from order_event e join source_order o on o.id = e.order_id order by e.id`.execute(db)
  // The holds of orders that have no SKU.
  await sql`create unlogged table source_hold as
    select h.* from order_hold h join source_order o on o.id = h.order_id order by h.id`.execute(db)
  await sql`create unlogged table source_state as
    select id, state_at, state_by, order_id, order_no, facets from staged_trade where ${isOwn('tid')} and state = 'converted'`.execute(
    db,
  )
  await sql`analyze source_order, source_line, source_event, source_hold, source_state`.execute(db)
}

const written: readonly PlainWrite[] = [
  { name: 'order', key: 'id' },
  { name: 'line', key: 'order_id, line_no' },
  { name: 'event', key: 'id' },
  { name: 'hold', key: 'id' },
  {
    name: 'trade',
    key: 'id',
    by: 'state',
    set: ['state_at', 'state_by', 'order_id', 'order_no', 'facets'],
  },
]

/** Moves these rows from table to table in one transaction; returns the seconds. */
async function intoOwnTables(db: Database): Promise<number> {
  await sql`insert into staged_trade overriding system value select * from source_trade order by id`.execute(
    db,
  )
  await sql`vacuum (analyze) staged_trade`.execute(db)
  await sql`delete from order_hold where id in (select id from source_hold)`.execute(db)
  const columns = await writtenColumns(db, 'sales_order')
  const began = performance.now()
  await db.transaction().execute(async (tx) => {
    await sql`insert into sales_order (${columns}) overriding system value select ${columns} from source_order`.execute(
      tx,
    )
    await sql`insert into order_line select * from source_line`.execute(tx)
    await sql`insert into order_event overriding system value select * from source_event`.execute(tx)
    await sql`insert into order_hold overriding system value select * from source_hold`.execute(tx)
    await sql`update staged_trade t set state = 'converted', reason = '', state_at = s.state_at, state_by = s.state_by, order_id = s.order_id,
      order_no = s.order_no, facets = s.facets from source_state s where s.id = t.id`.execute(tx)
  })
  return (performance.now() - began) / 1000
}

async function dropSources(db: Database): Promise<void> {
  await sql`drop table if exists source_trade, source_order, source_line, source_event, source_hold, source_state`.execute(
    db,
  )
}
