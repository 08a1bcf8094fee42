import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { aReturnHouse, assertSound, codes, type RefundSpec, type ReturnHouse } from '../testing/returns.ts'
import { byPacker as by } from '../testing/shipping.ts'
import { aSku } from '../testing/stock.ts'
import { createReturns } from './create.ts'
import { makeDueExchanges, makeExchanges } from './exchange.ts'
import { stopExchanges } from './jobs.ts'
import { resolveDiscrepancies } from './receiving/problems.ts'
import { moveReturns } from './transition.ts'

// What an exchange sends depends on the goods that came back, and on the refund as it is now.

let house: ReturnHouse
before(async () => {
  house = await aReturnHouse()
})
after(() => house[Symbol.asyncDispose]())

let made = 0
/** A shipped order with an agreed exchange of its two pieces of line 1. */
async function exchanged(more: Partial<RefundSpec> = {}) {
  made += 1
  const order = await house.shipped()
  const refund = {
    tid: order.tid,
    refundNo: `x${made}`,
    oid: 'o1',
    quantity: 2,
    amountFen: 0,
    kind: 'exchange' as const,
    status: 'agreed' as const,
    ...more,
  }
  await house.refund(refund)
  return { order, refund, id: (await state(order.id)).id }
}
const state = async (orderId: string) => (await house.returnsOf(orderId))[0] ?? assert.fail('no return')
const receive = async (orderId: string, good: number, wrong = 0) => {
  const { id, version } = await state(orderId)
  const stray = wrong > 0 ? [{ skuId: await aSku(house.db), quantity: wrong, note: '' }] : []
  const lines = good > 0 ? [{ lineNo: 1, good, defective: 0 }] : []
  assert.deepEqual(await house.receive([{ id, version, lines, wrong: stray }]), ['done'])
}
const resolve = (id: string) =>
  house.run(async (tx) => {
    const open = await sql<{ id: string }>`
      select id from return_problem where return_id = ${id} and settled_at is null`.execute(tx)
    const ids = open.rows.map((row) => row.id)
    return codes(await resolveDiscrepancies(tx, ids, '说清楚了', by))
  })
const due = (id: string) => makeDueExchanges(house.db, house.ring, String(Number(id) - 1), 1)
const make = async (id: string) => codes(await house.run((tx) => makeExchanges(tx, house.ring, [id], by)))
const move = async (id: string, event: 'confirm' | 'settle') =>
  codes(await house.run((tx) => moveReturns(tx, [id], { event }, by)))
const piecesOf = async (no: string) =>
  (await sql<{ quantity: number }>`select quantity from sales_order where no = ${no}`.execute(house.db))
    .rows[0]?.quantity
/** Runs the waiting jobs that stop exchange orders, and returns the holds of this one. */
async function stopped(no: string) {
  const waiting = await sql<{ data: { orderId: string; no: string } }>`
    delete from job where name = 'returns.stop_exchange' returning data`.execute(house.db)
  await house.run((tx) =>
    stopExchanges(
      tx,
      waiting.rows.map(({ data }) => data),
    ),
  )
  const held = await sql<{ note: string }>`
    select h.note from order_hold h join sales_order o on o.id = h.order_id
    where o.no = ${no} and h.released_at is null`.execute(house.db)
  return { jobs: waiting.rows.length, holds: held.rows.length }
}

test('of wrong goods alone no exchange is sent: not while they are open, and not when nothing asked for came', async () => {
  const { order, id } = await exchanged()
  await receive(order.id, 0, 2)
  assert.deepEqual((await due(id)).seen, 0)
  assert.deepEqual(await make(id), ['problems_open'])
  assert.equal((await resolve(id)).length, 2)
  assert.deepEqual([await due(id), await make(id)], [{ last: undefined, made: 0, seen: 0 }, ['nothing_back']])
  const one = await state(order.id)
  assert.deepEqual([one.status, one.exchangeOrderNo], ['received', ''])
  // Nothing is owed, so a person can end it.
  assert.deepEqual(await move(id, 'settle'), ['done'])
  assert.deepEqual([(await due(id)).seen, (await state(order.id)).exchangeOrderNo], [0, ''])
  await assertSound(house.db)
})

test('an exchange sends as many pieces as came back, once the missing ones are settled', async () => {
  const { order, id } = await exchanged()
  await receive(order.id, 1)
  assert.deepEqual([(await due(id)).seen, await make(id)], [0, ['problems_open']])
  assert.deepEqual(await move(id, 'settle'), ['exchange_open'])
  assert.deepEqual(await resolve(id), ['done'])
  assert.deepEqual(await due(id), { last: id, made: 1, seen: 1 })
  const one = await state(order.id)
  assert.deepEqual([one.status, await piecesOf(one.exchangeOrderNo)], ['settled', 1])
  await assertSound(house.db)
})

test('an exchange that becomes a refund of money, is closed or refused holds its exchange order, once', async () => {
  for (const change of [
    { kind: 'return' as const, amountFen: 6_000 },
    { kind: 'refund_only' as const, amountFen: 6_000 },
    { status: 'closed' as const },
    { status: 'refused' as const },
  ]) {
    const { order, refund, id } = await exchanged()
    await receive(order.id, 2)
    assert.deepEqual(await make(id), ['done'])
    const { exchangeOrderNo } = await state(order.id)
    assert.deepEqual(await stopped(exchangeOrderNo), { jobs: 0, holds: 0 })
    await house.refund({ ...refund, at: 60 })
    assert.deepEqual(await stopped(exchangeOrderNo), { jobs: 0, holds: 0 })
    await house.refund({ ...refund, ...change, at: 120 })
    assert.deepEqual(await stopped(exchangeOrderNo), { jobs: 1, holds: 1 })
    // The same version again does not stop it anew, since a person may have let it go meanwhile.
    await house.refund({ ...refund, ...change, at: 180 })
    assert.deepEqual(await stopped(exchangeOrderNo), { jobs: 0, holds: 1 })
    assert.equal((await state(order.id)).kind, 'exchange')
  }
})

test('a refund of money that joins an exchange already sent holds its exchange order and keeps its kind', async () => {
  const order = await house.shipped()
  const wish = {
    orderId: order.id,
    kind: 'exchange' as const,
    reason: '客户来电',
    courier: '',
    waybillNo: '',
    warehouseId: undefined,
    exchangeWhen: 'confirmed' as const,
    lines: [{ lineNo: 1, quantity: 2 }],
  }
  await house.run((tx) => createReturns(tx, [wish], by))
  const { id } = await state(order.id)
  assert.deepEqual([await move(id, 'confirm'), await make(id)], [['done'], ['done']])
  await house.refund({ tid: order.tid, refundNo: 'joined', oid: 'o1', quantity: 2, amountFen: 6_000 })
  const one = await state(order.id)
  assert.deepEqual([one.kind, one.refundNo], ['exchange', 'joined'])
  assert.deepEqual(await stopped(one.exchangeOrderNo), { jobs: 1, holds: 1 })
})

test('goods that came back for an exchange are not exchanged when the buyer now wants money, or nothing', async () => {
  for (const [change, code, kind, problems] of [
    [{ kind: 'return', amountFen: 6_000 }, 'wrong_kind', 'return', 0],
    [{ kind: 'refund_only', amountFen: 6_000 }, 'wrong_kind', 'return', 0],
    [{ status: 'closed' }, 'refund_closed', 'exchange', 1],
  ] as const) {
    const { order, refund, id } = await exchanged()
    await receive(order.id, 2)
    await house.refund({ ...refund, ...change, at: 60 })
    assert.deepEqual([(await due(id)).seen, await make(id)], [0, [code]])
    const one = await state(order.id)
    assert.deepEqual(
      [one.status, one.kind, one.openProblems, one.exchangeOrderNo],
      ['received', kind, problems, ''],
    )
  }
})
