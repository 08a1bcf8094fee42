import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testApp } from '../server/testing/app.ts'
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
