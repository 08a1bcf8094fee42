import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { noRestartCode, StartError } from '../../lib/stopping.ts'
import { connected, testDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { migrate } from '../db/migrate.ts'
import { programNumber } from '../db/migration-files.ts'
import { endOlderPrograms, watchSupport, whyOutdated } from './support.ts'

const newer = `insert into migration (name) values ('9001_made_up.sql')`

test('a program starts on a database that a newer one has migrated, as long as that supports it', async () => {
  await using base = await testDatabase()
  await base.owner(newer)
  await migrate(base.ownerUrl)
  await base.owner('update schema_support set oldest_program = 9001')
  await assert.rejects(migrate(base.ownerUrl), (error) => {
    assert.ok(error instanceof StartError)
    assert.equal(error.exitCode, noRestartCode)
    assert.match(error.message, /it needs program 9001 or newer, and this is \d+\. Start the newer version\./)
    return true
  })
})

test('a newer database that lacks a migration of this program, or says nothing of support, is refused', async () => {
  await using base = await testDatabase()
  await base.owner(`${newer}; delete from migration where name = '0074_erasure.sql'`)
  await assert.rejects(migrate(base.ownerUrl), /newer than the program: it has 9001_made_up\.sql/)
  await base.owner(`insert into migration (name) values ('0074_erasure.sql'); drop table schema_support`)
  await assert.rejects(migrate(base.ownerUrl), /newer than the program: it has 9001_made_up\.sql/)
})

test('newer job tables end the support as well', async () => {
  await using base = await testDatabase()
  await using client = await connected(base.ownerUrl)
  assert.equal(await whyOutdated(client), undefined)
  await client.query('update version set version = version + 1')
  assert.match((await whyOutdated(client)) ?? '', /it needs job tables \d+, and this program knows \d+/)
})

test('a process that works learns within a moment that it may not any more, once', async () => {
  await using base = await testDatabase()
  await using client = await connected(base.url)
  const told: string[] = []
  const log = pino({ level: 'silent' })
  const watch = watchSupport({ database: client, log, everyMs: 20 }, (why) => void told.push(why))
  await sleep(100)
  assert.deepEqual(told, [])
  await base.owner(`update schema_support set oldest_program = ${(await programNumber()) + 1}`)
  await until(() => told.length > 0)
  await sleep(100)
  await watch.stop()
  assert.equal(told.length, 1)
})

test('the application’s role does not end the support of others', async () => {
  await using base = await testDatabase()
  await using client = await connected(base.url)
  await assert.rejects(client.query('update schema_support set oldest_program = 9001'), { code: '42501' })
})

test('a contraction waits for the processes of older programs, and not for those that were killed', async () => {
  await using base = await testDatabase()
  await using client = await connected(base.ownerUrl)
  const add = (name: string, program: number, ago: number) =>
    client.query(
      `insert into house_process (name, kind, program, version, seen_at, ahead_ms, free_bytes, size_bytes)
      values ($1, 'web', $2, '0.1.0', now() - make_interval(secs => $3), 0, 0, 0)`,
      [name, program, ago],
    )
  await add('killed', 78, 60)
  await add('newer', 9000, 0)
  await add('older', 78, 0)
  const said: string[] = []
  let over = false
  const waiting = endOlderPrograms(client, 9000, (line) => void said.push(line)).then(() => {
    over = true
  })
  await until(() => said.length > 1)
  assert.equal(over, false)
  assert.match(said[0] ?? '', /older version to end: older 0\.1\.0$/)
  await using other = await connected(base.ownerUrl)
  const found = await other.query('select oldest_program from schema_support')
  assert.deepEqual(found.rows, [{ oldest_program: 9000 }])
  await other.query(`delete from house_process where name = 'older'`)
  await waiting
  assert.equal(over, true)
})
