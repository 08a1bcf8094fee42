import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { sql } from 'kysely'
import { openDatabase } from '../core/db/db.ts'
import { testDatabase } from '../testing/database.ts'
import { arrayText, type Column, unnestRows } from './unnest.ts'

const database = await testDatabase()
const open = openDatabase(database.url)
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

type Row = {
  id: string
  fen: number
  n: number
  small: number
  yes: boolean
  at: Date | null
  text: string | null
  bytes: Uint8Array | null
  json: string | null
  list: string
}
const columns: Column<Row>[] = [
  ['id', 'int8', (row) => row.id],
  ['fen', 'int8', (row) => row.fen],
  ['n', 'int4', (row) => row.n],
  ['small', 'int2', (row) => row.small],
  ['yes', 'bool', (row) => row.yes],
  ['at', 'timestamptz', (row) => row.at],
  ['text', 'text', (row) => row.text],
  ['bytes', 'bytea', (row) => row.bytes],
  ['json', 'jsonb', (row) => row.json],
  ['list', 'text', (row) => row.list],
]
const first: Row = {
  id: '9223372036854775807',
  fen: -1,
  n: -2_147_483_648,
  small: 32_767,
  yes: true,
  at: new Date('2026-11-24T06:32:07.123Z'),
  text: '雾蓝 "1.8m", \\床\n😀{NULL}',
  bytes: Buffer.from([0, 255, 92]),
  json: '{"a": [1, "二"]}',
  list: arrayText(['a "b"', 'c,d']),
}
const empty: Row = {
  ...first,
  id: '1',
  yes: false,
  at: null,
  text: null,
  bytes: null,
  json: null,
  list: '{}',
}

test('every type and null travels as it is, in the order of the rows', async () => {
  const found = await sql<Record<string, unknown>>`
    select id, fen, n, small, yes, at = '2026-11-24 14:32:07.123+08' as same, text, bytes, json, list::text[] as list
    from ${unnestRows('d', [first, { ...empty, text: '' }, empty], columns)}`.execute(open.db)
  const common = { fen: '-1', n: -2_147_483_648, small: 32_767 }
  assert.deepEqual(found.rows, [
    {
      ...common,
      id: '9223372036854775807',
      yes: true,
      same: true,
      text: first.text,
      bytes: first.bytes,
      json: { a: [1, '二'] },
      list: ['a "b"', 'c,d'],
    },
    { ...common, id: '1', yes: false, same: null, text: '', bytes: null, json: null, list: [] },
    { ...common, id: '1', yes: false, same: null, text: null, bytes: null, json: null, list: [] },
  ])
})

test('times before 2000 and before 1970 keep their instant', async () => {
  for (const at of ['1999-12-31T23:59:59.999Z', '1950-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z']) {
    const found = await sql<{ same: boolean }>`
      select d.at = ${at}::timestamptz as same from ${unnestRows('d', [{ ...first, at: new Date(at) }], columns)}`.execute(
      open.db,
    )
    assert.deepEqual(found.rows, [{ same: true }])
  }
})

test('no rows are an empty relation', async () => {
  const found = await sql`select * from ${unnestRows('d', [], columns)}`.execute(open.db)
  assert.deepEqual(found.rows, [])
})

test('what does not fit its type is refused before it is sent', () => {
  assert.throws(() => unnestRows('d', [{ ...first, id: '1.5' }], columns))
  assert.throws(() => unnestRows('d', [{ ...first, n: 2 ** 31 }], columns))
  assert.throws(() => unnestRows('d', [{ ...first, at: new Date('x') }], columns))
})
