import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { testDatabase } from '../../testing/database.ts'
import { openDatabase } from '../db/db.ts'
import { chooseFacets, estimateRows, sampled } from './list-plan.ts'
import { asideRows } from './list-read.ts'
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

const planned = sql`t.planned is not null`
const parted: ListTable<'at' | 'due' | 'planned'> = {
  name: 'parted',
  group: { column: 'status' },
  live: { condition: sql`t.archived_at is null`, index: 'parted_live', groups: ['done'] },
  sorts: {
    at: { value: sql`t.at`, cast: 'timestamptz' },
    due: { value: sql`coalesce(t.at, 'infinity'::timestamptz)`, cast: 'timestamptz' },
    planned: {
      value: sql`coalesce(t.planned, 'infinity'::timestamptz)`,
      cast: 'timestamptz',
      only: planned,
    },
  },
}

test('conditions that a range or a group implies make no estimate smaller, and a count along an index sorts nothing', async () => {
  // One row in a hundred is planned. Rows that wait are live, and of the done ones nine in ten are archived.
  await sql`
    create temp table parted as
    select n as id, case when n % 10 = 0 then 'waits' else 'done' end as status,
      timestamptz '2026-11-01T00:00:00Z' + n * interval '1 second' as at,
      case when n % 100 = 0 then timestamptz '2026-11-01T00:00:00Z' + n * interval '1 second' end as planned,
      case when n % 10 > 0 and n % 7 > 0 then now() end as archived_at
    from generate_series(1, 100000) n`.execute(db)
  await sql`create index parted_live on parted (status, coalesce(at, 'infinity'::timestamptz), id) where archived_at is null`.execute(
    db,
  )
  await sql`create statistics pg_temp.parted_planned on (coalesce(planned, 'infinity'::timestamptz)) from parted`.execute(
    db,
  )
  await sql`analyze parted`.execute(db)
  const query = {
    ...{ groups: ['waits'], facets: [], where: [], live: true, only: planned },
    ...{ sort: 'planned', descending: true },
    ranges: [{ on: 'planned', to: '2026-11-01T13:53:20Z' }],
  } as const
  const half = await estimateRows(db, parted, { ...query, groups: ['waits', 'done'], live: false })
  // The sample has some 150 of the 500.
  assert.ok(half > 300 && half < 700, `${half} of 500`)
  const { only: _, ...waiting } = { ...query, sort: 'at', ranges: [] } as const
  const all = await estimateRows(db, parted, waiting)
  assert.ok(all > 9000 && all < 11_000, `${all} of 10000`)
  const first = asideRows(parted, waiting, {
    only: sql`true`,
    ranges: [],
    first: { rows: 20_000, by: 'due' },
  })
  const plan = await sql<{ 'QUERY PLAN': string }>`explain (costs off) select from ${first} limit 10`.execute(
    db,
  )
  const lines = plan.rows.map((row) => row['QUERY PLAN'])
  assert.ok(
    lines.some((line) => line.includes('parted_live')),
    lines.join('\n'),
  )
  assert.deepEqual(
    lines.filter((line) => line.includes('Sort')),
    [],
  )
})
