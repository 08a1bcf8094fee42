import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { releaseOrders } from '../../fulfilment/shipping/release.ts'
import { transition } from '../../orders/status/transition.ts'
import { viewOrder } from '../../orders/view/view.ts'
import { aSku, aWarehouse, balanceOf, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { convertRefunds } from '../refunds/convert-refunds.ts'
import {
  aLine,
  aRefund,
  aTrade,
  type IntakeFixture,
  intakeFixture,
  reserveWaiting,
  stage,
  stageRefunds,
  tradeOf,
} from '../testing.ts'

let pool: IntakeFixture
let warehouseId = ''
before(async () => {
  pool = await intakeFixture()
  warehouseId = await aWarehouse(pool.db)
})
after(async () => {
  assert.deepEqual(await wrongInTheBooks(pool.db), [])
  await pool[Symbol.asyncDispose]()
})

const asking = () => reserveWaiting(pool.db)

const balance = (skuId: string) => balanceOf(pool.db, warehouseId, skuId)

async function shown(id: string) {
  const view = await viewOrder(pool.db, id, { actor: systemActor, scope: wholeScope })
  const ship = view?.actions.find(({ action }) => action === 'ship')
  return [view?.status, view?.warehouse?.id, view?.unasked, ship?.code]
}

/** Creates a released order of four pieces; a refund took three of them and was then corrected to one. */
async function givenBack(skuId: string): Promise<string> {
  const line = aLine({ itemId: `given${skuId}`, skuId: '', quantity: 4, paymentFen: 40_000 })
  await sql`
    insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
    values (${pool.shopId}, ${line.itemId}, '', 'on_sale', now(), ${skuId}, 'hand')`.execute(pool.db)
  const trade = aTrade({ lines: [line] })
  await stage(pool, trade)
  const run = pool.db.transaction()
  await run.execute(async (tx) => {
    await convertTrades(tx, [(await tradeOf(pool, trade.tid))?.id ?? ''], {
      actor: systemActor,
      scope: wholeScope,
    })
  })
  const order = await sql<{ id: string }>`select id from sales_order where tid = ${trade.tid}`.execute(
    pool.db,
  )
  const id = order.rows[0]?.id ?? ''
  await run.execute((tx) => transition(tx, [id], { event: 'confirm' }, systemActor))
  assert.equal(
    (await run.execute((tx) => releaseOrders(tx, [id], { actor: systemActor, scope: wholeScope })))[0]?.done,
    true,
  )
  const refund = aRefund(trade, { status: 'succeeded', quantity: 3, amountFen: 30_000 })
  await stageRefunds(pool, refund)
  const staged = await sql<{
    id: string
  }>`select id from staged_refund where refund_no = ${refund.refundId}`.execute(pool.db)
  await run.execute((tx) =>
    convertRefunds(
      tx,
      staged.rows.map((row) => row.id),
      { actor: systemActor, scope: wholeScope },
    ),
  )
  assert.deepEqual(await balance(skuId), [5, 1, 0])
  await stageRefunds(pool, {
    ...refund,
    quantity: 1,
    amountFen: 10_000,
    version: '1411375308999',
    modifiedAt: new Date(refund.modifiedAt.getTime() + 5000),
  })
  assert.deepEqual(await balance(skuId), [5, 0, 0])
  return id
}

test('a released order that gave its goods back gets them again, where it is being packed', async () => {
  const skuId = await aSku(pool.db)
  await putStock(pool.db, warehouseId, skuId, 5)
  const id = await givenBack(skuId)
  assert.deepEqual(await shown(id), ['released', warehouseId, true, 'short'])
  // A nearer warehouse has stock too, but a released order does not change its warehouse.
  await putStock(pool.db, await aWarehouse(pool.db, 1), skuId, 5)
  await sql`update warehouse set active = false where id = ${warehouseId}`.execute(pool.db)
  await asking()
  assert.deepEqual(await shown(id), ['released', warehouseId, true, 'short'])
  await sql`update warehouse set active = id = ${warehouseId}`.execute(pool.db)
  await Promise.all([asking(), asking()])
  assert.deepEqual(await shown(id), ['released', warehouseId, false, ''])
  assert.deepEqual(await balance(skuId), [5, 3, 0])
})
