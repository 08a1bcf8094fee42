import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { startTasks } from '../../core/tasks/loop.ts'
import { createInstallationTasks } from '../../core/tasks/tasks.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { aShop } from '../../testing/orders.ts'
import { aSku, aWarehouse } from '../../testing/stock.ts'
import { until } from '../../testing/until.ts'
import { jobs } from '../../worker.ts'
import { plainRule } from './plan-rules.ts'
import { planningWaves } from './plan-task.ts'
import { makeDueWaves, makeWaves } from './planning.ts'
import { aWaitingDelivery, placeGoods } from './testing.ts'

describe('waves that are made by themselves', () => {
  let house: TestApp
  let keeper: Caller
  let shopId: string
  before(async () => {
    house = await testApp()
    await createQueues(house.db, jobs)
    keeper = await house.as(['fulfilment.read', 'fulfilment.ship', 'inventory.write'])
    shopId = await aShop(house.db)
  })
  after(() => house[Symbol.asyncDispose]())
  afterEach(() => sql`delete from wave_rule`.execute(house.db))

  const rule = (more: object = {}) => ({ ...plainRule, name: '规则', ...more })
  /** Makes a warehouse with these rules, whose times were last observed three minutes ago, and so many parcels that wait. */
  const aPlace = async (parcels: number, ...rules: object[]) => {
    const warehouseId = await aWarehouse(house.db)
    const sku = await aSku(house.db)
    await placeGoods(house.db, warehouseId, [sku])
    const saved = await keeper.call('PUT', '/api/wave-rules', { warehouseId, rules })
    assert.equal(saved.status, 204, JSON.stringify(saved.body))
    await sql`
      insert into wave_planning (warehouse_id, planned_at) values (${warehouseId}, now() - interval '3 minutes')`.execute(
      house.db,
    )
    const waits = () => aWaitingDelivery(house.db, { shopId, warehouseId, goods: [[sku, 1]] })
    for (let one = 0; one < parcels; one += 1) await waits()
    return { warehouseId, waits }
  }
  /** The time of day in China so many minutes from now. */
  const clockIn = async (minutes: number): Promise<string> => {
    const found = await sql<{ at: string }>`
      select to_char((now() + make_interval(mins => ${minutes}::int)) at time zone 'Asia/Shanghai', 'HH24:MI') as at`.execute(
      house.db,
    )
    return found.rows[0]?.at ?? ''
  }
  const due = (warehouseId: string) => house.db.transaction().execute((tx) => makeDueWaves(tx, warehouseId))
  const made = async (warehouseId: string) =>
    (
      await sql<{ is: string }>`
        select concat_ws(' ', rule_name, order_count, created_by) as is from wave where warehouse_id = ${warehouseId} order by id`.execute(
        house.db,
      )
    ).rows.map((row) => row.is)
  const none = { waves: 0, orders: 0 }

  test('at its time of day a rule makes its waves once, also if two plan at once', async () => {
    const { warehouseId, waits } = await aPlace(2, rule({ autoTimes: [await clockIn(0)] }))
    const plans = await Promise.all([1, 2, 3].map(() => due(warehouseId)))
    assert.equal(
      plans.reduce((sum, { orders }) => sum + orders, 0),
      2,
    )
    assert.deepEqual(await made(warehouseId), ['规则 2 自动'])
    await waits()
    assert.deepEqual(await due(warehouseId), none)
  })

  test('before its time nothing is made, and a time that was missed is made up for once', async () => {
    const { warehouseId } = await aPlace(1, rule({ autoTimes: [await clockIn(5), await clockIn(-8)] }))
    assert.deepEqual(await due(warehouseId), none)
    await sql`
      update wave_planning set planned_at = now() - interval '1 hour' where warehouse_id = ${warehouseId}`.execute(
      house.db,
    )
    assert.deepEqual(await due(warehouseId), { waves: 1, orders: 1 })
  })

  test('a rule that has a time gets none for the past when it is saved', async () => {
    const { warehouseId } = await aPlace(1, rule({ autoTimes: [await clockIn(-1)] }))
    await sql`delete from wave_planning where warehouse_id = ${warehouseId}`.execute(house.db)
    assert.deepEqual(await due(warehouseId), none)
    assert.deepEqual(await due(warehouseId), none)
  })

  test('a time of day that passed while no rule was automatic makes no waves, and one that passes while another is does', async () => {
    const late = await clockIn(-8)
    const { warehouseId } = await aPlace(1, rule(), rule({ name: '关', enabled: false, autoTimes: [late] }))
    const save = async (...rules: object[]) => {
      await sql`
        update wave_planning set planned_at = now() - interval '2 days' where warehouse_id = ${warehouseId}`.execute(
        house.db,
      )
      assert.equal((await keeper.call('PUT', '/api/wave-rules', { warehouseId, rules })).status, 204)
    }
    const auto = rule({ autoTimes: [late] })
    await save(auto)
    assert.deepEqual(await due(warehouseId), none)
    assert.deepEqual(await made(warehouseId), [])
    await save(rule({ name: '又一条' }), auto)
    assert.deepEqual(await due(warehouseId), none)
    await save(auto)
    assert.deepEqual(await due(warehouseId), { waves: 1, orders: 1 })
  })

  test('with enough waiting parcels a rule makes its waves, and not with one fewer', async () => {
    const { warehouseId, waits } = await aPlace(2, rule({ autoOrders: 3 }))
    assert.deepEqual(await due(warehouseId), none)
    await waits()
    assert.deepEqual(await due(warehouseId), { waves: 1, orders: 3 })
    assert.deepEqual(await made(warehouseId), ['规则 3 自动'])
  })

  test('parcels of a rule above it that is not due stay, and a rule without times, or off, makes nothing', async () => {
    const time = await clockIn(0)
    const { warehouseId } = await aPlace(
      2,
      rule({ name: '上面', goods: 'single' }),
      rule({ name: '下面', autoTimes: [time] }),
      rule({ name: '关', enabled: false, autoTimes: [time], autoOrders: 1 }),
    )
    assert.deepEqual(await due(warehouseId), none)
    assert.deepEqual(await made(warehouseId), [])
    const by = { actor: { kind: 'user', id: '1', name: '周强' } as const, scope: wholeScope }
    await house.db.transaction().execute((tx) => makeWaves(tx, warehouseId, by))
    assert.deepEqual(await made(warehouseId), ['上面 2 周强'])
  })

  test('a planning that is killed half-way leaves nothing, and the next one makes the waves', async () => {
    const { warehouseId } = await aPlace(2, rule({ autoTimes: [await clockIn(0)] }))
    await assert.rejects(
      house.db.transaction().execute(async (tx) => {
        assert.deepEqual(await makeDueWaves(tx, warehouseId), { waves: 1, orders: 2 })
        await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx)
      }),
    )
    assert.deepEqual(await made(warehouseId), [])
    assert.deepEqual(await due(warehouseId), { waves: 1, orders: 2 })
    assert.deepEqual(await made(warehouseId), ['规则 2 自动'])
  })

  test('two workers make one wave of what waits, and the task says how many', async () => {
    const { warehouseId } = await aPlace(3, rule({ autoOrders: 2, ordersTo: 3 }))
    const { db } = house
    await db.transaction().execute((tx) => createInstallationTasks(tx, [planningWaves]))
    const openShop = () => Promise.reject(new Error('no shop'))
    const parts = { db, log: pino({ level: 'silent' }), kinds: [planningWaves], openShop, parallel: 2 }
    const workers = [startTasks(parts), startTasks(parts)]
    const runs = async () =>
      (
        await sql<{ is: string }>`
          select concat_ws(' ', r.state, r.seen, r.created) as is from task_run r join task t on t.id = r.task_id
          where t.kind = 'plan_waves'`.execute(db)
      ).rows.map((row) => row.is)
    try {
      await until(async () => (await runs()).some((run) => run.startsWith('done')))
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()))
    }
    assert.deepEqual(await runs(), ['done 3 1'])
    assert.deepEqual(await made(warehouseId), ['规则 3 自动'])
  })

  test('a time that is none is refused', async () => {
    const warehouseId = await aWarehouse(house.db)
    const { status } = await keeper.call('PUT', '/api/wave-rules', {
      warehouseId,
      rules: [rule({ autoTimes: ['24:00'] })],
    })
    assert.equal(status, 400)
  })
})
