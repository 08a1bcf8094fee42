import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import pino from 'pino'
import { startBatches } from '../../core/batches/loop.ts'
import { bulkActions } from '../../core/verbs.ts'
import { buyerKeyMonth, makeBuyerKeys } from '../../lib/people.ts'
import { seal, unseal } from '../../lib/seal.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { anOrder, aRefund, aShop, orderState } from '../../testing/orders.ts'
import { until } from '../../testing/until.ts'
import { scopeNow } from '../../users/current-rights.ts'
import { applyRefunds } from '../refunds/refunds.ts'
import { orderVerbs } from '../verbs.ts'
import { confirmByRule } from './confirm.ts'
import { type CheckSettings, usualChecks } from './confirm-settings.ts'

let house: TestApp
let shopId: string
const task = { kind: 'task', id: '1', name: '自动确认' } as const

before(async () => {
  house = await testApp()
  shopId = await aShop(house.db)
})
after(async () => {
  await house[Symbol.asyncDispose]()
})

type Result = { id: string; done: boolean; code?: string; message?: { zh: string } }
const results = async (who: Caller, path: string, body: object): Promise<Result[]> => {
  const answer = await who.call('POST', `/api/orders/${path}`, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return (answer.body as { results: Result[] }).results
}
const codes = async (who: Caller, path: string, body: object) =>
  (await results(who, path, body)).map((one) => (one.done ? 'done' : one.code))
const detail = async (who: Caller, id: string) =>
  (await who.call('GET', `/api/orders/${id}`)).body as {
    version: number
    status: string
    receiverMasked: string
    region: string
    problems: { reason: string; message: { zh: string }; waivedBy: string | null }[]
    actions: { action: string; allowed: boolean; code: string; message: { zh: string } | null }[]
  }
const named = async (permissions: Parameters<TestApp['as']>[0], name: string) => {
  const who = await house.as(permissions)
  await sql`update app_user set name = ${name} where id = ${who.userId}::bigint`.execute(house.db)
  return who
}
const apply = (refund: Parameters<typeof aRefund>[0]) =>
  house.db.transaction().execute((tx) => applyRefunds(tx, [aRefund(refund)], task))
/** A rule under which an ordinary order passes at once. */
const quick: CheckSettings = { ...usualChecks, delay: { on: false, minutes: 15 } }
const rule = { name: '平日', enabled: true, from: null, to: null, checks: quick }
const setRules = (shop: string, checks = quick) =>
  sql`insert into confirm_rules (shop_id, rules, updated_by)
      values (${shop}::bigint, ${JSON.stringify([{ ...rule, checks }])}::jsonb, '林晓')
      on conflict (shop_id) do update set rules = excluded.rules`.execute(house.db)
const auto = (shop: string, ids: readonly string[]) =>
  house.db.transaction().execute((tx) => confirmByRule(tx, shop, ids, task))

test('confirms and unconfirms a list, answers each id, and needs the permission for each', async () => {
  const clerk = await house.as(['orders.confirm'])
  const lead = await house.as(['orders.unconfirm'])
  const ready = await anOrder(house.db, { shopId })
  const unpaid = await anOrder(house.db, { shopId, paid: false })
  const held = await anOrder(house.db, { shopId })
  await apply({ shopId, tid: held.tid, oid: 'o1', refundNo: 'c1', amountFen: 1, quantity: 1 })
  const ids = [ready.id, unpaid.id, held.id, '999999']
  assert.deepEqual(await codes(clerk, 'confirm', { ids }), ['done', 'not_paid', 'refund_open', 'not_found'])
  assert.deepEqual(await codes(clerk, 'confirm', { ids: [ready.id] }), ['already'])
  assert.equal((await clerk.call('POST', '/api/orders/unconfirm', { ids })).status, 403)
  assert.deepEqual(await codes(lead, 'unconfirm', { ids: [ready.id, unpaid.id] }), ['done', 'already'])
  const state = await orderState(house.db, ready.id)
  assert.deepEqual([state.status, state.events], ['unconfirmed', ['convert', 'confirm', 'unconfirm']])
  const stranger = await house.as(['orders.confirm'], [await aShop(house.db)])
  assert.deepEqual(await codes(stranger, 'confirm', { ids: [ready.id] }), ['not_found'])
})

test('what one has locked the others only see, by name; an admin unlocks it', async () => {
  const all = [
    'orders.read',
    'orders.confirm',
    'orders.edit',
    'orders.lock',
    'orders.hold',
    'orders.void',
    'memo.write',
  ] as const
  const chen = await named(all, '陈晨')
  const lin = await named([...all, 'orders.unlock'], '林晓')
  const { id, tid } = await anOrder(house.db, { shopId })
  assert.deepEqual(await codes(chen, 'lock', { ids: [id] }), ['done'])
  assert.deepEqual(await codes(chen, 'lock', { ids: [id] }), ['already'])
  const refused = await results(lin, 'confirm', { ids: [id] })
  assert.deepEqual([refused[0]?.code, refused[0]?.message?.zh], ['locked', '陈晨 锁定中。解锁后可用'])
  for (const [path, more] of [
    ['lock', {}],
    ['unlock', {}],
    ['urgent', { urgent: true }],
    ['hold', { reason: 'price' }],
    ['void', { reason: '重复' }],
  ] as const)
    assert.deepEqual(await codes(lin, path, { ids: [id], ...more }), ['locked'], path)
  const memo = await lin.call('POST', `/api/orders/${id}/memo`, { memo: 'x', flag: 0, version: 2 })
  assert.deepEqual([memo.status, Object(memo.body).code], [409, 'locked'])
  const buttons = (await detail(lin, id)).actions
  assert.deepEqual(
    buttons
      .filter(({ code }) => code === 'locked')
      .map(({ action }) => action)
      .sort(),
    [
      'apply-differences',
      'book-payment',
      'confirm',
      'edit-courier',
      'edit-ownNote',
      'edit-receiver',
      'edit-services',
      'edit-urgent',
      'hold',
      'ignore-differences',
      'lock',
      'release-hold',
      'ship-after',
      'ship-over',
      'split',
      'unlock',
      'unmerge',
      'unsplit',
      'void',
      'waive',
    ],
  )
  // Changes from the platform are applied in spite of an edit lock.
  await apply({ shopId, tid, oid: 'o1', refundNo: 'l1', amountFen: 6000, quantity: 2, status: 'succeeded' })
  assert.equal((await orderState(house.db, id)).refundedFen, 6000)
  assert.deepEqual(await codes(chen, 'urgent', { ids: [id], urgent: true }), ['done'])
  assert.equal((await chen.call('POST', '/api/orders/force-unlock', { ids: [id] })).status, 403)
  assert.deepEqual(await codes(lin, 'force-unlock', { ids: [id] }), ['done'])
  assert.deepEqual(await codes(lin, 'confirm', { ids: [id] }), ['done'])
})

test('two people change one order: the second is told who did what, and changes nothing', async () => {
  const chen = await named(['orders.read', 'orders.edit', 'memo.write'], '陈晨')
  const lin = await named(['orders.read', 'orders.edit', 'memo.write'], '林晓')
  const { id } = await anOrder(house.db, { shopId })
  const { version } = await detail(lin, id)
  assert.deepEqual(await codes(chen, 'edit', { edits: [{ id, version, courier: 'SF' }] }), ['done'])
  const late = await results(lin, 'edit', { edits: [{ id, version, courier: 'YTO', urgent: true }] })
  assert.deepEqual([late[0]?.code, late[0]?.message?.zh], ['changed', '陈晨 刚刚动过：改了快递。刷新后再改'])
  const memo = await lin.call('POST', `/api/orders/${id}/memo`, { memo: 'x', flag: 1, version })
  assert.equal(Object(memo.body).code, 'conflict')
  assert.match(JSON.stringify(memo.body), /陈晨 刚刚动过：改了快递/)
  const row = await sql<{ courier: string; urgent: boolean; memo: string }>`
    select courier, urgent, seller_memo as memo from sales_order where id = ${id}::bigint`.execute(house.db)
  assert.deepEqual(row.rows, [{ courier: 'SF', urgent: false, memo: '' }])
  const both = await Promise.all(
    [chen, lin].map((who) => codes(who, 'edit', { edits: [{ id, version: version + 1, ownNote: '先发' }] })),
  )
  assert.deepEqual(both.flat().sort(), ['changed', 'done'])
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

test('a changed receiver is sealed, and found, shown and filtered as it is now', async () => {
  const clerk = await house.as(['orders.read', 'orders.edit'])
  const personal = seal(house.ring, shopId, JSON.stringify({ nick: 'tb_wang', receiver }))
  const { id } = await anOrder(house.db, { shopId, personal })
  const keys = makeBuyerKeys(house.ring, buyerKeyMonth(new Date()), { nick: 'tb_wang', receiver })
  await sql`update sales_order set people = ${keys}::bigint[] where id = ${id}::bigint`.execute(house.db)
  const edit = { mobile: '13900005678', province: '江苏省', city: '南京市', district: '玄武区' }
  const masked = await clerk.call('POST', '/api/orders/edit', { edits: [{ id, receiver: { name: '王**' } }] })
  assert.deepEqual([masked.status, Object(masked.body).field], [400, 'receiver.name'])
  assert.deepEqual(await codes(clerk, 'edit', { edits: [{ id, receiver: { mobile: receiver.mobile } }] }), [
    'already',
  ])
  assert.deepEqual(await codes(clerk, 'edit', { edits: [{ id, receiver: edit }] }), ['done'])
  const shown = await detail(clerk, id)
  assert.deepEqual([shown.receiverMasked, shown.region], ['王** 139****5678', '江苏 南京 玄武区'])
  const found = async (query: string) =>
    ((await clerk.call('GET', `/api/orders?${query}`)).body as { rows: { id: string }[] }).rows.map(
      (row) => row.id,
    )
  assert.deepEqual(await found('q=13900005678'), [id])
  assert.deepEqual(await found('q=13812341234'), [])
  assert.deepEqual(await found(`province=${encodeURIComponent('江苏')}`), [id])
  const stored = await sql<{
    personal: Buffer
  }>`select personal from sales_order where id = ${id}::bigint`.execute(house.db)
  const opened = JSON.parse(
    unseal(house.ring, shopId, stored.rows[0]?.personal ?? Buffer.alloc(0)).toString(),
  )
  assert.deepEqual(opened, { nick: 'tb_wang', receiver: { ...receiver, ...edit, token: '' } })
  const events = await sql<{
    text: string
  }>`select detail::text as text from order_event where order_id = ${id}::bigint`.execute(house.db)
  assert.equal(
    events.rows.some(({ text }) => /139|南京/.test(text)),
    false,
  )
})

test('receiver and courier stay once confirmed; urgency until shipped; the own note always', async () => {
  const clerk = await house.as(['orders.read', 'orders.edit'])
  const wishes = [{ receiver: { name: '李四' } }, { courier: 'SF' }, { urgent: true }, { ownNote: '先发' }]
  for (const [status, expected] of [
    ['unconfirmed', ['done', 'done', 'done', 'done']],
    ['confirmed', ['wrong_status', 'wrong_status', 'done', 'done']],
    ['shipped', ['wrong_status', 'wrong_status', 'wrong_status', 'done']],
  ] as const) {
    const { id } = await anOrder(house.db, { shopId, status })
    const got = []
    for (const wish of wishes) got.push(...(await codes(clerk, 'edit', { edits: [{ id, ...wish }] })))
    assert.deepEqual(got, expected, status)
  }
  const { id } = await anOrder(house.db, { shopId })
  await clerk.call('POST', '/api/orders/courier', { ids: [id], courier: 'YTO' })
  await clerk.call('POST', '/api/orders/urgent', { ids: [id] })
  const list = async (query: string) =>
    ((await clerk.call('GET', `/api/orders?${query}`)).body as { rows: { id: string }[] }).rows.some(
      (row) => row.id === id,
    )
  assert.deepEqual(
    [
      await list('courier=YTO'),
      await list('courier=SF'),
      await list('urgent=true'),
      await list('urgent=false'),
    ],
    [true, false, true, false],
  )
  assert.equal(
    (await clerk.call('POST', '/api/orders/courier', { ids: [id], courier: 'PIGEON' })).status,
    400,
  )
})

test('rules confirm what passes and keep every reason of the others; a waived reason stops no more', async () => {
  const shop = await aShop(house.db)
  await setRules(shop, { ...quick, amount_above: { on: true, yuan: 90 } })
  const clerk = await house.as(['orders.read', 'orders.confirm', 'orders.edit'])
  const good = await anOrder(house.db, { shopId: shop, lines: [{ oid: 'a', quantity: 1, paymentFen: 9000 }] })
  const bad = await anOrder(house.db, { shopId: shop })
  await sql`update sales_order set buyer_message = '要发票', flag = 1 where id = ${bad.id}::bigint`.execute(
    house.db,
  )
  assert.deepEqual(await auto(shop, [good.id, bad.id]), {
    seen: 2,
    done: 1,
    reasons: ['buyer_message', 'flag', 'amount_above'],
  })
  assert.equal((await orderState(house.db, good.id)).status, 'confirmed')
  const shown = await detail(clerk, bad.id)
  assert.deepEqual(
    shown.problems.map(({ message }) => message.zh),
    ['金额 ¥100.00 高于 ¥90.00', '有买家留言', '红旗'],
  )
  const tab = (await clerk.call('GET', `/api/orders?tab=problem&shop=${shop}`)).body as {
    rows: { id: string; problems: { reason: string }[] }[]
  }
  assert.deepEqual(
    tab.rows.map((row) => [row.id, row.problems.map(({ reason }) => reason)]),
    [[bad.id, ['amount_above', 'buyer_message', 'flag']]],
  )
  assert.deepEqual(await codes(clerk, 'confirm', { ids: [bad.id] }), ['problem'])
  assert.deepEqual(
    await codes(clerk, 'waive', { ids: [bad.id, good.id], reasons: ['flag', 'amount_above'] }),
    ['done', 'no_problem'],
  )
  await auto(shop, [bad.id])
  assert.deepEqual(
    (await detail(clerk, bad.id)).problems.map(({ reason, waivedBy }) => [reason, waivedBy !== null]),
    [
      ['buyer_message', false],
      ['amount_above', true],
      ['flag', true],
    ],
  )
  // A waiver covers only what the person saw. Another flag is a problem again.
  await sql`update sales_order set buyer_message = '', flag = 2 where id = ${bad.id}::bigint`.execute(
    house.db,
  )
  await auto(shop, [bad.id])
  assert.deepEqual(
    (await detail(clerk, bad.id)).problems
      .filter((one) => one.waivedBy === null)
      .map(({ message }) => message.zh),
    ['黄旗'],
  )
  assert.deepEqual(await codes(clerk, 'waive', { ids: [bad.id] }), ['done'])
  assert.deepEqual(await auto(shop, [bad.id]), { seen: 1, done: 1, reasons: [] })
  const { events } = await orderState(house.db, bad.id)
  assert.deepEqual(events, ['convert', 'problem', 'waive', 'problem', 'waive', 'confirm'])
})

test('a solved reason is looked at again by the edit and by confirming', async () => {
  const shop = await aShop(house.db)
  await setRules(shop, { ...quick, no_courier: { on: true }, flag: { ...quick['flag'], on: true } })
  const clerk = await house.as(['orders.read', 'orders.confirm', 'orders.edit'])
  const { id } = await anOrder(house.db, { shopId: shop })
  await sql`update sales_order set flag = 1 where id = ${id}::bigint`.execute(house.db)
  await auto(shop, [id])
  const open = async () => (await detail(clerk, id)).problems.map(({ reason }) => reason)
  assert.deepEqual(await open(), ['flag', 'no_courier'])
  assert.deepEqual(await codes(clerk, 'edit', { edits: [{ id, courier: 'SF' }] }), ['done'])
  assert.deepEqual(await open(), ['flag'])
  await sql`update sales_order set flag = 0 where id = ${id}::bigint`.execute(house.db)
  assert.deepEqual(await codes(clerk, 'confirm', { ids: [id] }), ['done'])
  assert.deepEqual(await open(), [])
})

test('never by itself: held, refund open, locked, unpaid, and what a person took back', async () => {
  const shop = await aShop(house.db)
  await setRules(
    shop,
    Object.fromEntries(
      Object.entries(quick).map(([name, one]) => [name, { ...one, on: name === 'taken_back' }]),
    ),
  )
  const lead = await house.as(['orders.confirm', 'orders.unconfirm', 'orders.lock', 'orders.hold'])
  const made = []
  for (let n = 0; n < 5; n += 1) made.push(await anOrder(house.db, { shopId: shop, paid: n !== 3 }))
  const [held, refund, locked, unpaid, back] = made.map(({ id }) => id)
  await codes(lead, 'hold', { ids: [held], reason: 'price' })
  await apply({ shopId: shop, tid: made[1]?.tid ?? '', oid: 'o1', refundNo: 'n1', amountFen: 1, quantity: 1 })
  await codes(lead, 'lock', { ids: [locked] })
  await codes(lead, 'confirm', { ids: [back] })
  await codes(lead, 'unconfirm', { ids: [back] })
  const run = await auto(
    shop,
    made.map(({ id }) => id),
  )
  assert.deepEqual(run, {
    seen: 5,
    done: 0,
    reasons: ['on_hold', 'refund_open', 'locked', 'not_paid', 'taken_back'],
  })
  for (const id of [held, refund, locked, unpaid, back])
    assert.equal((await orderState(house.db, id ?? '')).status, 'unconfirmed')
})

test('the same buyer’s other order is suspected, across the turn of a month too, by phone and name together', async () => {
  const shop = await aShop(house.db)
  await setRules(shop)
  const born = async (mobile: string, name: string, at: string) => {
    const order = await anOrder(house.db, { shopId: shop })
    const keys = makeBuyerKeys(house.ring, buyerKeyMonth(new Date(at), new Date(at)), {
      nick: '',
      receiver: { name, mobile, phone: '' },
    })
    await sql`update sales_order set people = ${keys}::bigint[], ordered_at = ${at}::timestamptz where id = ${order.id}::bigint`.execute(
      house.db,
    )
    return order
  }
  const one = await born('13812341234', '王小明', '2026-10-31T23:30:00Z')
  const two = await born('13812341234', '王小明', '2026-11-01T00:30:00Z')
  const other = await born('13812341234', '李四', '2026-11-01T00:30:00Z')
  const late = await born('13812341234', '王小明', '2026-11-03T00:30:00Z')
  const run = await auto(shop, [one.id, two.id, other.id, late.id])
  assert.deepEqual(run, { seen: 4, done: 2, reasons: ['duplicate', 'duplicate'] })
  const stored = await sql<{ id: string; detail: unknown }>`
    select order_id as id, detail from order_problem where order_id = any(${[one.id, two.id]}::bigint[]) order by order_id`.execute(
    house.db,
  )
  assert.deepEqual(stored.rows, [
    { id: one.id, detail: { orders: [two.no] } },
    { id: two.id, detail: { orders: [one.no] } },
  ])
})

test('auto-confirm twice at once confirms once', async () => {
  const shop = await aShop(house.db)
  await setRules(shop)
  const ids = []
  for (let n = 0; n < 20; n += 1) ids.push((await anOrder(house.db, { shopId: shop })).id)
  const runs = await Promise.all([auto(shop, ids), auto(shop, ids.toReversed())])
  assert.equal(
    runs.reduce((sum, run) => sum + (run?.done ?? 0), 0),
    20,
  )
  const events = await sql<{ count: number }>`
    select count(*)::int as count from order_event where event = 'confirm' and order_id = any(${ids}::bigint[])`.execute(
    house.db,
  )
  assert.equal(events.rows[0]?.count, 20)
})

test('rules are read and saved per shop; a dry run says what they would do, and does nothing', async () => {
  const shop = await aShop(house.db)
  const lead = await house.as(['orders.read', 'orders.rules'])
  const clerk = await house.as(['orders.read'], [shopId])
  const path = `/api/confirm-rules/${shop}`
  const empty = (await lead.call('GET', path)).body as { rules: unknown[]; version: number }
  assert.deepEqual([empty.rules, empty.version], [[], 0])
  const save = (who: Caller, version: number) => who.call('PUT', path, { version, rules: [rule] })
  assert.equal((await clerk.call('GET', path)).status, 404)
  assert.equal((await save(clerk, 0)).status, 403)
  assert.equal((await save(lead, 0)).status, 204)
  assert.equal((await save(lead, 0)).status, 409)
  assert.equal((await save(lead, 1)).status, 204)
  assert.equal(
    (await lead.call('PUT', '/api/confirm-rules/99999', { version: 0, rules: [rule] })).status,
    404,
  )
  const wrong = await lead.call('PUT', path, {
    version: 2,
    rules: [{ ...rule, checks: { nonsense: { on: true } } }],
  })
  assert.deepEqual([wrong.status, Object(wrong.body).field], [400, 'checks.nonsense'])
  const good = await anOrder(house.db, { shopId: shop })
  const bad = await anOrder(house.db, { shopId: shop, cod: true })
  const unpaid = await anOrder(house.db, { shopId: shop, paid: false })
  const run = (await lead.call('POST', `${path}/dry-run`, { checks: quick })).body as {
    seen: number
    passing: number
    byReason: { reason: string; count: number }[]
    rows: { id: string; reasons: { reason: string; waits: boolean }[] }[]
  }
  assert.deepEqual([run.seen, run.passing], [3, 1])
  assert.deepEqual(
    run.byReason.map(({ reason, count }) => [reason, count]),
    [
      ['not_paid', 1],
      ['cod', 1],
    ],
  )
  assert.deepEqual(
    run.rows.map(({ id, reasons }) => [id, reasons.map(({ reason, waits }) => [reason, waits])]).sort(),
    [
      [bad.id, [['cod', false]]],
      [unpaid.id, [['not_paid', true]]],
    ].sort(),
  )
  const state = await orderState(house.db, good.id)
  assert.deepEqual([state.status, state.events], ['unconfirmed', ['convert']])
})

test('a bulk confirm over a filter confirms what matches and names what it refused', async () => {
  const shop = await aShop(house.db)
  const clerk = await house.as(['orders.read', 'orders.confirm'])
  const ids = []
  for (let n = 0; n < 3; n += 1) ids.push((await anOrder(house.db, { shopId: shop })).id)
  const unpaid = await anOrder(house.db, { shopId: shop, paid: false })
  const elsewhere = await anOrder(house.db, { shopId })
  const order = { action: 'orders.confirm', target: { filter: { tab: 'unconfirmed', shop } }, input: {} }
  assert.equal((await (await house.as(['orders.read'])).call('POST', '/api/batches', order)).status, 403)
  const started = await clerk.call('POST', '/api/batches', order)
  assert.equal(started.status, 202, JSON.stringify(started.body))
  const batches = startBatches({
    db: house.db,
    ring: house.ring,
    log: pino({ level: 'silent' }),
    actions: bulkActions(orderVerbs({ ring: house.ring })),
    authorise: (actor, permission, scope) => scopeNow(house.db, actor, permission, scope),
    pollMs: 20,
  })
  const read = async () => Object((await clerk.call('GET', `/api/batches/${Object(started.body).id}`)).body)
  await until(async () => (await read()).state === 'done')
  await batches.stop()
  const { total, succeeded, refused } = await read()
  assert.deepEqual([total, succeeded, refused], [4, 3, 1])
  const statuses = await sql<{ id: string; status: string }>`
    select id, status from sales_order where id = any(${[...ids, unpaid.id, elsewhere.id]}::bigint[]) order by id`.execute(
    house.db,
  )
  assert.deepEqual(
    statuses.rows.map(({ status }) => status),
    ['confirmed', 'confirmed', 'confirmed', 'unconfirmed', 'unconfirmed'],
  )
})
