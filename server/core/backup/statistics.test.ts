import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connected, ordinaryDatabase } from '../../testing/database.ts'
import { makeBackup } from './make-backup.ts'
import { restoreBackup } from './restore.ts'

const place = await mkdtemp(join(tmpdir(), 'sanyi-statistics-'))
const [from, into] = [await ordinaryDatabase(), await ordinaryDatabase()]
after(async () => {
  await from[Symbol.asyncDispose]()
  await into[Symbol.asyncDispose]()
  await rm(place, { recursive: true, force: true })
})

const table = `
  create table hand_made (id int primary key, words text[]);
  alter table hand_made alter column words set statistics 250;
  create index hand_made_even on hand_made ((id % 2))`

const rows = `
  insert into hand_made select n, case when n % 4 > 0 then array['a', case when n % 2 = 0 then 'b' else 'c' end] end
  from generate_series(1, 400) n;
  analyze hand_made`

const found = `
  select tablename || '.' || attname as name, null_frac::float8 as nulls, most_common_elems::text as elems
  from pg_stats where tablename in ('hand_made', 'hand_made_even') order by 1`

const targets = `
  select attname as name, attstattarget::int as target from pg_attribute where attrelid = 'hand_made'::regclass and attnum > 0 order by attnum`

/** Restores the backup with this value in place of what it has of the column. */
async function restoredWith(value: Record<string, string>) {
  const { folder, manifest } = await makeBackup({ url: from.url, place })
  const [words] = manifest.statistics?.filter((one) => one.table === 'hand_made') ?? []
  assert.deepEqual([words?.column, words?.found['null_frac']], ['words', '0.25'])
  Object.assign(words?.found ?? {}, value)
  await restoreBackup({ url: into.url, folder, manifest, replace: true })
  await using client = await connected(into.url)
  return [(await client.query(found)).rows, (await client.query(targets)).rows]
}

const columns = [
  { name: 'id', target: null },
  { name: 'words', target: 250 },
]

test('a restore takes the statistics of a column with a target of its own from the backup, and collects all others', async () => {
  for (const [url, text] of [
    [from.url, `${table}; ${rows}`],
    [into.url, table],
  ] as const) {
    await using client = await connected(url)
    await client.query(text)
  }
  assert.deepEqual(await restoredWith({ null_frac: '0.75' }), [
    [
      { name: 'hand_made.id', nulls: 0, elems: null },
      { name: 'hand_made.words', nulls: 0.75, elems: '{a,b,c}' },
      { name: 'hand_made_even.expr', nulls: 0, elems: null },
    ],
    columns,
  ])
})

test('statistics that the server does not take are collected', async () => {
  assert.deepEqual(await restoredWith({ most_common_elems: '{' }), [
    [
      { name: 'hand_made.id', nulls: 0, elems: null },
      { name: 'hand_made.words', nulls: 0.25, elems: '{a,b,c}' },
      { name: 'hand_made_even.expr', nulls: 0, elems: null },
    ],
    columns,
  ])
})
