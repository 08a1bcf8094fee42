import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { until } from '../../server/testing/until.ts'
import { type Load, startLoad } from './load.ts'
import { eventsOf, first, migrations, openBatches, second, shapeOf } from './made-up.ts'
import { killWithin, openStage, type Stage, untilNoMigrator, type Web } from './stage.ts'
import { type Process, thisVersion } from './versions.ts'

// npm run prove upgrade: two webs and two workers under load go to the next version, back, to the next again, and to the one after it, which takes
// something away. Each migrator is killed with kill -9 at each of its steps.

const third = '9003_made_up_gone.sql'
const contracting = {
  ...migrations,
  [third]: `-- Made up 9003: what 9001 added goes.
    -- Contracts: version 9.0.0 (migration 9002) and later do without it.
    alter table sales_order drop column made_up;
    select pg_sleep(1);
    drop table made_up;`,
}
const migrationLock = 7_214_031

type Crew = { webs: Web[]; workers: Process[] }

const began = performance.now()
await using stage = await openStage(1500)
const versions = { next: stage.make('9.0.0', migrations), after: stage.make('9.1.0', contracting) }
const callers = await Promise.all(
  stage.orders.slice(0, 6).map(async (orderId) => ({ orderId, caller: await stage.newUser() })),
)
const bulk = stage.orders.slice(100)
let bulks = 0
const crew = await crewOf(thisVersion)
await using load = startLoad(callers, 40)

await migrateKilled()
say('migrated by the next version, killed while it waited and within each migration')
await replaced(crew, versions.next)
say('replaced by the next version')
await replaced(crew, thisVersion)
say('back to the version before, on the newer schema')
await replaced(crew, versions.next)
say('the next version again')
const old = { web: await stage.web(thisVersion), worker: await stage.worker(thisVersion) }
await contractKilled(old)
say('contracted by the version after it')
const late = stage.command(thisVersion, ['server/start/web.ts'])
assert.equal(await late.exit, 78, late.log())
await replaced(crew, versions.after)
await load.stop()
await compare(load)

function say(words: string): void {
  console.log(`${((performance.now() - began) / 1000).toFixed(0)} s: ${words}; ${load.answered} answers`)
}

async function crewOf(version: string): Promise<Crew> {
  return {
    webs: [await stage.web(version), await stage.web(version)],
    workers: [await stage.worker(version), await stage.worker(version)],
  }
}

/** Replaces the processes one by one while a bulk action runs: a web is started first, a worker is stopped first. */
async function replaced(now: Crew, version: string): Promise<void> {
  bulks += 1
  const input = { urgent: bulks % 2 === 1 }
  const body = { action: 'orders.urgent', target: { ids: bulk }, input }
  const answer = await callers[0]?.caller.call('POST', '/api/batches', body)
  assert.equal(answer?.status, 202)
  for (const [at, web] of now.webs.entries()) {
    now.webs[at] = await stage.web(version)
    assert.equal(await stage.end(web), 0, web.log())
    stage.balancer.remove(web.port)
  }
  for (const [at, worker] of now.workers.entries()) {
    assert.equal(await stage.end(worker), 0, worker.log())
    now.workers[at] = await stage.worker(version)
  }
  await until(async () => (await openBatches(stage)) === 0, 120_000)
}

async function migrateKilled(): Promise<void> {
  const none = { names: [], column: 0, rows: null, index: 0, more: 0 }
  const refused = stage.command(versions.next, ['scripts/migrate.ts'])
  assert.equal(await refused.exit, 78, refused.log())
  const backup = stage.command(versions.next, ['scripts/backup.ts', `${stage.folder}/backup`])
  assert.equal(await backup.exit, 0, backup.log())
  await stage.ownerDb.connection().execute(async (held) => {
    await sql`select pg_advisory_lock(${migrationLock})`.execute(held)
    const waiting = stage.command(versions.next, ['scripts/migrate.ts'])
    await until(async () => (await waitersOf(stage)) === 1, 60_000)
    waiting.child.kill('SIGKILL')
    await waiting.exit
    await sql`select pg_advisory_unlock(${migrationLock})`.execute(held)
  })
  await untilNoMigrator(stage.ownerDb)
  assert.deepEqual(await shapeOf(stage), none)
  await killWithin(stage, stage.command(versions.next, ['scripts/migrate.ts']), 'Made up 9001')
  assert.deepEqual(await shapeOf(stage), none)
  await killWithin(stage, stage.command(versions.next, ['scripts/migrate.ts']), 'Made up 9002')
  const half = { names: [first], column: 1, rows: '1000', index: 1, more: 0 }
  assert.deepEqual(await shapeOf(stage), half)
  const migrator = stage.command(versions.next, ['scripts/migrate.ts'])
  assert.equal(await migrator.exit, 0, migrator.log())
  assert.deepEqual(await shapeOf(stage), { ...half, names: [first, second], more: 1 })
}

async function contractKilled({ web, worker }: { web: Web; worker: Process }): Promise<void> {
  const whole = { names: [first, second], column: 1, rows: '1000', index: 1, more: 1 }
  const waiting = stage.command(versions.after, ['scripts/migrate.ts'])
  await until(() => waiting.log().includes('Waiting for processes of an older version'), 60_000)
  waiting.child.kill('SIGKILL')
  await waiting.exit
  await untilNoMigrator(stage.ownerDb)
  assert.deepEqual(await shapeOf(stage), whole)
  assert.deepEqual(await Promise.all([web.exit, worker.exit]), [78, 78])
  stage.balancer.remove(web.port)
  say('the oldest processes ended by themselves')
  await killWithin(stage, stage.command(versions.after, ['scripts/migrate.ts']), 'Made up 9003')
  assert.deepEqual(await shapeOf(stage), whole)
  const migrator = stage.command(versions.after, ['scripts/migrate.ts'])
  assert.equal(await migrator.exit, 0, migrator.log())
  assert.deepEqual(await shapeOf(stage), {
    ...{ names: [first, second, third], column: 0, rows: null, index: 0, more: 1 },
  })
}

async function waitersOf({ ownerDb }: Stage): Promise<number> {
  const found = await sql`
    select from pg_stat_activity where application_name = 'sanyi migrate' and wait_event = 'advisory'
      and datname = current_database()`.execute(ownerDb)
  return found.rows.length
}

async function compare({ failures, answered, slowestMs, changed }: Load): Promise<void> {
  assert.deepEqual(failures, [])
  const changes = await eventsOf(stage)
  for (const [orderId, times] of changed) assert.equal(changes.get(orderId), times)
  assert.deepEqual(
    bulk.filter((id) => changes.get(id) !== bulks),
    [],
  )
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(
    `${answered} requests, 0 failed, the slowest ${Math.round(slowestMs)} ms; ${bulks} bulk actions over ${bulk.length} orders, each order once; ${seconds} s`,
  )
}
