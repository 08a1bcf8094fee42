import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import type { RuleInput } from '../../orders/gifts/decide.ts'
import { asksNothing } from '../../orders/gifts/gift-rules.ts'
import { saveGiftRules } from '../../orders/gifts/settings.ts'
import { counting } from '../../testing/database.ts'
import { aSku, aWarehouse, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { convertRefunds } from '../refunds/convert-refunds.ts'
import { aLine, aRefund, aTrade, type IntakeFixture, intakeFixture, stage, stageRefunds } from '../testing.ts'

let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
  const warehouse = await aWarehouse(pool.db)
  await putStock(pool.db, warehouse, await aSku(pool.db, 'MUG'), 1000)
  await sql`
    insert into stock_movement (warehouse_id, sku_id, quantity, document_kind, document_id, line_no, step, created_by)
    select ${warehouse}, id, 1000, 'adjustment', id, 1, 1, '林晓' from sku where code like 'SY-%'`.execute(
    pool.db,
  )
  await sql`
    insert into stock (warehouse_id, sku_id, on_hand) select ${warehouse}, id, 1000 from sku where code like 'SY-%'`.execute(
    pool.db,
  )
})
after(async () => {
  assert.deepEqual(await wrongInTheBooks(pool.db), [])
  await pool[Symbol.asyncDispose]()
})

const rule = (name: string, more: Partial<RuleInput> = {}): RuleInput => ({
  ...asksNothing,
  name,
  gifts: [{ code: 'MUG', quantity: 1, instead: '' }],
  ...more,
})
const setRules = async (...rules: RuleInput[]) => {
  const head = await sql<{ version: number }>`select version from gift_rules`.execute(pool.db)
  const by = { actor: systemActor, scope: wholeScope, request: { ip: '', id: '' } }
  const wish = { rules, version: head.rows[0]?.version ?? 0 }
  await pool.db.transaction().execute((tx) => saveGiftRules(tx, wish, by))
}
const idsOf = async (tids: string[]) =>
  (
    await sql<{ id: string }>`select id from staged_trade where tid = any(${tids}) order by id`.execute(
      pool.db,
    )
  ).rows.map(({ id }) => id)
async function staged(count: number): Promise<string[]> {
  const trades = Array.from({ length: count }, () => aTrade({ lines: [aLine({ quantity: 2 })] }))
  await stage(pool, ...trades)
  return trades.map(({ tid }) => tid)
}
const convert = async (tids: string[]) => {
  const ids = await idsOf(tids)
  return pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }))
}
const gifts = async (tids: string[]) =>
  (
    await sql<{ n: number }>`
      select count(*)::int as n from order_line l join sales_order o on o.id = l.order_id
      where o.tid = any(${tids}) and l.gift and l.refunded_quantity < l.quantity`.execute(pool.db)
  ).rows[0]?.n

test('trades that are converted at once by several take exactly the places that there are', async () => {
  await setRules(rule('前五名', { firstOrders: 5 }), rule('每单'))
  const tids = await staged(24)
  await Promise.all([0, 6, 12, 18].map((from) => convert(tids.slice(from, from + 6))))
  assert.equal(await gifts(tids), 24 + 5)
  const taken =
    await sql`select places_taken from gift_rule where removed_at is null order by position`.execute(pool.db)
  assert.deepEqual(taken.rows, [{ places_taken: 5 }, { places_taken: 0 }])
})

test('converting one and converting forty take as many statements; without rules one more than before there were any', async () => {
  const counted = async (tids: string[]) => {
    const ids = await idsOf(tids)
    const { db, statements } = counting(pool.db)
    await db.transaction().execute((tx) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }))
    return statements()
  }
  const rules = Array.from({ length: 20 }, (_, n) => rule(`规则 ${n}`, { firstOrders: 1000, perBuyer: 1 }))
  await setRules()
  const bare = [await counted(await staged(1)), await counted(await staged(40))]
  await setRules(...rules)
  const full = [await counted(await staged(1)), await counted(await staged(40))]
  assert.equal(bare[0], bare[1])
  assert.equal(full[0], full[1])
  assert.ok((full[0] ?? 0) - (bare[0] ?? 0) <= 12, `${full[0]} beside ${bare[0]}`)
})

test('a refund that came before its order counts: what is left of the money earns no gift', async () => {
  await setRules(rule('满 180', { minFen: 18_000 }))
  const [part, whole] = [aTrade(), aTrade()]
  await stage(pool, part, whole)
  const refund = aRefund(part, { status: 'succeeded', amountFen: 100 })
  await stageRefunds(pool, refund)
  const found = await sql<{ id: string }>`
    select id from staged_refund where refund_no = ${refund.refundId}`.execute(pool.db)
  const ids = found.rows.map(({ id }) => id)
  await pool.db
    .transaction()
    .execute((tx) => convertRefunds(tx, ids, { actor: systemActor, scope: wholeScope }))
  await convert([part.tid, whole.tid])
  assert.deepEqual([await gifts([part.tid]), await gifts([whole.tid])], [0, 1])
})
