import { type RawBuilder, sql } from 'kysely'
import type { Database } from './db.ts'
import {
  allOf,
  type Cursor,
  conditions,
  direction,
  facetsOnly,
  type ListQuery,
  type ListTable,
  type Row,
} from './list-table.ts'

// What a look-up spends, in µs, on a row that it fetches and on a page of the facet index, which holds about 4,000 rows.
const rowCost = 4
const pageCost = 50
const perPage = 4000

/** The part of all rows that has a facet which is not among the thousand most common. */
const rareShare = 0.0001

/**
 * Which facets to look up, and about how many rows they leave: the rarest, and each further one that costs less than
 * the rows it spares. To intersect a rare facet with one that half of all rows have means reading that one whole.
 */
export async function chooseFacets<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<{ rows: number; condition: RawBuilder<unknown> }> {
  const groups = query.groups.map((group) => table.group.facet(group))
  const { total, shares } = await sharesOf(db, table, [groups, ...(query.laneFacets ?? []), ...query.facets])
  shares.sort((a, b) => a.share - b.share)
  let rows = total
  const asked: (readonly number[])[] = []
  const checked: (readonly number[])[] = []
  for (const { facets, share } of shares) {
    const spared = rows * (1 - share) * rowCost
    const pages = Math.min(rows, (share * total) / perPage)
    if (asked.length > 0 && spared < pages * pageCost) {
      checked.push(facets)
      continue
    }
    rows *= share
    asked.push(facets)
  }
  // Joined to an empty array, so that the index is not asked: these are compared on the rows.
  const rest = checked.map((one) => sql`(t.facets || '{}'::int[]) && ${[...one]}::int[]`)
  return { rows, condition: sql`${facetsOnly(asked)} and ${allOf(rest)}` }
}

type Share = { facets: readonly number[]; share: number }

/** The part of all rows that has one of these facets, by the statistics of the column. */
async function sharesOf(
  db: Database,
  table: { name: string },
  groups: readonly (readonly number[])[],
): Promise<{ total: number; shares: Share[] }> {
  const found = await sql<{ total: number; known: Record<string, number> }>`
    select greatest(c.reltuples, 1)::float8 as total,
      coalesce((select jsonb_object_agg(e.facet, e.share)
        from unnest(s.most_common_elems::text::int[], s.most_common_elem_freqs) e (facet, share)
        where e.facet = any(${groups.flat()}::int[])), '{}') as known
    from pg_class c
    left join pg_stats s on s.schemaname = c.relnamespace::regnamespace::text and s.tablename = c.relname and s.attname = 'facets'
    where c.oid = ${table.name}::regclass`.execute(db)
  const { total = 1, known = {} } = found.rows[0] ?? {}
  const shareOf = (facets: readonly number[]) =>
    Math.min(
      1,
      facets.reduce((sum, one) => sum + (known[one] ?? rareShare), 0),
    )
  return { total, shares: groups.map((facets) => ({ facets, share: shareOf(facets) })) }
}

/**
 * All matches by the facet index, then sorted: for matches that are rare. `whole` is false when there were more than
 * `most`, and then the rows are not the first ones.
 */
export async function lookUp<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  facets: RawBuilder<unknown>,
  cursor: Cursor | undefined,
  wanted: number,
  most: number | null,
): Promise<{ rows: Row[]; whole: boolean }> {
  const sort = table.sorts[query.sort]
  const after = cursor
    ? sql`(${sort.value}, t.id) ${query.descending ? sql`<` : sql`>`} (${cursor.value}::${sql.raw(sort.cast)}, ${cursor.id}::bigint)`
    : sql`true`
  return byFacetIndex(db, async (tx) => {
    const found = await sql<Row & { hits: number }>`
      with hit as materialized (
        select t.id, ${sort.value} as value from ${sql.table(table.name)} t
        where ${facets} and ${conditions(table, query)} and ${after} limit ${most}
      )
      select id, value::text as value, (select count(*)::int from hit) as hits from hit
      order by hit.value ${direction(query)}, id ${direction(query)} limit ${wanted}`.execute(tx)
    const hits = found.rows[0]?.hits ?? 0
    return { rows: found.rows.map(({ id, value }) => ({ id, value })), whole: most === null || hits < most }
  })
}

/** The planner knows no correlation between facets, and takes a rare combination of common facts for a common one. */
async function byFacetIndex<T>(db: Database, work: (tx: Database) => Promise<T>): Promise<T> {
  if (!db.isTransaction) return db.transaction().execute((tx) => byFacetIndex(tx, work))
  await sql`select set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true)`.execute(
    db,
  )
  const answer = await work(db)
  // In a caller's transaction the next statement plans as usual again.
  await sql`select set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'on', true)`.execute(
    db,
  )
  return answer
}

export async function countLookedUp<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  facets: RawBuilder<unknown>,
  most: number,
): Promise<number> {
  return byFacetIndex(db, async (tx) => {
    const found = await sql<{ count: number }>`
      select count(*)::int as count from (
        select 1 from ${sql.table(table.name)} t where ${facets} and ${conditions(table, query)} limit ${most}
      ) t`.execute(tx)
    return found.rows[0]?.count ?? 0
  })
}
