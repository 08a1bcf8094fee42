import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { unshipDeliveries } from '../../fulfilment/shipping/unship.ts'
import { lockOrdersById } from '../../orders/holds/shipping.ts'
import { mergeOrders } from '../../orders/merge/merge.ts'
import { splitOrders } from '../../orders/split/split.ts'
import { aRefundHouse, endAnswers } from '../../testing/refund-house.ts'
import { deliveryOf } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { aRefund, aTrade, stage, stageRefunds, tradeOf } from '../testing.ts'
import { ingestRefunds } from './ingest-refunds.ts'

// Two connections at once: code that locks several orders locks them in the same order, and after waiting decides by the present state.

const house = await aRefundHouse()
const { pool, run, orderOf, agree, seen, confirm } = house
after(() => house[Symbol.asyncDispose]())

/** Locks the first order and then the second while `work` runs. `work` must not have locked the second when it waits for the first. */
async function besides(first: string, second: string, work: () => Promise<unknown>): Promise<void> {
  const { working } = await run(async (tx) => {
    await lockOrdersById(tx, [first])
    const started = work()
    await waits(1)
    await sql`set local lock_timeout = '5s'`.execute(tx)
    await lockOrdersById(tx, [second])
    return { working: started }
  })
  await working
}

async function waits(many: number): Promise<void> {
  await until(async () => {
    const waiting = await sql<{ n: number }>`
      select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`.execute(
      pool.db,
    )
    return waiting.rows[0]?.n === many
  })
}

test('answers to several agreements, paid and refused, lock their orders in one order', async () => {
  const [refused, paid] = [aTrade(), aTrade()]
  const [low, high] = [await orderOf(refused), await orderOf(paid)]
  const [no, yes] = [aRefund(refused, { phase: 'aftersale' }), aRefund(paid, { phase: 'aftersale' })]
  await stageRefunds(pool, no, yes)
  await agree(no)
  await agree(yes)
  const [noId, yesId] = [await house.stagedId(no.refundId), await house.stagedId(yes.refundId)]
  await besides(low, high, () =>
    run((tx) =>
      endAnswers(tx, [
        { id: noId, outcome: { state: 'failed', code: 'x', message: '不能退' } },
        { id: yesId, outcome: { state: 'succeeded', result: null } },
      ]),
    ),
  )
  assert.deepEqual([(await seen(low)).holds, (await seen(high)).holds], [[], [yes.refundId]])
})

test('what a trade says of its lines locks what its parts leave with before the order itself', async () => {
  const receiver = { ...aTrade().receiver, name: '拆合', address: '拆了又合 1 号' }
  const [first, split] = [aTrade({ receiver }), aTrade({ receiver })]
  const [mate, root] = [await orderOf(first), await orderOf(split)]
  const [answer] = await run((tx) =>
    splitOrders(tx, [{ id: root, cause: 'hand', parts: [{ lines: [{ lineNo: 2, quantity: 1 }] }] }], {
      actor: systemActor,
      scope: wholeScope,
    }),
  )
  assert.equal(answer?.done, true)
  const part = await sql<{ id: string }>`select id from sales_order where split_from = ${root}`.execute(
    pool.db,
  )
  const child = part.rows[0]?.id ?? ''
  assert.deepEqual(await house.verb(mergeOrders)(mate, child), ['done', 'done'])
  const [line, ...others] = split.lines
  assert.ok(line)
  const says = { ...line, refund: 'applied' as const, refundId: '' }
  const modifiedAt = new Date(split.modifiedAt.getTime() + 1000)
  await besides(mate, root, () => stage(pool, { ...split, modifiedAt, lines: [says, ...others] }))
  assert.deepEqual((await seen(root)).holds, [`line/${line.oid}`])
  assert.deepEqual([(await seen(mate)).holds, (await seen(child)).holds], [[], []])
})

test('whoever waited to undo a parcel that one left meanwhile takes back nothing of the other, which is on its way', async () => {
  const receiver = { ...aTrade().receiver, name: '同包', address: '走一留一 1 号' }
  const trades = [aTrade({ receiver }), aTrade({ receiver })]
  const [stays, goes] = [await orderOf(trades[0] ?? aTrade()), await orderOf(trades[1] ?? aTrade())]
  assert.deepEqual(await house.verb(mergeOrders)(stays, goes), ['done', 'done'])
  await house.packed(stays, goes)
  const [held, other] = [await deliveryOf(pool.db, stays), await deliveryOf(pool.db, goes)]
  const undoing = await run(async (tx) => {
    await arrive(tx, aRefund(trades[0] ?? aTrade()))
    const [shipped] = await shipDeliveries(tx, [other], { actor: systemActor, scope: wholeScope })
    assert.equal(shipped?.done, true)
    const started = run((one) => unshipDeliveries(one, [held], { actor: systemActor, scope: wholeScope }))
    await waits(1)
    return { started }
  })
  assert.deepEqual(
    (await undoing.started).map(({ done }) => done),
    [false],
  )
  const told = await sql<{ writeBack: string; state: string }>`
    select d.write_back as "writeBack", a.state from delivery d join platform_action a on a.id = d.action_id
    where d.id = ${other}`.execute(pool.db)
  assert.deepEqual(told.rows, [{ writeBack: 'waiting', state: 'pending' }])
})

test('an order is born held by what was staged while its trade was waited for', async () => {
  const trade = aTrade()
  const refund = aRefund(trade, { status: 'succeeded' })
  await stage(pool, trade)
  const tradeId = (await tradeOf(pool, trade.tid))?.id ?? ''
  const converting = await run(async (tx) => {
    await arrive(tx, refund)
    const started = run((other) => convertTrades(other, [tradeId], { actor: systemActor, scope: wholeScope }))
    await waits(1)
    return { started }
  })
  assert.deepEqual(
    (await converting.started).map(({ done }) => done),
    [true],
  )
  const born = await sql<{ id: string }>`select id from sales_order where tid = ${trade.tid}`.execute(pool.db)
  const id = born.rows[0]?.id ?? ''
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  assert.deepEqual(await confirm(id), ['refund_open'])
})

const arrive = (tx: Tx, refund: ReturnType<typeof aRefund>) =>
  ingestRefunds(
    tx,
    pool.ring,
    { shopId: pool.shopId, arrived: [{ refund, raw: JSON.stringify(refund), detailMissing: false }] },
    systemActor,
  )
