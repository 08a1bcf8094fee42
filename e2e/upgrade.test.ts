import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../server/testing/until.ts'
import { startLoad } from './upgrade/load.ts'
import { eventsOf, first, migrations, openBatches, second, shapeOf } from './upgrade/made-up.ts'
import { killWithin, openStage } from './upgrade/stage.ts'
import { thisVersion } from './upgrade/versions.ts'

test('an upgrade under load whose migrator is killed at each step fails no request, loses nothing and leaves nothing half', async () => {
  await using stage = await openStage(260)
  const next = stage.make('9.0.0', migrations)
  const old = {
    webs: [await stage.web(thisVersion), await stage.web(thisVersion)],
    worker: await stage.worker(thisVersion),
  }
  const callers = await Promise.all(
    stage.orders.slice(0, 2).map(async (orderId) => ({ orderId, caller: await stage.newUser() })),
  )
  const inBulk = stage.orders.slice(10)
  await using load = startLoad(callers, 150)

  const refused = stage.command(next, ['scripts/migrate.ts'])
  assert.equal(await refused.exit, 78, refused.log())
  assert.match(refused.log(), /There is no backup: run npm run backup -- FOLDER first/)
  assert.deepEqual(await shapeOf(stage), { names: [], column: 0, rows: null, index: 0, more: 0 })
  const backup = stage.command(next, ['scripts/backup.ts', `${stage.folder}/backup`])
  assert.equal(await backup.exit, 0, backup.log())

  await killWithin(stage, stage.command(next, ['scripts/migrate.ts']), 'Made up 9001')
  assert.deepEqual(await shapeOf(stage), { names: [], column: 0, rows: null, index: 0, more: 0 })
  await killWithin(stage, stage.command(next, ['scripts/migrate.ts']), 'Made up 9002')
  const half = { names: [first], column: 1, rows: '1000', index: 1, more: 0 }
  assert.deepEqual(await shapeOf(stage), half)
  const migrator = stage.command(next, ['scripts/migrate.ts'])
  assert.equal(await migrator.exit, 0, migrator.log())
  assert.match(migrator.log(), /9002_made_up_more\.sql: Made up 9002: a column of another busy table\./)
  assert.deepEqual(await shapeOf(stage), { ...half, names: [first, second], more: 1 })

  const bulk = await callers[0]?.caller.call('POST', '/api/batches', {
    ...{ action: 'orders.urgent', target: { ids: inBulk }, input: { urgent: true } },
  })
  assert.equal(bulk?.status, 202)
  const [, worker] = [await stage.end(old.worker), await stage.worker(next)]
  for (const web of old.webs) {
    await stage.web(next)
    assert.equal(await stage.end(web), 0)
    stage.balancer.remove(web.port)
  }
  await until(async () => (await openBatches(stage)) === 0)
  await load.stop()

  assert.deepEqual(load.failures, [])
  assert.ok(load.answered > 60, `${load.answered} answers`)
  const changes = await eventsOf(stage)
  for (const [orderId, times] of load.changed) assert.equal(changes.get(orderId), times)
  assert.deepEqual(
    inBulk.map((id) => changes.get(id)),
    inBulk.map(() => 1),
  )
  assert.equal(await stage.end(worker), 0)
})
