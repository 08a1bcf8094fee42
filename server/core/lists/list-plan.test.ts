import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { testDatabase } from '../../testing/database.ts'
import { openDatabase } from '../db/db.ts'
import { chooseFacets, sampled } from './list-plan.ts'
import type { ListTable } from './list-table.ts'

const database = await testDatabase()
const { db, close } = openDatabase(database.url, { max: 1, name: 'list plan' })
after(async () => {
  await close()
  await database[Symbol.asyncDispose]()
})

const table: ListTable<'at'> = {
  name: 'filled',
  group: { column: 'status' },
  sorts: { at: { value: sql`t.at`, cast: 'timestamptz' } },
}

test('a sample of a table that was filled just now reads a part of it, and tells how many rows match', async () => {
  // Shop 1 waits on each hundredth row of it, shop 2 on all others. No statistics are taken of a temporary table.
  await sql`
    create temp table filled as
    select n as id, case when n % 2 = 1 or n % 200 = 0 then 'waits' else 'done' end as status, array[2 - n % 2] as facets,
      timestamptz '2026-11-01' + n * interval '1 second' as at, repeat('.', 40) as rest
    from generate_series(1, 300000) n`.execute(db)
  await sql`create temp sequence seen`.execute(db)
  const query = {
    ...{ groups: ['waits'], facets: [[2]], where: [sql`nextval('seen') > 0`] },
    ...{ ranges: [], sort: 'at', descending: false },
  } as const
  const chosen = await chooseFacets(db, table, query)
  const known = await sampled({ db, table, query }, chosen)
  const near = (found: number, real: number) =>
    assert.ok(found > real * 0.8 && found < real * 1.25, `${found} of ${real}`)
  near(known.total, 300_000)
  near(known.rows, 150_000)
  near(known.matches, 1500)
  near(known.share, 1500 / 151_500)
  const seen = await sql<{ is: string }>`select last_value as is from seen`.execute(db)
  assert.ok(Number(seen.rows[0]?.is) < 1000, `${seen.rows[0]?.is} rows were read`)

  const rangeOfOther = [{ on: 'at', from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' }] as const
  const within = await sampled({ db, table, query: { ...query, ranges: rangeOfOther } }, chosen)
  near(within.share, 1500 / 151_500)
})
