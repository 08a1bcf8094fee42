import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { startOfChinaDay } from '../../lib/time.ts'
import { holdOrders, liftHolds } from '../../orders/holds/holds.ts'
import { applyRefunds } from '../../orders/refunds/refunds.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { aRefund, aShop } from '../../testing/orders.ts'
import { byPacker as by, packer } from '../../testing/shipping.ts'
import { aSku, aWarehouse, balanceOf, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { unreleaseDeliveries } from '../shipping/release.ts'
import type { WaveDetail, WaveView } from './contract.ts'
import { waveCounts, workToday } from './list-queries.ts'
import { plainRule } from './plan-rules.ts'
import { aWaitingDelivery, placeGoods, type WaitingInput } from './testing.ts'

describe('waves', () => {
  let house: TestApp
  let keeper: Caller
  let other: Caller
  let shopId: string
  before(async () => {
    house = await testApp()
    await createQueues(house.db, jobs)
    keeper = await house.as(['fulfilment.read', 'fulfilment.ship', 'inventory.read', 'inventory.write'])
    other = await house.as(['fulfilment.read', 'fulfilment.ship'])
    shopId = await aShop(house.db)
  })
  after(() => house[Symbol.asyncDispose]())

  const rule = (more: object = {}) => ({ ...plainRule, name: '规则', ...more })
  const answered = async (who: Caller, method: string, path: string, body?: unknown) => {
    const answer = await who.call(method, `/api${path}`, body)
    assert.ok(answer.status < 300, `${path} ${answer.status} ${JSON.stringify(answer.body)}`)
    return Object(answer.body)
  }
  /** Makes a warehouse with three SKUs in bins along the route, and the rules. */
  const aPlace = async (...rules: object[]) => {
    const warehouseId = await aWarehouse(house.db)
    const skus = [await aSku(house.db), await aSku(house.db), await aSku(house.db)]
    await placeGoods(house.db, warehouseId, skus)
    await answered(keeper, 'PUT', '/wave-rules', { warehouseId, rules })
    const [a = '', b = '', c = ''] = skus
    const waits = (goods: WaitingInput['goods'], more: Partial<WaitingInput> = {}) =>
      aWaitingDelivery(house.db, { shopId, warehouseId, goods, ...more })
    return { warehouseId, a, b, c, waits }
  }
  const plan = (warehouseId: string) => answered(keeper, 'POST', '/waves/plan', { warehouseId })
  const wavesOf = async (warehouseId: string, tab = 'running'): Promise<WaveView[]> =>
    (await answered(keeper, 'GET', `/waves?warehouse=${warehouseId}&tab=${tab}`)).rows
  const detail = (id: string): Promise<WaveDetail> => answered(keeper, 'GET', `/waves/${id}`)
  /** What the list says of the wave: pieces picked, of how many. */
  const figuresOf = async (warehouseId: string, id: string) => {
    const wave = (await wavesOf(warehouseId, 'all')).find((one) => one.id === id)
    return [wave?.picked, wave?.toPick]
  }
  const verb = async (name: string, id: string, more: object = {}, who = keeper) => {
    const { results } = await answered(who, 'POST', `/waves/${name}`, { ids: [id], ...more })
    return results[0].done ? 'done' : results[0].code
  }
  const claim = (id: string, who = keeper, takeOver = false) => verb('claim', id, { takeOver }, who)
  const key = (): string => randomUUID()
  const pick = (id: string, seq: number, pieces: number, of = key()) =>
    answered(keeper, 'POST', `/waves/${id}/pick`, { key: of, seq, pieces })
  const statusOf = async (id: string) => (await detail(id)).wave.status
  const delivery = async (id: string) => {
    const found = await sql<{ is: string }>`
      select concat_ws(' ', status, case when picked_at is null then 'unpicked' else 'picked' end, picked_by, basket) as is
      from delivery where id = ${id}`.execute(house.db)
    return found.rows[0]?.is
  }
  const hold = (orderId: string) =>
    house.db
      .transaction()
      .execute((tx) => holdOrders(tx, [orderId], { reason: 'ask_buyer', note: '', until: null }, by))
  const lift = (orderId: string) =>
    house.db.transaction().execute((tx) => liftHolds(tx, [orderId], { reason: 'ask_buyer' }, by))
  const onlyWave = async (warehouseId: string) => {
    await plan(warehouseId)
    const [wave] = await wavesOf(warehouseId)
    return wave ?? assert.fail('no wave')
  }

  test('rules are asked top-down, each says how many wait, and a wave knows its way', async () => {
    const { warehouseId, a, b, c, waits } = await aPlace(
      rule({ name: '爆款', goods: 'same', ordersFrom: 3, sorting: 'none' }),
      rule({ name: '多品', goods: 'many', sorting: 'after' }),
      rule({ name: '加急', hoursLeft: 2, enabled: false }),
    )
    for (let one = 0; one < 3; one += 1) await waits([[a, 1]])
    await waits([
      [c, 2],
      [a, 1],
    ])
    await waits([[b, 1]], { hours: 1 })
    await waits([[b, 1]])
    const waiting = async () => {
      const {
        rows,
        waiting: all,
        unmatched,
      } = await answered(keeper, 'GET', `/wave-rules?warehouse=${warehouseId}`)
      return [...rows.map((row: { waiting: number }) => row.waiting), all, unmatched]
    }
    // Two single parcels are too few for the first rule, which would take them if there were more.
    assert.deepEqual(await waiting(), [5, 1, 0, 6, 0])
    assert.deepEqual(await plan(warehouseId), { waves: 2, orders: 4 })
    assert.deepEqual(await waiting(), [2, 0, 0, 2, 0])
    const many = (await wavesOf(warehouseId)).find(({ ruleName }) => ruleName === '多品')
    const { lines } = await detail(many?.id ?? '')
    assert.deepEqual(
      lines.map(({ bin, wanted }) => [bin, wanted]),
      [
        ['A-01', 1],
        ['A-03', 2],
      ],
    )
    assert.deepEqual(await plan(warehouseId), { waves: 0, orders: 0 })
  })

  test('two plannings at once make one wave for each delivery', async () => {
    const { warehouseId, a, waits } = await aPlace(rule({ ordersTo: 2 }))
    for (let one = 0; one < 5; one += 1) await waits([[a, 1]])
    const made = await Promise.all([1, 2, 3].map(() => plan(warehouseId)))
    assert.equal(
      made.reduce((sum, { orders }) => sum + orders, 0),
      5,
    )
    const twice = await sql`
      select delivery_id from wave_delivery where live group by delivery_id having count(*) > 1`.execute(
      house.db,
    )
    assert.deepEqual(twice.rows, [])
  })

  test('a person makes a wave of chosen parcels: what is in a wave, held, shipped or unknown is refused', async () => {
    const { warehouseId, a, b, waits } = await aPlace()
    const one = await waits([[a, 1]])
    const two = await waits([[b, 2]])
    const held = await waits([[a, 1]])
    const stays = await waits([[a, 1]])
    await hold(held.orderId)
    const gather = async (who: Caller, ...ids: string[]) => {
      const { results } = await answered(who, 'POST', '/deliveries/make-wave', { ids })
      return results.map((result: { done: boolean; code?: string }) => (result.done ? 'done' : result.code))
    }
    assert.deepEqual(await gather(other, one.id, two.id, held.id, '999999'), [
      'done',
      'done',
      'on_hold',
      'not_found',
    ])
    assert.deepEqual(await gather(other, one.id, two.id), ['already', 'already'])
    const waves = await wavesOf(warehouseId)
    assert.deepEqual(
      waves.map(({ ruleName, orderCount, pieceCount, sorting }) => [
        ruleName,
        orderCount,
        pieceCount,
        sorting,
      ]),
      [['', 2, 3, 'picking']],
    )
    const left = await sql<{ id: string }>`
      select id from delivery where warehouse_id = ${warehouseId} and not exists (
        select from wave_delivery w where w.delivery_id = delivery.id) order by id`.execute(house.db)
    assert.deepEqual(
      left.rows.map(({ id }) => id),
      [held.id, stays.id],
    )
  })

  test('a wave of one delivery of a merged shipment takes the whole shipment, and no other that waits', async () => {
    const { warehouseId, a, waits } = await aPlace()
    const [one, two] = [await waits([[a, 1]]), await waits([[a, 1]])]
    await waits([[a, 1]])
    await sql`
      update delivery set parcel = ${one.id}, beside = id <> ${one.id} where id in (${one.id}, ${two.id})`.execute(
      house.db,
    )
    const { results } = await answered(keeper, 'POST', '/deliveries/make-wave', { ids: [one.id] })
    assert.equal(results[0].done, true)
    const taken = await sql<{ id: string }>`
      select w.delivery_id as id from wave_delivery w join delivery d on d.id = w.delivery_id
      where d.warehouse_id = ${warehouseId} order by 1`.execute(house.db)
    assert.deepEqual(
      taken.rows.map(({ id }) => id),
      [one.id, two.id],
    )
  })

  test('of two who make a wave of the same parcels each parcel is in one', async () => {
    const { warehouseId, a, waits } = await aPlace()
    const ids = [(await waits([[a, 1]])).id, (await waits([[a, 1]])).id]
    const answers = await Promise.all(
      [keeper, other].map((who) => answered(who, 'POST', '/deliveries/make-wave', { ids })),
    )
    const done = answers.flatMap(({ results }) => results.filter((one: { done: boolean }) => one.done))
    assert.equal(done.length, 2)
    assert.deepEqual(
      (await wavesOf(warehouseId)).map(({ orderCount }) => orderCount),
      [2],
    )
  })

  test('stopped deliveries, and those without goods, wait for no wave', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule())
    const held = await waits([[a, 1]])
    await hold(held.orderId)
    const short = await waits([[b, 1]])
    await sql`update reservation set reserved = 0 where order_id = ${short.orderId}`.execute(house.db)
    assert.deepEqual(await plan(warehouseId), { waves: 0, orders: 0 })
    await lift(held.orderId)
    assert.deepEqual(await plan(warehouseId), { waves: 1, orders: 1 })
    await sql`update reservation set reserved = wanted where order_id = ${short.orderId}`.execute(house.db)
  })

  test('of two who claim one gets it; another takes it over', async () => {
    const { warehouseId, a, waits } = await aPlace(rule())
    await waits([[a, 1]])
    const { id } = await onlyWave(warehouseId)
    const outcomes = await Promise.all([claim(id), claim(id, other)])
    assert.deepEqual(outcomes.toSorted(), ['claimed', 'done'])
    const loser = outcomes[0] === 'done' ? other : keeper
    const refused = await loser.call('POST', `/api/waves/${id}/pick`, { key: key(), seq: 1, pieces: 1 })
    assert.deepEqual([refused.status, Object(refused.body).code], [409, 'wave_refused'])
    assert.equal(await claim(id, loser, true), 'done')
    assert.equal(await claim(id, loser), 'already')
    assert.equal(
      (await answered(loser, 'POST', `/waves/${id}/pick`, { key: key(), seq: 1, pieces: 1 })).left,
      0,
    )
  })

  test('picked along the route into baskets, the deliveries are picked with person and basket', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule())
    const late = await waits([[a, 2]], { hours: 9 })
    const urgent = await waits(
      [
        [a, 1],
        [b, 1],
      ],
      { hours: 3 },
    )
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    assert.deepEqual((await detail(id)).lines[0]?.baskets, [
      { basket: 1, pieces: 1, picked: 0, stopped: false },
      { basket: 2, pieces: 2, picked: 0, stopped: false },
    ])
    const tooMany = await keeper.call('POST', `/api/waves/${id}/pick`, { key: key(), seq: 1, pieces: 4 })
    assert.deepEqual([tooMany.status, Object(tooMany.body).code], [409, 'too_many_picked'])
    assert.equal((await pick(id, 1, 1)).left, 3)
    assert.equal((await pick(id, 1, 2)).left, 1)
    assert.equal(await delivery(late.id), 'pending unpicked')
    assert.equal((await pick(id, 2, 1)).left, 0)
    assert.equal(await statusOf(id), 'picked')
    assert.equal(await delivery(urgent.id), 'pending picked 林晓 1')
    assert.equal(await delivery(late.id), 'pending picked 林晓 2')
    assert.equal(await verb('cancel', id), 'wrong_status')
    assert.equal(await verb('hand-over', id), 'done')
    const { rows } = await answered(keeper, 'GET', `/wave-work?warehouse=${warehouseId}`)
    assert.deepEqual(rows, [{ name: '林晓', pieces: 4, stops: 2, waves: 1 }])
    assert.equal((await wavesOf(warehouseId, 'today')).length, 1)
  })

  test('a held order gets no goods and names its basket; lifted, it is picked on, nothing twice', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule())
    const calm = await waits([[a, 1]], { hours: 1 })
    const held = await waits(
      [
        [a, 1],
        [b, 1],
      ],
      { hours: 2 },
    )
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    await pick(id, 1, 2)
    await hold(held.orderId)
    const stopped = await detail(id)
    assert.equal(stopped.left, 0)
    assert.deepEqual(
      stopped.baskets.map(({ basket, stop, picked }) => [basket, stop?.zh ?? '', picked]),
      [
        [1, '', 1],
        [2, '已拦截，挂起：待联系买家', 1],
      ],
    )
    assert.deepEqual(
      (await wavesOf(warehouseId, 'stopped')).map((wave) => [wave.id, wave.stopped]),
      [[id, 1]],
    )
    const refused = await keeper.call('POST', `/api/waves/${id}/pick`, { key: key(), seq: 2, pieces: 1 })
    assert.equal(Object(refused.body).code, 'too_many_picked')
    assert.equal(await verb('cut', id), 'done')
    assert.equal(await delivery(calm.id), 'pending picked 林晓 1')
    assert.equal(await delivery(held.id), 'pending unpicked')
    assert.deepEqual(
      (await detail(id)).baskets.map(({ left, keeps }) => [left, keeps]),
      [
        ['', false],
        ['stopped', true],
      ],
    )
    await lift(held.orderId)
    assert.deepEqual(await plan(warehouseId), { waves: 1, orders: 1 })
    const next = (await wavesOf(warehouseId)).find((wave) => wave.id !== id)
    const { lines } = await detail(next?.id ?? '')
    assert.deepEqual(
      lines.map(({ bin, wanted }) => [bin, wanted]),
      [['A-02', 1]],
    )
  })

  /** The refund of the second line of the order, as it is now. */
  const refundSecond = async (orderId: string, status: 'applied' | 'succeeded') => {
    const found = await sql<{ tid: string }>`select tid from sales_order where id = ${orderId}`.execute(
      house.db,
    )
    const refund = aRefund({
      ...{
        shopId,
        tid: found.rows[0]?.tid ?? '',
        refundNo: `w${orderId}`,
        oid: 'o2',
        amountFen: 1000,
        quantity: 1,
      },
      ...{ status, at: status === 'applied' ? 0 : 60 },
    })
    await house.db.transaction().execute((tx) => applyRefunds(tx, [refund], systemActor))
  }

  test('what a parcel lacked is refunded while the rest waits in its basket: it is picked by the next planning, without a wave', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule())
    const goods = [
      [a, 1],
      [b, 1],
    ] as const
    const [one, two] = [await waits(goods, { hours: 1 }), await waits(goods, { hours: 2 })]
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    await pick(id, 1, 2)
    for (const { orderId } of [one, two]) await refundSecond(orderId, 'applied')
    assert.equal(await verb('cut', id), 'done')
    assert.deepEqual(await plan(warehouseId), { waves: 0, orders: 0 })
    for (const { orderId } of [one, two]) await refundSecond(orderId, 'succeeded')
    const { waiting, unmatched } = await answered(keeper, 'GET', `/wave-rules?warehouse=${warehouseId}`)
    assert.deepEqual([waiting, unmatched], [2, 0])
    const { results } = await answered(other, 'POST', '/deliveries/make-wave', { ids: [two.id] })
    assert.equal(results[0].done, true)
    assert.deepEqual(
      [await delivery(one.id), await delivery(two.id)],
      ['pending unpicked', 'pending picked 林晓 2'],
    )
    assert.deepEqual(await plan(warehouseId), { waves: 0, orders: 0, kept: 1 })
    assert.deepEqual(
      [await delivery(one.id), await delivery(two.id)],
      ['pending picked 林晓 1', 'pending picked 林晓 2'],
    )
    assert.deepEqual(await plan(warehouseId), { waves: 0, orders: 0 })
    const made = await sql<{ waves: number; noted: number }>`
      select (select count(*)::int from wave where warehouse_id = ${warehouseId}) as waves,
        (select count(*)::int from order_event where order_id in (${one.orderId}, ${two.orderId}) and event = 'picked') as noted`.execute(
      house.db,
    )
    assert.deepEqual(made.rows, [{ waves: 1, noted: 2 }])
  })

  test('a merged shipment of which one order lies in the basket gets a wave for the other, and both are picked', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule())
    const [one, two] = [await waits([[a, 1]]), await waits([[b, 1]])]
    await sql`
      update delivery set parcel = ${one.id}, beside = id <> ${one.id} where id in (${one.id}, ${two.id})`.execute(
      house.db,
    )
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    await pick(id, 1, 1)
    await hold(two.orderId)
    assert.equal(await verb('cut', id), 'done')
    assert.deepEqual(await plan(warehouseId), { waves: 0, orders: 0 })
    await lift(two.orderId)
    assert.deepEqual(await plan(warehouseId), { waves: 1, orders: 1 })
    const next = (await wavesOf(warehouseId)).find((wave) => wave.id !== id) ?? assert.fail('no wave')
    assert.equal(next.pieceCount, 1)
    const { lines } = await detail(next.id)
    assert.deepEqual(
      lines.map(({ bin, wanted }) => [bin, wanted]),
      [['A-02', 1]],
    )
    await claim(next.id)
    assert.equal((await pick(next.id, 1, 1)).left, 0)
    assert.deepEqual(
      [await delivery(one.id), await delivery(two.id)],
      ['pending picked 林晓 1', 'pending picked 林晓 1'],
    )
  })

  test('a stop that ends after its line was closed opens the line again, but not where pieces were missing', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule())
    const calm = await waits([[a, 1]], { hours: 1 })
    const held = await waits([[a, 1]], { hours: 2 })
    const [short, last] = [await waits([[b, 1]], { hours: 3 }), await waits([[b, 1]], { hours: 4 })]
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    for (const { orderId } of [held, last]) await hold(orderId)
    await pick(id, 1, 1)
    const open = async () => (await detail(id)).lines.map(({ wanted, done }) => [wanted, done])
    assert.deepEqual(await open(), [
      [0, true],
      [1, false],
    ])
    await lift(held.orderId)
    assert.deepEqual(await open(), [
      [1, false],
      [1, false],
    ])
    assert.deepEqual(
      (await answered(keeper, 'POST', `/waves/${id}/short`, { key: key(), seq: 2 })).baskets,
      [3],
    )
    await lift(last.orderId)
    assert.deepEqual(await open(), [
      [1, false],
      [0, true],
    ])
    assert.deepEqual(await pick(id, 1, 1), { left: 1 })
    assert.equal(await verb('cut', id), 'done')
    assert.deepEqual(
      [await delivery(calm.id), await delivery(held.id), await delivery(short.id), await delivery(last.id)],
      ['pending picked 林晓 1', 'pending picked 林晓 2', 'pending unpicked', 'pending unpicked'],
    )
  })

  test('a wave without baskets lists what lies in its cart for parcels that leave, once', async () => {
    const { warehouseId, a, b, c, waits } = await aPlace(rule({ sorting: 'none' }))
    const whole = await waits([[a, 1]], { hours: 1 })
    const cut = await waits(
      [
        [a, 2],
        [b, 1],
      ],
      { hours: 2 },
    )
    const short = await waits(
      [
        [a, 1],
        [c, 1],
      ],
      { hours: 3 },
    )
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    await pick(id, 1, 4)
    const putBacks = async () => {
      const found = await sql<{ is: string }>`
        select concat_ws(' ', case b.delivery_id when ${cut.id} then 'cut' when ${short.id} then 'short' end, b.quantity,
          case b.sku_id when ${a} then 'of a' else 'of another' end, b.state, split_part(b.source, '/', 1)) as is
        from put_back b where b.delivery_id in (${whole.id}, ${cut.id}, ${short.id}) order by b.id`.execute(
        house.db,
      )
      return found.rows.map(({ is }) => is)
    }
    assert.deepEqual(await putBacks(), [])
    await answered(keeper, 'POST', `/waves/${id}/short`, { key: key(), seq: 3 })
    assert.deepEqual(await putBacks(), ['short 1 of a open wave'])
    assert.equal(await verb('cut', id), 'done')
    const listed = ['short 1 of a open wave', 'cut 2 of a open wave']
    assert.deepEqual(await putBacks(), listed)
    // In the next wave its goods are picked anew, so a cancelled order lists those as well.
    assert.deepEqual(await plan(warehouseId), { waves: 1, orders: 1 })
    const next = (await wavesOf(warehouseId)).find((wave) => wave.id !== id) ?? assert.fail('no wave')
    assert.equal(next.pieceCount, 3)
    await claim(next.id)
    await pick(next.id, 1, 2)
    await house.db.transaction().execute((tx) => unreleaseDeliveries(tx, [cut.id], by))
    assert.deepEqual(await putBacks(), [
      ...listed,
      'cut 2 of a open unrelease',
      'cut 1 of another open unrelease',
    ])
    assert.equal(await verb('cut', next.id), 'done')
    assert.equal((await putBacks()).length, 4)
  })

  test('picked by the printed list without baskets, a stopped parcel has all its goods listed, none of them twice', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule({ sorting: 'none' }))
    const calm = await waits([[b, 1]])
    const held = await waits([
      [a, 3],
      [b, 2],
    ])
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    await pick(id, 1, 1)
    await pick(id, 2, 3)
    await hold(held.orderId)
    assert.equal(await verb('pick-rest', id), 'done')
    const found = await sql<{ delivery: string; quantity: number; first: boolean }>`
      select delivery_id as delivery, quantity, sku_id = ${a} as first from put_back
      where delivery_id in (${calm.id}, ${held.id}) order by sku_id`.execute(house.db)
    assert.deepEqual(found.rows, [
      { delivery: held.id, quantity: 3, first: true },
      { delivery: held.id, quantity: 2, first: false },
    ])
  })

  test('a delivery whose goods are all in its basket stays picked through a hold', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule())
    const first = await waits([[a, 1]], { hours: 1 })
    await waits([[b, 1]], { hours: 2 })
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    await pick(id, 1, 1)
    await hold(first.orderId)
    await pick(id, 2, 1)
    assert.equal(await delivery(first.id), 'pending picked 林晓 1')
    await lift(first.orderId)
    assert.deepEqual(await plan(warehouseId), { waves: 0, orders: 0 })
  })

  test('claiming and a hold at once: the wave is claimed, and the basket is stopped', async () => {
    const { warehouseId, a, waits } = await aPlace(rule())
    const one = await waits([[a, 1]])
    await waits([[a, 1]])
    const { id } = await onlyWave(warehouseId)
    const [claimed] = await Promise.all([claim(id), hold(one.orderId)])
    assert.equal(claimed, 'done')
    const { lines, baskets } = await detail(id)
    assert.equal(lines[0]?.wanted, 1)
    assert.equal(baskets.filter(({ stop }) => stop !== null).length, 1)
  })

  test('a short pick looks in the spare bin, then the last baskets leave and wait for goods', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule())
    const first = await waits([[a, 1]], { hours: 1 })
    const second = await waits(
      [
        [a, 2],
        [b, 1],
      ],
      { hours: 2 },
    )
    await sql`
      with spare as (
        insert into bin (warehouse_id, code, route, created_by) values (${warehouseId}, 'Z-01', 900, '周强') returning id
      )
      update sku_bin set spare_bin_id = spare.id from spare where warehouse_id = ${warehouseId} and sku_id = ${a}`.execute(
      house.db,
    )
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    await pick(id, 1, 1)
    const short = (seq: number) => answered(keeper, 'POST', `/waves/${id}/short`, { key: key(), seq })
    assert.deepEqual(await short(1), { missing: 2, bin: 'Z-01', baskets: [], left: 3 })
    const there = (await detail(id)).lines.find(({ bin }) => bin === 'Z-01')
    assert.equal(there?.wanted, 2)
    await pick(id, there?.seq ?? 0, 1)
    assert.deepEqual(await short(there?.seq ?? 0), { missing: 1, bin: '', baskets: [2], left: 0 })
    assert.equal(await statusOf(id), 'picked')
    assert.equal(await delivery(first.id), 'pending picked 林晓 1')
    assert.equal(await delivery(second.id), 'pending unpicked')
    // On hand less the missing piece; the two pieces of the second order wait.
    assert.deepEqual(await balanceOf(house.db, warehouseId, a), [2, 1, 2])
    assert.deepEqual(await plan(warehouseId), { waves: 0, orders: 0 })
    await putStock(house.db, warehouseId, a, 1)
    await sql`
      update reservation set reserved = wanted where order_id = ${second.orderId} and sku_id = ${a}`.execute(
      house.db,
    )
    await sql`
      update stock set reserved = reserved + 2, short = 0 where warehouse_id = ${warehouseId} and sku_id = ${a}`.execute(
      house.db,
    )
    assert.deepEqual(await plan(warehouseId), { waves: 1, orders: 1 })
    const next = (await wavesOf(warehouseId)).find((wave) => wave.id !== id)
    // Of the first SKU one piece is in the basket already.
    assert.deepEqual(
      (await detail(next?.id ?? '')).lines.map(({ bin, wanted }) => [bin, wanted]),
      [
        ['A-01', 1],
        ['A-02', 1],
      ],
    )
  })

  test('picked first, then sorted: each scan names its basket, the last one ends the wave', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule({ sorting: 'after' }))
    await waits([[a, 1]], { hours: 1 })
    const back = await waits([[a, 1]], { hours: 2 })
    const held = await waits(
      [
        [a, 1],
        [b, 1],
      ],
      { hours: 3 },
    )
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    await pick(id, 1, 3)
    await pick(id, 2, 1)
    await hold(held.orderId)
    await house.db.transaction().execute((tx) => unreleaseDeliveries(tx, [back.id], by))
    const codes = await sql<{ id: string; code: string }>`
      select id, code from sku where id in (${a}, ${b}) order by id`.execute(house.db)
    const [first = '', second = ''] = codes.rows.map(({ code }) => code)
    await sql`insert into sku_barcode (code, sku_id) values ('6901234567892', ${b})`.execute(house.db)
    const sort = async (code: string) => {
      const { verdict, basket, left } = await answered(other, 'POST', `/waves/${id}/sort`, {
        key: key(),
        code,
      })
      return [verdict, basket, left]
    }
    assert.equal(await verb('hand-over', id), 'sort_first')
    assert.deepEqual(await sort('nothing'), ['unknown', 0, 3])
    assert.deepEqual(await sort(first), ['basket', 1, 2])
    assert.equal(await statusOf(id), 'sorting')
    // The piece of the order that was taken back is in the cart, and no basket needs it.
    const [sorting] = await wavesOf(warehouseId)
    assert.deepEqual([sorting?.sorted, sorting?.toSort, sorting?.picked], [1, 3, 4])
    const { wave, unsorted } = await detail(id)
    assert.equal(wave.sorted + unsorted, wave.toSort)
    assert.deepEqual(await sort('6901234567892'), ['aside', 3, 1])
    assert.deepEqual(await sort(second), ['back', 0, 1])
    assert.deepEqual(await sort(first), ['aside', 3, 0])
    assert.equal(await statusOf(id), 'done')
  })

  test('a piece of a parcel that left the wave while it was stopped goes into its basket, and is not called stopped once it is lifted', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule({ sorting: 'after' }))
    const left = await waits(
      [
        [a, 1],
        [b, 1],
      ],
      { hours: 1 },
    )
    const stays = await waits([[a, 1]], { hours: 2 })
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    await pick(id, 1, 2)
    await hold(left.orderId)
    assert.equal(await verb('cut', id), 'done')
    await lift(left.orderId)
    const [code] = (await sql<{ code: string }>`select code from sku where id = ${a}`.execute(house.db)).rows
    const sort = () => answered(other, 'POST', `/waves/${id}/sort`, { key: key(), code: code?.code ?? '' })
    const [first, second] = [await sort(), await sort()]
    assert.deepEqual([first.verdict, first.basket, first.left], ['basket', 2, 1])
    assert.deepEqual([second.verdict, second.basket, second.left], ['basket', 1, 0])
    assert.equal(await delivery(stays.id), 'pending picked 林晓 2')
  })

  test('of too few pieces the first baskets get what was found, and only those that lack pieces lose their goods', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule())
    const first = await waits([[a, 2]], { hours: 1 })
    const second = await waits([[a, 1]], { hours: 2 })
    const third = await waits(
      [
        [a, 2],
        [b, 1],
      ],
      { hours: 3 },
    )
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    const report = (found: number, of = key()) =>
      keeper.call('POST', `/api/waves/${id}/short`, { key: of, seq: 1, found })
    const tooMany = await report(6)
    assert.deepEqual([tooMany.status, Object(tooMany.body).code], [409, 'too_many_picked'])
    const answer = { missing: 1, bin: '', baskets: [3], left: 0 }
    assert.deepEqual((await report(4, 'found-four')).body, answer)
    assert.deepEqual((await report(4, 'found-four')).body, answer)
    assert.deepEqual(
      [await delivery(first.id), await delivery(second.id), await delivery(third.id)],
      ['pending picked 林晓 1', 'pending picked 林晓 2', 'pending unpicked'],
    )
    const [line] = (await detail(id)).lines
    assert.deepEqual([line?.picked, line?.missing], [4, 1])
    const kept = await sql<{ picked: number[] }>`
      select array_agg(picked order by delivery_id, sku_id) as picked from wave_piece where wave_id = ${id}`.execute(
      house.db,
    )
    assert.deepEqual(kept.rows[0]?.picked, [2, 1, 1, 0])
  })

  test('today is the day of China, not of UTC', async () => {
    const { warehouseId, a, waits } = await aPlace(rule())
    await waits([[a, 1]])
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    await pick(id, 1, 1)
    const begun = startOfChinaDay(new Date())
    const shown = async (at: number) => {
      const time = new Date(at).toISOString()
      await sql`update wave set status = 'done', done_at = ${time}, done_by = '' where id = ${id}`.execute(
        house.db,
      )
      await sql`update wave_line set done_at = ${time} where wave_id = ${id}`.execute(house.db)
      // As on a connection whose time zone is another.
      const listed = await house.db.connection().execute(async (one) => {
        await sql`set time zone 'UTC'`.execute(one)
        const counts = await waveCounts(
          one,
          { scope: wholeScope, warehouse: [warehouseId], courier: null, q: null },
          100,
        )
        const work = await workToday(one, warehouseId, wholeScope)
        await sql`set time zone 'Asia/Shanghai'`.execute(one)
        return [counts.today, work.length]
      })
      return listed
    }
    assert.deepEqual(await shown(begun.getTime()), [1, 1])
    assert.deepEqual(await shown(begun.getTime() - 1), [0, 0])
  })

  test('what a phone sends twice is picked, missing and sorted once, also when the wave has gone on', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule({ sorting: 'after' }))
    await waits([[a, 2]], { hours: 1 })
    await waits([[b, 1]], { hours: 2 })
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    const twice = async (act: string, body: object) => {
      const send = () => answered(keeper, 'POST', `/waves/${id}/${act}`, body)
      const [one, other] = await Promise.all([send(), send()])
      assert.deepEqual(one, other)
      return one
    }
    assert.deepEqual(await twice('pick', { key: 'first-piece', seq: 1, pieces: 1 }), { left: 2 })
    assert.deepEqual(await twice('pick', { key: 'second-piece', seq: 1, pieces: 1 }), { left: 1 })
    const short = { missing: 1, bin: '', baskets: [2], left: 0 }
    assert.deepEqual(await twice('short', { key: 'not-there', seq: 2 }), short)
    assert.equal(await statusOf(id), 'picked')
    assert.deepEqual(await balanceOf(house.db, warehouseId, b), [0, 0, 1])
    assert.deepEqual(await pick(id, 1, 1, 'first-piece'), { left: 2 })
    const [code] = (await detail(id)).lines.filter(({ skuId }) => skuId === a).map((line) => line.code)
    const sorted = async (of: string) => (await twice('sort', { key: of, code })).left
    assert.deepEqual([await sorted('sorted-one'), await sorted('sorted-two')], [1, 0])
    assert.deepEqual(await twice('sort', { key: 'sorted-one', code }), {
      ...{ verdict: 'basket', skuId: a, basket: 1, left: 1 },
    })
    assert.equal(await statusOf(id), 'done')
    const { lines, wave } = await detail(id)
    assert.deepEqual([wave.picked, wave.sorted, lines[0]?.picked, lines[1]?.missing], [2, 2, 2, 1])
  })

  test('a scan that was refused is tried again under its key', async () => {
    const { warehouseId, a, waits } = await aPlace(rule())
    await waits([[a, 1]])
    const { id } = await onlyWave(warehouseId)
    const send = () => keeper.call('POST', `/api/waves/${id}/pick`, { key: 'too-early', seq: 1, pieces: 1 })
    assert.equal((await send()).status, 409)
    await claim(id)
    assert.deepEqual((await send()).body, { left: 0 })
    assert.equal(await statusOf(id), 'picked')
  })

  test('an open wave is cancelled and its deliveries wait again; one that is picked is cut', async () => {
    const { warehouseId, a, b, waits } = await aPlace(rule({ sorting: 'none' }))
    await waits([[a, 1]], { hours: 1 })
    const left = await waits([[b, 1]], { hours: 2 })
    const { id } = await onlyWave(warehouseId)
    assert.equal(await verb('cut', id), 'wrong_status')
    assert.equal(await verb('cancel', id), 'done')
    assert.deepEqual(await plan(warehouseId), { waves: 1, orders: 2 })
    const [again] = await wavesOf(warehouseId)
    const next = again?.id ?? ''
    await claim(next)
    await pick(next, 1, 1)
    assert.equal(await verb('cut', next, {}, other), 'other_picker')
    assert.equal(await verb('cut', next), 'done')
    assert.equal(await delivery(left.id), 'pending unpicked')
    assert.deepEqual(await plan(warehouseId), { waves: 1, orders: 1 })
  })

  test('picked by the printed list: all that is open is taken at once, what is stopped or was short gets nothing', async () => {
    const { warehouseId, a, b, c, waits } = await aPlace(rule({ sorting: 'picking', ordersTo: 10 }))
    const whole = await waits([
      [a, 2],
      [b, 1],
    ])
    const held = await waits([[c, 3]])
    const also = await waits([[a, 1]])
    const wave = await onlyWave(warehouseId)
    const id = wave?.id ?? assert.fail()
    assert.equal(await verb('pick-rest', id), 'wrong_status')
    await claim(id)
    await pick(id, 1, 1)
    assert.deepEqual(await figuresOf(warehouseId, id), [1, 7])
    await hold(held.orderId)
    assert.deepEqual(await figuresOf(warehouseId, id), [1, 4])
    assert.equal(await verb('pick-rest', id, {}, other), 'other_picker')
    assert.deepEqual([await statusOf(id), (await detail(id)).wave.picked], ['picking', 1])
    assert.equal(await verb('pick-rest', id), 'done')
    const { wave: after, lines } = await detail(id)
    assert.deepEqual([after.status, after.picked, after.toPick], ['picked', 4, 4])
    assert.deepEqual(await figuresOf(warehouseId, id), [4, 4])
    assert.deepEqual(
      lines.map((line) => [line.done, line.picked]),
      [
        [true, 3],
        [true, 1],
        [true, 0],
      ],
    )
    for (const one of [whole, also]) assert.match((await delivery(one.id)) ?? '', /^pending picked /)
    assert.match((await delivery(held.id)) ?? '', /^pending unpicked/)
    const left = await sql<{ reason: string }>`
      select left_reason as reason from wave_delivery where wave_id = ${id} and not live`.execute(house.db)
    assert.deepEqual(left.rows, [{ reason: 'stopped' }])
    assert.equal(await verb('pick-rest', id), 'wrong_status')
    assert.equal((await detail(id)).wave.picked, 4)
    // The list was printed before the hold: the picker has its goods, which go back. They are listed once, also when it is cancelled.
    const putBacks = async () => {
      const found = await sql<{ is: string }>`
        select concat_ws(' ', case b.delivery_id when ${held.id} then 'held' else 'another' end, b.quantity,
          case b.sku_id when ${c} then 'of c' else 'of another' end, b.state, split_part(b.source, '/', 1)) as is
        from put_back b where b.delivery_id in (${whole.id}, ${held.id}, ${also.id}) order by b.id`.execute(
        house.db,
      )
      return found.rows.map(({ is }) => is)
    }
    assert.deepEqual(await putBacks(), ['held 3 of c open wave'])
    const by = { actor: packer, scope: wholeScope }
    const gone = await house.db
      .transaction()
      .execute((tx) => unreleaseDeliveries(tx, [whole.id, held.id], by))
    assert.deepEqual(
      gone.map(({ done }) => done),
      [true, true],
    )
    assert.deepEqual(await putBacks(), [
      'held 3 of c open wave',
      'another 2 of another open unrelease',
      'another 1 of another open unrelease',
    ])
  })

  test('who may not see the warehouse or a shop of the wave does not see the wave', async () => {
    const { warehouseId, a, waits } = await aPlace(rule())
    await waits([[a, 1]])
    const { id } = await onlyWave(warehouseId)
    const elsewhere = await house.as(['fulfilment.read', 'fulfilment.ship'], 'all', [
      await aWarehouse(house.db),
    ])
    const otherShop = await house.as(['fulfilment.read', 'fulfilment.ship'], [await aShop(house.db)])
    for (const who of [elsewhere, otherShop]) {
      assert.equal((await who.call('GET', `/api/waves/${id}`)).status, 404)
      assert.equal(await claim(id, who), 'not_found')
      assert.deepEqual((await answered(who, 'GET', '/waves')).rows, [])
      assert.equal(
        (await who.call('POST', `/api/waves/${id}/pick`, { key: key(), seq: 1, pieces: 1 })).status,
        404,
      )
    }
    assert.equal((await elsewhere.call('POST', '/api/waves/plan', { warehouseId })).status, 404)
  })

  test('a warehouse that requires waves ships nothing before it is picked', async () => {
    const { warehouseId, a, waits } = await aPlace(rule({ sorting: 'none' }))
    const one = await waits([[a, 1]])
    const admin = await house.as(['*'])
    await answered(admin, 'PATCH', `/warehouses/${warehouseId}`, { shipSteps: ['wave'] })
    const row = { id: one.id, courier: 'SF', waybillNo: 'SF1000000009001' }
    await answered(admin, 'POST', '/deliveries/waybills', { rows: [row] })
    const stateOf = async () =>
      (await sql<{ is: string }>`select standing as is from delivery where id = ${one.id}`.execute(house.db))
        .rows[0]?.is
    assert.equal(await stateOf(), 'wave')
    const ship = async () => {
      const { results } = await answered(admin, 'POST', '/deliveries/ship', { ids: [one.id] })
      return results[0].done ? 'done' : results[0].code
    }
    assert.equal(await ship(), 'not_picked')
    const { id } = await onlyWave(warehouseId)
    await claim(id)
    await pick(id, 1, 1)
    assert.equal(await stateOf(), 'ready')
    assert.equal(await ship(), 'done')
  })

  test('the books are right', async () => {
    assert.deepEqual(await wrongInTheBooks(house.db), [])
  })
})
