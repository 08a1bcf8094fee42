import { sql } from 'kysely'
import type { Database } from '../db/db.ts'
import type { ListTable, Search } from './list-table.ts'

/**
 * The number of rows of a table, the number of those that are not archived, and the share of all rows for each of its most common facets and
 * buyer keys.
 */
export type Statistics = { total: number; live: number } & Record<keyof Search, ReadonlyMap<number, number>>

type Listed = Pick<ListTable<string>, 'name' | 'buyerTable' | 'live'>

const keptMs = 60_000
const kept = new WeakMap<Database, Map<string, { until: number; statistics: Promise<Statistics> }>>()

/** Reads the planner's statistics and caches them for a minute. They only decide how rows are read, so an old value is harmless. */
export async function statisticsOf(db: Database, table: Listed): Promise<Statistics> {
  const tables = kept.get(db) ?? new Map()
  kept.set(db, tables)
  // Two declarations of one table may count different rows as live.
  const live = table.live?.index ?? table.name
  const known = tables.get(live)
  if (known && known.until > performance.now()) return known.statistics
  const statistics = readStatistics(db, table, live)
  tables.set(live, { until: performance.now() + keptMs, statistics })
  statistics.catch(() => tables.delete(live))
  return statistics
}

/** `live`: the relation that has the rows which are not archived: an index, or the table. */
async function readStatistics(db: Database, { name, buyerTable }: Listed, live: string): Promise<Statistics> {
  const columns = buyerTable === undefined ? ['facets', 'people'] : ['facets']
  const found = await sql<
    Record<'total' | 'live', number> & { column: string | null; values: string[]; shares: number[] }
  >`
    select greatest(c.reltuples, 1)::float8 as total, greatest(i.reltuples, 1)::float8 as live, s.attname as "column",
      s.most_common_elems::text::text[] as values, s.most_common_elem_freqs::float8[] as shares
    from pg_class c
    join pg_class i on i.oid = ${live}::regclass
    left join pg_stats s on s.schemaname = c.relnamespace::regnamespace::text and s.tablename = c.relname
      and s.attname = any(${columns}::text[]) and s.most_common_elems is not null
    where c.oid = ${name}::regclass
    union all
    select greatest(c.reltuples, 1)::float8, 1, 'people', k.most_common_vals::text::text[],
      array(select f * greatest(p.reltuples, 1) / greatest(c.reltuples, 1) from unnest(k.most_common_freqs) with ordinality u (f, n) order by n)::float8[]
    from pg_class c join pg_class p on p.oid = ${buyerTable ?? null}::regclass
    join pg_stats k on k.schemaname = p.relnamespace::regnamespace::text and k.tablename = p.relname and k.attname = 'key'
    where c.oid = ${name}::regclass and k.most_common_vals is not null`.execute(db)
  const of = (column: 'facets' | 'people') => {
    const row = found.rows.find((one) => one.column === column)
    return new Map((row?.values ?? []).map((value, at) => [Number(value), row?.shares[at] ?? 0]))
  }
  const [first] = found.rows
  return { total: first?.total ?? 1, live: first?.live ?? 1, facets: of('facets'), buyerKeys: of('people') }
}
