import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from '../../testing/app.ts'
import { thisProgram } from '../upgrade/program.ts'

test('before it ends, a web process is not ready, and still answers, each time for the last time on its connection', async () => {
  await using house = await testApp()
  const reader = await house.as(['orders.read'])
  const before = await reader.call('GET', '/api/orders?limit=1')
  assert.equal(before.status, 200)
  assert.notEqual(before.headers.get('connection'), 'close')
  assert.equal((await house.anonymous.call('GET', '/readyz')).status, 200)
  house.app.drain()
  const ready = await house.anonymous.call('GET', '/readyz')
  assert.deepEqual([ready.status, Object(ready.body).reason], [503, 'stopping'])
  assert.equal((await house.anonymous.call('GET', '/healthz')).status, 200)
  const answer = await reader.call('GET', '/api/orders?limit=1')
  assert.deepEqual([answer.status, answer.headers.get('connection')], [200, 'close'])
})

test('a web process without a migration is not ready', async () => {
  await using house = await testApp()
  await house.owner(`delete from migration where name = '0001_schema.sql'`)
  const { status, body } = await house.anonymous.call('GET', '/readyz')
  assert.deepEqual([status, Object(body).reason], [503, 'migrations not applied: 0001_schema.sql'])
})

test('health, readiness and metrics say which version and commit answers', async () => {
  await using house = await testApp()
  const program = await thisProgram()
  assert.match(program.commit, /^([0-9a-f]{40})?$/)
  for (const path of ['/healthz', '/readyz']) {
    const body = Object((await house.anonymous.call('GET', path)).body)
    assert.deepEqual([body.version, body.commit], [program.version, program.commit])
  }
  const watcher = await house.as(['overview.read'])
  const metrics = String((await watcher.call('GET', '/metrics')).body)
  assert.ok(metrics.includes(`sanyi_build_info{version="${program.version}",commit="${program.commit}"} 1\n`))
})
