import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { anOrder, aRefund, aShop, matchGoods, type OrderInput, orderState } from '../../testing/orders.ts'
import { codes } from '../../testing/run.ts'
import { aSku, aWarehouse, balanceOf, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { reserveOrders } from '../allocation/goods.ts'
import { holdOrders } from '../holds/holds.ts'
import { flagFacets } from '../order/facets.ts'
import { orderStatuses, statusWords } from '../order/lifecycle.ts'
import { refreshOrders } from '../order/queries.ts'
import { recordPlatformChanges } from '../platform-changes/differences.ts'
import { applyRefunds, type RefundVersion } from '../refunds/refunds.ts'
import { restoreOrders } from '../refunds/restore.ts'
import { waiveOrders } from '../review/confirm.ts'
import { judgeAgain } from '../review/judge-again.ts'
import { transition } from '../status/transition.ts'
import { voidOrders } from '../status/void.ts'
import { type ChildRequest, splitOrders } from './split.ts'
import { unsplitOrders } from './unsplit.ts'

let database: TestDatabase
let open: OpenDatabase
let shopId: string
let warehouse: string
let other: string
let sku: string
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 12 })
  await createQueues(open.db, jobs)
  shopId = await aShop(open.db)
  warehouse = await aWarehouse(open.db, 1)
  other = await aWarehouse(open.db, 2)
  sku = await matchGoods(open.db, shopId)
  await putStock(open.db, warehouse, sku, 1000)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

const run = <T>(work: (tx: Tx) => Promise<T>) => open.db.transaction().execute(work)
async function order(input: Partial<OrderInput> = {}) {
  const made = await anOrder(open.db, { shopId, postFeeFen: 500, ...input })
  await run((tx) => reserveOrders(tx, [made.id]))
  return made
}
const split = (id: string, parts: ChildRequest[], version?: number) =>
  run((tx) => splitOrders(tx, [{ id, parts, version, cause: 'hand' }], { actor, scope: wholeScope }))
const unsplit = (...ids: string[]) => run((tx) => unsplitOrders(tx, ids, { actor, scope: wholeScope }))
const part = (lineNo: number, quantity: number): ChildRequest => ({ lines: [{ lineNo, quantity }] })
async function parted(id: string, ...parts: ChildRequest[]): Promise<string[]> {
  const [outcome] = await split(id, parts)
  assert.ok(outcome?.done, JSON.stringify(outcome))
  return outcome.parts.map((one) => one.id)
}

/**
 * Returns each order as "-1 split confirmed, 2 for 10000+500: 1 o1×2 6000": the end of its number, origin, status, pieces, payment and
 * freight in fen, then its lines.
 */
async function told(...ids: string[]): Promise<string[]> {
  const found = await sql<{ text: string }>`
    select format('%s %s %s, %s for %s+%s: %s', coalesce('-' || split_part(no, '-', 2), ''), origin, status, quantity, payment_fen - post_fee_fen,
      post_fee_fen, (select coalesce(string_agg(format('%s %s×%s %s', line_no, oid, quantity, payment_fen), ', ' order by line_no), 'nothing')
        from order_line where order_id = o.id)) as text
    from sales_order o where id = any(${ids}::bigint[]) order by id`.execute(open.db)
  return found.rows.map(({ text }) => text.replace(/^- /, ''))
}

/** The sum of the settlements of the trade's orders, without voided ones. */
async function settled(tid: string): Promise<number> {
  const found = await sql<{ fen: number }>`
    select coalesce(sum(amount_fen), 0)::int as fen from settlement where tid = ${tid} and status <> 'voided'`.execute(
    open.db,
  )
  return found.rows[0]?.fen ?? 0
}

async function promised(id: string): Promise<string[]> {
  const found = await sql<{ text: string }>`
    select format('%s: %s of %s', line_no, reserved, wanted) as text from reservation where order_id = ${id} order by line_no`.execute(
    open.db,
  )
  return found.rows.map(({ text }) => text)
}

test('goods leave with their money and what stock promised of them; the freight stays', async () => {
  const { id } = await order()
  const free = await balanceOf(open.db, warehouse, sku)
  const [first = '', second = ''] = await parted(id, part(1, 1), part(2, 1))
  assert.deepEqual(await told(id, first, second), [
    'trade unconfirmed, 1 for 3000+500: 1 o1×1 3000',
    '-1 split unconfirmed, 1 for 3000+0: 1 o1×1 3000',
    '-2 split unconfirmed, 1 for 4000+0: 2 o2×1 4000',
  ])
  assert.deepEqual(await promised(id), ['1: 1 of 1'])
  assert.deepEqual(await promised(first), ['1: 1 of 1'])
  assert.deepEqual(await promised(second), ['2: 1 of 1'])
  assert.deepEqual(await balanceOf(open.db, warehouse, sku), free)
  assert.deepEqual(await wrongInTheBooks(open.db), [])
  assert.deepEqual((await orderState(open.db, id)).events.slice(-1), ['split'])
  assert.deepEqual((await orderState(open.db, first)).events, ['split_from'])
})

test('pieces of one line in two parcels say that the platform shows one waybill a line; whole lines say nothing', async () => {
  const warned = async (parts: ChildRequest[]) => {
    const { id } = await order()
    const [outcome] = await split(id, parts)
    assert.ok(outcome?.done, JSON.stringify(outcome))
    return outcome.warning?.en.slice(0, 39)
  }
  assert.equal(await warned([part(1, 1)]), 'The platform takes one waybill a line: ')
  assert.equal(await warned([part(2, 1)]), undefined)
  await sql`update shop set platform = 'pinduoduo' where id = ${shopId}`.execute(open.db)
  assert.equal(await warned([part(2, 1)]), 'The platform takes one waybill a trade:')
  await sql`update shop set platform = 'taobao' where id = ${shopId}`.execute(open.db)
})

test('a part that is split again belongs to the same root, and is numbered behind its siblings', async () => {
  const { id } = await order()
  const [first = ''] = await parted(id, { lines: [{ lineNo: 1, quantity: 2 }] })
  const [second = ''] = await parted(first, part(1, 1))
  assert.deepEqual(await told(id, first, second), [
    'trade unconfirmed, 1 for 4000+500: 2 o2×1 4000',
    '-1 split unconfirmed, 1 for 3000+0: 1 o1×1 3000',
    '-2 split unconfirmed, 1 for 3000+0: 1 o1×1 3000',
  ])
  const roots = await sql<{
    root: string
  }>`select split_from as root from sales_order where id = any(${[first, second]}::bigint[])`.execute(open.db)
  assert.deepEqual(
    roots.rows.map(({ root }) => root),
    [id, id],
  )
})

test('nobody who waits gets what is being split', async () => {
  const scarce = await aShop(open.db)
  const own = await matchGoods(open.db, scarce)
  await putStock(open.db, warehouse, own, 3)
  const mine = await order({ shopId: scarce })
  const waiting = await order({ shopId: scarce, lines: [{ oid: 'w', quantity: 1, paymentFen: 100 }] })
  await sql`update sales_order set paid_at = now() - interval '1 day' where id = ${waiting.id}`.execute(
    open.db,
  )
  await sql`update reservation set paid_at = now() - interval '1 day' where order_id = ${waiting.id}`.execute(
    open.db,
  )
  const [first = ''] = await parted(mine.id, part(1, 1))
  assert.deepEqual(await promised(mine.id), ['1: 1 of 1', '2: 1 of 1'])
  assert.deepEqual(await promised(first), ['1: 1 of 1'])
  assert.deepEqual(await promised(waiting.id), ['1: 0 of 1'])
  const woken = await sql`select from job where name = ${'inventory.fill'}`.execute(open.db)
  assert.deepEqual(woken.rows, [])
})

test('a part that ships from elsewhere holds its goods there', async () => {
  await putStock(open.db, other, sku, 10)
  const { id } = await order()
  const before = await balanceOf(open.db, other, sku)
  const [first = ''] = await parted(id, { ...part(1, 2), warehouseId: other })
  assert.deepEqual(await promised(first), ['1: 2 of 2'])
  assert.deepEqual(await balanceOf(open.db, other, sku), [before[0], (before[1] ?? 0) + 2, 0])
  assert.deepEqual(await wrongInTheBooks(open.db), [])
})

test('a confirmed order splits into confirmed ones, and the books still say what was paid', async () => {
  const { id, tid } = await order()
  assert.deepEqual(codes(await run((tx) => transition(tx, [id], { event: 'confirm' }, actor))), ['done'])
  assert.equal(await settled(tid), 10_500)
  const [first = ''] = await parted(id, part(2, 1))
  assert.deepEqual(await told(id, first), [
    'trade confirmed, 2 for 6000+500: 1 o1×2 6000',
    '-1 split confirmed, 1 for 4000+0: 2 o2×1 4000',
  ])
  assert.equal(await settled(tid), 10_500)
  assert.deepEqual((await orderState(open.db, id)).ownSettlements, ['order_receipt 6500 draft'])
  assert.deepEqual((await orderState(open.db, first)).ownSettlements, ['order_receipt 4000 draft'])
})

test('what cannot be split says why, and nothing of it changes', async () => {
  const { id, tid } = await order()
  const was = await told(id)
  assert.deepEqual(
    codes(
      await split(id, [
        {
          lines: [
            { lineNo: 1, quantity: 2 },
            { lineNo: 2, quantity: 1 },
          ],
        },
      ]),
    ),
    ['nothing_stays'],
  )
  assert.deepEqual(codes(await split(id, [part(1, 3)])), ['too_many'])
  assert.deepEqual(codes(await split(id, [part(1, 1), part(1, 2)])), ['too_many'])
  assert.deepEqual(codes(await split(id, [part(9, 1)])), ['no_line'])
  assert.deepEqual(codes(await split(id, [part(1, 0)])), ['no_line'])
  assert.deepEqual(codes(await split(id, [])), ['nothing_moved'])
  assert.deepEqual(codes(await split(id, [part(1, 1)], 99)), ['changed'])
  await run((tx) =>
    applyRefunds(tx, [aRefund({ shopId, tid, oid: 'o1', amountFen: 1, refundNo: `s${id}` })], actor),
  )
  assert.deepEqual(codes(await split(id, [part(1, 1)])), ['line_refunded'])
  assert.deepEqual(await told(id), was)
  const cod = await order({ cod: true })
  assert.deepEqual(codes(await split(cod.id, [part(1, 1)])), ['cod'])
  const gone = await order({ status: 'shipped' })
  assert.deepEqual(codes(await split(gone.id, [part(1, 1)])), ['wrong_status'])
  const record = await anOrder(open.db, { shopId, origin: 'record', status: 'shipped' })
  assert.deepEqual(codes(await split(record.id, [part(1, 1)])), ['record'])
  assert.deepEqual(
    codes(
      await run((tx) =>
        splitOrders(tx, [{ id: cod.id, parts: [part(1, 1)], cause: 'hand' }], {
          actor,
          scope: {
            shops: [],
            warehouses: 'all',
          },
        }),
      ),
    ),
    ['not_found'],
  )
})

test('of many who split one order as they saw it at once, one does', async () => {
  const { id } = await order()
  const { version } = await orderState(open.db, id)
  const answers = await Promise.all(Array.from({ length: 6 }, () => split(id, [part(1, 1)], version)))
  assert.deepEqual(answers.flatMap(codes).sort(), [
    'changed',
    'changed',
    'changed',
    'changed',
    'changed',
    'done',
  ])
  assert.deepEqual(await told(id), ['trade unconfirmed, 2 for 7000+500: 1 o1×1 3000, 2 o2×1 4000'])
})

test('put together again, an order is what it was, and its parts are empty and void', async () => {
  const { id, tid } = await order()
  await run((tx) => transition(tx, [id], { event: 'confirm' }, actor))
  const was = await told(id)
  const parts = await parted(id, part(1, 1), { lines: [{ lineNo: 1, quantity: 1 }] })
  assert.deepEqual(codes(await unsplit(...parts)), ['done', 'done'])
  assert.deepEqual(await told(id), was)
  assert.deepEqual(await told(...parts), [
    '-1 split voided, 0 for 0+0: nothing',
    '-2 split voided, 0 for 0+0: nothing',
  ])
  assert.deepEqual(await promised(id), ['1: 2 of 2', '2: 1 of 1'])
  assert.equal(await settled(tid), 10_500)
  assert.deepEqual(await wrongInTheBooks(open.db), [])
  assert.deepEqual(codes(await unsplit(...parts)), ['wrong_status', 'wrong_status'])
  assert.deepEqual(codes(await unsplit(id)), ['not_split'])
})

const refundOf = (tid: string, more: Partial<RefundVersion> & { at?: number }) =>
  aRefund({
    shopId,
    tid,
    refundNo: `r${tid}`,
    oid: 'o1',
    status: 'succeeded',
    amountFen: 3000,
    quantity: 1,
    ...more,
  })

test('a refund of one piece takes it from the order that was not shipped, whatever the other one is', async () => {
  const { id, tid } = await order()
  const [first = ''] = await parted(id, part(1, 1))
  await sql`update sales_order set status = 'shipped' where id = ${id}`.execute(open.db)
  const refund = refundOf(tid, {})
  const [outcome] = await run((tx) => applyRefunds(tx, [refund], actor))
  assert.ok(outcome?.done)
  assert.deepEqual([outcome.orderId, outcome.effect, outcome.voided], [first, 'reduce', true])
  assert.equal((await orderState(open.db, id)).refundedFen, 0)
  assert.equal((await orderState(open.db, first)).status, 'voided')
  assert.deepEqual(codes(await run((tx) => applyRefunds(tx, [refund], actor))), ['already'])
})

test('a refund of all pieces is shared, each share is a document, and both sum to it', async () => {
  const { id, tid } = await order()
  const [first = ''] = await parted(id, part(1, 1))
  await run((tx) => transition(tx, [id, first], { event: 'confirm' }, actor))
  const open1 = refundOf(tid, { amountFen: 6000, quantity: 2, status: 'applied', at: 1 })
  await run((tx) => applyRefunds(tx, [open1], actor))
  for (const each of [id, first])
    assert.deepEqual((await orderState(open.db, each)).holds, [{ reason: 'refund_open', source: `r${tid}` }])
  await run((tx) => applyRefunds(tx, [refundOf(tid, { amountFen: 6000, quantity: 2, at: 2 })], actor))
  const [root, share] = [await orderState(open.db, id), await orderState(open.db, first)]
  assert.deepEqual([root.status, root.refundedFen, root.holds], ['confirmed', 3000, []])
  assert.deepEqual([share.status, share.refundedFen, share.voidReason], ['voided', 3000, 'refunded_whole'])
  assert.deepEqual(root.facts, [{ kind: 'order_refund', fen: 3000, source: `r${tid}` }])
  assert.equal(share.facts.length, 1)
  assert.deepEqual([share.facts[0]?.kind, share.facts[0]?.fen], ['order_refund', 3000])
  assert.equal(await settled(tid), 10_500 - 6000)
  assert.deepEqual(codes(await unsplit(first)), ['refunded'])
})

test('two refunds of one piece each take a piece from each order, converted in one call or one after the other', async () => {
  const after = async (calls: (tid: string) => RefundVersion[][]) => {
    const { id, tid } = await order({ postFeeFen: 0, lines: [{ oid: 'o1', quantity: 2, paymentFen: 6000 }] })
    const [first = ''] = await parted(id, part(1, 1))
    for (const refunds of calls(tid))
      assert.deepEqual(
        (await run((tx) => applyRefunds(tx, refunds, actor))).map((one) => one.done && one.effect),
        refunds.map(() => 'reduce'),
      )
    const states = [await orderState(open.db, id), await orderState(open.db, first)]
    return states.map(({ status, refundedFen, lines, holds }) => ({ status, refundedFen, lines, holds }))
  }
  const refunds = (tid: string) => [
    refundOf(tid, { refundNo: `a${tid}` }),
    refundOf(tid, { refundNo: `b${tid}` }),
  ]
  const gone = {
    status: 'voided',
    refundedFen: 3000,
    lines: [{ oid: 'o1', fen: 3000, quantity: 1 }],
    holds: [],
  }
  assert.deepEqual(await after((tid) => refunds(tid).map((one) => [one])), [gone, gone])
  assert.deepEqual(await after((tid) => [refunds(tid)]), [gone, gone])
  assert.deepEqual(await after((tid) => [refunds(tid).toReversed()]), [gone, gone])
})

test('a closed refund lifts its hold on every part; a later one finds them all', async () => {
  const { id, tid } = await order()
  const [first = ''] = await parted(id, part(1, 1))
  const ask = (status: 'applied' | 'closed', at: number) =>
    run((tx) =>
      applyRefunds(tx, [refundOf(tid, { oid: '', amountFen: 10_500, quantity: 1, status, at })], actor),
    )
  await ask('applied', 1)
  assert.deepEqual(
    [(await orderState(open.db, id)).openHolds, (await orderState(open.db, first)).openHolds],
    [1, 1],
  )
  await ask('closed', 2)
  assert.deepEqual(
    [(await orderState(open.db, id)).openHolds, (await orderState(open.db, first)).openHolds],
    [0, 0],
  )
  await run((tx) =>
    applyRefunds(tx, [refundOf(tid, { oid: '', amountFen: 10_500, quantity: 1, at: 3 })], actor),
  )
  for (const each of [id, first]) assert.equal((await orderState(open.db, each)).status, 'voided')
  assert.equal(await settled(tid), 0)
})

test('a change on the platform reaches every part; shipping of ours is no news to those that are still here', async () => {
  const { id } = await order()
  const [first = ''] = await parted(id, part(2, 1))
  const tell = (kind: 'closed' | 'shipped_elsewhere', status: string, at: number) =>
    run((tx) =>
      recordPlatformChanges(
        tx,
        [
          {
            orderId: id,
            kind,
            old: 'paid',
            new: status,
            tradeVersion: new Date(Date.UTC(2026, 10, 25, 1, at)),
          },
        ],
        actor,
      ),
    )
  await sql`update sales_order set status = 'shipped' where id = ${first}`.execute(open.db)
  await tell('shipped_elsewhere', 'partly_shipped', 1)
  assert.deepEqual((await orderState(open.db, id)).holds, [])
  await tell('shipped_elsewhere', 'shipped', 2)
  assert.deepEqual((await orderState(open.db, id)).holds, [
    { reason: 'shipped_elsewhere', source: 'shipped_elsewhere' },
  ])
  const two = await order()
  const [second = ''] = await parted(two.id, part(2, 1))
  await run((tx) =>
    recordPlatformChanges(
      tx,
      [{ orderId: two.id, kind: 'closed', old: 'paid', new: 'closed', tradeVersion: new Date() }],
      actor,
    ),
  )
  for (const each of [two.id, second])
    assert.deepEqual((await orderState(open.db, each)).holds, [
      { reason: 'platform_closed', source: 'closed' },
    ])
})

test('a hold stays on all parts, and what was voided takes nothing back', async () => {
  const { id } = await order()
  await run((tx) =>
    holdOrders(tx, [id], { reason: 'risk', note: '', until: null }, { actor, scope: wholeScope }),
  )
  const [first = ''] = await parted(id, part(1, 1))
  assert.deepEqual((await orderState(open.db, first)).holds, [{ reason: 'risk', source: '' }])
  await run((tx) => voidOrders(tx, [id], '不要了', { actor, scope: wholeScope }))
  assert.deepEqual(codes(await unsplit(first)), ['wrong_status'])
  assert.equal((await orderState(open.db, first)).status, 'unconfirmed')
})

test('a hold because of gifts that are not earned any more goes with the gifts, and other parts are free of it', async () => {
  const { id } = await order({
    lines: [
      { oid: 'o1', quantity: 2, paymentFen: 6000 },
      { oid: 'o2', quantity: 2, paymentFen: 4000 },
    ],
  })
  const gift = await aSku(open.db)
  await sql`
    insert into order_line (order_id, line_no, tid, oid, sku_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url,
      quantity, price_fen, discount_fen, payment_fen, gift)
    values (${id}, 9, '', '', ${gift}, '', '', '', '', '赠品', '', '', 1, 0, 0, 0, true)`.execute(open.db)
  await sql`
    insert into order_hold (order_id, reason, source, note, held_by) values (${id}, 'gift', '', '满减赠', '系统')`.execute(
    open.db,
  )
  await run((tx) => refreshOrders(tx, [id]))
  const withGift = { lines: [...part(1, 1).lines, ...part(9, 1).lines] }
  await run((tx) => reserveOrders(tx, [id]))
  const [plain = '', given = ''] = await parted(id, part(2, 1), withGift)
  const reasons = async (one: string) => (await orderState(open.db, one)).holds.map(({ reason }) => reason)
  assert.deepEqual([await reasons(plain), await reasons(given)], [[], ['gift']])
  assert.deepEqual(await reasons(id), [], 'no gift is left on the order that was split')
  const { rows } = await sql<{ event: string; detail: unknown; held: number }>`
    select e.event, e.detail, o.open_holds as held from order_event e join sales_order o on o.id = e.order_id
    where o.id = ${id} and e.event = 'release_hold'`.execute(open.db)
  assert.deepEqual(rows, [{ event: 'release_hold', detail: { reason: 'gift' }, held: 0 }])
})

test('a hold because of gifts stays on an order that keeps some of them, or whose gifts did not move', async () => {
  const gift = await aSku(open.db)
  const held = async () => {
    const { id } = await order()
    await sql`
      insert into order_line (order_id, line_no, tid, oid, sku_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url,
        quantity, price_fen, discount_fen, payment_fen, gift)
      values (${id}, 9, '', '', ${gift}, '', '', '', '', '赠品', '', '', 2, 0, 0, 0, true)`.execute(open.db)
    await sql`
      insert into order_hold (order_id, reason, source, note, held_by) values (${id}, 'gift', '', '满减赠', '系统')`.execute(
      open.db,
    )
    await run((tx) => refreshOrders(tx, [id]))
    await run((tx) => reserveOrders(tx, [id]))
    return id
  }
  const reasons = async (one: string) => (await orderState(open.db, one)).holds.map(({ reason }) => reason)
  const some = await held()
  await parted(some, { lines: [...part(1, 1).lines, ...part(9, 1).lines] })
  assert.deepEqual(await reasons(some), ['gift'])
  const none = await held()
  const [plain = ''] = await parted(none, part(1, 1))
  assert.deepEqual([await reasons(none), await reasons(plain)], [['gift'], []])
})

test('a part takes the open changes that concern it, and not those of the payment or of goods left behind', async () => {
  const { id } = await order()
  const tradeVersion = new Date(Date.UTC(2026, 10, 25, 1))
  const changes = [
    { kind: 'payment', old: '100', new: '90' },
    { kind: 'left_line', old: '', new: '杯子 × 1' },
    { kind: 'closed', old: 'paid', new: 'closed' },
  ] as const
  await run((tx) =>
    recordPlatformChanges(
      tx,
      changes.map((change) => ({ orderId: id, tradeVersion, ...change })),
      actor,
    ),
  )
  const [first = ''] = await parted(id, part(1, 1))
  const openOn = async (of: string) =>
    (
      await sql<{ kinds: string[]; holds: string[]; differences: number; open_holds: number }>`
        select array(select kind from order_difference where order_id = o.id and settled_at is null order by kind) as kinds,
          array(select reason from order_hold where order_id = o.id and released_at is null order by reason) as holds, differences, open_holds
        from sales_order o where id = ${of}`.execute(open.db)
    ).rows[0]
  assert.deepEqual(await openOn(id), {
    kinds: ['closed', 'left_line', 'payment'],
    holds: ['line_left', 'platform_closed'],
    differences: 3,
    open_holds: 2,
  })
  assert.deepEqual(await openOn(first), {
    kinds: ['closed'],
    holds: ['platform_closed'],
    differences: 1,
    open_holds: 1,
  })
})

test('what people hold against a part, and the day that it waits for, come back with its goods', async () => {
  const { id } = await order()
  const later = new Date('2099-12-01T00:00:00+08:00')
  const parts = await parted(id, { ...part(2, 1), shipAfter: later }, part(1, 1))
  const hold = { reason: 'risk' as const, note: '先问买家', until: null }
  for (const each of parts) await run((tx) => holdOrders(tx, [each], hold, { actor, scope: wholeScope }))
  assert.deepEqual(codes(await unsplit(...parts)), ['done', 'done'])
  assert.deepEqual((await orderState(open.db, id)).holds, [{ reason: 'risk', source: '' }])
  const found = await sql<{ at: Date | null; notes: string[] }>`
    select ship_after as at, array(select note from order_hold where order_id = ${id} and released_at is null) as notes
    from sales_order where id = ${id}`.execute(open.db)
  assert.deepEqual(found.rows, [{ at: later, notes: ['先问买家'] }])
})

test('what stays may leave on another day than before, and does only if that is asked for', async () => {
  const { id } = await order()
  const [early, late] = [new Date('2099-12-01T00:00:00+08:00'), new Date('2099-12-20T00:00:00+08:00')]
  await sql`update sales_order set ship_after = ${late} where id = ${id}`.execute(open.db)
  const days = async () =>
    (
      await sql<{ at: Date | null }>`
        select ship_after as at from sales_order where ${id} in (id, split_from) order by id`.execute(open.db)
    ).rows.map(({ at }) => at)
  const splitOff = (lineNo: number, shipAfter?: Date | null) =>
    run((tx) =>
      splitOrders(tx, [{ id, parts: [part(lineNo, 1)], shipAfter, cause: 'hand' }], {
        actor,
        scope: wholeScope,
      }),
    )
  await splitOff(2, early)
  assert.deepEqual(await days(), [early, late])
  await splitOff(1)
  assert.deepEqual(await days(), [early, late, early])
})

test('an order that somebody else has locked takes nothing back', async () => {
  const { id, no } = await order()
  const [first = ''] = await parted(id, part(1, 1))
  await sql`update sales_order set locked_by = 'user:9', locked_name = '陈晨' where id = ${id}`.execute(
    open.db,
  )
  const [refused] = await unsplit(first)
  assert.ok(refused && !refused.done)
  assert.deepEqual([refused.code, refused.message?.zh], ['locked', `${no} 陈晨 锁定中。解锁后可用`])
  assert.equal((await orderState(open.db, first)).status, 'unconfirmed')
})

test('a part that was put back is not restored and says so, nor is what another person has locked', async () => {
  const restore = (id: string) => run((tx) => restoreOrders(tx, [id], { actor, scope: wholeScope }))
  const { id } = await order()
  const [first = ''] = await parted(id, part(1, 1))
  await unsplit(first)
  const [back] = await restore(first)
  assert.deepEqual(back && !back.done && [back.code, back.message?.zh], ['put_back', '已合回原单'])
  await run((tx) => voidOrders(tx, [id], '不要了', { actor, scope: wholeScope }))
  const lock = (by: string | null) =>
    sql`update sales_order set locked_by = ${by}, locked_name = '陈晨' where id = ${id}`.execute(open.db)
  await lock('user:9')
  assert.deepEqual(codes(await restore(id)), ['locked'])
  assert.equal((await orderState(open.db, id)).status, 'voided')
  await lock('user:7')
  assert.deepEqual(codes(await restore(id)), ['done'])
})

test('a part of a problem order has its problems and waivers, and nothing of its desk lock', async () => {
  const ruled = await aShop(open.db)
  await putStock(open.db, warehouse, await matchGoods(open.db, ruled), 100)
  const rules = [
    { name: '平日', enabled: true, from: null, to: null, checks: { buyer_message: { on: true } } },
  ]
  await sql`insert into confirm_rules (shop_id, rules, updated_by) values (${ruled}, ${JSON.stringify(rules)}::jsonb, '林晓')`.execute(
    open.db,
  )
  const confirmed: string[][] = []
  for (const waived of [false, true]) {
    const { id } = await order({ shopId: ruled })
    await sql`
      with problem as (insert into order_problem (order_id, reason, detail) values (${id}, 'buyer_message', '{}'))
      update sales_order set buyer_message = '周末送', open_problems = 1, locked_by = 'user:7', locked_name = '林晓',
        facets = facets || ${[flagFacets.problem, flagFacets.locked]}::int[] where id = ${id}`.execute(
      open.db,
    )
    await run((tx) => judgeAgain(tx, [id], actor))
    if (waived) await run((tx) => waiveOrders(tx, [id], {}, { actor, scope: wholeScope }))
    const [first = ''] = await parted(id, part(1, 1))
    const found = await sql<{ problems: number; marks: number[] }>`
      select open_problems as problems, array(select f from unnest(facets) f where f = any(${Object.values(flagFacets)}::int[])) as marks
      from sales_order where id = ${first}`.execute(open.db)
    assert.deepEqual(found.rows, [
      waived ? { problems: 0, marks: [] } : { problems: 1, marks: [flagFacets.problem] },
    ])
    confirmed.push(
      codes(await run((tx) => transition(tx, [first], { event: 'confirm' }, actor))).map(
        (code) => code ?? '',
      ),
    )
  }
  assert.deepEqual(confirmed, [['problem'], ['done']])
})

test('a discount below nothing, which a surcharge makes, is divided and put together to the last cent', async () => {
  const { id } = await order()
  await sql`update order_line set discount_fen = -300 where order_id = ${id} and line_no = 1`.execute(open.db)
  await sql`update sales_order set discount_fen = -300 where id = ${id}`.execute(open.db)
  const discounts = async (...ids: string[]) =>
    (
      await sql<{ fen: number }>`
        select discount_fen::int as fen from sales_order where id = any(${ids}::bigint[]) order by id`.execute(
        open.db,
      )
    ).rows.map(({ fen }) => fen)
  const [first = ''] = await parted(id, part(1, 1))
  assert.deepEqual(await discounts(id, first), [-150, -150])
  await unsplit(first)
  assert.deepEqual(await discounts(id, first), [-300, 0])
})

test('one split makes at most 200 orders', async () => {
  const { id } = await order({ lines: [{ oid: 'o1', quantity: 300, paymentFen: 30_000 }] })
  assert.deepEqual(
    codes(
      await split(
        id,
        Array.from({ length: 201 }, () => part(1, 1)),
      ),
    ),
    ['too_many_parts'],
  )
  assert.deepEqual(await told(id), ['trade unconfirmed, 300 for 30000+500: 1 o1×300 30000'])
  assert.deepEqual(
    codes(
      await split(
        id,
        Array.from({ length: 200 }, () => part(1, 1)),
      ),
    ),
    ['done'],
  )
})

test('from whatever state part and order are in, either all comes back or nothing changes, with the reason', async () => {
  const isOpen = (status: string) => status === 'unconfirmed' || status === 'confirmed'
  for (const rootStatus of orderStatuses)
    for (const partStatus of orderStatuses) {
      const { id } = await order()
      const whole = (await told(id))[0]?.replace(/^(\w+) \w+/, '$1')
      const [first = ''] = await parted(id, part(2, 1))
      for (const [each, status] of [
        [id, rootStatus],
        [first, partStatus],
      ] as const) {
        if (status === 'confirmed') await run((tx) => transition(tx, [each], { event: 'confirm' }, actor))
        else await sql`update sales_order set status = ${status} where id = ${each}`.execute(open.db)
      }
      const before_ = await told(id, first)
      const both = `${rootStatus} and ${partStatus}`
      if (isOpen(rootStatus) && isOpen(partStatus)) {
        assert.deepEqual(codes(await unsplit(first)), ['done'], both)
        assert.equal((await told(id))[0]?.replace(/^(\w+) \w+/, '$1'), whole, both)
        assert.equal((await orderState(open.db, id)).status, rootStatus)
        assert.equal((await orderState(open.db, first)).status, 'voided')
      } else {
        const [refused] = await unsplit(first)
        assert.ok(refused && !refused.done, both)
        assert.equal(refused.code, 'wrong_status', both)
        const stands = isOpen(partStatus) ? rootStatus : partStatus
        assert.ok(refused.message?.zh.includes(statusWords[stands].zh), `${both}: ${refused.message?.zh}`)
        assert.deepEqual(await told(id, first), before_, both)
      }
    }
})
