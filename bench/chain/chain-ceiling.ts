import { sql } from 'kysely'
import type { Database } from '../../server/core/db/db.ts'
import { type PlainWrite, plainSeconds } from '../world/plain.ts'
import { houseShops } from './chain-house.ts'
import { isChain } from './chain-trades.ts'

const tables = [
  'sales_order',
  'order_line',
  'order_event',
  'reservation',
  'settlement',
  'order_problem',
] as const

/**
 * Measures what the server can do without questions and decisions, in orders/s: copies of the newest orders of the chain are written under
 * other keys by one plain script, and as many staged trades are moved; first into our own tables, then into plain tables.
 */
export async function plainChain(
  { url, db }: { url: string; db: Database },
  count: number,
): Promise<{ ownTables: number; ceiling: number }> {
  const orders = await keepRows(db, count)
  const ceiling = orders / (await plainSeconds(url, written, houseShops))
  const columns = await writtenColumns(db)
  await sql`checkpoint`.execute(db)
  const began = performance.now()
  await db.transaction().execute(async (tx) => {
    await sql`insert into sales_order (${columns}) overriding system value select ${columns} from source_sales_order order by id`.execute(
      tx,
    )
    await sql`insert into order_line select * from source_order_line order by order_id, line_no`.execute(tx)
    await sql`insert into order_event overriding system value select * from source_order_event order by id`.execute(
      tx,
    )
    await sql`insert into reservation select * from source_reservation order by order_id, line_no`.execute(tx)
    await sql`insert into settlement (id, no, shop_id, order_id, order_no, tid, kind, source, version, amount_fen, status, created_by)
      overriding system value
      select id, no, shop_id, order_id, order_no, tid, kind, source, version, amount_fen, status, created_by from source_settlement
      order by id`.execute(tx)
    await sql`insert into order_problem select * from source_order_problem`.execute(tx)
    await sql`update stock s set on_hand = s.on_hand + m.reserved, reserved = s.reserved + m.reserved
      from source_stock m where m.warehouse_id = s.warehouse_id and m.sku_id = s.sku_id`.execute(tx)
    await sql`update stock_change c set version = version + 1, changed_at = now()
      from (select distinct sku_id from source_stock) m where m.sku_id = c.sku_id`.execute(tx)
    await sql`update staged_trade t set state = 'converted', state_at = s.state_at, state_by = s.state_by, order_id = s.order_id,
      order_no = s.order_no, lane = s.lane, keys = s.keys from source_state s where s.id = t.id`.execute(tx)
  })
  const seconds = (performance.now() - began) / 1000
  await dropSources(db)
  return { ownTables: orders / seconds, ceiling }
}

const written: readonly PlainWrite[] = [
  { name: 'sales_order', key: 'id' },
  { name: 'order_line', key: 'order_id, line_no' },
  { name: 'order_event', key: 'id' },
  { name: 'reservation', key: 'order_id, line_no, sku_id' },
  { name: 'settlement', key: 'id' },
  {
    name: 'trade',
    key: 'id',
    by: 'state',
    set: ['state_at', 'state_by', 'order_id', 'order_no', 'lane', 'keys'],
  },
]

/** Returns an order's columns without the generated ones. */
async function writtenColumns(db: Database) {
  const found = await sql<{ name: string }>`
    select attname as name from pg_attribute
    where attrelid = 'sales_order'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`.execute(
    db,
  )
  return sql.join(found.rows.map(({ name }) => sql.ref(name)))
}

/** Keeps the rows under numbers and ids above all existing ones, so that they are unique. */
async function keepRows(db: Database, count: number): Promise<number> {
  await dropSources(db)
  await sql`create unlogged table source_sales_order as
    select * from sales_order where ${isChain('tid')} order by id desc limit ${count}::int`.execute(db)
  for (const table of tables.slice(1))
    await sql`create unlogged table ${sql.table(`source_${table}`)} as
      select t.* from ${sql.table(table)} t join source_sales_order o on o.id = t.order_id`.execute(db)
  await sql`create unlogged table source_stock as
    select warehouse_id, sku_id, sum(reserved)::int as reserved from source_reservation group by warehouse_id, sku_id`.execute(
    db,
  )
  const shift = 1_000_000_000
  for (const table of tables)
    await sql`update ${sql.table(`source_${table}`)} set ${table === 'sales_order' ? sql`id = id + ${shift}::bigint, no = 'C' || no, tid = 'C' || tid` : sql`order_id = order_id + ${shift}::bigint`}`.execute(
      db,
    )
  await sql`update source_settlement set id = id + ${shift}::bigint, no = 'C' || no, source = 'C' || source, tid = 'C' || tid`.execute(
    db,
  )
  await sql`create unlogged table source_state as
    select t.id, c.state_at, c.state_by, c.order_id, c.order_no, t.lane, array(select k from unnest(c.keys) k) as keys
    from (select *, row_number() over (order by id) as n from staged_trade where ${isChain('tid')} and state = 'staged' order by id limit ${count}::int) t
    join (select *, row_number() over (order by id) as n from staged_trade where ${isChain('tid')} and state = 'converted' order by id limit ${count}::int) c using (n)`.execute(
    db,
  )
  await sql`create unlogged table source_trade as select t.* from staged_trade t join source_state s on s.id = t.id`.execute(
    db,
  )
  for (const name of [...tables, 'stock', 'state'])
    await sql`vacuum (analyze) ${sql.table(`source_${name}`)}`.execute(db)
  const found = await sql<{ orders: number; states: number }>`
    select (select count(*)::int from source_sales_order) as orders, (select count(*)::int from source_state) as states`.execute(
    db,
  )
  const { orders = 0, states = 0 } = found.rows[0] ?? {}
  if (orders !== states) throw new Error(`${states} staged trades are left for a ceiling of ${orders} orders`)
  return orders
}

async function dropSources(db: Database): Promise<void> {
  for (const name of [...tables, 'stock', 'state', 'trade'])
    await sql`drop table if exists ${sql.table(`source_${name}`)}`.execute(db)
}
