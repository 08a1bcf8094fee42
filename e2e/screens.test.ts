import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { alarmKinds, queueKeys } from '../server/reports/contract.ts'
import { testApp } from '../server/testing/app.ts'
import { alarmFigures, alarmsElsewhere, queueFigures } from './check/figures.ts'
import { untrueFigures } from './check/screens.ts'

test('a figure that the tables do not bear out is named, with what it is', async () => {
  await using house = await testApp()
  const caller = await house.as(['*'])
  assert.deepEqual(await untrueFigures(house.pool, caller, true), [])
  await sql`insert into batch (no, action, state, actor, scope, request, by_filter, walked, total, done, succeeded)
      values ('B1', 'trades.convert', 'done', '{"kind": "user", "id": "1", "name": ""}', '{}', '', true, true, 3, 2, 2)`.execute(
    house.db,
  )
  await sql`insert into shop (platform, variant, name, auth_state, auth_changed_at) values ('taobao', 'tmall', '甲', 'live', now())`.execute(
    house.db,
  )
  assert.deepEqual(await untrueFigures(house.pool, caller, true), [
    { figure: 'batch B1: succeeded', shown: 2, is: 0 },
  ])
})

test('each alarm and each queue has its comparison, whether or not a day raises it', () => {
  assert.deepEqual([...Object.keys(alarmFigures), ...alarmsElsewhere].toSorted(), [...alarmKinds].toSorted())
  assert.deepEqual(Object.keys(queueFigures).toSorted(), [...queueKeys].toSorted())
})

test('each comparison can be asked of the database', async () => {
  await using house = await testApp()
  for (const text of Object.values(alarmFigures))
    assert.deepEqual((await house.pool.query(text)).rows, [{ n: 0 }])
})
