import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from './db.ts'
import { AppError } from './errors.ts'

/**
 * Any list of the product: rows of one table, in groups (tabs), filtered by facets, in the order of an index, a page at a
 * time by keyset. The table is `t` in every condition. Nothing joins before its limit.
 *
 * Each sort has an index on (group, lane, sort expression, id). Rows of one lane age alike: a lane is the small set of
 * facts that changes with a row's age, such as its status, so that within a lane a filter's matches lie evenly along
 * the sort, and a short walk finds them or proves them rare.
 */
export type ListTable<Sort extends string> = {
  name: string
  group: { column: string; facet: (group: string) => number }
  /** smallint column; absent when the group says it all. */
  lane?: string
  sorts: Record<Sort, { value: RawBuilder<unknown>; cast: 'timestamptz' | 'int8' }>
}

export type ListQuery<Sort extends string> = {
  groups: readonly string[]
  /** Only these lanes; undefined: all that exist. */
  lanes?: readonly number[]
  /** Each entry's alternatives: [[shop 1, shop 2], [flag red]] is (1 or 2) and red. */
  facets: readonly (readonly number[])[]
  /** Further conditions on narrow columns. */
  where: readonly RawBuilder<unknown>[]
  sort: Sort
  descending: boolean
}

export type ListPage = { ids: string[]; next: string | null }
export type CappedCount = { count: number; capped: boolean }

/** Rows of the sort's index that are walked before the facets' own index is asked: about 15 ms. */
const walkMax = 20_000
/** Counts stop here: "10,000+". */
export const countCap = 10_000

/** The numbers by which people know these rows, by id; rows that are gone have none. */
export async function numbersOf(
  db: Database,
  table: { name: string },
  column: 'tid' | 'refund_no' | 'no',
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = await sql<{ id: string; no: string }>`
    select t.id, t.${sql.ref(column)} as no from ${sql.table(table.name)} t where t.id = any(${[...ids]}::bigint[])`.execute(
    db,
  )
  return new Map(found.rows.map(({ id, no }) => [id, no]))
}

/**
 * The ids of one page. A common filter fills the page within a walk of bounded length along the sort's index; when the
 * walk ends first, the matches are few and the facet index finds them all. So the worst page is two bounded steps.
 */
export async function listIds<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  page: { limit: number; after: string | undefined },
): Promise<ListPage> {
  const mark = fingerprint(query)
  const cursor = page.after === undefined ? undefined : readCursor(page.after, mark)
  const wanted = page.limit + 1
  const walked = await walk(db, table, query, cursor, wanted)
  const rows =
    walked.length >= wanted || isBare(query) ? walked : await lookUp(db, table, query, cursor, wanted)
  const last = rows[page.limit - 1]
  return {
    ids: rows.slice(0, page.limit).map((row) => row.id),
    next: rows.length > page.limit && last ? writeCursor(last, mark) : null,
  }
}

/** How many rows match, up to the cap. Exact below it, except that far above it the count is told from a sample. */
export async function countRows<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<CappedCount> {
  if (isBare(query)) return capped(await countWalked(db, table, query, countCap + 1))
  const sample = await sampleWalk(db, table, query)
  if (sample.matches > countCap) return { count: countCap, capped: true }
  if (sample.walked < walkMax) return { count: sample.matches, capped: false }
  const estimate = (sample.matches / sample.walked) * (await estimateRows(db, table, query))
  if (estimate > countCap * 3) return { count: countCap, capped: true }
  return capped(await countLookedUp(db, table, query))
}

/** The exact number, however long it takes: asked for before acting on a whole filter. */
export async function countExactly<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<number> {
  const found = await sql<{ count: number }>`
    select count(*)::int as count from ${sql.table(table.name)} t where ${conditions(table, query)} and ${facetConditions(table, query)}`.execute(
    db,
  )
  return found.rows[0]?.count ?? 0
}

/** How many rows match, and the greatest id among them: what a bulk action over a filter means. */
export async function extentOf<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<{ total: number; upTo: string | null }> {
  const found = await sql<{ total: number; upTo: string | null }>`
    select count(*)::int as total, max(t.id) as "upTo" from ${sql.table(table.name)} t
    where ${conditions(table, query)} and ${facetConditions(table, query)}`.execute(db)
  return found.rows[0] ?? { total: 0, upTo: null }
}

type Row = { id: string; value: string }
type Cursor = { value: string; id: string }

const capped = (count: number): CappedCount => ({
  count: Math.min(count, countCap),
  capped: count > countCap,
})
const isBare = (query: ListQuery<string>) => query.facets.length === 0 && query.where.length === 0
const direction = (query: ListQuery<string>) => (query.descending ? sql`desc` : sql`asc`)

/** One ordered range of the index for each group and lane, merged in order, cut after `walkMax`, then filtered. */
async function walk<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
  wanted: number,
) {
  const found = await sql<Row>`
    select t.id, t.value::text as value from (${await ranges(db, table, query, cursor, isBare(query) ? wanted : walkMax)}) t
    where ${facetsOnly(query)} and ${allOf(query.where)}
    order by t.value ${direction(query)}, t.id ${direction(query)}
    limit ${wanted}`.execute(db)
  return found.rows
}

async function ranges<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
  limit: number,
): Promise<RawBuilder<unknown>> {
  const sort = table.sorts[query.sort]
  const order = sql`order by ${sort.value} ${direction(query)}, t.id ${direction(query)}`
  const after = cursor
    ? sql`and (${sort.value}, t.id) ${query.descending ? sql`<` : sql`>`} (${cursor.value}::${sql.raw(sort.cast)}, ${cursor.id}::bigint)`
    : sql``
  const one = (condition: RawBuilder<unknown>) =>
    sql`(select t.*, ${sort.value} as value from ${sql.table(table.name)} t where ${condition} ${after} ${order} limit ${limit})`
  const all = (await lanesOf(db, table, query)).map(({ group, lane }) =>
    one(
      table.lane === undefined || lane === null
        ? sql`t.${sql.ref(table.group.column)} = ${group}`
        : sql`t.${sql.ref(table.group.column)} = ${group} and t.${sql.ref(table.lane)} = ${lane}`,
    ),
  )
  if (all.length === 0) return one(sql`false`)
  if (all.length === 1) return sql`${all[0]}`
  return sql`select * from (${sql.join(all, sql` union all `)}) t order by value ${direction(query)}, id ${direction(query)} limit ${limit}`
}

/** The lanes that exist, found by skipping along the index: one probe for each. */
async function lanesOf(
  db: Database,
  table: ListTable<string>,
  query: ListQuery<string>,
): Promise<{ group: string; lane: number | null }[]> {
  if (table.lane === undefined) return query.groups.map((group) => ({ group, lane: null }))
  if (query.lanes)
    return query.groups.flatMap((group) => (query.lanes ?? []).map((lane) => ({ group, lane })))
  const column = sql`t.${sql.ref(table.lane)}`
  const group = sql`t.${sql.ref(table.group.column)}`
  const first = (after: RawBuilder<unknown>) =>
    sql`(select ${column} from ${sql.table(table.name)} t where ${group} = g.name and ${after} order by ${column} limit 1)`
  const found = await sql<{ group: string; lane: number }>`
    select g.name as "group", l.lane from unnest(${[...query.groups]}::text[]) g (name)
    cross join lateral (
      with recursive skip (lane) as (
        select ${first(sql`true`)}
        union all
        select ${first(sql`${column} > skip.lane`)} from skip where skip.lane is not null
      )
      select lane from skip where lane is not null
    ) l`.execute(db)
  return found.rows
}

/** All matches by the facet index, then sorted: for matches that a walk has shown to be rare. */
async function lookUp<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
  wanted: number,
) {
  const sort = table.sorts[query.sort]
  const after = cursor
    ? sql`and (value, id) ${query.descending ? sql`<` : sql`>`} (${cursor.value}::${sql.raw(sort.cast)}, ${cursor.id}::bigint)`
    : sql``
  return byFacetIndex(db, async (tx) => {
    const found = await sql<Row>`
      with hit as materialized (
        select t.id, ${sort.value} as value from ${sql.table(table.name)} t
        where ${facetConditions(table, query)} and ${conditions(table, query)}
      )
      select id, value::text as value from hit where true ${after}
      order by hit.value ${direction(query)}, id ${direction(query)} limit ${wanted}`.execute(tx)
    return found.rows
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

async function countWalked<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  max: number,
): Promise<number> {
  const found = await sql<{ count: number }>`
    select count(*)::int as count from (
      select 1 from ${sql.table(table.name)} t where ${conditions(table, query)} limit ${max}
    ) t`.execute(db)
  return found.rows[0]?.count ?? 0
}

async function sampleWalk<Sort extends string>(db: Database, table: ListTable<Sort>, query: ListQuery<Sort>) {
  const found = await sql<{ walked: number; matches: number }>`
    select count(*)::int as walked, (count(*) filter (where ${facetsOnly(query)} and ${allOf(query.where)}))::int as matches
    from (${await ranges(db, table, query, undefined, walkMax)}) t`.execute(db)
  return found.rows[0] ?? { walked: 0, matches: 0 }
}

async function countLookedUp<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<number> {
  return byFacetIndex(db, async (tx) => {
    const found = await sql<{ count: number }>`
      select count(*)::int as count from (
        select 1 from ${sql.table(table.name)} t where ${facetConditions(table, query)} and ${conditions(table, query)} limit ${countCap + 1}
      ) t`.execute(tx)
    return found.rows[0]?.count ?? 0
  })
}

/** The planner's own estimate of the groups' size, from the statistics that autovacuum keeps. */
async function estimateRows<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<number> {
  const plan = await sql<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>`
    explain (format json) select 1 from ${sql.table(table.name)} t where ${conditions(table, { ...query, where: [] })}`.execute(
    db,
  )
  return plan.rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0
}

function conditions(table: ListTable<string>, query: ListQuery<string>): RawBuilder<unknown> {
  const all = [sql`t.${sql.ref(table.group.column)} = any(${[...query.groups]}::text[])`, ...query.where]
  if (table.lane !== undefined && query.lanes)
    all.push(sql`t.${sql.ref(table.lane)} = any(${[...query.lanes]}::smallint[])`)
  return allOf(all)
}

/** With the group's facet, so that the index intersects it instead of the heap rows being thrown away. */
function facetConditions(table: ListTable<string>, query: ListQuery<string>): RawBuilder<unknown> {
  return facetsOnly({
    ...query,
    facets: [query.groups.map((group) => table.group.facet(group)), ...query.facets],
  })
}

function facetsOnly(query: ListQuery<string>): RawBuilder<unknown> {
  const certain = query.facets.filter((one) => one.length === 1).flat()
  const choices = query.facets.filter((one) => one.length !== 1)
  return allOf([
    ...(certain.length > 0 ? [sql`t.facets @> ${certain}::int[]`] : []),
    ...choices.map((one) => sql`t.facets && ${[...one]}::int[]`),
  ])
}

function allOf(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`true` : sql.join([...conditions], sql` and `)
}

/** A cursor belongs to one query: with another sort or filter it is refused instead of skipping rows. */
function fingerprint(query: ListQuery<string>): string {
  const text = JSON.stringify([query.groups, query.lanes, query.facets, query.sort, query.descending])
  return createHash('sha256').update(text).digest('base64url').slice(0, 8)
}

function writeCursor(cursor: Cursor, mark: string): string {
  return Buffer.from(`${mark} ${cursor.id} ${cursor.value}`).toString('base64url')
}

function readCursor(text: string, mark: string): Cursor {
  const [own, id, ...value] = Buffer.from(text, 'base64url').toString('utf8').split(' ')
  if (own !== mark || id === undefined || !/^\d{1,19}$/.test(id) || value.length === 0)
    throw new AppError('invalid_cursor', {}, 'after')
  return { id, value: value.join(' ') }
}
