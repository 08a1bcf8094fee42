import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import pino from 'pino'
import { matchListings } from '../../catalog/listings/match.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { goodsJobs } from '../../orders/allocation/goods-jobs.ts'
import { tradesPaid } from '../../orders/create/pay.ts'
import type { RuleInput } from '../../orders/gifts/decide.ts'
import { asksNothing } from '../../orders/gifts/gift-rules.ts'
import { reserveMatched } from '../../orders/gifts/give.ts'
import { saveGiftRules } from '../../orders/gifts/settings.ts'
import { confirmOrders } from '../../orders/review/confirm.ts'
import { splitOrders } from '../../orders/split/split.ts'
import { aSku, aWarehouse, balanceOf, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import {
  aLine,
  aTrade,
  type IntakeFixture,
  intakeFixture,
  paidLater,
  reserveWaiting,
  stage,
} from '../testing.ts'

let pool: IntakeFixture
let warehouseId: string
const by = { actor: systemActor, scope: wholeScope }
const jobs = new Map([...goodsJobs(reserveMatched), tradesPaid].map((job) => [job.name, job]))

before(async () => {
  pool = await intakeFixture()
  warehouseId = await aWarehouse(pool.db)
  await sql`update shop set settings = settings || '{"convertUnpaid": true}'`.execute(pool.db)
})
after(async () => {
  assert.deepEqual(await wrongInTheBooks(pool.db), [])
  await pool[Symbol.asyncDispose]()
})

/** Runs the jobs that were enqueued, each twice. */
async function work(): Promise<string[]> {
  const taken = await sql<{ name: string; data: unknown }>`delete from job returning name, data`.execute(
    pool.db,
  )
  const log = pino({ level: 'silent' })
  for (const { name, data } of [...taken.rows, ...taken.rows])
    await jobs.get(name)?.run({ db: pool.db, log }, [data])
  return taken.rows.map(({ name }) => name)
}

async function converted(trade: ReturnType<typeof aTrade>): Promise<string> {
  await stage(pool, trade)
  const found = await sql<{ id: string }>`select id from staged_trade where tid = ${trade.tid}`.execute(
    pool.db,
  )
  const [outcome] = await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, [found.rows[0]?.id ?? ''], by))
  assert.equal(outcome?.done, true, JSON.stringify(outcome))
  const order = await sql<{ id: string }>`select id from sales_order where tid = ${trade.tid}`.execute(
    pool.db,
  )
  return order.rows[0]?.id ?? ''
}
const unpaid = (...lines: ReturnType<typeof aLine>[]) =>
  aTrade({ status: 'unpaid', paidAt: null, lines: lines.map((line) => ({ ...line, status: 'unpaid' })) })

/** Returns the payment of each order, the number of its events `paid`, and its gifts. */
async function facts(...ids: string[]) {
  const found = await sql<{ at: Date | null; events: number; gifts: string[] }>`
    select o.paid_at as at, (select count(*)::int from order_event e where e.order_id = o.id and e.event = 'paid') as events,
      array(select s.code || '×' || l.quantity - l.refunded_quantity from order_line l join sku s on s.id = l.sku_id
        where l.order_id = o.id and l.gift order by l.line_no) as gifts
    from sales_order o where o.id = any(${ids}::bigint[]) order by o.id`.execute(pool.db)
  return found.rows.map(({ at, events, gifts }) => [at?.toISOString() ?? null, events, gifts])
}
const confirming = (id: string) => pool.db.transaction().execute((tx) => confirmOrders(tx, [id], by))

/** Makes a line of a new item, and returns it with its SKU. */
async function goods(code: string, matched: boolean) {
  const skuId = await aSku(pool.db, code)
  await putStock(pool.db, warehouseId, skuId, 10)
  const line = aLine({ itemId: `item ${code}`, skuId: '', outerSkuId: '' })
  const listing = await sql<{ id: string }>`
    insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
    values (${pool.shopId}, ${line.itemId}, '', 'on_sale', now(), ${matched ? skuId : null}, ${matched ? 'hand' : ''})
    returning id`.execute(pool.db)
  const match = () =>
    pool.db
      .transaction()
      .execute((tx) => matchListings(tx, [{ id: listing.rows[0]?.id ?? '', skuId }], 'hand', by))
  return { skuId, line, match }
}
const rule = (name: string, more: Partial<RuleInput> & Pick<RuleInput, 'gifts'>): RuleInput => ({
  ...asksNothing,
  name,
  ...more,
})
async function setRules(...rules: RuleInput[]) {
  const head = await sql<{ version: number }>`select version from gift_rules`.execute(pool.db)
  const asked = { rules, version: head.rows[0]?.version ?? 0 }
  await pool.db
    .transaction()
    .execute((tx) => saveGiftRules(tx, asked, { ...by, request: { ip: '', id: '' } }))
}

test('an order that was converted unpaid is paid once the platform shows the payment: then it has stock, gifts and can be confirmed', async () => {
  const [bed, mug] = [await goods('BED', true), await goods('MUG-1', true)]
  await setRules(rule('每单', { gifts: [{ code: 'MUG-1', quantity: 1, instead: '' }] }))
  const trade = unpaid(bed.line)
  const id = await converted(trade)
  await work()
  assert.deepEqual(await facts(id), [[null, 0, []]])
  assert.deepEqual(
    (await confirming(id)).map((one) => !one.done && one.code),
    ['not_paid'],
  )
  const paid = paidLater(trade)
  await stage(pool, paid)
  assert.deepEqual(await work(), ['orders.trades_paid'])
  assert.deepEqual(await facts(id), [[paid.paidAt?.toISOString(), 1, ['MUG-1×1']]])
  assert.deepEqual(await balanceOf(pool.db, warehouseId, bed.skuId), [10, 1, 0])
  assert.deepEqual(await balanceOf(pool.db, warehouseId, mug.skuId), [10, 1, 0])
  await stage(pool, { ...paid, modifiedAt: new Date(paid.modifiedAt.getTime() + 1000), sellerMemo: '急' })
  assert.deepEqual(await work(), [])
  assert.equal((await confirming(id))[0]?.done, true)
  await setRules()
})

test('the parts of a split order are paid with it; cash on delivery is not paid by a payment that appears', async () => {
  const [one, two] = [await goods('ONE', true), await goods('TWO', true)]
  const trade = unpaid(one.line, two.line)
  const id = await converted(trade)
  const [split] = await pool.db
    .transaction()
    .execute((tx) =>
      splitOrders(
        tx,
        [{ id, parts: [{ lines: [{ lineNo: 2, quantity: 1 }] }], version: undefined, cause: 'hand' }],
        by,
      ),
    )
  assert.equal(split?.done, true, JSON.stringify(split))
  const cod = aTrade({ cod: true, status: 'unpaid', paidAt: null, lines: [aLine({ status: 'unpaid' })] })
  const codId = await converted(cod)
  await work()
  const paid = paidLater(trade)
  await stage(pool, paid, paidLater(cod))
  await work()
  const part = await sql<{ id: string }>`select id from sales_order where split_from = ${id}`.execute(pool.db)
  const at = paid.paidAt?.toISOString()
  assert.deepEqual(await facts(id, part.rows[0]?.id ?? '', codId), [
    [at, 1, []],
    [at, 1, []],
    [null, 0, []],
  ])
  assert.deepEqual(await balanceOf(pool.db, warehouseId, two.skuId), [10, 1, 0])
})

test('goods that are matched after the conversion earn the gifts that name them, once; what other rules gave stays', async () => {
  const [cup, lamp, tin] = [await goods('CUP', true), await goods('LAMP', false), await goods('TIN', true)]
  const byAmount = rule('满额', { minFen: 1, gifts: [{ code: 'CUP', quantity: 1, instead: '' }] })
  const byLamp = rule('买灯', { skus: ['LAMP'], gifts: [{ code: 'TIN', quantity: 2, instead: '' }] })
  await setRules(byAmount, byLamp)
  const id = await converted(aTrade({ lines: [lamp.line] }))
  await work()
  assert.deepEqual((await facts(id))[0]?.[2], ['CUP×1'])
  // The first rule has ended since. Its gift stays.
  await setRules({ ...byAmount, enabled: false }, byLamp)
  await lamp.match()
  assert.deepEqual(await work(), ['orders.listings_matched'])
  assert.deepEqual((await facts(id))[0]?.[2], ['CUP×1', 'TIN×2'])
  const taken = await Promise.all([cup, lamp, tin].map(({ skuId }) => balanceOf(pool.db, warehouseId, skuId)))
  assert.deepEqual(taken, [
    [10, 1, 0],
    [10, 1, 0],
    [10, 2, 0],
  ])
  await setRules()
})

test('an order gets no gifts while another of its lines is unmatched, nor after it was confirmed', async () => {
  const [pot, lid, cap] = [await goods('POT', false), await goods('LID', false), await goods('CAP', true)]
  await setRules(rule('买锅', { skus: ['POT'], gifts: [{ code: 'CAP', quantity: 1, instead: '' }] }))
  const id = await converted(aTrade({ lines: [pot.line, lid.line] }))
  await pot.match()
  await work()
  assert.deepEqual((await facts(id))[0]?.[2], [])
  await lid.match()
  await work()
  assert.deepEqual((await facts(id))[0]?.[2], ['CAP×1'])
  assert.deepEqual(await balanceOf(pool.db, warehouseId, cap.skuId), [10, 1, 0])
  await setRules()
})

test('orders whose payment was missed before are repaired with their parts, once, and ask for stock by the task', async () => {
  const [one, two] = [await goods('OLD-1', true), await goods('OLD-2', true)]
  const trade = unpaid(one.line, two.line)
  const id = await converted(trade)
  const part = { lines: [{ lineNo: 2, quantity: 1 }] }
  await pool.db
    .transaction()
    .execute((tx) => splitOrders(tx, [{ id, parts: [part], version: undefined, cause: 'hand' }], by))
  const still = await converted(unpaid(aLine()))
  await stage(pool, paidLater(trade))
  await sql`delete from job`.execute(pool.db)
  const repair = sql.raw(readFileSync('migrations/0111_paid_later.sql', 'utf8').split(';')[0] ?? '')
  await repair.execute(pool.db)
  await repair.execute(pool.db)
  const parts = await sql<{ id: string }>`select id from sales_order where split_from = ${id}`.execute(
    pool.db,
  )
  const at = paidLater(trade).paidAt?.toISOString()
  assert.deepEqual(await facts(id, parts.rows[0]?.id ?? '', still), [
    [at, 1, []],
    [at, 1, []],
    [null, 0, []],
  ])
  await reserveWaiting(pool.db)
  const taken = await Promise.all([one, two].map(({ skuId }) => balanceOf(pool.db, warehouseId, skuId)))
  assert.deepEqual(taken, [
    [10, 1, 0],
    [10, 1, 0],
  ])
})
