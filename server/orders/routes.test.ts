import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../core/access/actor.ts'
import { createBatch } from '../core/batches/batches.ts'
import { bulkActions } from '../core/verbs.ts'
import { seal } from '../lib/seal.ts'
import { type TestApp, testApp } from '../testing/app.ts'
import { anOrder, aRefund, aShop } from '../testing/orders.ts'
import { recordPlatformChanges } from './platform-changes/differences.ts'
import { applyRefunds } from './refunds/refunds.ts'
import { orderRoutes } from './routes.ts'
import { orderVerbs } from './verbs.ts'

let house: TestApp
let shopId: string
let otherShop: string
const actor = { kind: 'user', id: '7', name: '林晓' } as const

before(async () => {
  house = await testApp({}, (app) => {
    if (!app.hasRoute({ method: 'GET', url: '/api/orders' })) app.register(orderRoutes())
  })
  shopId = await aShop(house.db)
  otherShop = await aShop(house.db)
})
after(async () => {
  await house[Symbol.asyncDispose]()
})

const receiver = {
  name: '王小明',
  mobile: '13812341234',
  phone: '',
  province: '浙江省',
  city: '杭州市',
  district: '西湖区',
  town: '',
  address: '文三路 1 号',
  zip: '',
  token: 'oaid',
}
const personal = () => seal(house.ring, shopId, JSON.stringify({ nick: 'tb_wang', receiver }))

test('lists orders by tab and filter, counts them, and shows what a clerk decides by', async () => {
  const clerk = await house.as(['orders.read'], [shopId])
  const one = await anOrder(house.db, { shopId, tid: '2026000000001' })
  const held = await anOrder(house.db, { shopId })
  await anOrder(house.db, { shopId: otherShop })
  await house.db
    .transaction()
    .execute((tx) =>
      applyRefunds(
        tx,
        [aRefund({ shopId, tid: held.tid, oid: 'o1', refundNo: 'r9', amountFen: 1, quantity: 1 })],
        actor,
      ),
    )
  const list = async (query: string) => ids((await clerk.call('GET', `/api/orders?${query}`)).body)
  assert.deepEqual(await list('sort=createdAt'), [one.id, held.id])
  assert.deepEqual(await list('tab=held'), [held.id])
  assert.deepEqual(await list('refund=open'), [held.id])
  assert.deepEqual(await list('q=2026000000001'), [one.id])
  assert.deepEqual(await list(`q=${one.no}&tab=all`), [one.id])
  assert.deepEqual(await list('tab=voided'), [])
  assert.deepEqual(await list(`shop=${otherShop}&tab=all`), [])
  const page = await clerk.call('GET', '/api/orders?limit=1&sort=createdAt')
  assert.deepEqual(ids(page.body), [one.id])
  const next = (page.body as { next: string }).next
  assert.deepEqual(await list(`limit=1&sort=createdAt&after=${next}`), [held.id])
  const { body } = await clerk.call('GET', '/api/orders?tab=held')
  const row = (body as { rows: Record<string, unknown>[] }).rows[0]
  assert.deepEqual(
    [row?.holdReasons, row?.refundState, row?.lineCount, row?.paymentFen],
    [['refund_open'], 'open', 2, 10_000],
  )
  const counts = await clerk.call('GET', '/api/orders/counts')
  const { tabs } = counts.body as { tabs: Record<string, unknown> }
  assert.deepEqual(
    [tabs.unconfirmed, tabs.held, tabs.voided],
    [
      { count: 2, capped: false },
      { count: 1, capped: false },
      { count: 0, capped: false },
    ],
  )
})

test('refuses a wrong filter, sort, cursor and id with a stable code', async () => {
  const clerk = await house.as(['orders.read'])
  for (const query of [
    'sort=title',
    'after=zzz',
    'tab=nowhere',
    'flag=9',
    'colour=red',
    'ids=a',
    'refund=maybe',
  ]) {
    const answer = await clerk.call('GET', `/api/orders?${query}`)
    assert.equal(answer.status, 400, query)
  }
  assert.equal((await clerk.call('GET', '/api/orders/0')).status, 400)
  assert.equal((await clerk.call('GET', '/api/orders/99999999')).status, 404)
  assert.equal((await clerk.call('POST', '/api/orders/void', { ids: ['1'], reason: '重复' })).status, 403)
})

test('the drawer shows lines, money, holds, differences, story and documents; every button says why not', async () => {
  const clerk = await house.as(['orders.read'], [shopId])
  const { id, tid } = await anOrder(house.db, { shopId, postFeeFen: 800, personal: personal() })
  await house.db.transaction().execute(async (tx) => {
    await applyRefunds(
      tx,
      [
        aRefund({
          shopId,
          tid,
          oid: 'o2',
          refundNo: 'r1',
          status: 'succeeded',
          amountFen: 4000,
          quantity: 1,
        }),
      ],
      actor,
    )
    await recordPlatformChanges(
      tx,
      [{ orderId: id, kind: 'memo', old: '', new: '加急', tradeVersion: new Date() }],
      actor,
    )
  })
  const { status, body } = await clerk.call('GET', `/api/orders/${id}`)
  assert.equal(status, 200)
  const order = body as Record<string, never> & {
    actions: { action: string; allowed: boolean; code: string }[]
    lines: unknown[]
    events: { event: string }[]
  }
  assert.deepEqual(
    [order.paymentFen, order.refundedFen, order.extraLimitFen, order.refundState],
    [10_800, 4000, 6800, 'succeeded'],
  )
  assert.deepEqual(
    [order.lines.length, order.events.map((one) => one.event)],
    [2, ['convert', 'refund_reduce', 'difference']],
  )
  const codes = Object.fromEntries(order.actions.map((one) => [one.action, one.allowed ? 'yes' : one.code]))
  assert.equal(codes.void, 'yes')
  assert.equal(codes.restore, 'already')
  assert.equal(codes.ship, 'wrong_status')
  assert.equal(codes['release-hold'], 'not_held')
  assert.equal(codes['apply-differences'], 'yes')
  assert.doesNotMatch(JSON.stringify(body), /王小明|13812341234|文三路|tb_wang/)
  const stranger = await house.as(['orders.read'], [otherShop])
  assert.equal((await stranger.call('GET', `/api/orders/${id}`)).status, 404)
})

test('reveals the buyer to who may, and leaves an audit row without the data', async () => {
  const { id } = await anOrder(house.db, { shopId, personal: personal() })
  const clerk = await house.as(['orders.read'], [shopId])
  assert.equal((await clerk.call('POST', `/api/orders/${id}/reveal`)).status, 403)
  const finder = await house.as(['personal.reveal'], [shopId])
  const answer = await finder.call('POST', `/api/orders/${id}/reveal`)
  assert.deepEqual((answer.body as Record<string, string>).address, '文三路 1 号')
  assert.equal('token' in (answer.body as object), false)
  const rows = await sql<{ text: string }>`
    select audit_log::text as text from audit_log where action = 'order.reveal' and subject_id = ${id}`.execute(
    house.db,
  )
  assert.equal(rows.rows.length, 1)
  assert.doesNotMatch(rows.rows[0]?.text ?? '', /王小明|13812341234/)
  assert.doesNotMatch(house.logged.join('\n'), /王小明|13812341234|文三路/)
  const stranger = await house.as(['personal.reveal'], [otherShop])
  assert.equal((await stranger.call('POST', `/api/orders/${id}/reveal`)).status, 404)
})

test('verbs answer for each id', async () => {
  const boss = await house.as(['*'], [shopId])
  const { id, no } = await anOrder(house.db, { shopId })
  const call = async (verb: string, body: object) =>
    (await boss.call('POST', `/api/orders/${verb}`, { ids: [id, '99999999'], ...body })).body as {
      results: { done: boolean; code?: string; ref?: string }[]
    }
  const first = async (verb: string, body: object = {}) => {
    const { results } = await call(verb, body)
    assert.equal(results[1]?.code, 'not_found')
    return results[0]?.done ? 'done' : results[0]?.code
  }
  assert.equal(await first('hold', { reason: 'stock', until: '2026-12-01T00:00:00Z' }), 'done')
  assert.equal(await first('release-hold', {}), 'done')
  assert.equal(await first('settle-differences', { how: 'ignore' }), 'no_difference')
  assert.equal(await first('void', { reason: '重复下单' }), 'done')
  assert.equal(await first('void', { reason: '重复下单' }), 'already')
  assert.equal(await first('restore'), 'done')
  assert.equal((await call('void', { reason: '重复下单' })).results[0]?.ref, no)
  assert.equal((await boss.call('POST', '/api/orders/void', { ids: [id], reason: '  ' })).status, 400)
  assert.equal(
    (await boss.call('POST', '/api/orders/hold', { ids: [id], reason: 'refund_open' })).status,
    400,
  )
})

test('books, approves and lists extra refunds', async () => {
  const { id } = await anOrder(house.db, { shopId })
  const clerk = await house.as(['refunds.extra', 'refunds.read'], [shopId])
  const input = { orderId: id, kind: 'compensation', amountFen: 6000, reason: '破损' }
  const made = (await clerk.call('POST', '/api/extra-refunds', input)).body as {
    done: boolean
    extraRefund: { id: string }
  }
  assert.equal(made.done, true)
  const over = (await clerk.call('POST', '/api/extra-refunds', input)).body
  assert.deepEqual((over as { code: string; limitFen: number }).code, 'over_limit')
  assert.deepEqual((over as { code: string; limitFen: number }).limitFen, 4000)
  assert.equal(
    (await clerk.call('POST', '/api/extra-refunds/approve', { ids: [made.extraRefund.id] })).status,
    403,
  )
  const finance = await house.as(['refunds.extra_approve', 'refunds.read'], [shopId])
  const approved = (await finance.call('POST', '/api/extra-refunds/approve', { ids: [made.extraRefund.id] }))
    .body
  assert.equal((approved as { results: { done: boolean }[] }).results[0]?.done, true)
  assert.deepEqual(ids((await finance.call('GET', '/api/extra-refunds?status=approved')).body), [
    made.extraRefund.id,
  ])
  assert.deepEqual(ids((await finance.call('GET', '/api/extra-refunds?status=draft')).body), [])
  const { body: draft } = await clerk.call('POST', '/api/extra-refunds', { ...input, amountFen: 1000 })
  const newest = String(Object(draft).extraRefund.id)
  const listed = async (query: string) => ids((await finance.call('GET', `/api/extra-refunds?${query}`)).body)
  assert.deepEqual(await listed(''), [newest, made.extraRefund.id])
  assert.deepEqual(await listed(`status=draft,voided&shop=${shopId}&orderId=${id}`), [newest])
  assert.deepEqual(await listed(`shop=${otherShop}`), [])
  const { body: page } = await finance.call('GET', '/api/extra-refunds?limit=1')
  assert.deepEqual(ids(page), [newest])
  assert.deepEqual(await listed(`limit=1&after=${Object(page).next}`), [made.extraRefund.id])
  const { body: counts } = await finance.call('GET', `/api/extra-refunds/counts?orderId=${id}`)
  const count = (tab: number) => ({ count: tab, capped: false })
  assert.deepEqual(counts, { tabs: { draft: count(1), approved: count(1), voided: count(0) } })
  assert.equal((await finance.call('GET', '/api/extra-refunds?status=paid')).status, 400)
  assert.equal((await finance.call('GET', '/api/extra-refunds?after=7')).status, 400)
  const stranger = await house.as(['refunds.read'], [otherShop])
  assert.deepEqual(ids((await stranger.call('GET', '/api/extra-refunds')).body), [])
})

test('a batch over a filter means exactly the orders that it matches', async () => {
  const [first] = [
    await anOrder(house.db, { shopId: otherShop }),
    await anOrder(house.db, { shopId: otherShop }),
  ]
  const action = bulkActions(orderVerbs({ ring: house.ring })).find((one) => one.action === 'orders.hold')
  assert.ok(action)
  const filter = { tab: 'unconfirmed', shop: otherShop }
  await house.db.transaction().execute(async (tx) => {
    const extent = await action.count(tx, filter, wholeScope)
    const walk = await action.resolve(tx, filter, wholeScope, { cap: 1, after: null })
    assert.deepEqual([extent.total, walk.ids.length], [3, 1])
    const rest = await action.resolve(tx, filter, wholeScope, { cap: 500, after: walk.after })
    assert.deepEqual([rest.ids.length, rest.after, rest.ids.includes(walk.ids[0] ?? '')], [2, null, false])
    const outcomes = await action.run(
      tx,
      [first?.id ?? ''],
      { reason: 'stock' },
      { actor, scope: wholeScope },
    )
    assert.equal(outcomes[0]?.done, true)
    const order = { target: { filter }, input: { reason: 'nonsense' } }
    await assert.rejects(createBatch(tx, house.ring, { action, ...order }, { actor, scope: wholeScope }), {
      code: 'invalid_input',
    })
  })
})

function ids(body: unknown): string[] {
  return (body as { rows: { id: string }[] }).rows.map((row) => row.id)
}
