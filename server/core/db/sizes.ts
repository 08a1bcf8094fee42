import { type RawBuilder, sql } from 'kysely'
import { type Database, num } from './db.ts'

/** The size of a table with its indexes, or of several tables. `rows`: as PostgreSQL estimates them. */
export type Size = { bytes: number; rows: number }
export type TableSize = Size & {
  /** The table; empty: the whole database, with the tables of jobs. */
  name: string
  /** The size at the earlier time of `since`; undefined: the table was not there. */
  before: Size | undefined
}
/** `days`: between the earlier sizes and now; null: no earlier size is at least a day old. */
export type TableSizes = { days: number | null; tables: TableSize[] }

/** Growth is computed from the last thirty days, or from as many as are known. */
const spanDays = 30

const current = sql`
  select c.relname as name, pg_total_relation_size(c.oid) as bytes, greatest(c.reltuples, 0)::bigint as rows
  from pg_class c where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
  union all
  select '', pg_database_size(current_database()), 0`

/** Notes the sizes of this day. A day that was noted before stays as it is. */
export async function noteSizes(db: Database): Promise<void> {
  await sql`
    insert into table_size (day, name, byte_count, row_count)
    select china_day(now()), s.name, s.bytes, s.rows from (${current}) s
    on conflict do nothing`.execute(db)
}

/** Returns the sizes of all tables now and some thirty days ago. */
export async function readSizes(db: Database): Promise<TableSizes> {
  const found = await sql<
    Record<'name' | 'bytes' | 'rows', string> &
      Record<'bytesBefore' | 'rowsBefore', string | null> & { days: number | null }
  >`
    with base as (
      select coalesce(max(day) filter (where day <= china_day(now()) - ${spanDays}::int), min(day)) as day
      from table_size where day < china_day(now())
    )
    select s.name, s.bytes, s.rows, b.byte_count as "bytesBefore", b.row_count as "rowsBefore", china_day(now()) - base.day as days
    from (${current}) s cross join base left join table_size b on b.day = base.day and b.name = s.name`.execute(
    db,
  )
  return {
    days: found.rows[0]?.days ?? null,
    tables: found.rows.map(({ name, bytes, rows, bytesBefore, rowsBefore }) => ({
      name,
      bytes: num(bytes),
      rows: num(rows),
      before:
        bytesBefore === null || rowsBefore === null
          ? undefined
          : { bytes: num(bytesBefore), rows: num(rowsBefore) },
    })),
  }
}

/** Returns the time of the oldest row of each table, which is the one with the least key. Empty tables are missing. */
export async function oldestOf(
  db: Database,
  times: readonly { table: string; time: string; key: string }[],
): Promise<Map<string, Date>> {
  const parts = times.map(
    ({ table, time, key }): RawBuilder<unknown> => sql`
      (select ${table}::text as name, ${sql.ref(time)} as "oldestAt" from ${sql.table(table)} order by ${sql.ref(key)} limit 1)`,
  )
  const found = await sql<
    Record<'name', string> & Record<'oldestAt', Date>
  >`${sql.join(parts, sql` union all `)}`.execute(db)
  return new Map(found.rows.map(({ name, oldestAt }) => [name, oldestAt]))
}
