import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { testDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { migrate } from './migrate.ts'

/** The key of the lock that every migrator waits for. */
const migrationLock = 7_214_031

for (const [whose, ends] of [
  ['applies', `state = 'idle'`],
  ['holds the lock', `wait_event = 'advisory'`],
] as const)
  test(`migrating whose connection that ${whose} is lost ends in an error, and leaves no connection behind`, async () => {
    await using base = await testDatabase()
    const other = new pg.Client({ connectionString: base.ownerUrl })
    await other.connect()
    await other.query('select pg_advisory_lock($1)', [migrationLock])
    const url = new URL(base.ownerUrl)
    url.searchParams.set('application_name', 'migrating')
    const ended = migrate(url.href).then(
      () => 'migrated',
      () => 'refused',
    )
    const countOf = async (where: string) =>
      (await other.query(`select from pg_stat_activity where application_name = 'migrating' and ${where}`))
        .rowCount
    await until(async () => (await countOf(`wait_event = 'advisory'`)) === 1)
    assert.equal(await countOf('true'), 2)
    await other.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'migrating' and ${ends}`,
    )
    await until(async () => (await countOf(ends)) === 0)
    await other.query('select pg_advisory_unlock($1)', [migrationLock])
    assert.equal(await ended, 'refused')
    await until(async () => (await countOf('true')) === 0)
    await other.end()
    await migrate(base.ownerUrl)
  })
