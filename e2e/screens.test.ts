import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { alarmKinds } from '../server/alarms/contract.ts'
import { tradeReasonFacet, tradeStateFacet, tradeStatusFacet } from '../server/intake/staged/trade-columns.ts'
import { queueKeys } from '../server/overview/contract.ts'
import { type Caller, testApp } from '../server/testing/app.ts'
import { alarmFigures, alarmsElsewhere, queueFigures } from './check/figures.ts'
import { type Untrue, untrueFigures } from './check/screens.ts'

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

test('a shop whose refunds were never listed is complete to no time, by the tables as on the screen', async () => {
  await using house = await testApp()
  const caller = await house.as(['*'])
  await sql`
    with shop as (
      insert into shop (platform, variant, name, auth_state, auth_changed_at) values ('taobao', 'tmall', '甲', 'live', now()) returning id
    ), task as (
      insert into task (kind, shop_id, interval_seconds) select kind, id, 60 from shop, unnest('{trade_list,refund_list}'::text[]) kind
    )
    insert into stream_cursor (shop_id, stream, complete_to)
    select id, stream, now() from shop, unnest('{trades,trades_first}'::text[]) stream`.execute(house.db)
  const shown = async () => {
    const { body } = await caller.call('GET', '/api/coverage?stream=shop')
    return Object(body).rows.map((row: Row) => row['completeTo'] === null)
  }
  assert.deepEqual([await shown(), await untrueFigures(house.pool, caller, true)], [[true], []])
  await sql`insert into stream_cursor (shop_id, stream, complete_to) select id, 'refunds', now() from shop`.execute(
    house.db,
  )
  assert.deepEqual([await shown(), await untrueFigures(house.pool, caller, true)], [[false], []])
})

/** Simulates a server whose answer lacks some rows: those of each part for which the function returns true. */
const leavingOut = (caller: Caller, path: string, parts: Record<string, (one: Row) => boolean>): Caller => ({
  ...caller,
  call: async (method, asked, body) => {
    const answer = await caller.call(method, asked, body)
    if (asked !== path) return answer
    const kept = Object.entries(parts).map(([name, goes]) => [
      name,
      Object(answer.body)[name].filter((one: Row) => !goes(one)),
    ])
    return { ...answer, body: { ...Object(answer.body), ...Object.fromEntries(kept) } }
  },
})
type Row = Record<string, unknown>

test('a queue, a reason or an alarm that a screen leaves out is named, with how many it should tell of', async () => {
  await using house = await testApp()
  const caller = await house.as(['*'])
  const facets = [tradeStatusFacet('unpaid'), tradeReasonFacet('not_paid'), tradeStateFacet('staged')]
  await sql`
    with shop as (
      insert into shop (platform, variant, name, auth_state, auth_changed_at) values ('taobao', 'tmall', '甲', 'expired', now()) returning id
    ), trade as (
      insert into staged_trade (shop_id, tid, state, modified_at, status, platform_status, trade_type, reason, facets)
      select id, '9', 'staged', now(), 'unpaid', 'X', 'fixed', 'not_paid', ${facets}::int[] from shop
    )
    insert into parked_item (shop_id, kind, reason, sealed, fingerprint) select id, 'trade', 'no_number', '', 'f' from shop`.execute(
    house.db,
  )
  const ours = (all: Untrue[]) => all.filter(({ figure }) => /^(queue|stuck|alarm)/.test(figure))
  assert.deepEqual(ours(await untrueFigures(house.pool, caller, true)), [])
  const silent = leavingOut(caller, '/api/overview', {
    queues: ({ key }) => key === 'staged' || key === 'to_release',
    stuck: () => true,
    alarms: () => true,
  })
  assert.deepEqual(ours(await untrueFigures(house.pool, silent, true)), [
    { figure: 'queue staged', shown: 'not shown', is: 1 },
    { figure: 'queue to_release', shown: 'not shown', is: 0 },
    { figure: 'stuck staged: not_paid', shown: 0, is: 1 },
    { figure: 'stuck fetching: parked', shown: 0, is: 1 },
    { figure: 'alarm auth_expired', shown: 0, is: 1 },
    { figure: 'alarm parked_items', shown: 0, is: 1 },
  ])
})

test('a run that says more than came, or nothing of what it saw, is named', async () => {
  await using house = await testApp()
  const caller = await house.as(['*'])
  const runs = await sql<{ id: string }>`
    with shop as (
      insert into shop (platform, variant, name, auth_state, auth_changed_at) values ('taobao', 'tmall', '甲', 'live', now()) returning id
    ), task as (
      insert into task (kind, shop_id, interval_seconds, enabled)
      select kind, id, 60, false from shop, unnest('{refund_list,auto_convert_trades}'::text[]) kind returning *
    ), news as (
      insert into refund_event (shop_id, refund_no, event, actor_kind, actor_id, actor_name)
      select shop_id, '77', 'downloaded', 'task', id::text, '' from task where kind = 'refund_list'
    )
    insert into task_run (task_id, kind, shop_id, trigger, state, started_at, ended_at, seen, created, skipped)
    select id, kind, shop_id, 'schedule', 'done', now(), now(), 2, case kind when 'refund_list' then 2 else 0 end, '{"not_paid": 1}'
    from task order by kind returning id`.execute(house.db)
  const [converting, listing] = runs.rows.map(({ id }) => id)
  assert.deepEqual(
    (await untrueFigures(house.pool, caller, true)).filter(({ figure }) => figure.startsWith('run')),
    [
      { figure: `run ${listing} of refund_list: created`, shown: 2, is: 1 },
      { figure: `run ${converting} of auto_convert_trades: seen`, shown: 2, is: 1 },
    ],
  )
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
