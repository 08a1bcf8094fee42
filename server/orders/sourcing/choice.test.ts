import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { inventoryJobs } from '../../inventory/jobs.ts'
import { facet } from '../../lib/facets.ts'
import { seal } from '../../lib/seal.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { anOrder, aShop, matchGoods } from '../../testing/orders.ts'
import { aWarehouse, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { reserveNewOrders, reserveOrders } from '../allocation/goods.ts'
import { goodsJobs } from '../allocation/goods-jobs.ts'
import { courierFacetOf } from '../order/facets.ts'
import { lockOrders } from '../order/queries.ts'
import type { ChoiceRules } from './choice-contract.ts'

let house: TestApp
let shopId: string
let skuId: string
let near: string
let far: string
let lead: Caller

before(async () => {
  house = await testApp()
  await createQueues(house.db, [...inventoryJobs(), ...goodsJobs()])
  shopId = await aShop(house.db)
  skuId = await matchGoods(house.db, shopId)
  near = await aWarehouse(house.db, 1)
  far = await aWarehouse(house.db, 2)
  await putStock(house.db, far, skuId, 1000)
  lead = await house.as(['*'])
})
beforeEach(async () => {
  await sql`delete from choice_rules`.execute(house.db)
  await sql`update sku set weight_g = null where id = ${skuId}`.execute(house.db)
})
after(async () => {
  assert.deepEqual(await wrongInTheBooks(house.db), [])
  await house[Symbol.asyncDispose]()
})

const asksNothing = {
  name: '规则',
  enabled: true,
  from: null,
  to: null,
  shops: [],
  regions: [],
  words: [],
  notWords: [],
  minWeightG: null,
  maxWeightG: null,
  minFen: null,
  maxFen: null,
  cod: null,
  skus: [],
  categories: [],
  warehouses: [],
}
const courierRule = (rule: object) => ({ ...asksNothing, courier: 'YTO', ...rule })
const warehouseRule = (rule: object) => ({ ...asksNothing, policy: 'first', ...rule })

async function versions(): Promise<{ warehouse: number; courier: number }> {
  const { warehouse, courier } = (await lead.call('GET', '/api/choice-rules')).body as ChoiceRules
  return { warehouse: warehouse.version, courier: courier.version }
}
async function setRules(wish: { warehouse?: object[]; courier?: object[]; reach?: object }): Promise<void> {
  const { warehouse: w, courier: c } = await versions()
  const { warehouse: rules, courier = [], reach = {} } = wish
  if (rules) {
    const saved = await lead.call('PUT', '/api/choice-rules/warehouse', { rules, version: w })
    assert.equal(saved.status, 204, JSON.stringify(saved.body))
  }
  const saved = await lead.call('PUT', '/api/choice-rules/courier', { rules: courier, reach, version: c })
  assert.equal(saved.status, 204, JSON.stringify(saved.body))
}

/** Inserts an order and reserves its stock in one transaction, as the conversion does. */
async function converted(input: Partial<Parameters<typeof anOrder>[1]> = {}): Promise<string> {
  const { id } = await anOrder(house.db, { shopId, ...input })
  await house.db.transaction().execute((tx) => reserveNewOrders(tx, [id]))
  return id
}

type State = {
  warehouse: string | null
  courier: string
  hands: boolean[]
  promised: string[]
  facets: number[]
  short: boolean
  version: number
}
async function stateOf(id: string): Promise<State> {
  const found = await sql<State>`
    select warehouse_id as warehouse, courier, array[warehouse_by_hand, courier_by_hand] as hands, version, facets,
      facets[5] & 7 <> 0 as short,
      array(select warehouse_id::text from reservation r where r.order_id = o.id and reserved > 0 order by line_no) as promised
    from sales_order o where id = ${id}`.execute(house.db)
  assert.ok(found.rows[0])
  return found.rows[0]
}
async function stories(id: string): Promise<{ event: string; choice: Record<string, unknown> }[]> {
  const found = await sql<{ event: string; choice: Record<string, unknown> }>`
    select event, detail -> 'choice' as choice from order_event where order_id = ${id} and detail ? 'choice' order by id`.execute(
    house.db,
  )
  return found.rows
}
async function post(path: string, body: object, who = lead): Promise<(string | undefined)[]> {
  const answer = await who.call('POST', `/api/orders/${path}`, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const { results } = answer.body as { results: { done: boolean; code?: string }[] }
  return results.map((one) => (one.done ? 'done' : one.code))
}

test('converting sends a whole order from where all of it is, and tells why', async () => {
  const id = await converted()
  const { warehouse, promised, short, courier } = await stateOf(id)
  assert.deepEqual([warehouse, promised, short, courier], [far, [far, far], false, ''])
  assert.deepEqual(
    (await stories(id)).map(({ event, choice }) => [event, choice['how'], choice['rule'], choice['passed']]),
    [['convert', 'whole', '', []]],
  )
})

test('rules choose at conversion: region, words, weight and reach; the courier is found by its filter', async () => {
  await sql`update sku set weight_g = 700 where id = ${skuId}`.execute(house.db)
  await setRules({
    warehouse: [
      warehouseRule({ name: '西北', regions: ['新疆'], warehouses: [far] }),
      warehouseRule({ name: '华东', regions: ['浙江'], warehouses: [near, far] }),
    ],
    courier: [
      courierRule({ name: '轻件', maxWeightG: 2000 }),
      courierRule({ name: '圆通', courier: 'YTO' }),
      courierRule({ name: '中通', courier: 'ZTO', warehouses: [near] }),
      courierRule({ name: '顺丰', courier: 'SF' }),
    ],
    reach: { YTO: ['浙江 杭州'] },
  })
  const id = await converted()
  const state = await stateOf(id)
  assert.deepEqual([state.warehouse, state.courier, state.promised, state.short], [near, 'ZTO', [], true])
  const [story] = await stories(id)
  assert.deepEqual(
    [
      story?.choice['rule'],
      story?.choice['passed'],
      story?.choice['courierRule'],
      story?.choice['courierPassed'],
    ],
    [
      '华东',
      [['西北', 'region']],
      '中通',
      [
        ['轻件', 'weight'],
        ['圆通', 'reach'],
      ],
    ],
  )
  const listed = await lead.call('GET', `/api/orders?courier=ZTO&warehouse=${near}`)
  const { rows } = listed.body as { rows: { id: string; warehouseName: string; courierByHand: boolean }[] }
  assert.deepEqual(
    rows.map((row) => [row.id, row.warehouseName !== '', row.courierByHand]),
    [[id, true, false]],
  )
})

test('a record of what was shipped elsewhere gets neither', async () => {
  await setRules({ warehouse: [warehouseRule({ warehouses: [near] })], courier: [courierRule({})] })
  const { id } = await anOrder(house.db, { shopId, origin: 'record', status: 'shipped' })
  const state = await stateOf(id)
  assert.deepEqual([state.warehouse, state.courier], [null, ''])
  assert.deepEqual(await stories(id), [])
})

test('choosing anew moves the promise along, leaves what people chose, and refuses what is confirmed', async () => {
  const moved = await converted()
  const byHand = await converted()
  const confirmed = await converted({ status: 'confirmed' })
  assert.deepEqual(await post('warehouse', { ids: [byHand], warehouseId: far }), ['done'])
  assert.deepEqual(await post('courier', { ids: [byHand], courier: 'EMS' }), ['done'])
  assert.deepEqual((await stateOf(byHand)).hands, [true, true])
  await putStock(house.db, near, skuId, 9)
  await setRules({ warehouse: [warehouseRule({ warehouses: [near] })], courier: [courierRule({})] })
  const ids = [moved, byHand, confirmed, '999999']
  assert.deepEqual(await post('choose', { ids, what: 'warehouse' }), [
    'done',
    'already',
    'wrong_status',
    'not_found',
  ])
  const first = await stateOf(moved)
  assert.deepEqual(
    [first.warehouse, first.promised, first.short, first.courier],
    [near, [near, near], false, 'YTO'],
  )
  assert.deepEqual(await post('choose', { ids: [moved], what: 'warehouse' }), ['already'])
  assert.equal((await stateOf(moved)).version, first.version)
  await setRules({ courier: [courierRule({ courier: 'SF' })] })
  assert.deepEqual(await post('choose', { ids: [moved], what: 'warehouse' }), ['already'])
  assert.deepEqual(await post('choose', { ids: [moved, byHand], what: 'courier' }), ['done', 'already'])
  const over = { ids: [byHand], overHand: true }
  assert.deepEqual(await post('choose', { ...over, what: 'warehouse' }), ['done'])
  assert.deepEqual((await stateOf(byHand)).hands, [false, true])
  assert.deepEqual(await post('choose', { ...over, what: 'courier' }), ['done'])
  const second = await stateOf(byHand)
  assert.deepEqual(
    [second.warehouse, second.courier, second.hands, second.promised],
    [near, 'SF', [false, false], [near, near]],
  )
  assert.equal((await stateOf(confirmed)).warehouse, far)
  assert.deepEqual(
    (await stories(moved)).map(({ event, choice }) => [event, choice['rule'], choice['courier']]),
    [
      ['convert', '', ''],
      ['choose', '规则', 'YTO'],
      ['choose', '', 'SF'],
    ],
  )
})

test('both at once: warehouse and courier', async () => {
  const id = await converted()
  await setRules({ warehouse: [warehouseRule({ warehouses: [near] })], courier: [courierRule({})] })
  assert.deepEqual(await post('choose', { ids: [id], what: 'both' }), ['done'])
  const { warehouse, courier } = await stateOf(id)
  assert.deepEqual([warehouse, courier], [near, 'YTO'])
})

test('an order that waits goes where its goods are, and stays while they are nowhere', async () => {
  const shop = await aShop(house.db)
  const sku = await matchGoods(house.db, shop)
  const waiting = await converted({ shopId: shop })
  const behind = await converted({ shopId: shop })
  assert.deepEqual([(await stateOf(waiting)).warehouse, (await stateOf(waiting)).short], [near, true])
  assert.deepEqual(await post('choose', { ids: [waiting, behind], what: 'warehouse' }), [
    'already',
    'already',
  ])
  // The pieces are enough for one order, and the earlier order gets them.
  await putStock(house.db, far, sku, 4)
  assert.deepEqual(await post('choose', { ids: [waiting, behind], what: 'warehouse' }), ['done', 'already'])
  const { warehouse, promised, short } = await stateOf(waiting)
  assert.deepEqual([warehouse, promised, short], [far, [far, far], false])
})

test('an unknown or retired warehouse is refused by hand', async () => {
  const id = await converted()
  const retired = await aWarehouse(house.db)
  await sql`update warehouse set active = false where id = ${retired}`.execute(house.db)
  assert.deepEqual(await post('warehouse', { ids: [id], warehouseId: retired }), ['no_warehouse'])
  assert.deepEqual(await post('warehouse', { ids: [id], warehouseId: '99999' }), ['no_warehouse'])
})

test('another address chooses anew; what a person chose stays', async () => {
  await setRules({
    courier: [courierRule({ name: '到', regions: ['浙江'] }), courierRule({ name: '远', courier: 'EMS' })],
  })
  const receiver = { name: '王小明', mobile: '13812341234', phone: '', province: '浙江省', city: '杭州市' }
  const personal = () =>
    seal(
      house.ring,
      shopId,
      JSON.stringify({
        nick: 'x',
        receiver: { ...receiver, district: '', town: '', address: '1', zip: '', token: '' },
      }),
    )
  const free = await converted({ personal: personal() })
  const byHand = await converted({ personal: personal() })
  assert.deepEqual(await post('courier', { ids: [byHand], courier: 'SF' }), ['done'])
  const edits = [free, byHand].map((id) => ({ id, receiver: { province: '西藏自治区', city: '拉萨市' } }))
  assert.deepEqual(await post('edit', { edits }), ['done', 'done'])
  assert.deepEqual(
    [(await stateOf(free)).courier, (await stateOf(byHand)).courier, (await stories(free)).at(-1)?.event],
    ['EMS', 'SF', 'choose'],
  )
})

test('goods that nothing was promised of yet choose once more when stock is asked', async () => {
  const id = await converted({ paid: false })
  assert.equal((await stateOf(id)).warehouse, far)
  await setRules({ warehouse: [warehouseRule({ warehouses: [near] })] })
  await sql`update sales_order set paid_at = now() where id = ${id}`.execute(house.db)
  await house.db.transaction().execute(async (tx) => {
    await lockOrders(tx, [id])
    await reserveOrders(tx, [id])
  })
  assert.equal((await stateOf(id)).warehouse, near)
})

test('orders that go opposite ways at once all arrive, and the books are right', async () => {
  await putStock(house.db, near, skuId, 500)
  const ids = await Promise.all(Array.from({ length: 24 }, () => converted()))
  await Promise.all(
    Array.from({ length: 12 }, (_, turn) =>
      post('warehouse', {
        ids: ids.filter((_id, at) => at % 4 === turn % 4),
        warehouseId: turn % 2 === 0 ? near : far,
      }),
    ),
  )
  for (const id of ids) {
    const { warehouse, promised } = await stateOf(id)
    assert.deepEqual(promised, [warehouse, warehouse])
  }
  assert.deepEqual(await wrongInTheBooks(house.db), [])
})

test('a dry run tells what would happen and why, with rules that are not saved, and changes nothing', async () => {
  const shop = await aShop(house.db)
  const other = await aShop(house.db)
  const id = await converted({ shopId: shop })
  await converted({ shopId: other })
  const before = await stateOf(id)
  const draft = {
    warehouseRules: [
      warehouseRule({ name: '别店', shops: [other], warehouses: [far] }),
      warehouseRule({ name: '全部', warehouses: [far] }),
    ],
    courierRules: [courierRule({ name: '顺丰', courier: 'SF' })],
    reach: { SF: ['浙江'] },
  }
  const scoped = await house.as(['orders.read'], [shop])
  const answer = await scoped.call('POST', '/api/choice-rules/dry-run', draft)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const { seen, changing, rows, byCourier } = answer.body as {
    seen: number
    changing: number
    rows: Record<string, unknown>[]
    byCourier: object[]
  }
  assert.deepEqual([seen, changing, byCourier], [1, 1, [{ name: '', count: 1 }]])
  const [row] = rows
  assert.deepEqual(
    [row?.['id'], row?.['how'], row?.['warehouseRule'], row?.['warehousePassed'], row?.['courierPassed']],
    [id, 'first', '全部', [{ rule: '别店', miss: 'shop' }], [{ rule: '顺丰', miss: 'reach' }]],
  )
  assert.deepEqual(await stateOf(id), before)
  assert.deepEqual(await versions(), { warehouse: 0, courier: 0 })
})

test('rules are the house’s: one version after the other, by who sees every shop, with names that exist', async () => {
  const rules = [warehouseRule({ warehouses: [near] })]
  const audited = async () => {
    const found = await sql`select from audit_log where action = 'choice_rules.save'`.execute(house.db)
    return found.rows.length
  }
  const before = await audited()
  const some = await house.as(['orders.read', 'orders.rules'], [shopId])
  const clerk = await house.as(['orders.read'])
  const save = async (who: Caller, path: string, body: object) => {
    const answer = await who.call('PUT', `/api/choice-rules/${path}`, body)
    return [answer.status, Object(answer.body).code, Object(answer.body).field]
  }
  assert.deepEqual((await save(clerk, 'warehouse', { rules, version: 0 }))[0], 403)
  assert.deepEqual((await save(some, 'warehouse', { rules, version: 0 })).slice(0, 2), [403, 'outside_scope'])
  const wrong = [warehouseRule({ warehouses: ['99999'] })]
  assert.deepEqual(await save(lead, 'warehouse', { rules: wrong, version: 0 }), [
    400,
    'invalid_input',
    'rules.0.warehouses',
  ])
  const unknown = { rules: [courierRule({ courier: 'NONE' })], reach: {}, version: 0 }
  assert.deepEqual((await save(lead, 'courier', unknown))[2], 'rules.0.courier')
  assert.deepEqual(
    (await save(lead, 'courier', { rules: [], reach: { NONE: [] }, version: 0 }))[2],
    'reach.NONE',
  )
  assert.deepEqual((await save(lead, 'warehouse', { rules, version: 0 }))[0], 204)
  assert.deepEqual((await save(lead, 'warehouse', { rules, version: 0 })).slice(0, 2), [409, 'conflict'])
  const other = await aShop(house.db)
  const foreign = warehouseRule({ name: '别店', shops: [other], warehouses: [near] })
  assert.deepEqual((await save(lead, 'warehouse', { rules: [...rules, foreign], version: 1 }))[0], 204)
  const read = (await some.call('GET', '/api/choice-rules')).body as ChoiceRules
  assert.deepEqual(
    read.warehouse.rules.map(({ name }) => name),
    ['规则'],
  )
  assert.equal((await audited()) - before, 2)
})

test('converting the same trade twice at once chooses once', async () => {
  await setRules({ courier: [courierRule({})] })
  const tries = await Promise.allSettled(
    Array.from({ length: 4 }, () => anOrder(house.db, { shopId, tid: 'same' })),
  )
  assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
  const found = await sql<{ courier: string; actor: string }>`
    select o.courier, e.actor_name as actor from sales_order o join order_event e on e.order_id = o.id where o.tid = 'same'`.execute(
    house.db,
  )
  assert.deepEqual(found.rows, [{ courier: 'YTO', actor: systemActor.name }])
})

test('a courier that an own order names stands over the rules, alone among its facets, and without one the rules choose', async () => {
  await setRules({ courier: [courierRule({ courier: 'YTO' })] })
  const receiver = {
    name: '李小龙',
    mobile: '13911112222',
    province: '广东省',
    city: '佛山市',
    address: '1 号',
  }
  const own = (key: string, courier?: string) => ({
    key,
    shopId,
    receiver,
    lines: [{ skuId, quantity: 1, priceFen: 100 }],
    ...(courier ? { courier } : {}),
  })
  const made = await lead.call('POST', '/api/orders', {
    orders: [own('named-by-hand', 'SF'), own('left-to-rules')],
  })
  const [named, left] = Object(made.body).results.map((one: { id: string }) => one.id)
  const found = await sql<{ id: string; courier: string; hand: boolean; couriers: number[] }>`
    select id, courier, courier_by_hand as hand, array(
      select f from unnest(facets) f where f >= ${facet('courier', 0)} and f < ${facet('desk', 0)}) as couriers
    from sales_order where id = any(${[named, left]}::bigint[]) order by id`.execute(house.db)
  assert.deepEqual(found.rows, [
    { id: named, courier: 'SF', hand: true, couriers: [courierFacetOf('SF')] },
    { id: left, courier: 'YTO', hand: false, couriers: [courierFacetOf('YTO')] },
  ])
})
