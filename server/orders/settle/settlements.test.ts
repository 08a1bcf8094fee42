import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { receiveEvent } from '../../events.ts'
import type { SettlementEvent } from '../../finance/lifecycle.ts'
import { moveSettlements } from '../../finance/settlement-verbs.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { anOrder, aRefund, aShop, type OrderInput, orderState } from '../../testing/orders.ts'
import { codes } from '../../testing/run.ts'
import type { OrderEvent } from '../order/lifecycle.ts'
import { applyRefunds, type RefundVersion } from '../refunds/refunds.ts'
import { restoreOrders } from '../refunds/restore.ts'
import { transition } from '../status/transition.ts'
import { voidOrders } from '../status/void.ts'
import { viewOrder } from '../view/view.ts'
import { approveExtraRefunds, createExtraRefund } from './extra-refunds.ts'
import { reviveSettlements } from './settlements.ts'

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
const move = (event: OrderEvent, ...ids: string[]) => run((tx) => transition(tx, ids, { event }, actor))
const voiding = (...ids: string[]) =>
  run((tx) => voidOrders(tx, ids, '买家不要了', { actor, scope: wholeScope }))
const restoring = (...ids: string[]) => run((tx) => restoreOrders(tx, ids, { actor, scope: wholeScope }))
const refunding = (...refunds: RefundVersion[]) => run((tx) => applyRefunds(tx, refunds, actor))

type Document = { id: string; text: string }
/** The settlements of an order, oldest first: kind, source, amount and status; withdrawn ones in parentheses. */
async function documents(orderId: string): Promise<Document[]> {
  const found = await sql<Document>`
    select id, case when withdrawn then '(' || text || ')' else text end as text from (
      select id, withdrawn, kind || case when source = order_no then '' else ' of ' || source end || ' ' || amount_fen || ' ' || status as text
      from settlement where order_id = ${orderId} order by id
    ) s order by id`.execute(open.db)
  return found.rows
}
const told = async (orderId: string) => (await documents(orderId)).map(({ text }) => text)

/** Applies one event to all settlements of the order, or to one of them. */
async function step(event: SettlementEvent, orderId: string, which?: number): Promise<Outcome[]> {
  const ids = (await documents(orderId)).map(({ id }) => id)
  const chosen = which === undefined ? ids : ids.slice(which, which + 1)
  return run((tx) => moveSettlements(tx, chosen, { event, reason: '核对' }, { actor, scope: wholeScope }))
}

const refundOf = (tid: string, fen: number, more: Partial<RefundVersion> & { at?: number } = {}) =>
  aRefund({
    shopId,
    tid,
    refundNo: `r${tid}`,
    oid: 'o2',
    status: 'succeeded',
    amountFen: fen,
    quantity: 1,
    ...more,
  })

/**
 * Returns the orders whose settlements break a rule, computed without the code that makes them. Settlements must sum to the payment less
 * the refunds for an order that is confirmed or has refunds, and to 0 for a voided one. A source has at most one draft.
 */
async function violations(): Promise<string[]> {
  const found = await sql<{ text: string }>`
    with back as (
      select o.id, coalesce((select sum(counted_fen) from order_refund r where r.order_id = o.id), 0)
        + coalesce((select sum(amount_fen) from extra_refund e where e.order_id = o.id and e.status = 'approved'), 0) as fen
      from sales_order o
    ), should as (
      select o.id, o.no, case
        when o.status = 'voided' and (o.paid_at is not null or b.fen > 0) then least(0, case when o.paid_at is null then 0 else o.payment_fen - b.fen end)
        when o.status = 'voided' then 0
        when o.status = 'unconfirmed' and b.fen = 0 then 0
        else o.payment_fen - b.fen end as fen
      from sales_order o join back b using (id)
    ), are as (
      select order_id, sum(amount_fen) as fen from settlement where status <> 'voided' group by order_id
    ), twice as (
      select source from settlement where status = 'draft' group by source, kind, shop_id having count(*) > 1
    ), refunds as (
      select r.refund_no from order_refund r where r.fact is not null and r.counted_fen <> coalesce((
        select sum(-amount_fen) from settlement s where s.source = r.refund_no and s.kind = r.fact and s.status <> 'voided'), 0)
    )
    select s.no || ' should have ' || s.fen || ' and has ' || coalesce(a.fen, 0) as text
    from should s left join are a on a.order_id = s.id where coalesce(a.fen, 0) <> s.fen
    union all select 'two drafts of ' || source from twice
    union all select 'refund ' || refund_no from refunds`.execute(open.db)
  return found.rows.map(({ text }) => text)
}
const holds = async () => assert.deepEqual(await violations(), [])

test('confirming owes the receipt once, and a step further owes nothing more', async () => {
  const { id } = await order()
  const { id: cod } = await order({ cod: true, paid: false })
  assert.deepEqual(await told(id), [])
  const twice = await Promise.all([move('confirm', id, cod), move('confirm', id, cod)])
  assert.deepEqual(twice.flatMap(codes).toSorted(), ['already', 'already', 'done', 'done'])
  for (const event of ['release', 'ship', 'unship', 'ship', 'complete'] as const) {
    await sql`update sales_order set facets[5] = facets[5] & ~67108863 where id = any(${[id, cod]}::bigint[])`.execute(
      open.db,
    )
    assert.deepEqual(codes(await move(event, id, cod)), ['done', 'done'])
  }
  assert.deepEqual(await told(id), ['order_receipt 10000 draft'])
  assert.deepEqual(await told(cod), ['cod_receipt 10000 draft'])
  await holds()
})

test('unconfirming withdraws a draft; what was approved gets a counter document', async () => {
  const { id } = await order()
  await move('confirm', id)
  await move('unconfirm', id)
  assert.deepEqual(await told(id), ['(order_receipt 10000 voided)'])
  await move('confirm', id)
  assert.deepEqual(codes(await step('approve', id, 1)), ['done'])
  await move('unconfirm', id)
  assert.deepEqual((await told(id)).slice(1), ['order_receipt 10000 approved', 'order_receipt -10000 draft'])
  await holds()
  await move('confirm', id)
  assert.deepEqual((await told(id)).slice(1), [
    'order_receipt 10000 approved',
    '(order_receipt -10000 voided)',
  ])
  await holds()
})

test('an approval that a newer document corrects is taken back only once that one is withdrawn', async () => {
  const { id } = await order()
  await move('confirm', id)
  await step('approve', id)
  await move('unconfirm', id)
  assert.deepEqual(codes(await step('unapprove', id, 0)), ['corrected'])
  assert.deepEqual(await told(id), ['order_receipt 10000 approved', 'order_receipt -10000 draft'])
  await move('confirm', id)
  assert.deepEqual(await told(id), ['order_receipt 10000 approved', '(order_receipt -10000 voided)'])
  assert.deepEqual(codes(await step('unapprove', id, 0)), ['done'])
  assert.deepEqual(await told(id), ['order_receipt 10000 draft', '(order_receipt -10000 voided)'])
})

test('a voided paid order owes its refund, until the platform has refunded it', async () => {
  const { id, tid } = await order()
  assert.deepEqual(codes((await Promise.all([voiding(id), voiding(id)])).flat()).toSorted(), [
    'already',
    'done',
  ])
  assert.deepEqual(await told(id), ['order_receipt 10000 draft', 'void_refund -10000 draft'])
  await holds()
  await refunding(refundOf(tid, 4000))
  assert.deepEqual(await told(id), [
    'order_receipt 10000 draft',
    'void_refund -6000 draft',
    `void_refund of r${tid} -4000 draft`,
  ])
  await holds()
  await step('approve', id)
  await restoring(id)
  assert.deepEqual((await told(id)).slice(3), ['void_refund 6000 draft'])
  assert.equal((await orderState(open.db, id)).status, 'unconfirmed')
  await holds()
})

test('restoring an order of which nothing went back withdraws both', async () => {
  const { id } = await order()
  await voiding(id)
  await restoring(id)
  assert.deepEqual(await told(id), ['(order_receipt 10000 voided)', '(void_refund -10000 voided)'])
  await holds()
})

test('money that goes back before confirming brings its receipt along, and unconfirming leaves both', async () => {
  const { id, tid } = await order()
  await refunding(refundOf(tid, 4000))
  const both = ['order_receipt 10000 draft', `order_refund of r${tid} -4000 draft`]
  assert.deepEqual(await told(id), both)
  await move('confirm', id)
  await move('unconfirm', id)
  assert.deepEqual(await told(id), both)
  await holds()
  await refunding(refundOf(tid, 6000, { refundNo: `s${tid}`, oid: 'o1', quantity: 2 }))
  assert.equal((await orderState(open.db, id)).status, 'voided')
  assert.deepEqual((await told(id)).slice(2), [`order_refund of s${tid} -6000 draft`])
  await holds()
})

test('refunds at once are settled once each, however often they come', async () => {
  const { id, tid } = await order({ status: 'shipped' })
  const one = refundOf(tid, 4000)
  const two = refundOf(tid, 6000, { refundNo: `s${tid}`, oid: 'o1', quantity: 2, kind: 'return' })
  await Promise.all([one, two, one, two, one, two].map((refund) => refunding(refund)))
  assert.deepEqual(
    (await told(id)).toSorted(),
    [
      'order_receipt 10000 draft',
      `refund_only of r${tid} -4000 draft`,
      `return_refund of s${tid} -6000 draft`,
    ].toSorted(),
  )
  await holds()
})

test('a newer amount moves the draft; after approval the difference is a document of its own', async () => {
  const { id, tid } = await order({ status: 'shipped' })
  await refunding(refundOf(tid, 4000))
  await refunding(refundOf(tid, 3500, { at: 1 }))
  const [, moved] = await told(id)
  assert.equal(moved, `refund_only of r${tid} -3500 draft`)
  await step('approve', id)
  await Promise.all([refunding(refundOf(tid, 3000, { at: 2 })), refunding(refundOf(tid, 3000, { at: 2 }))])
  assert.deepEqual((await told(id)).slice(1), [
    `refund_only of r${tid} -3500 approved`,
    `refund_only of r${tid} 500 draft`,
  ])
  await holds()
})

test('an extra refund is settled when it is approved, and never before', async () => {
  const { id } = await order({ status: 'completed' })
  const input = { orderId: id, kind: 'cashback' as const, amountFen: 800, reason: '好评' }
  const made = await run((tx) => createExtraRefund(tx, input, { actor, scope: wholeScope }))
  assert.ok(made.done)
  const { no } = made.extraRefund
  assert.deepEqual(await told(id), [])
  const approving = () =>
    run((tx) => approveExtraRefunds(tx, [made.extraRefund.id], { actor, scope: wholeScope }))
  const twice = await Promise.all([approving(), approving()])
  assert.deepEqual(codes(twice.flat()).toSorted(), ['already', 'done'])
  assert.deepEqual(await told(id), ['order_receipt 10000 draft', `extra_refund of ${no} -800 draft`])
  await holds()
})

test('what a person voided stays voided, and another amount is owed anew', async () => {
  const { id, tid } = await order({ status: 'shipped' })
  await refunding(refundOf(tid, 4000))
  assert.deepEqual(codes(await step('void', id, 1)), ['done'])
  await refunding(refundOf(tid, 4000, { at: 1, version: '9'.repeat(14) }))
  assert.deepEqual((await told(id)).slice(1), [`refund_only of r${tid} -4000 voided`])
  await refunding(refundOf(tid, 3000, { at: 2, version: '99'.repeat(14) }))
  assert.deepEqual((await told(id)).slice(1), [
    `refund_only of r${tid} -4000 voided`,
    `refund_only of r${tid} -3000 draft`,
  ])
})

test('what was voided by mistake is revived, with what is owed by then', async () => {
  const { id, tid } = await order({ status: 'shipped' })
  await refunding(refundOf(tid, 4000))
  await step('void', id)
  const ids = (await documents(id)).map((one) => one.id)
  const reviving = () => run((tx) => reviveSettlements(tx, ids, { actor, scope: wholeScope }))
  await sql`update order_refund set counted_fen = 2500 where order_id = ${id}`.execute(open.db)
  const twice = await Promise.all([reviving(), reviving()])
  assert.deepEqual(twice.flatMap(codes).toSorted(), ['already', 'already', 'done', 'done'])
  assert.deepEqual(await told(id), ['order_receipt 10000 draft', `refund_only of r${tid} -2500 draft`])
  const other = await run((tx) =>
    reviveSettlements(tx, ids, { actor, scope: { shops: [], warehouses: 'all' } }),
  )
  assert.deepEqual(codes(other), ['not_found', 'not_found'])
  await sql`update order_refund set counted_fen = 4000 where order_id = ${id}`.execute(open.db)
  await reviving()
  await holds()
})

test('approving and unconfirming at once never leave money that nobody owes', async () => {
  for (let round = 0; round < 8; round += 1) {
    const { id } = await order()
    await move('confirm', id)
    await Promise.all([step('approve', id), move('unconfirm', id), step('approve', id), step('post', id)])
    const sum = (await told(id)).map((text) => Number(/ (-?\d+) (?!voided)/.exec(text)?.[1] ?? 0))
    assert.equal(
      sum.reduce((a, b) => a + b, 0),
      0,
    )
  }
})

const acts = [
  'confirm',
  'unconfirm',
  'void',
  'restore',
  'refund',
  'refund',
  'extra',
  'approve',
  'unapprove',
  'post',
] as const
type Act = { act: (typeof acts)[number]; order: number; fen: number }
const story = fc.array(
  fc.record({
    act: fc.constantFrom(...acts),
    order: fc.integer({ min: 0, max: 2 }),
    fen: fc.integer({ min: 1, max: 5000 }),
  }),
  { minLength: 1, maxLength: 14 },
)

async function play({ act, fen }: Act, { id, tid }: { id: string; tid: string }, at: number): Promise<void> {
  if (act === 'refund') await refunding(refundOf(tid, fen, { at, refundNo: `r${at % 2}${tid}`, quantity: 0 }))
  else if (act === 'void') await voiding(id)
  else if (act === 'restore') await restoring(id)
  else if (act === 'approve' || act === 'unapprove' || act === 'post') await step(act, id)
  else if (act === 'extra') {
    const input = { orderId: id, kind: 'other' as const, amountFen: fen, reason: 'x' }
    const made = await run((tx) => createExtraRefund(tx, input, { actor, scope: wholeScope }))
    if (made.done)
      await run((tx) => approveExtraRefunds(tx, [made.extraRefund.id], { actor, scope: wholeScope }))
  } else await move(act, id)
}

test('whatever happens, one after another or at once, documents sum to the money', async () => {
  await fc.assert(
    fc.asyncProperty(story, fc.boolean(), async (given, atOnce) => {
      const orders = [
        await order(),
        await order({ cod: true, paid: false }),
        await order({ status: 'confirmed' }),
      ]
      const steps = given.map((one, at) => () => play(one, orders[one.order] ?? { id: '0', tid: '' }, at))
      if (atOnce) await Promise.all(steps.map((each) => each()))
      else for (const each of steps) await each()
      // The status of these orders was written directly. An order that no verb has touched since has no receivable yet.
      const ids = orders.map(({ id }) => id)
      const touched = await sql<{ ids: string[] }>`
        select coalesce(array_agg(distinct order_id), '{}') as ids from settlement where order_id = any(${ids}::bigint[])`.execute(
        open.db,
      )
      const seen = new Set(touched.rows[0]?.ids)
      const wrong = await violations()
      const untouched = orders.filter(({ id }) => !seen.has(id)).map(({ no }) => no)
      assert.deepEqual(
        wrong.filter((text) => !untouched.some((no) => text.startsWith(no))),
        [],
      )
      await sql`delete from settlement where order_id = any(${ids}::bigint[])`.execute(open.db)
      await sql`delete from order_refund where order_id = any(${ids}::bigint[])`.execute(open.db)
      await sql`delete from extra_refund where order_id = any(${ids}::bigint[])`.execute(open.db)
      await sql`update sales_order set status = 'unconfirmed', refunded_fen = 0 where id = any(${ids}::bigint[])`.execute(
        open.db,
      )
    }),
    { numRuns: 25 },
  )
})

test('cash on delivery can have an extra refund once it is completed, and none before', async () => {
  const { id } = await order({ cod: true, paid: false })
  const asking = () =>
    run((tx) =>
      createExtraRefund(
        tx,
        { orderId: id, kind: 'price_difference', amountFen: 300, reason: '差价' },
        { actor, scope: wholeScope },
      ),
    )
  const before = await asking()
  assert.equal(!before.done && before.code, 'not_paid')
  await sql`update sales_order set status = 'shipped' where id = ${id}`.execute(open.db)
  const sent = await asking()
  assert.equal(!sent.done && sent.code, 'not_paid')
  await sql`update sales_order set status = 'completed' where id = ${id}`.execute(open.db)
  const shown = async () => {
    const view = await viewOrder(open.db, id, { actor, scope: wholeScope })
    return [view?.money.paidFen, view?.extraLimitFen]
  }
  assert.deepEqual(await shown(), [10_000, 10_000])
  assert.equal((await asking()).done, true)
  assert.deepEqual(await shown(), [10_000, 9_700])
})
