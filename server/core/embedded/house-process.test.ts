import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { sharedMs } from '../../lib/clock.ts'
import { testDatabase } from '../../testing/database.ts'
import { openDatabase } from '../db/db.ts'
import { compareClocks, logDiskSpace } from './house-process.ts'

test('each change of the room on a disk is told once; one that cannot be read says nothing of its room', () => {
  const told: string[] = []
  const log = { warn: (_: object, words: string) => void told.push(words) }
  const known = { skew: false, disk: 'enough' as 'enough' | 'low' | 'full' }
  const disk = (freeBytes: number) => ({ freeBytes, sizeBytes: 100_000_000_000 })
  for (const seen of [
    undefined,
    disk(50_000_000_000),
    disk(900_000_000),
    disk(800_000_000),
    undefined,
    disk(700_000_000),
    disk(1_000_000),
    undefined,
    disk(50_000_000_000),
  ])
    logDiskSpace(log, known, seen)
  assert.deepEqual(told, [
    'The disk is nearly full: 900 MB / 100 GB left',
    'The disk is full (1 MB / 100 GB left) and nothing new can be written; it goes on automatically once space is freed, and nothing is lost',
    'there is room on the disk again',
  ])
})

test('a machine whose clock is ten minutes slow is told so, and goes by the database’s, also when it is set', async (t) => {
  await using base = await testDatabase()
  const { db, close } = openDatabase(base.url, { max: 1 })
  const right = Date.now.bind(Date)
  t.mock.method(Date, 'now', () => right() - 600_000)
  const aheadMs = (await compareClocks(db)) ?? 0
  t.mock.method(Date, 'now', () => right() + 3_600_000)
  const { rows } = await sql<{ ms: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`.execute(db)
  await close()
  assert.ok(Math.abs(aheadMs + 600_000) < 1000, `${aheadMs}`)
  assert.ok(Math.abs(sharedMs() - (rows[0]?.ms ?? 0)) < 1000)
})
