import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type TestApp, testApp } from '../../testing/app.ts'
import { aTrade, intakeFixture, stageBy } from '../testing.ts'

let house: TestApp
before(async () => {
  house = await testApp()
})
after(() => house[Symbol.asyncDispose]())

test('commas alone are no filter, and the answer names the field', async () => {
  const clerk = await house.as(['*'])
  for (const path of [
    '/staged-trades',
    '/staged-trades/counts',
    '/staged-trades/count',
    '/staged-refunds/counts',
  ])
    for (const field of path.includes('refunds')
      ? ['status', 'kind']
      : ['type', 'flag', 'province', 'status', 'reason']) {
      const answer = await clerk.call('GET', `/api${path}?${field}=,`)
      assert.equal(answer.status, 400, `${path} ${field}`)
      assert.match(JSON.stringify(answer.body), new RegExp(field))
    }
  assert.equal((await clerk.call('GET', '/api/staged-trades/counts?type=normal,')).status, 200)
})

test('a trade that was closed before it came is closed by the system, not by whoever downloaded it', async () => {
  await using pool = await intakeFixture()
  const trade = aTrade({ status: 'closed_unpaid' })
  await stageBy(pool, { kind: 'user', id: '7', name: '林晓' }, trade)
  const found = await sql<{ state: string; state_by: string; actor: string }>`
    select t.state, t.state_by, e.actor_name as actor from staged_trade t join trade_event e on e.tid = t.tid
    where e.event = 'processed'`.execute(pool.db)
  assert.deepEqual(found.rows, [{ state: 'processed', state_by: '系统', actor: '系统' }])
})
