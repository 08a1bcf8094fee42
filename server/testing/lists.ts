import assert from 'node:assert/strict'
import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import type { Database } from '../core/db/db.ts'
import { countRows, listIds } from '../core/lists/list.ts'
import { chooseFacets } from '../core/lists/list-plan.ts'
import { countOf, lookedUp, lookUp } from '../core/lists/list-read.ts'
import { type ListQuery, type ListTable, placed } from '../core/lists/list-table.ts'

/**
 * Asserts that the list's pages and count are those of the plain condition over `t`, read in the sequence of the sort and read by facets.
 * `asked`: the query in words, for the message of a failure.
 */
export async function listsAsPlainly<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  { plain, limit, asked }: { plain: RawBuilder<unknown>; limit: number; asked: string },
): Promise<void> {
  const { value, lackingBy } = table.sorts[query.sort]
  const later = lackingBy
    ? [sql`case when not isfinite(${value}) then ${table.sorts[lackingBy].value} end`]
    : []
  const parts = [value, ...later, sql`t.id`]
  const order = sql.join(parts.map((one) => (query.descending ? sql`${one} desc` : one)))
  const rows = await sql<{ id: string }>`
    select t.id from ${sql.table(table.name)} t where ${plain} order by ${order}`.execute(db)
  const wanted = rows.rows.map(({ id }) => id)
  const found: string[] = []
  for (let after: string | undefined; ; ) {
    const page = await listIds(db, table, query, { limit, after })
    found.push(...page.ids)
    if (page.next === null) break
    after = page.next
  }
  assert.deepEqual(found, wanted, asked)
  if (lackingBy === undefined) await looksUpTheSame(db, table, query, { wanted, asked })
  assert.deepEqual(await countRows(db, table, query), { count: wanted.length, capped: false }, asked)
}

/**
 * With few rows, `listIds` always reads the table in the sequence of the sort. Asserts that reading by facets, as with many rows, returns
 * the same ids and count.
 */
async function looksUpTheSame<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  asIs: ListQuery<Sort>,
  { wanted, asked }: { wanted: readonly string[]; asked: string },
): Promise<void> {
  const query = placed(table, asIs)
  const chosen = await chooseFacets(db, table, query)
  if (!Number.isFinite(chosen.rows)) return
  const first = await lookUp({ db, table, query }, chosen, { cursor: undefined, wanted: 7 })
  const ids = first.map(({ id }) => id)
  assert.deepEqual(ids, wanted.slice(0, 7), asked)
  const counted = await countOf(db, lookedUp(table, query, chosen), 1000)
  assert.equal(counted, wanted.length, asked)
}
