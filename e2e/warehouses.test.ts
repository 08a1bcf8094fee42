import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { createQueues } from '../server/core/jobs/job.ts'
import { memoryKeyRing } from '../server/lib/seal.ts'
import { type Caller, type TestApp, testApp } from '../server/testing/app.ts'
import { anOrder, aShop } from '../server/testing/orders.ts'
import { bodyFor } from '../server/testing/sample-input.ts'
import { aSku, putStock } from '../server/testing/stock.ts'
import { scopeNow } from '../server/users/current-rights.ts'
import { verbs as declared, jobs } from '../server/worker.ts'

// Two warehouses with one row of each kind, and a user with all permissions for one of them only.

type Filled = {
  id: string
  code: string
  /** Texts that only this warehouse has. */
  words: string[]
  pair: string
  draft: string
  approved: string
  lock: string
  delivery: string
  deliveryNo: string
  intercept: string
  putBack: string
  order: string
  wave: string
  countTask: string
  return: string
  returnNo: string
  problem: string
  parcel: string
}

let house: TestApp
let boss: Caller
let keeper: Caller
let mine: Filled
let theirs: Filled
let untouched: string

before(async () => {
  house = await testApp()
  await createQueues(house.db, jobs)
  boss = await house.as(['*'])
  // At least one user who can sign in and grant permissions must remain.
  await sql`insert into user_role (user_id, role_id) select ${boss.userId}, id from role where builtin = 'admin'`.execute(
    house.db,
  )
  await sql`
    insert into user_credential (account_id, provider_id, user_id, password)
    values (${boss.userId}, 'credential', ${boss.userId}, 'x')`.execute(house.db)
  const shopId = await aShop(house.db)
  const skuId = await aSku(house.db, 'BED')
  mine = await fill('杭州仓', 'HZ', { shopId, skuId })
  theirs = await fill('禁地仓', 'NO', { shopId, skuId })
  keeper = await house.as(['*'], 'all', [mine.id])
  untouched = await everythingOf(theirs)
})
after(() => house[Symbol.asyncDispose]())

const answered = async (who: Caller, method: string, path: string, body?: unknown) => {
  const answer = await who.call(method, path, body)
  assert.ok(answer.status < 300, `${path} ${answer.status} ${JSON.stringify(answer.body)}`)
  return Object(answer.body)
}

async function fill(name: string, code: string, of: { shopId: string; skuId: string }): Promise<Filled> {
  const { db } = house
  const { id } = await answered(boss, 'POST', '/api/warehouses', {
    code,
    name,
    kind: 'own',
    province: '',
    city: '',
    priority: 1,
  })
  await putStock(db, id, of.skuId, 100)
  await answered(boss, 'POST', '/api/bins', {
    ...{ warehouseId: id, code: `${code}-01`, route: 1, active: true, version: '' },
    ...{ mains: ['BED'], spares: [] },
  })
  const write = async (kind: string, quantity: number) => {
    const input = { kind, warehouseId: id, note: `${name}的单据`, lines: [{ skuCode: 'BED', quantity }] }
    return (await answered(boss, 'POST', '/api/stock-documents', input)).id as string
  }
  const [draft, approved, lock] = [
    await write('adjustment', 1),
    await write('adjustment', 2),
    await write('lock', 3),
  ]
  await answered(boss, 'POST', '/api/stock-documents/approve', { ids: [approved, lock] })
  await answered(boss, 'POST', '/api/stock-documents/post', { ids: [lock] })
  const order = await anOrder(db, { shopId: of.shopId, status: 'confirmed' })
  await sql`update sales_order set warehouse_id = ${id} where id = ${order.id}`.execute(db)
  await answered(boss, 'POST', '/api/orders/release', { ids: [order.id] })
  const found = await sql<{
    id: string
    no: string
  }>`select id, no from delivery where order_id = ${order.id}`.execute(db)
  const [delivery] = found.rows
  const parcel = sql`
    select id, no, order_id, order_no, tid, shop_id, warehouse_id, 'SF', ${`SF${code}1`} from delivery where order_id = ${order.id}`
  const columns = sql`delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no`
  const wave = await sql<{ id: string }>`
    with made as (
      insert into wave (no, warehouse_id, rule_name, sorting, status, order_count, piece_count, created_by)
      values (${`W-${code}`}, ${id}, '多品', 'none', 'open', 1, 1, '周强') returning id
    )
    insert into wave_delivery (wave_id, delivery_id, order_id, shop_id, basket)
    select made.id, d.id, d.order_id, d.shop_id, 1 from made, delivery d where d.order_id = ${order.id} returning wave_id as id`.execute(
    db,
  )
  const counted = await answered(boss, 'POST', '/api/count-tasks', {
    ...{ key: `${code}-count-task-key`, warehouseId: id, codes: [`${code}-01`] },
  })
  const intercept = await sql<{ id: string }>`
    insert into intercept (${columns}, refund_no, amount_fen, way, state, created_by)
    select parcel.*, 'r1', 1, 'pull', 'open', '周强' from (${parcel}) parcel returning id`.execute(db)
  const putBack = await sql<{ id: string }>`
    insert into put_back (${columns}, line_no, title, spec, quantity, source)
    select parcel.*, 1, '四件套', '', 1, 'void' from (${parcel}) parcel returning id`.execute(db)
  const returned = await sql<{ id: string; no: string; problem: string; parcel: string }>`
    with made as (
      insert into return_order (no, shop_id, order_id, order_no, tid, kind, origin, status, warehouse_id, quantity, open_problems, created_by)
      values (${`RT${code}`}, ${of.shopId}, ${order.id}, ${order.no}, ${order.tid}, 'return', 'person', 'unconfirmed', ${id}, 1, 1, '周强')
      returning id, no
    ), problem as (
      insert into return_problem (return_id, kind, quantity, found_by) select id, 'short', 1, '周强' from made returning id
    ), parcel as (
      insert into unclaimed_parcel (no, status, warehouse_id, waybill_no, quantity, created_by)
      values (${`UP${code}`}, 'unclaimed', ${id}, ${`WB${code}0001`}, 1, '周强') returning id
    )
    select made.id, made.no, problem.id as problem, parcel.id as parcel from made, problem, parcel`.execute(
    db,
  )
  const [back] = returned.rows
  const numbers = await sql<{ no: string }>`select no from stock_document where warehouse_id = ${id}`.execute(
    db,
  )
  return {
    id,
    code,
    words: [
      name,
      `${code}-01`,
      `W-${code}`,
      delivery?.no ?? '',
      order.no,
      back?.no ?? '',
      `WB${code}0001`,
      ...numbers.rows.map(({ no }) => no),
    ],
    pair: `${id}-${of.skuId}`,
    draft,
    approved,
    lock,
    delivery: delivery?.id ?? '',
    deliveryNo: delivery?.no ?? '',
    intercept: intercept.rows[0]?.id ?? '',
    putBack: putBack.rows[0]?.id ?? '',
    order: order.id,
    wave: wave.rows[0]?.id ?? '',
    countTask: counted.id,
    return: back?.id ?? '',
    returnNo: back?.no ?? '',
    problem: back?.problem ?? '',
    parcel: back?.parcel ?? '',
  }
}

async function everythingOf({ id }: Filled): Promise<string> {
  const found = await sql<{ all: string }>`
    select jsonb_build_array(
      (select jsonb_agg(to_jsonb(w)) from warehouse w where id = ${id}),
      (select jsonb_agg(to_jsonb(s)) from stock s where warehouse_id = ${id}),
      (select jsonb_agg(to_jsonb(b)) from bin b where warehouse_id = ${id}),
      (select jsonb_agg(to_jsonb(c)) from count_task c where warehouse_id = ${id}),
      (select jsonb_agg(to_jsonb(p)) from put_away p where warehouse_id = ${id}),
      (select jsonb_agg(to_jsonb(v)) from wave v where warehouse_id = ${id}),
      (select jsonb_agg(to_jsonb(d) order by d.id) from stock_document d where ${id}::bigint in (warehouse_id, to_warehouse_id)),
      (select jsonb_agg(to_jsonb(d)) from delivery d where warehouse_id = ${id}),
      (select jsonb_agg(to_jsonb(i)) from intercept i where warehouse_id = ${id}),
      (select jsonb_agg(to_jsonb(p)) from put_back p where warehouse_id = ${id}),
      (select jsonb_agg(to_jsonb(r)) from return_order r where warehouse_id = ${id}),
      (select jsonb_agg(to_jsonb(p)) from unclaimed_parcel p where warehouse_id = ${id}))::text as all`.execute(
    house.db,
  )
  return found.rows[0]?.all ?? ''
}

/** Lists. Their answers are searched for texts of the other warehouse. */
const reads = [
  'GET /api/warehouses',
  'GET /api/stock',
  'GET /api/stock/counts',
  'GET /api/stock-documents',
  'GET /api/stock-documents/counts',
  'GET /api/stock-documents/count',
  'GET /api/count-tasks',
  'GET /api/count-tasks/counts',
  'GET /api/count-tasks/count',
  'GET /api/bins',
  'GET /api/bins/counts',
  'GET /api/waves',
  'GET /api/waves/counts',
  'GET /api/deliveries',
  'GET /api/deliveries/count',
  'GET /api/deliveries/facets',
  'GET /api/deliveries/counts',
  'GET /api/intercepts',
  'GET /api/intercepts/count',
  'GET /api/intercepts/counts',
  'GET /api/put-backs',
  'GET /api/put-backs/count',
  'GET /api/put-backs/counts',
  'GET /api/returns',
  'GET /api/returns/count',
  'GET /api/returns/counts',
  'GET /api/unclaimed-parcels',
  'GET /api/unclaimed-parcels/count',
  'GET /api/unclaimed-parcels/counts',
]

/** They need a number, so they have their own test. */
const scanRoute = 'GET /api/returns/scan'
const lookUpRoute = 'GET /api/look-up'

/** Routes that name a warehouse in another way. */
const waveRoutes = ['GET /api/wave-rules', 'PUT /api/wave-rules', 'GET /api/wave-work']
const phoneRoutes = ['GET /api/put-away']

/** Reads of one row by id: a row of the other warehouse is not found. */
const singles: Record<string, (one: Filled) => { id: string; body?: unknown }> = {
  'PATCH /api/warehouses/:id': ({ id }) => ({ id, body: { name: '改名' } }),
  'GET /api/stock/:id': ({ pair }) => ({ id: pair }),
  'GET /api/stock/:id/movements': ({ pair }) => ({ id: pair }),
  'GET /api/stock/:id/reservations': ({ pair }) => ({ id: pair }),
  'GET /api/stock-documents/:id': ({ draft }) => ({ id: draft }),
  'GET /api/returns/:id': (one) => ({ id: one.return }),
  'POST /api/deliveries/:id/label': ({ delivery: id }) => ({ id, body: {} }),
  'GET /api/waves/:id': ({ wave: id }) => ({ id }),
  'POST /api/waves/:id/pick': ({ wave: id }) => ({ id, body: { key: 'of-a-scan', seq: 1, pieces: 1 } }),
  'POST /api/waves/:id/short': ({ wave: id }) => ({ id, body: { key: 'of-a-scan', seq: 1 } }),
  'POST /api/waves/:id/sort': ({ wave: id }) => ({ id, body: { key: 'of-a-scan', code: 'x' } }),
  'GET /api/count-tasks/:id': ({ countTask: id }) => ({ id }),
  'GET /api/count-tasks/:id/results': ({ countTask: id }) => ({ id }),
  'POST /api/count-tasks/:id/count': ({ countTask: id }) => ({
    id,
    body: { key: 'a-key-of-a-phone-1', lineNo: 1, round: 1, quantity: 1, ageMs: 0 },
  }),
  'GET /api/unclaimed-parcels/:id/candidates': ({ parcel }) => ({ id: parcel }),
  'PUT /api/stock-documents/:id': ({ id, draft }) => ({
    id: draft,
    body: { version: 1, warehouseId: id, lines: [{ skuCode: 'BED', quantity: 9 }] },
  }),
}

/** The id of a row of each kind in a warehouse that declared verbs take. */
const oneOfRows: Record<string, (one: Filled) => string> = {
  delivery: ({ delivery }) => delivery,
  discrepancy: ({ problem }) => problem,
  intercept: ({ intercept }) => intercept,
  parcel: ({ parcel }) => parcel,
  putBack: ({ putBack }) => putBack,
  return: (one) => one.return,
  countTask: (one) => one.countTask,
  stockDocument: ({ draft }) => draft,
  wave: ({ wave }) => wave,
}

/** Verbs with lists of ids: rows of the other warehouse are not found, and the own one is processed. */
const verbs: Record<string, (one: Filled) => { id: string; body?: object }> = {
  ...Object.fromEntries(
    declared(memoryKeyRing()).flatMap(({ path, body, rows: { of } }) => {
      const idOf = oneOfRows[of]
      return idOf
        ? [[`POST /api${path}`, (one: Filled) => ({ id: idOf(one), body: bodyFor(body, idOf(one)) })]]
        : []
    }),
  ),
  'POST /api/stock-documents/post': ({ approved }) => ({ id: approved }),
  'POST /api/stock-documents/receive': ({ approved }) => ({ id: approved }),
  'POST /api/stock-documents/release': ({ lock }) => ({ id: lock }),
  'POST /api/deliveries/waybills': ({ delivery: id }) => ({
    id,
    body: { rows: [{ id, courier: 'SF', waybillNo: 'SF1000000000001' }] },
  }),
  'POST /api/deliveries/change-waybill': ({ delivery: id }) => ({
    id,
    body: { rows: [{ id, courier: 'SF', waybillNo: 'SF1000000000001' }], reason: '试试' },
  }),
  'POST /api/returns/refused': ({ delivery }) => ({ id: delivery }),
}

/** Requests that name the other warehouse, with their refusal. */
const bodies: Record<string, { body: (one: Filled) => unknown; refused: string }> = {
  'POST /api/warehouses': {
    body: () => ({ code: 'X', name: '新仓', kind: 'own', province: '', city: '', priority: 1 }),
    refused: 'outside_scope',
  },
  'POST /api/stock-documents': {
    body: ({ id }) => ({ kind: 'count', warehouseId: id, lines: [{ skuCode: 'BED', quantity: 1 }] }),
    refused: 'outside_scope',
  },
  'POST /api/stock-documents/import': {
    body: ({ code }) => ({ rows: [{ warehouseCode: code, skuCode: 'BED', quantity: 1 }] }),
    refused: 'no_warehouse',
  },
  'POST /api/bins': {
    body: ({ id }) => ({
      ...{ warehouseId: id, code: 'X', route: 1, active: true, version: '', mains: [], spares: [] },
    }),
    refused: 'not_found',
  },
  'POST /api/bins/import': {
    body: ({ code }) => ({ file: Buffer.from(`仓库,库位\n${code},X`).toString('base64') }),
    refused: 'no_warehouse',
  },
  'POST /api/count-tasks': {
    body: ({ id }) => ({ key: 'a-key-of-a-phone-2', warehouseId: id, codes: ['BED'] }),
    refused: 'not_found',
  },
  'POST /api/put-away': {
    body: ({ id, code }) => ({
      ...{ key: 'a-key-of-a-phone-3', warehouseId: id, code: 'BED', bin: `${code}-01`, pieces: 1 },
    }),
    refused: 'not_found',
  },
  'POST /api/waves/plan': { body: ({ id }) => ({ warehouseId: id }), refused: 'not_found' },
  'POST /api/put-backs/scan': {
    body: ({ deliveryNo }) => ({ number: deliveryNo }),
    refused: 'not_found',
  },
  'POST /api/returns': {
    body: ({ id, order }) => ({
      returns: [{ orderId: order, kind: 'return', warehouseId: id, lines: [{ lineNo: 1, quantity: 1 }] }],
    }),
    refused: 'no_such_warehouse',
  },
  'POST /api/unclaimed-parcels': {
    body: ({ id }) => ({
      parcels: [{ warehouseId: id, lines: [{ skuCode: 'BED', good: 1, defective: 0 }] }],
    }),
    refused: 'no_such_warehouse',
  },
  'POST /api/unclaimed-parcels/claim': {
    body: (one) => ({ claims: [{ parcelId: one.parcel, returnId: one.return }] }),
    refused: 'not_found',
  },
  'POST /api/deliveries/import': {
    body: ({ deliveryNo }) => ({ text: `${deliveryNo},SF,SF1000000000002` }),
    refused: 'not_found',
  },
}

const ofWarehouses =
  /^\/api\/(stock|stock-documents|bins|count-tasks|put-away|look-up|waves|wave-rules|wave-work|warehouses|deliveries|intercepts|put-backs|returns|unclaimed-parcels)(\/|$)/

test('every route of stock, its documents, warehouses, deliveries and returns is in one of these tables', () => {
  const known = new Set([
    ...reads,
    ...[scanRoute, lookUpRoute],
    ...[...waveRoutes, ...phoneRoutes],
    ...[singles, verbs, bodies].flatMap((table) => Object.keys(table)),
  ])
  const routes = house.app.routeList.filter(({ url, method }) => ofWarehouses.test(url) && method !== 'HEAD')
  assert.deepEqual(new Set(routes.map(({ method, url }) => `${method} ${url}`)), known)
})

describe('lists show nothing of another warehouse', () => {
  for (const route of reads)
    test(route, async () => {
      const path = route.replace('GET ', '')
      const [own, all] = [await answered(keeper, 'GET', path), await answered(boss, 'GET', path)]
      const text = JSON.stringify(own)
      for (const word of theirs.words) assert.ok(!text.includes(word), `${word} in ${text}`)
      assert.notEqual(JSON.stringify(all), text)
      if (!/count|facets/.test(path))
        assert.ok(
          mine.words.some((word) => text.includes(word)),
          text,
        )
    })

  test('nor when they are asked for it', async () => {
    for (const path of [`/api/stock?warehouse=${theirs.id}`, `/api/stock-documents?warehouse=${theirs.id}`])
      assert.deepEqual((await answered(keeper, 'GET', path)).rows, [])
    const page = await answered(keeper, 'GET', `/api/stock/${mine.pair}`)
    assert.deepEqual(
      page.warehouses.map((row: { warehouseId: string }) => row.warehouseId),
      [mine.id],
    )
  })
})

test('rules for waves, and who picked how much, are those of one’s own warehouses', async () => {
  const rules = await keeper.call('GET', `/api/wave-rules?warehouse=${theirs.id}`)
  assert.equal(rules.status, 404)
  const body = { warehouseId: theirs.id, rules: [] }
  assert.equal((await keeper.call('PUT', '/api/wave-rules', body)).status, 404)
  assert.deepEqual(await answered(keeper, 'GET', `/api/wave-work?warehouse=${theirs.id}`), { rows: [] })
})

test('what is counted and put away is that of one’s own warehouses', async () => {
  assert.deepEqual((await answered(keeper, 'GET', `/api/count-tasks?warehouse=${theirs.id}`)).rows, [])
  assert.equal((await answered(keeper, 'GET', `/api/count-tasks?warehouse=${mine.id}`)).rows.length, 1)
  assert.equal((await keeper.call('GET', `/api/put-away?warehouse=${theirs.id}`)).status, 404)
})

test('a phone finds its own warehouse’s part of a code only', async () => {
  const look = (code: string) => answered(keeper, 'GET', `/api/look-up?code=${code}`)
  const { places } = (await look('BED')).goods[0]
  assert.deepEqual(
    places.map((place: { warehouseId: string }) => place.warehouseId),
    [mine.id],
  )
  assert.equal((await look(mine.deliveryNo)).parcels.length, 1)
  assert.equal((await look(`${mine.code}-01`)).bins.length, 1)
  for (const code of [theirs.deliveryNo, `${theirs.code}-01`])
    assert.deepEqual(await look(code), { goods: [], bins: [], parcels: [], orders: [] })
})

test('a number of another warehouse means nothing to a scanner', async () => {
  const path = scanRoute.replace('GET ', '')
  const own = await answered(keeper, 'GET', `${path}?no=${mine.returnNo}`)
  assert.deepEqual(
    own.returns.map((row: { no: string }) => row.no),
    [mine.returnNo],
  )
  for (const no of [theirs.returnNo, 'WBNO0001'])
    assert.deepEqual(await answered(keeper, 'GET', `${path}?no=${no}`), {
      returns: [],
      left: [],
      parcel: null,
      goods: null,
    })
})

describe('one of another warehouse is not there', () => {
  for (const [route, ask] of Object.entries(singles))
    test(route, async () => {
      const [method = '', path = ''] = route.split(' ')
      const { id, body } = ask(theirs)
      assert.equal((await keeper.call(method, path.replace(':id', id), body)).status, 404)
    })
})

describe('verbs find none of another warehouse', () => {
  for (const [route, ask] of Object.entries(verbs))
    test(route, async () => {
      const { id, body = { ids: [id] } } = ask(theirs)
      const { results } = await answered(keeper, 'POST', route.replace('POST ', ''), body)
      assert.deepEqual([results.length, results[0].id, results[0].code], [1, id, 'not_found'])
    })
})

describe('bodies that name another warehouse are refused', () => {
  for (const [route, { body, refused }] of Object.entries(bodies))
    test(route, async () => {
      const answer = await keeper.call('POST', route.replace('POST ', ''), body(theirs))
      assert.match(JSON.stringify(answer.body), new RegExp(`"code":"${refused}"`))
    })
})

test('a transfer is seen at both ends, sent where the goods are, and received where they arrive', async () => {
  const input = { kind: 'transfer', lines: [{ skuCode: 'BED', quantity: 5 }] }
  const away = { ...input, warehouseId: mine.id, toWarehouseId: theirs.id }
  const { id: outgoing } = await answered(keeper, 'POST', '/api/stock-documents', away)
  const home = { ...input, warehouseId: theirs.id, toWarehouseId: mine.id }
  const { id: incoming } = await answered(boss, 'POST', '/api/stock-documents', home)
  const ids = [outgoing, incoming]
  const codes = async (who: Caller, verb: string) =>
    (await answered(who, 'POST', `/api/stock-documents/${verb}`, { ids })).results.map(
      (one: { done: boolean; code?: string }) => (one.done ? 'done' : one.code),
    )
  for (const id of ids) assert.equal((await keeper.call('GET', `/api/stock-documents/${id}`)).status, 200)
  assert.deepEqual(await codes(keeper, 'approve'), ['done', 'outside_scope'])
  assert.deepEqual(await codes(keeper, 'post'), ['done', 'outside_scope'])
  await answered(boss, 'POST', '/api/stock-documents/approve', { ids: [incoming] })
  await answered(boss, 'POST', '/api/stock-documents/post', { ids: [incoming] })
  assert.deepEqual(await codes(keeper, 'receive'), ['outside_scope', 'done'])
  await sql`delete from stock_document_line where document_id = any(${ids}::bigint[])`.execute(house.db)
  await sql`delete from stock_document where id = any(${ids}::bigint[])`.execute(house.db)
  await sql`update stock set on_hand = 100 where warehouse_id = ${theirs.id}`.execute(house.db)
})

test('nothing of the other warehouse has changed', async () => {
  assert.equal(await everythingOf(theirs), untouched)
})

describe('grants', () => {
  const made = async (who: Caller, more: object) => {
    const email = `${Math.random().toString(36).slice(2)}@example.com`
    return who.call('POST', '/api/users', { email, name: '仓管', roleIds: [], shops: 'all', ...more })
  }
  const warehousesOf = async (id: string) =>
    (await answered(boss, 'GET', '/api/users')).rows.find((row: { id: string }) => row.id === id)?.warehouses

  test('nobody grants a warehouse that they do not see; left out, it is what they see', async () => {
    const wide = await made(keeper, { warehouses: 'all' })
    assert.deepEqual([wide.status, Object(wide.body).code], [403, 'outside_scope'])
    const other = await made(keeper, { warehouses: [theirs.id] })
    assert.equal(other.status, 403)
    const own = await made(keeper, {})
    assert.deepEqual(await warehousesOf(Object(own.body).id), [mine.id])
  })

  test('what is taken away is gone with the next request, and for work that goes on', async () => {
    const clerk = await house.as(['*'])
    assert.equal((await answered(clerk, 'GET', '/api/warehouses')).rows.length, 2)
    await answered(boss, 'PATCH', `/api/users/${clerk.userId}`, { warehouses: [mine.id] })
    assert.deepEqual(
      (await answered(clerk, 'GET', '/api/warehouses')).rows.map((row: { id: string }) => row.id),
      [mine.id],
    )
    assert.deepEqual((await answered(clerk, 'GET', '/api/me')).warehouses, [mine.id])
    const actor = { kind: 'user', id: clerk.userId, name: '' } as const
    const started = { shops: 'all', warehouses: 'all' } as const
    assert.deepEqual(await scopeNow(house.db, actor, 'fulfilment.release', started), {
      shops: 'all',
      warehouses: [mine.id],
    })
  })

  test('a key sees no more than who made it', async () => {
    const body = {
      name: '盘点程序',
      permissions: ['inventory.read'],
      shops: 'all',
      warehouses: 'all',
      expiresAt: null,
    }
    const clerk = await house.as(['*'])
    const { key } = await answered(clerk, 'POST', '/api/api-keys', body)
    await answered(boss, 'PATCH', `/api/users/${clerk.userId}`, { warehouses: [theirs.id] })
    const answer = await house.anonymous.call('GET', '/api/warehouses', undefined, {
      authorization: `Bearer ${key}`,
    })
    assert.deepEqual(
      Object(answer.body).rows.map((row: { id: string }) => row.id),
      [theirs.id],
    )
  })
})
