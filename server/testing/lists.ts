import assert from 'node:assert/strict'
import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import type { Database } from '../core/db/db.ts'
import { countRows, listIds } from '../core/lists/list.ts'
import { chooseFacets, countLookedUp, lookUp } from '../core/lists/list-lookup.ts'
import * as plan from '../core/lists/list-plan.ts'
import * as read from '../core/lists/list-read.ts'
import { type ListQuery, type ListTable, placed } from '../core/lists/list-table.ts'

/** A list, page by page and counted, walked and looked up, is what the plain condition over `t` says. `asked`: in words. */
export async function listsAsPlainly<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  { plain, limit, asked }: { plain: RawBuilder<unknown>; limit: number; asked: string },
): Promise<void> {
  const { value } = table.sorts[query.sort]
  const order = query.descending ? sql`${value} desc, t.id desc` : sql`${value}, t.id`
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
  await looksUpTheSame(db, table, query, { wanted, asked })
  assert.deepEqual(await countRows(db, table, query), { count: wanted.length, capped: false }, asked)
}

/** In a small world everything is walked; what a large one would look up must be the same. */
async function looksUpTheSame<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  asIs: ListQuery<Sort>,
  { wanted, asked }: { wanted: readonly string[]; asked: string },
): Promise<void> {
  const query = placed(table, asIs)
  if (!table.weeks) return looksUpPlainly(db, table, query, { wanted, asked })
  const chosen = await chooseFacets(db, table, query)
  if (!Number.isFinite(chosen.rows)) return
  const first = await lookUp(db, table, query, chosen, undefined, 7)
  assert.deepEqual(
    first.map(({ id }) => id),
    wanted.slice(0, 7),
    asked,
  )
  const after = first.at(-1)
  if (after)
    assert.deepEqual(
      (await lookUp(db, table, query, chosen, after, 9)).map(({ id }) => id),
      wanted.slice(first.length, first.length + 9),
      asked,
    )
  assert.equal(await countLookedUp(db, table, query, chosen, 1000), wanted.length, asked)
}

/** A list without weeks looks its facets up in one statement. */
async function looksUpPlainly<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  { wanted, asked }: { wanted: readonly string[]; asked: string },
): Promise<void> {
  const chosen = await plan.chooseFacets(db, table, query)
  if (!Number.isFinite(chosen.rows)) return
  const first = await read.lookUp({ db, table, query }, chosen, { cursor: undefined, wanted: 7 })
  const ids = first.map(({ id }) => id)
  assert.deepEqual(ids, wanted.slice(0, 7), asked)
  const counted = await read.countOf(db, read.lookedUp(table, query, chosen), 1000)
  assert.equal(counted, wanted.length, asked)
}
