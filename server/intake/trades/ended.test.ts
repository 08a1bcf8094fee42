import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { TradeStatus } from '../../connectors/connector.ts'
import { type Actor, systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { resolvePlatformChanges } from '../../orders/platform-changes/differences.ts'
import { restoreOrders } from '../../orders/refunds/restore.ts'
import { transition } from '../../orders/status/transition.ts'
import { voidOrders } from '../../orders/status/void.ts'
import { viewOrder } from '../../orders/view/view.ts'
import { aSku, aWarehouse, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { aLine, aTrade, type IntakeFixture, intakeFixture, stage, tradeOf } from '../testing.ts'

const clerk: Actor = { kind: 'user', id: '7', name: '林晓' }
let pool: IntakeFixture
let skuId = ''
before(async () => {
  pool = await intakeFixture()
  skuId = await aSku(pool.db)
  await putStock(pool.db, await aWarehouse(pool.db), skuId, 100)
  await sql`update listing set sku_id = ${skuId} where item_id = '65237'`.execute(pool.db)
})
after(async () => {
  assert.deepEqual(await wrongInTheBooks(pool.db), [])
  await pool[Symbol.asyncDispose]()
})

async function converted() {
  const trade = aTrade({ lines: [aLine({ itemId: '65237', skuId: '487', quantity: 2 })] })
  await stage(pool, trade)
  const ids = [(await tradeOf(pool, trade.tid))?.id ?? '']
  await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }))
  const found = await sql<{ id: string }>`select id from sales_order where tid = ${trade.tid}`.execute(
    pool.db,
  )
  let minutes = 0
  /** Stages the trade with its next status. */
  const becomes = (status: TradeStatus) => {
    minutes += 1
    const modifiedAt = new Date(trade.modifiedAt.getTime() + minutes * 60_000)
    return stage(pool, { ...trade, status, modifiedAt })
  }
  return { id: found.rows[0]?.id ?? '', becomes }
}

async function shown(id: string) {
  const view = await viewOrder(pool.db, id, { actor: systemActor, scope: wholeScope })
  assert.ok(view)
  const holds = view.holds.filter((hold) => hold.releasedAt === null).map(({ reason }) => reason)
  const kinds = view.openDifferences.map(({ kind }) => kind)
  const promised = view.lines.map(({ promise }) => promise)
  return [view.status, holds, kinds, ...promised]
}

/** The events of the order about platform changes. */
async function history(id: string): Promise<string[]> {
  const found = await sql<{ event: string }>`
    select event from order_event where order_id = ${id} and event like 'difference%' order by id`.execute(
    pool.db,
  )
  return found.rows.map(({ event }) => event)
}

const move = (id: string, event: 'confirm' | 'release') =>
  pool.db.transaction().execute((tx) => transition(tx, [id], { event }, clerk))
const voiding = (id: string) =>
  pool.db.transaction().execute((tx) => voidOrders(tx, [id], '别处已发', { actor: clerk, scope: wholeScope }))
const restoring = (id: string) =>
  pool.db.transaction().execute((tx) => restoreOrders(tx, [id], { actor: clerk, scope: wholeScope }))
const codesOf = (outcomes: readonly { done: boolean; code?: string }[]) =>
  outcomes.map((one) => (one.done ? 'done' : one.code))

for (const status of ['shipped', 'finished', 'partly_shipped'] as const)
  test(`an order whose trade is ${status} without us is held before it ships, and voiding it is the answer`, async () => {
    const { id, becomes } = await converted()
    assert.deepEqual(codesOf(await move(id, 'confirm')), ['done'])
    await becomes(status)
    await becomes(status)
    assert.deepEqual(await shown(id), ['confirmed', ['shipped_elsewhere'], ['shipped_elsewhere'], 'promised'])
    assert.deepEqual(codesOf(await move(id, 'release')), ['on_hold'])

    assert.deepEqual(codesOf(await voiding(id)), ['done'])
    assert.deepEqual(await shown(id), ['voided', [], [], 'unasked'])
    // Restoring it puts it on hold again.
    assert.deepEqual(codesOf(await restoring(id)), ['done'])
    assert.deepEqual(await shown(id), ['unconfirmed', ['shipped_elsewhere'], [], 'promised'])
  })

test('what was shipped elsewhere while its order was voided holds the order that is restored', async () => {
  const { id, becomes } = await converted()
  await voiding(id)
  await becomes('shipped')
  assert.deepEqual(await shown(id), ['voided', [], [], 'unasked'])
  await restoring(id)
  assert.deepEqual(await shown(id), ['unconfirmed', ['shipped_elsewhere'], [], 'promised'])
  assert.deepEqual(codesOf(await move(id, 'confirm')), ['on_hold'])
})

for (const ended of ['closed_unpaid', 'closed_refunded', 'shipped', 'partly_shipped'] as const)
  test(`a trade that was ${ended} and is open again lets its order go on by itself`, async () => {
    const { id, becomes } = await converted()
    const kind = ended.startsWith('closed') ? 'closed' : 'shipped_elsewhere'
    const hold = kind === 'closed' ? 'platform_closed' : kind
    await becomes(ended)
    assert.deepEqual(await shown(id), ['unconfirmed', [hold], [kind], 'promised'])
    // A status that we do not know takes nothing back.
    await becomes('unknown')
    assert.deepEqual(await shown(id), ['unconfirmed', [hold], [kind], 'promised'])
    await becomes('paid')
    assert.deepEqual(await shown(id), ['unconfirmed', [], [], 'promised'])
    assert.deepEqual(await history(id), ['difference', 'difference_gone'])
    assert.deepEqual(codesOf(await move(id, 'confirm')), ['done'])

    // Ended once more, it is held once more; one that was voided for it and is open again is restored without a hold.
    await becomes(ended)
    assert.deepEqual(await shown(id), ['confirmed', [hold], [kind], 'promised'])
    assert.deepEqual(codesOf(await voiding(id)), ['done'])
    await becomes('paid')
    assert.deepEqual(await shown(id), ['voided', [], [], 'unasked'])
    assert.deepEqual(codesOf(await restoring(id)), ['done'])
    assert.deepEqual(await shown(id), ['unconfirmed', [], [], 'promised'])
  })

test('a closed trade that turns out shipped holds its order for that alone', async () => {
  const { id, becomes } = await converted()
  await becomes('closed_unpaid')
  await becomes('shipped')
  assert.deepEqual(await shown(id), ['unconfirmed', ['shipped_elsewhere'], ['shipped_elsewhere'], 'promised'])
})

test('what a person ignored leaves no trace when the platform takes it back', async () => {
  const { id, becomes } = await converted()
  await becomes('closed_unpaid')
  await pool.db
    .transaction()
    .execute((tx) => resolvePlatformChanges(tx, [id], { how: 'ignore' }, { actor: clerk, scope: wholeScope }))
  await becomes('paid')
  assert.deepEqual(await shown(id), ['unconfirmed', [], [], 'promised'])
  assert.deepEqual(await history(id), ['difference', 'difference_ignored'])
})

test('what we shipped ourselves is no news', async () => {
  const { id, becomes } = await converted()
  await sql`update sales_order set status = 'shipped' where id = ${id}`.execute(pool.db)
  await becomes('shipped')
  await becomes('finished')
  assert.deepEqual(await shown(id), ['shipped', [], [], 'promised'])
  await sql`update sales_order set status = 'unconfirmed' where id = ${id}`.execute(pool.db)
})
