import { sql } from 'kysely'
import type { Database } from '../../server/core/db/db.ts'
import { open } from '../database.ts'

/** Rows of the table `source_<name>`, inserted into an empty table with this primary key. */
type Insert = { name: string; key: string }
/** Rows of `source_<by>` change columns of the rows of `source_<name>`; they are joined by `key`. */
type Change = { name: string; key: string; by: string; set: readonly string[] }
export type PlainWrite = Insert | Change

/**
 * The ceiling of a benchmark: the rows that it wrote are written by plain SQL over as many connections as Sanyi uses, one transaction each,
 * into tables with primary keys only. There are no triggers, further indexes, foreign keys or decisions. Returns the seconds.
 */
export async function plainSeconds(
  url: string,
  writes: readonly PlainWrite[],
  connections: number,
): Promise<number> {
  const { db, close } = open(url, connections + 1)
  try {
    for (const write of writes) await prepare(db, write)
    await sql`checkpoint`.execute(db)
    const lanes = await Promise.all(
      Array.from({ length: connections }, (_, lane) => sharesOf(db, writes, lane, connections)),
    )
    const began = performance.now()
    await Promise.all(
      lanes.map((shares) =>
        db.transaction().execute(async (tx) => {
          for (const share of shares) await share.execute(tx)
        }),
      ),
    )
    return (performance.now() - began) / 1000
  } finally {
    for (const { name } of writes) await sql`drop table if exists ${plain(name)}`.execute(db)
    await close()
  }
}

const source = (name: string) => sql.table(`source_${name}`)
const plain = (name: string) => sql.table(`plain_${name}`)

async function prepare(db: Database, write: PlainWrite): Promise<void> {
  const changes = 'by' in write
  await sql`drop table if exists ${plain(write.name)}`.execute(db)
  await sql`create table ${plain(write.name)} as table ${source(write.name)} ${sql.raw(changes ? 'with data' : 'with no data')}`.execute(
    db,
  )
  await sql`alter table ${plain(write.name)} add primary key (${sql.raw(write.key)})`.execute(db)
  await sql`vacuum (analyze) ${plain(write.name)}`.execute(db)
  await sql`vacuum (analyze) ${source(changes ? write.by : write.name)}`.execute(db)
}

/** Divides the source's pages among the connections, so that no page is read twice. */
async function sharesOf(db: Database, writes: readonly PlainWrite[], lane: number, lanes: number) {
  const shares = []
  for (const write of writes) {
    const from = source('by' in write ? write.by : write.name)
    const name = `source_${'by' in write ? write.by : write.name}`
    const found = await sql<{ pages: number }>`
      select ceil(pg_relation_size(${name}::regclass) / 8192.0)::int as pages`.execute(db)
    const page = (n: number) => sql.lit(`(${Math.ceil(((found.rows[0]?.pages ?? 0) * n) / lanes)},0)`)
    const mine = sql`s.ctid >= ${page(lane)}::tid and s.ctid < ${page(lane + 1)}::tid`
    shares.push(
      'by' in write
        ? sql`update ${plain(write.name)} p set ${sql.join(write.set.map((column) => sql`${sql.ref(column)} = s.${sql.ref(column)}`))}
            from ${from} s where ${mine} and (${sql.raw(prefixed('p', write.key))}) = (${sql.raw(prefixed('s', write.key))})`
        : sql`insert into ${plain(write.name)} select s.* from ${from} s where ${mine}`,
    )
  }
  return shares
}

const prefixed = (alias: string, key: string) =>
  key
    .split(', ')
    .map((column) => `${alias}.${column}`)
    .join(', ')
