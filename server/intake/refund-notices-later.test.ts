import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../actor.ts'
import type { Tx } from '../db.ts'
import { mergeOrders } from '../orders/merge.ts'
import { splitOrders } from '../orders/split.ts'
import { aRefundHouse } from '../testing/refund-house.ts'
import { aRefund, aTrade, stageRefunds } from './testing.ts'

// What was noted of refunds, and then they are converted, their orders come back, or what was said changes.

const house = await aRefundHouse()
const { pool, run, verb, confirm, release, ship, unship, orderOf, packed, waybill, seen, convert } = house
after(() => house[Symbol.asyncDispose]())

const split = async (id: string, lineNo: number) => {
  const lines = [{ lineNo, quantity: 1 }]
  const [answer] = await run((tx: Tx) =>
    splitOrders(tx, [{ id, cause: 'hand', parts: [{ lines }] }], systemActor, wholeScope),
  )
  return answer?.done ? 'done' : answer?.code
}

/** Orders of one receiver in one parcel, released under one waybill. */
async function oneParcel(address: string, trades: ReturnType<typeof aTrade>[]): Promise<string[]> {
  const ids: string[] = []
  for (const trade of trades) {
    const receiver = { ...aTrade().receiver, name: '同户', mobile: '13900000001', address }
    ids.push(await orderOf({ ...trade, receiver }))
  }
  assert.deepEqual(
    await verb(mergeOrders)(...ids),
    ids.map(() => 'done'),
  )
  await confirm(...ids)
  assert.deepEqual(
    await release(...ids),
    ids.map(() => 'done'),
  )
  await waybill(ids[0] ?? '')
  return ids
}

test('what is only about money, converted while it is asked for, stops no parcel and splits no less', async () => {
  const [goes, parts] = [aTrade(), aTrade()]
  const [order, whole] = [await orderOf(goes), await orderOf(parts)]
  await packed(order)
  const money = { refundKind: 'money_only', amountFen: 300, quantity: 0 } as const
  const refunds = [aRefund(goes, money), aRefund(parts, money)]
  await stageRefunds(pool, ...refunds)
  assert.deepEqual(await convert(...refunds.map(({ refundId }) => refundId)), ['done', 'done'])
  const kept = await sql<{ status: string }>`
    select distinct refund_status as status from order_refund where order_id = any(${[order, whole]}::bigint[])`.execute(
    pool.db,
  )
  assert.deepEqual(kept.rows, [{ status: 'applied' }])
  const { holds, refund } = await seen(order)
  assert.deepEqual([holds, refund], [[], ''])
  assert.deepEqual(await ship(order), ['done'])
  assert.equal(await split(whole, 1), 'done')
  // What came back to the house is not held for it either.
  assert.deepEqual(await unship(order), ['done'])
  assert.deepEqual((await seen(order)).holds, [])
  assert.deepEqual(await ship(order), ['done'])
})

test('converting holds one of a released parcel, and the others go under its waybill', async () => {
  for (const mates of [1, 2]) {
    const trades = [aTrade(), ...Array.from({ length: mates }, () => aTrade())]
    const [held = '', ...others] = await oneParcel(`转退单 ${mates}`, trades)
    const refund = aRefund(trades[0] ?? aTrade(), { phase: 'aftersale' })
    await stageRefunds(pool, refund)
    assert.deepEqual((await seen(held)).holds, [])
    assert.deepEqual(await convert(refund.refundId), ['done'])
    const { holds, parcel } = await seen(held)
    assert.deepEqual([holds, parcel], [[refund.refundId], null])
    assert.deepEqual(await ship(others[0] ?? ''), ['done'])
    for (const id of others) {
      const { status, waybill: has } = await seen(id)
      assert.deepEqual([status, has], ['shipped', true])
    }
    const stays = await seen(held)
    assert.deepEqual([stays.status, stays.deliveryParcel, stays.waybill], ['released', null, false])
    assert.deepEqual(await ship(held), ['refund_open'])
  }
})

test('of a parcel that came back the order with a refund stays, and the other goes again', async () => {
  for (const converted of [false, true]) {
    const trades = [aTrade(), aTrade()]
    const [held = '', other = ''] = await oneParcel(`撤销发货 ${converted}`, trades)
    assert.deepEqual(await ship(held), ['done'])
    const refund = aRefund(trades[0] ?? aTrade())
    await stageRefunds(pool, refund)
    if (converted) assert.deepEqual(await convert(refund.refundId), ['done'])
    assert.deepEqual(await unship(held, other), ['done', 'done'])
    const { holds, parcel } = await seen(held)
    assert.deepEqual([holds, parcel], [[refund.refundId], null], `converted ${converted}`)
    assert.deepEqual(await ship(other), ['done'])
    assert.deepEqual([(await seen(held)).status, (await seen(other)).status], ['released', 'shipped'])
    assert.equal((await seen(other)).waybill, true)
    assert.deepEqual(await ship(held), ['refund_open'])
  }
})
