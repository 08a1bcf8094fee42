import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Actor, type Scope, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { receiveEvent } from '../../events.ts'
import { facet, has } from '../../lib/facets.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { anOrder, aRefund, aShop, type OrderInput, orderState } from '../../testing/orders.ts'
import { codes } from '../../testing/run.ts'
import { holdOrders, liftDueHolds, liftHolds } from '../holds/holds.ts'
import { recordPlatformChanges, resolvePlatformChanges } from '../platform-changes/differences.ts'
import { applyRefunds, type RefundVersion } from '../refunds/refunds.ts'
import { restoreOrders } from '../refunds/restore.ts'
import { transition } from '../status/transition.ts'
import { voidOrders } from '../status/void.ts'
import type { NewPlatformChange } from './difference-queries.ts'
import { orderStatuses } from './lifecycle.ts'
import { ordersWithDueHolds } from './queries.ts'

let database: TestDatabase
let open: OpenDatabase
let shopId: string
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 12 })
  await createQueues(open.db, [receiveEvent('fulfilment.orders_voided', async () => undefined)])
  shopId = await aShop(open.db)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

const run = <T>(work: (tx: Tx) => Promise<T>) => open.db.transaction().execute(work)
const order = (input: Partial<OrderInput> = {}) => anOrder(open.db, { shopId, ...input })
const state = (id: string) => orderState(open.db, id)
const voiding = (ids: string[], scope: Scope = wholeScope) =>
  run((tx) => voidOrders(tx, ids, '买家不要了', { actor, scope }))
const restoring = (ids: string[]) => run((tx) => restoreOrders(tx, ids, { actor, scope: wholeScope }))
const refunding = (...refunds: RefundVersion[]) => run((tx) => applyRefunds(tx, refunds, actor))
const noting = (...differences: NewPlatformChange[]) =>
  run((tx) => recordPlatformChanges(tx, differences, actor))
const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 4, minute))

test('voids from every unshipped state, held or not, and tells each refusal', async () => {
  const orders = []
  for (const status of orderStatuses) orders.push(await order({ status }))
  const ids = orders.map(({ id }) => id)
  const [first = ''] = ids
  await run((tx) =>
    holdOrders(tx, [first], { reason: 'other', note: '', until: null }, { actor, scope: wholeScope }),
  )
  assert.deepEqual(codes(await voiding([...ids, '999999999'])), [
    'done',
    'done',
    'done',
    'wrong_status',
    'wrong_status',
    'already',
    'not_found',
  ])
  const is = await state(first)
  assert.deepEqual(
    [is.status, is.voidReason, is.facets[0]],
    ['voided', '买家不要了', facet('orderStatus', 6)],
  )
  assert.deepEqual(is.events, ['convert', 'hold', 'void'])
  assert.equal((await state(ids[3] ?? '')).status, 'shipped')
})

test('numbers go on beyond the millionth order', async () => {
  await database.owner(`select setval('sales_order_no', 1234566)`)
  const made = [await order(), await order()]
  assert.deepEqual(
    made.map(({ no }) => no.slice('SO000000'.length)),
    ['1234567', '1234568'],
  )
})

test('an order outside the scope is not found, and stays', async () => {
  const { id } = await order()
  const mine = await order()
  const other = await aShop(open.db)
  assert.deepEqual(codes(await voiding([id], { shops: [other], warehouses: 'all' })), ['not_found'])
  assert.deepEqual(codes(await voiding([id], { shops: [], warehouses: 'all' })), ['not_found'])
  assert.equal((await state(id)).status, 'unconfirmed')
  assert.deepEqual(codes(await voiding([mine.id], { shops: [shopId], warehouses: 'all' })), ['done'])
})

test('the same orders voided from eight connections at once are voided once', async () => {
  const ids = (await Promise.all(Array.from({ length: 5 }, () => order()))).map(({ id }) => id)
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => voiding(index % 2 ? ids : ids.toReversed())),
  )
  assert.equal(answers.flat().filter((one) => one.done).length, 5)
  for (const id of ids) assert.deepEqual((await state(id)).events, ['convert', 'void'])
})

test('restores a voided order; what happened meanwhile comes to bear', async () => {
  const { id, tid } = await order()
  await voiding([id])
  await refunding(
    aRefund({
      shopId,
      tid,
      refundNo: `a${id}`,
      oid: 'o2',
      status: 'succeeded',
      amountFen: 4000,
      quantity: 1,
    }),
    aRefund({ shopId, tid, refundNo: `b${id}`, oid: 'o1', status: 'applied', amountFen: 6000, quantity: 2 }),
  )
  assert.deepEqual(
    (await state(id)).lines.map((line) => line.quantity),
    [0, 0],
  )
  await noting({ orderId: id, kind: 'closed', old: 'paid', new: 'closed_refunded', tradeVersion: at(1) })
  assert.deepEqual((await state(id)).holds, [])
  assert.deepEqual(codes(await restoring([id])), ['done'])
  const is = await state(id)
  assert.deepEqual([is.status, is.voidReason], ['unconfirmed', ''])
  assert.deepEqual(
    is.lines.map((line) => line.quantity),
    [0, 1],
  )
  assert.deepEqual(is.holds, [
    { reason: 'platform_closed', source: 'closed' },
    { reason: 'refund_open', source: `b${id}` },
  ])
  assert.deepEqual(is.facts, [{ kind: 'void_refund', fen: 4000, source: `a${id}` }])
})

test('an order of which nothing would be left is not restored', async () => {
  const whole = await order()
  await refunding(
    aRefund({
      shopId,
      tid: whole.tid,
      refundNo: `a${whole.id}`,
      status: 'succeeded',
      amountFen: 10_000,
      quantity: 3,
    }),
  )
  const meanwhile = await order({ postFeeFen: 500 })
  await voiding([meanwhile.id])
  await refunding(
    aRefund({
      shopId,
      tid: meanwhile.tid,
      refundNo: `a${meanwhile.id}`,
      oid: 'o1',
      status: 'succeeded',
      amountFen: 6000,
      quantity: 2,
    }),
    aRefund({
      shopId,
      tid: meanwhile.tid,
      refundNo: `b${meanwhile.id}`,
      oid: 'o2',
      status: 'succeeded',
      amountFen: 4000,
      quantity: 1,
    }),
  )
  const live = await order()
  const was = [await state(whole.id), await state(meanwhile.id)]
  assert.deepEqual(codes(await restoring([whole.id, meanwhile.id, live.id])), [
    'refunded_whole',
    'refunded_whole',
    'already',
  ])
  assert.deepEqual([await state(whole.id), await state(meanwhile.id)], was)
})

test('a hold stands once for each reason, and only while the order is unshipped', async () => {
  const [one, shipped] = [await order(), await order({ status: 'shipped' })]
  const hold = (reason: 'address' | 'other') =>
    run((tx) =>
      holdOrders(
        tx,
        [one.id, shipped.id],
        { reason, note: '等回复', until: null },
        { actor, scope: wholeScope },
      ),
    )
  assert.deepEqual(codes(await hold('address')), ['done', 'wrong_status'])
  assert.deepEqual(codes(await hold('address')), ['already', 'wrong_status'])
  assert.deepEqual(codes(await hold('other')), ['done', 'wrong_status'])
  assert.deepEqual([(await state(one.id)).openHolds, (await state(shipped.id)).openHolds], [2, 0])
  const [refused] = await run((tx) => transition(tx, [one.id], { event: 'confirm' }, actor))
  assert.ok(refused && !refused.done)
  assert.deepEqual([refused.code, refused.reason], ['on_hold', 'address'])
  assert.deepEqual(refused.message, {
    zh: '挂起：地址待核实、其他。处理好后解除挂起',
    en: 'On hold: check address, other. Release it once that is settled',
  })
})

test('a person releases holds by reason, never the hold of a refund', async () => {
  const { id, tid } = await order()
  await run((tx) =>
    holdOrders(tx, [id], { reason: 'stock', note: '', until: null }, { actor, scope: wholeScope }),
  )
  await refunding(aRefund({ shopId, tid, refundNo: `a${id}`, oid: 'o1', amountFen: 1, quantity: 1 }))
  const release = (input: Parameters<typeof liftHolds>[2]) =>
    run((tx) => liftHolds(tx, [id], input, { actor, scope: wholeScope }))
  assert.deepEqual(codes(await release({ reason: 'address' })), ['not_held'])
  assert.deepEqual(codes(await release({ reason: 'refund_open' })), ['hold_of_refund'])
  assert.deepEqual(codes(await release({})), ['done'])
  assert.deepEqual(codes(await release({})), ['hold_of_refund'])
  const is = await state(id)
  assert.deepEqual(is.holds, [{ reason: 'refund_open', source: `a${id}` }])
  assert.equal(is.facets[1], facet('held', 1))
  await refunding(
    aRefund({
      shopId,
      tid,
      refundNo: `a${id}`,
      oid: 'o1',
      amountFen: 1,
      quantity: 1,
      status: 'refused',
      at: 5,
    }),
  )
  assert.deepEqual([(await state(id)).openHolds, (await state(id)).facets[1]], [0, facet('held', 0)])
})

test('a hold with a time is lifted when it has passed', async () => {
  const [due, later] = [await order(), await order()]
  const hold = (id: string, until: Date) =>
    run((tx) => holdOrders(tx, [id], { reason: 'stock', note: '', until }, { actor, scope: wholeScope }))
  await hold(due.id, new Date(Date.now() - 1000))
  await hold(later.id, new Date(Date.now() + 3_600_000))
  const ids = await ordersWithDueHolds(open.db, 100)
  assert.ok(ids.includes(due.id) && !ids.includes(later.id))
  assert.equal(await run((tx) => liftDueHolds(tx, [...ids, later.id])), 1)
  assert.deepEqual([(await state(due.id)).openHolds, (await state(later.id)).openHolds], [0, 1])
})

type Badge = { differences: number; facet: number; texts: string[]; open: string[] }
async function badge(id: string): Promise<Badge | undefined> {
  const found = await sql<Badge>`
    select differences, facets[3] as facet, array[seller_memo, buyer_message, flag::text, receiver_masked, region] as texts,
      (select coalesce(jsonb_agg(kind || ': ' || old_value || ' → ' || new_value order by kind, id), '[]') from order_difference
       where order_id = o.id and settled_at is null) as open
    from sales_order o where id = ${id}`.execute(open.db)
  return found.rows[0]
}

test('a difference is a badge and an event; nothing is overwritten; a newer one supersedes it', async () => {
  const { id } = await order()
  const texts = ['', '', '0', '王** 138****1234', '浙江 杭州']
  await noting(
    { orderId: id, kind: 'memo', old: '', new: '加急', tradeVersion: at(1) },
    { orderId: id, kind: 'flag', old: '0', new: '1', tradeVersion: at(1) },
  )
  assert.deepEqual(await badge(id), {
    differences: 2,
    facet: facet('differs', 1),
    texts,
    open: ['flag: 0 → 1', 'memo:  → 加急'],
  })
  await noting({ orderId: id, kind: 'memo', old: '', new: '加急', tradeVersion: at(1) })
  await noting({ orderId: id, kind: 'memo', old: '加急', new: '加急，送贺卡', tradeVersion: at(2) })
  await noting({ orderId: id, kind: 'memo', old: 'x', new: '旧的', tradeVersion: at(0) })
  await noting({ orderId: id, kind: 'flag', old: '1', new: '0', tradeVersion: at(3) })
  assert.deepEqual(await badge(id), {
    differences: 1,
    facet: facet('differs', 1),
    texts,
    open: ['memo:  → 加急，送贺卡'],
  })
  assert.deepEqual((await state(id)).events, [
    'convert',
    'difference',
    'difference',
    'difference',
    'difference_gone',
  ])
  assert.equal((await state(id)).openHolds, 0)
})

test('a close, a shipment elsewhere and a new address hold an unshipped order; settling lifts that hold', async () => {
  const [one, shipped] = [await order(), await order({ status: 'shipped' })]
  for (const { id } of [one, shipped]) {
    await noting(
      { orderId: id, kind: 'closed', old: 'paid', new: 'closed_unpaid', tradeVersion: at(1) },
      { orderId: id, kind: 'shipped_elsewhere', old: 'paid', new: 'shipped', tradeVersion: at(1) },
      {
        orderId: id,
        kind: 'address',
        old: '王**',
        new: '李**',
        personal: Buffer.from('sealed'),
        region: '江苏 苏州',
        tradeVersion: at(1),
      },
    )
  }
  assert.deepEqual(
    (await state(one.id)).holds.map((hold) => hold.reason),
    ['address_changed', 'platform_closed', 'shipped_elsewhere'],
  )
  assert.deepEqual([(await state(shipped.id)).openHolds, (await badge(shipped.id))?.differences], [0, 2])
  const settle = (how: 'apply' | 'ignore', kinds: ('closed' | 'address' | 'shipped_elsewhere')[]) =>
    run((tx) => resolvePlatformChanges(tx, [one.id], { how, kinds }, { actor, scope: wholeScope }))
  assert.deepEqual(codes(await settle('apply', ['closed'])), ['cannot_apply'])
  assert.deepEqual(codes(await settle('ignore', ['closed', 'shipped_elsewhere'])), ['done'])
  assert.deepEqual(
    (await state(one.id)).holds.map((hold) => hold.reason),
    ['address_changed'],
  )
  assert.deepEqual(codes(await settle('apply', ['address'])), ['done'])
  assert.deepEqual(
    [(await state(one.id)).openHolds, (await badge(one.id))?.texts.slice(3)],
    [0, ['李**', '江苏 苏州']],
  )
})

test('applying takes memo, flag, message and address over, with the facets that search by them; goods and services stay', async () => {
  const { id } = await order({ personal: Buffer.from('old') })
  const own = await sql<{ facets: number[] }>`
    update sales_order set facets = facets || ${[facet('has', has.toDoor), facet('province', 1)]}::int[] where id = ${id}
    returning facets[6:] as facets`.execute(open.db)
  const facets = [
    facet('shop', Number(shopId)),
    facet('flag', 3),
    facet('has', has.noMemo),
    facet('has', has.noMessage),
    facet('item', 77),
    facet('province', 2),
  ]
  await noting(
    { orderId: id, kind: 'memo', old: '', new: '送贺卡', tradeVersion: at(1) },
    { orderId: id, kind: 'flag', old: '0', new: '2', tradeVersion: at(1) },
    { orderId: id, kind: 'message', old: '', new: '快点', tradeVersion: at(1) },
    {
      orderId: id,
      kind: 'address',
      old: '王**',
      new: '李**',
      personal: Buffer.from('new'),
      region: '江苏',
      facets,
      people: [77, 78],
      tradeVersion: at(1),
    },
  )
  assert.deepEqual(
    codes(
      await run((tx) => resolvePlatformChanges(tx, [id], { how: 'apply' }, { actor, scope: wholeScope })),
    ),
    ['done'],
  )
  assert.deepEqual(await badge(id), {
    differences: 0,
    facet: facet('differs', 0),
    texts: ['送贺卡', '快点', '2', '李**', '江苏'],
    open: [],
  })
  const texts = [has.memo, has.noMemo, has.message, has.noMessage].map((one) => facet('has', one))
  const found = await sql<{
    personal: Buffer
    facets: number[]
    people: string[]
  }>`select personal, facets[6:] as facets, people from sales_order where id = ${id}`.execute(open.db)
  assert.equal(found.rows[0]?.personal.toString(), 'new')
  assert.deepEqual(found.rows[0]?.people, ['77', '78'])
  assert.deepEqual(
    found.rows[0]?.facets.toSorted((a, b) => a - b),
    [
      ...(own.rows[0]?.facets ?? []).filter(
        (one) => one !== facet('flag', 0) && one !== facet('province', 1) && !texts.includes(one),
      ),
      facet('flag', 2),
      facet('has', has.memo),
      facet('has', has.message),
      facet('province', 2),
    ].sort((a, b) => a - b),
  )
  assert.deepEqual(
    codes(
      await run((tx) => resolvePlatformChanges(tx, [id], { how: 'ignore' }, { actor, scope: wholeScope })),
    ),
    ['no_difference'],
  )
})

test('an address is applied only while unconfirmed', async () => {
  const { id } = await order({ status: 'confirmed' })
  await noting({
    orderId: id,
    kind: 'address',
    old: '王**',
    new: '李**',
    personal: Buffer.from('new'),
    tradeVersion: at(1),
  })
  assert.deepEqual(
    codes(
      await run((tx) => resolvePlatformChanges(tx, [id], { how: 'apply' }, { actor, scope: wholeScope })),
    ),
    ['not_unconfirmed'],
  )
  assert.deepEqual([(await badge(id))?.differences, (await state(id)).holds.length], [1, 1])
})

test('a difference that came after the person looked stays open', async () => {
  const { id } = await order()
  await noting({ orderId: id, kind: 'memo', old: '', new: '一', tradeVersion: at(1) })
  const seen = await sql<{ id: string }>`select id from order_difference where order_id = ${id}`.execute(
    open.db,
  )
  await noting({ orderId: id, kind: 'memo', old: '一', new: '二', tradeVersion: at(2) })
  const input = { how: 'apply', differenceIds: seen.rows.map((row) => row.id) } as const
  assert.deepEqual(
    codes(await run((tx) => resolvePlatformChanges(tx, [id], input, { actor, scope: wholeScope }))),
    ['no_difference'],
  )
  assert.deepEqual((await badge(id))?.open, ['memo:  → 二'])
})

test('voiding answers a close: its badge and its hold go', async () => {
  const { id } = await order()
  await noting({ orderId: id, kind: 'closed', old: 'paid', new: 'closed_unpaid', tradeVersion: at(1) })
  assert.equal((await state(id)).openHolds, 1)
  await voiding([id])
  assert.deepEqual([(await state(id)).openHolds, (await badge(id))?.differences], [0, 0])
})
