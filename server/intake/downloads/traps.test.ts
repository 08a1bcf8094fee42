import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { setBundles } from '../../catalog/skus/bundles.ts'
import { type Actor, systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { releaseOrders } from '../../fulfilment/shipping/release.ts'
import { usesOfSkus } from '../../inventory/uses.ts'
import { confirmOrders } from '../../orders/review/confirm.ts'
import { codes } from '../../testing/run.ts'
import { aSku, aWarehouse, passedOver, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { aLine, aTrade, type IntakeFixture, intakeFixture, stage, tradeOf } from '../testing.ts'

// Known faults of other order systems, from the trade to the parcel: each sold more than was in stock.

let pool: IntakeFixture
let warehouseId: string
const clerk: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  pool = await intakeFixture()
  warehouseId = await aWarehouse(pool.db)
})
after(async () => {
  assert.deepEqual(await wrongInTheBooks(pool.db), [])
  assert.deepEqual(await passedOver(pool.db), [])
  await pool[Symbol.asyncDispose]()
})

const run = <T>(work: (tx: Tx) => Promise<T>) => pool.db.transaction().execute(work)

/** Creates a SKU with so many pieces in stock, and its listing. */
async function goods(pieces: number) {
  const skuId = await aSku(pool.db)
  await putStock(pool.db, warehouseId, skuId, pieces)
  return { skuId, line: await listed(skuId) }
}

async function listed(skuId: string) {
  await sql`
    insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
    values (${pool.shopId}, ${`T${skuId}`}, '', 'on_sale', now(), ${skuId}, 'hand')`.execute(pool.db)
  return (quantity = 1) => aLine({ itemId: `T${skuId}`, skuId: '', outerSkuId: '', quantity })
}

/** Stages a paid trade of these lines; returns its id. */
async function trade(...lines: ReturnType<typeof aLine>[]): Promise<string> {
  const one = aTrade({ lines })
  await stage(pool, one)
  return (await tradeOf(pool, one.tid))?.id ?? ''
}

/** Converts all trades at the same time, each in its own transaction; returns the orders, the first paid first. */
async function sellAtOnce(ids: readonly string[]): Promise<string[]> {
  await Promise.all(
    ids.map((id) => run((tx) => convertTrades(tx, [id], { actor: systemActor, scope: wholeScope }))),
  )
  const found = await sql<{ id: string }>`
    select o.id from sales_order o join staged_trade t on t.order_id = o.id
    where t.id = any(${[...ids]}::bigint[]) order by o.paid_at, o.id`.execute(pool.db)
  return found.rows.map(({ id }) => id)
}

/** Confirms and releases the orders one after the other. */
async function sent(orders: readonly string[]): Promise<(string | undefined)[]> {
  await run((tx) => confirmOrders(tx, orders, { actor: clerk, scope: wholeScope }))
  return codes(await run((tx) => releaseOrders(tx, orders, { actor: clerk, scope: wholeScope })))
}

async function balance(skuId: string) {
  const found = await sql<{ on_hand: number; reserved: number; short: number }>`
    select on_hand, reserved, short from stock where sku_id = ${skuId}`.execute(pool.db)
  return found.rows[0]
}

test('the last piece, sold to eight buyers at one moment, is sent to one; the others wait and hold nothing', async () => {
  const { skuId, line } = await goods(1)
  const orders = await sellAtOnce(await Promise.all(Array.from({ length: 8 }, () => trade(line()))))
  assert.equal(orders.length, 8)
  assert.deepEqual((await sent(orders)).toSorted(), ['done', ...Array.from({ length: 7 }, () => 'short')])
  assert.deepEqual(await balance(skuId), { on_hand: 1, reserved: 1, short: 7 })
})

test('two lines of one SKU do not both pass for the piece that there is', async () => {
  const { skuId, line } = await goods(1)
  const orders = await sellAtOnce([await trade(line(), line())])
  assert.deepEqual(await sent(orders), ['short'])
  assert.deepEqual(await balance(skuId), { on_hand: 1, reserved: 1, short: 1 })
})

test('two lines of one SKU are both sent when there are two pieces, and not a third time', async () => {
  const { skuId, line } = await goods(2)
  const [pair, late] = [await trade(line(), line()), await trade(line())]
  const orders = [...(await sellAtOnce([pair])), ...(await sellAtOnce([late]))]
  assert.deepEqual(await sent(orders), ['done', 'short'])
  assert.deepEqual(await balance(skuId), { on_hand: 2, reserved: 2, short: 1 })
})

test('bundles that share a part, and that part alone, sold at one moment take no piece twice', async () => {
  const shared = await goods(3)
  const plenty = await goods(100)
  const bundles = [await aSku(pool.db), await aSku(pool.db)]
  await run((tx) =>
    setBundles(
      tx,
      bundles.map((id, at) => ({
        id,
        parts: [
          { skuId: shared.skuId, quantity: at + 1 },
          { skuId: plenty.skuId, quantity: 1 },
        ],
      })),
      clerk,
      usesOfSkus,
    ),
  )
  const [one, two] = await Promise.all(bundles.map(listed))
  assert.ok(one && two)
  // Six orders need ten pieces of three.
  const wants = [[one()], [two()], [one(), two()], [shared.line()], [two(), shared.line()], [one()]]
  const orders = await sellAtOnce(await Promise.all(wants.map((lines) => trade(...lines))))
  const outcomes = await sent(orders)
  const found = await sql<{ promised: number; sent: number }>`
    select coalesce(sum(reserved), 0)::int as promised, coalesce(sum(wanted) filter (where o.status = 'released'), 0)::int as sent
    from reservation r join sales_order o on o.id = r.order_id where r.sku_id = ${shared.skuId}`.execute(
    pool.db,
  )
  const [row] = found.rows
  assert.ok(row && row.promised <= 3 && row.sent <= row.promised, JSON.stringify(row))
  assert.ok(outcomes.includes('done') && outcomes.includes('short'), outcomes.join(' '))
  const shelf = await balance(shared.skuId)
  assert.deepEqual([shelf?.on_hand, shelf?.reserved], [3, row.promised])
})
