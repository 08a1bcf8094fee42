import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { testDatabase } from '../../testing/database.ts'
import { openDatabase } from '../db/db.ts'
import { listIds } from './list.ts'
import type { ListTable } from './list-table.ts'

const database = await testDatabase()
const { db, close } = openDatabase(database.url, { max: 1, name: 'list numbers' })
after(async () => {
  await close()
  await database[Symbol.asyncDispose]()
})

const table: ListTable<'key'> = {
  name: 'numbered',
  group: { column: 'status' },
  sorts: { key: { value: sql`t.key`, cast: 'int8' } },
}

test('a list sorted by a number is in the order of the numbers, and not in that of their digits', async () => {
  await sql`create temp table numbered as
    select n as id, case n % 2 when 0 then 'even' else 'odd' end as status, n - 6 as key from generate_series(1::bigint, 120) n`.execute(
    db,
  )
  const inOrder = Array.from({ length: 120 }, (_, at) => String(at + 1))
  for (const where of [[], [sql`t.id > 0`]])
    for (const descending of [false, true]) {
      const query = { groups: ['even', 'odd'], facets: [], where, sort: 'key', descending } as const
      const read: string[] = []
      let after: string | undefined
      do {
        const page = await listIds(db, table, query, { limit: 50, after })
        read.push(...page.ids)
        after = page.next ?? undefined
      } while (after)
      assert.deepEqual(read, descending ? inOrder.toReversed() : inOrder)
    }
})
