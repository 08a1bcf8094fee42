import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { testApp } from '../../testing/app.ts'
import { anOrder, aRefund, aShop, matchGoods, type OrderInput, orderState } from '../../testing/orders.ts'
import { aSku, aWarehouse, balanceOf, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { reserveOrders } from '../allocation/goods.ts'
import { applyRefunds } from '../refunds/refunds.ts'
import { splitOrders } from '../split/split.ts'
import { unsplitOrders } from '../split/unsplit.ts'
import { voidOrders } from '../status/void.ts'
import { substituteGoods } from './substitute.ts'

const house = await testApp()
const { db } = house
after(async () => {
  assert.deepEqual(await wrongInTheBooks(db), [])
  await house[Symbol.asyncDispose]()
})
await createQueues(db, jobs)
const by = { actor: { kind: 'user', id: '7', name: '林晓' } satisfies Actor, scope: wholeScope }
const shopId = await aShop(db)
const old = await matchGoods(db, shopId)
const from = `OF-SHOP-${shopId}`
const warehouse = await aWarehouse(db)
const next = await aSku(db, 'NEXT')
await putStock(db, warehouse, old, 1000)
await putStock(db, warehouse, next, 1000)
const prices = (oldFen: number | null, nextFen: number | null) =>
  sql`
  update sku set price_fen = case when id = ${old} then ${oldFen}::bigint else ${nextFen}::bigint end where id in (${old}, ${next})`.execute(
    db,
  )
await prices(5000, 6200)

/** An order with two reserved lines: 2 pieces for 60 yuan, and 1 piece for 40 yuan. */
async function order(input: Partial<OrderInput> = {}) {
  const made = await anOrder(db, { shopId, ...input })
  await db.transaction().execute((tx) => reserveOrders(tx, [made.id]))
  return made
}
const clerk = await house.as(['orders.edit'])
async function post(ids: readonly string[], to = 'NEXT', code = from, who = clerk): Promise<string[]> {
  const { status, body } = await who.call('POST', '/api/orders/substitute', { ids, from: code, to })
  assert.equal(status, 200, JSON.stringify(body))
  return Object(body).results.map((one: { done: boolean; code?: string }) =>
    one.done ? 'done' : (one.code ?? ''),
  )
}
/**
 * Returns each line as "o1 NEXT for OF-SHOP-1 +1200, 2 of 2 promised, 6000 fen": its SKU, the ordered SKU with the price difference, the
 * reserved pieces, and the payment.
 */
async function linesOf(id: string): Promise<string[]> {
  const found = await sql<{ text: string }>`
    select concat_ws(' ', l.oid, s.code, 'for ' || b.code, to_char(l.substitute_diff_fen, 'FMSG999999')) || ', ' ||
      coalesce((select sum(reserved) || ' of ' || sum(wanted) from reservation r where r.order_id = l.order_id and r.line_no = l.line_no), 'none')
      || ' promised, ' || l.payment_fen || ' fen' as text
    from order_line l join sku s on s.id = l.sku_id left join sku b on b.id = l.substitute_for
    where order_id = ${id} order by line_no`.execute(db)
  return found.rows.map(({ text }) => text)
}
const eventsOf = async (id: string): Promise<unknown[]> =>
  (
    await sql<{ detail: unknown }>`
      select detail from order_event where order_id = ${id} and event = 'substituted' order by order_event.id`.execute(
      db,
    )
  ).rows.map(({ detail }) => detail)
const free = async () => ({
  old: await balanceOf(db, warehouse, old),
  next: await balanceOf(db, warehouse, next),
})

test('the lines of a SKU get another one; what the buyer paid stays, and the promise goes along', async () => {
  const { id } = await order()
  const before = await free()
  assert.deepEqual(await post([id]), ['done'])
  assert.deepEqual(await linesOf(id), [
    `o1 NEXT for ${from} +1200, 2 of 2 promised, 6000 fen`,
    `o2 NEXT for ${from} +1200, 1 of 1 promised, 4000 fen`,
  ])
  const [oldHand = 0, oldPromised = 0] = before.old
  const [nextHand = 0, nextPromised = 0] = before.next
  assert.deepEqual(await free(), {
    old: [oldHand, oldPromised - 3, 0],
    next: [nextHand, nextPromised + 3, 0],
  })
  assert.deepEqual(await eventsOf(id), [
    { line: 1, skus: [from, 'NEXT'], quantity: 2, diffFen: 1200 },
    { line: 2, skus: [from, 'NEXT'], quantity: 1, diffFen: 1200 },
  ])
  const { body } = await (await house.as(['orders.read'])).call('GET', `/api/orders/${id}`)
  assert.deepEqual(
    Object(body).lines.map((line: Record<string, unknown>) => [
      ...[
        line['skuCode'],
        line['substituteFor'],
        line['substituteDiffFen'],
        line['paymentFen'],
        line['rematchedTo'],
      ],
    ]),
    [
      ['NEXT', from, 1200, 6000, ''],
      ['NEXT', from, 1200, 4000, ''],
    ],
  )
  assert.equal(Object(body).paymentFen, 10_000)
})

test('substituted back it is what was ordered; a third SKU still tells what was', async () => {
  const { id } = await order()
  await aSku(db, 'THIRD')
  await post([id])
  assert.deepEqual(await post([id], 'THIRD', 'NEXT'), ['done'])
  assert.deepEqual(await linesOf(id), [
    `o1 THIRD for ${from}, 0 of 2 promised, 6000 fen`,
    `o2 THIRD for ${from}, 0 of 1 promised, 4000 fen`,
  ])
  assert.deepEqual(await post([id], from, 'THIRD'), ['done'])
  assert.deepEqual(await linesOf(id), [
    `o1 ${from}, 2 of 2 promised, 6000 fen`,
    `o2 ${from}, 1 of 1 promised, 4000 fen`,
  ])
})

test('many at once: each is answered, and those that cannot do not stop the others', async () => {
  const [one, confirmed, released, gone] = await Promise.all([
    order(),
    order({ status: 'confirmed' }),
    order({ status: 'released' }),
    order(),
  ])
  await db.transaction().execute((tx) => voidOrders(tx, [gone.id], '买家不要了', by))
  assert.deepEqual(await post([one.id, confirmed.id, released.id, gone.id, '999999']), [
    ...['done', 'done', 'wrong_status', 'wrong_status', 'not_found'],
  ])
  assert.deepEqual(await post([one.id]), ['no_line'], 'it has none any more')
})

test('an unknown, a retired and the same SKU are refused, and nothing changes', async () => {
  const { id } = await order()
  const retired = await aSku(db, 'RETIRED')
  await sql`update sku set active = false where id = ${retired}`.execute(db)
  assert.deepEqual(await post([id], 'NOBODY'), ['no_sku'])
  assert.deepEqual(await post([id], 'NEXT', 'NOBODY'), ['no_sku'])
  assert.deepEqual(await post([id], 'RETIRED'), ['sku_retired'])
  assert.deepEqual(await post([id], from), ['already'])
  assert.deepEqual(await linesOf(id), [
    `o1 ${from}, 2 of 2 promised, 6000 fen`,
    `o2 ${from}, 1 of 1 promised, 4000 fen`,
  ])
  assert.deepEqual(await eventsOf(id), [])
})

test('who sees another shop only finds no order, and who may not edit is refused', async () => {
  const { id } = await order()
  const other = await house.as(['orders.edit'], [await aShop(db)])
  assert.deepEqual(await post([id], 'NEXT', from, other), ['not_found'])
  const reader = await house.as(['orders.read'])
  const { status } = await reader.call('POST', '/api/orders/substitute', { ids: [id], from, to: 'NEXT' })
  assert.equal(status, 403)
  assert.deepEqual(await eventsOf(id), [])
})

test('asked eight times at once it is done once', async () => {
  const { id } = await order()
  const answers = (await Promise.all(Array.from({ length: 8 }, () => post([id])))).flat().toSorted()
  assert.deepEqual(answers, ['done', ...Array.from({ length: 7 }, () => 'no_line')])
  assert.equal((await eventsOf(id)).length, 2)
})

test('a refund that is open about the goods stops it; one that succeeds later takes the new goods off', async () => {
  const { id, tid } = await order()
  const refund = { shopId, tid, oid: 'o1', quantity: 1, amountFen: 3000 }
  const apply = (more: object) =>
    db
      .transaction()
      .execute((tx) => applyRefunds(tx, [aRefund({ ...refund, refundNo: `sub-${id}`, ...more })], by.actor))
  await apply({})
  assert.deepEqual(await post([id]), ['refund_open'])
  await apply({ status: 'closed', at: 1 })
  assert.deepEqual(await post([id]), ['done'])
  await apply({ status: 'succeeded', at: 2 })
  assert.deepEqual(await linesOf(id), [
    `o1 NEXT for ${from} +1200, 1 of 1 promised, 6000 fen`,
    `o2 NEXT for ${from} +1200, 1 of 1 promised, 4000 fen`,
  ])
})

test('at the same moment as a refund: whichever comes first, the line and its promise agree', async () => {
  for (let turn = 0; turn < 6; turn += 1) {
    const { id, tid } = await order()
    const refund = aRefund({
      shopId,
      tid,
      oid: 'o1',
      quantity: 2,
      amountFen: 6000,
      refundNo: `race-${id}`,
      status: 'succeeded',
    })
    const [answers] = await Promise.all([
      post([id]),
      db.transaction().execute((tx) => applyRefunds(tx, [refund], by.actor)),
    ])
    assert.deepEqual(answers, ['done'], 'the other line is free in any case')
    const [first, second] = await linesOf(id)
    assert.match(first ?? '', /none promised, 6000 fen$/)
    assert.equal(second, `o2 NEXT for ${from} +1200, 1 of 1 promised, 4000 fen`)
  }
})

test('split and put together again it remembers what was ordered', async () => {
  const { id, tid } = await order()
  await post([id])
  const cut = { id, cause: 'hand' as const, parts: [{ lines: [{ lineNo: 1, quantity: 1 }] }] }
  const [made] = await db.transaction().execute((tx) => splitOrders(tx, [cut], by))
  assert.equal(made?.done, true, JSON.stringify(made))
  const part = await sql<{ id: string }>`select id from sales_order where split_from = ${id}`.execute(db)
  const partId = part.rows[0]?.id ?? assert.fail(tid)
  assert.deepEqual(await linesOf(partId), [`o1 NEXT for ${from} +1200, 1 of 1 promised, 3000 fen`])
  const [back] = await db.transaction().execute((tx) => unsplitOrders(tx, [partId], by))
  assert.equal(back?.done, true, JSON.stringify(back))
  assert.deepEqual(await linesOf(id), [
    `o1 NEXT for ${from} +1200, 2 of 2 promised, 6000 fen`,
    `o2 NEXT for ${from} +1200, 1 of 1 promised, 4000 fen`,
  ])
})

test('a line whose part came back substituted is in two rows: refunds take the pieces of both', async () => {
  const { id, tid } = await order({ lines: [{ oid: 'o1', quantity: 2, paymentFen: 6000 }] })
  const cut = { id, cause: 'hand' as const, parts: [{ lines: [{ lineNo: 1, quantity: 1 }] }] }
  const [made] = await db.transaction().execute((tx) => splitOrders(tx, [cut], by))
  const partId = made?.done ? (made.parts[0]?.id ?? '') : ''
  assert.deepEqual(await post([partId]), ['done'])
  await db.transaction().execute((tx) => unsplitOrders(tx, [partId], by))
  const rows = [
    `o1 ${from}, 1 of 1 promised, 3000 fen`,
    `o1 NEXT for ${from} +1200, 1 of 1 promised, 3000 fen`,
  ]
  assert.deepEqual(await linesOf(id), rows)
  const refund = (refundNo: string) =>
    aRefund({ shopId, tid, refundNo, oid: 'o1', status: 'succeeded', amountFen: 3000, quantity: 1 })
  const refunded = async () => {
    const { status, lines } = await orderState(db, id)
    return [status, ...lines.map(({ fen, quantity }) => `${quantity} for ${fen}`)]
  }
  const apply = (...refunds: ReturnType<typeof refund>[]) =>
    db.transaction().execute((tx) => applyRefunds(tx, refunds, by.actor))
  await apply(refund(`${tid}a`))
  assert.deepEqual(await refunded(), ['unconfirmed', '1 for 3000', '0 for 0'])
  await apply(refund(`${tid}b`))
  assert.deepEqual(await refunded(), ['voided', '1 for 3000', '1 for 3000'])
})

test('parts of one line that were substituted at other prices come back whole', async () => {
  const { id } = await order({ lines: [{ oid: 'o1', quantity: 3, paymentFen: 9000 }] })
  const one = { lines: [{ lineNo: 1, quantity: 1 }] }
  const [made] = await db
    .transaction()
    .execute((tx) => splitOrders(tx, [{ id, cause: 'hand', parts: [one, one] }], by))
  const [first = '', second = ''] = made?.done ? made.parts.map((part) => part.id) : []
  await post([id, first])
  await prices(5000, 6500)
  await post([second])
  await prices(5000, 6200)
  await db.transaction().execute((tx) => unsplitOrders(tx, [first, second], by))
  assert.deepEqual(await linesOf(id), [
    `o1 NEXT for ${from} +1200, 2 of 2 promised, 6000 fen`,
    `o1 NEXT for ${from} +1500, 1 of 1 promised, 3000 fen`,
  ])
})

test('a price that is not known makes no difference, and the order still gets the goods', async () => {
  await prices(5000, null)
  const { id } = await order()
  assert.deepEqual(await post([id]), ['done'])
  assert.equal((await linesOf(id))[0], `o1 NEXT for ${from}, 2 of 2 promised, 6000 fen`)
  await prices(5000, 6200)
})

test('one of whom somebody else has the order locked is told so', async () => {
  const { id } = await order()
  await sql`update sales_order set locked_by = 'user:8', locked_name = '周强', locked_at = now() where id = ${id}`.execute(
    db,
  )
  const [answer] = await db.transaction().execute((tx) => substituteGoods(tx, [id], { from, to: 'NEXT' }, by))
  assert.equal(answer?.done === false && answer.code, 'locked')
})
