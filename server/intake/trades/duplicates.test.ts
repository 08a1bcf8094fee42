import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import pino from 'pino'
import { type Actor, systemActor, wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { numberFreed } from '../../flows/jobs.ts'
import { createOrders } from '../../orders/create/create.ts'
import { restoreOrders } from '../../orders/refunds/restore.ts'
import { voidOrders } from '../../orders/status/void.ts'
import { aSku, aWarehouse, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { tradeReasonFacet } from '../staged/trade-columns.ts'
import { aLine, aTrade, type IntakeFixture, intakeFixture, stage, tradeOf } from '../testing.ts'
import { convertInstead } from './duplicates.ts'
import { updateTradeReasons } from './recheck.ts'
import { processTrades } from './trades.ts'

let clerk: Actor
let pool: IntakeFixture
let skuId = ''
before(async () => {
  pool = await intakeFixture()
  await createQueues(pool.db, [numberFreed])
  clerk = { kind: 'user', id: await aClerk('orders.void', 'trades.convert'), name: '林晓' }
  const warehouseId = await aWarehouse(pool.db)
  skuId = await aSku(pool.db, 'BED')
  await putStock(pool.db, warehouseId, skuId, 100)
  await sql`update listing set sku_id = ${skuId} where item_id = '65237'`.execute(pool.db)
})
after(async () => {
  assert.deepEqual(await wrongInTheBooks(pool.db), [])
  await pool[Symbol.asyncDispose]()
})

async function aClerk(...permissions: string[]): Promise<string> {
  const made = await sql<{ id: string }>`
    with person as (
      insert into app_user (email, name, all_shops) values (${`${permissions.length}@example.com`}, '林晓', true) returning id
    ), part as (
      insert into role (name, permissions) values (${permissions.join()}, ${permissions}::text[]) returning id
    ), granted as (
      insert into user_role (user_id, role_id) select person.id, part.id from person, part
    )
    select id from person`.execute(pool.db)
  return made.rows[0]?.id ?? ''
}

const receiver = {
  name: '李小龙',
  mobile: '13911112222',
  province: '广东省',
  city: '佛山市',
  address: '大良 1 号',
}
/** Creates an order as if entered by hand or imported. */
async function typeIn(outerNo: string) {
  const input = { key: `${outerNo}-act`, shopId: pool.shopId, outerNo, receiver, origin: 'import' as const }
  const lines = [{ skuId, quantity: 2, priceFen: 100 }]
  const made = await pool.db
    .transaction()
    .execute((tx) => createOrders(tx, pool.ring, [{ ...input, lines }], { actor: clerk, scope: wholeScope }))
  return {
    code: made[0]?.done === false ? made[0].code : 'done',
    id: made[0]?.id ?? '',
    no: made[0]?.no ?? '',
  }
}

async function staged() {
  const trade = aTrade({ lines: [aLine({ itemId: '65237', skuId: '487', quantity: 2 })] })
  await stage(pool, trade)
  const id = async () => (await tradeOf(pool, trade.tid))?.id ?? ''
  return { ...trade, id: await id() }
}

type Verb = typeof processTrades
const act = async (verb: Verb, id: string) =>
  (await pool.db.transaction().execute((tx) => verb(tx, [id], { actor: clerk, scope: wholeScope }))).map(
    (one) => [one.done ? 'done' : one.code, one.ref] as const,
  )[0]

/** Runs the enqueued jobs. */
async function work() {
  const jobs = await sql<{
    data: unknown
  }>`delete from job where name = ${numberFreed.name} returning data`.execute(pool.db)
  const payloads = jobs.rows.map(({ data }) => data)
  await numberFreed.run({ db: pool.db, log: pino({ level: 'silent' }) }, payloads)
}

/** Returns the orders with this number, and the pieces promised to each. */
async function orders(tid: string): Promise<string[]> {
  const found = await sql<{ is: string }>`
    select format('%s %s %s', origin, status, (
      select coalesce(sum(reserved), 0) from reservation r where r.order_id = o.id)) as is
    from sales_order o where tid = ${tid} order by id`.execute(pool.db)
  return found.rows.map((row) => row.is)
}

test('a trade whose number was typed in before waits, says why, and makes no second order', async () => {
  const trade = await staged()
  const typed = await typeIn(trade.tid)
  assert.equal(typed.code, 'done')
  assert.deepEqual(await act(convertTrades, trade.id), ['duplicate', typed.no])
  assert.deepEqual(await act(convertTrades, trade.id), ['duplicate', typed.no])
  assert.deepEqual(await orders(trade.tid), ['import unconfirmed 2'])
  const { reason, order_no, state } = (await tradeOf(pool, trade.tid)) ?? {}
  assert.deepEqual([state, reason, order_no], ['staged', 'duplicate', typed.no])
})

test('a newer version and another look leave it a duplicate, as long as the order with its number lives', async () => {
  const trade = await staged()
  const typed = await typeIn(trade.tid)
  await act(convertTrades, trade.id)
  const now = async () => {
    const found = await sql<{ reason: string; facet: number }>`
      select reason, facets[3] as facet from staged_trade where tid = ${trade.tid}`.execute(pool.db)
    return found.rows.map(({ reason, facet }) => [reason, facet === tradeReasonFacet('duplicate')])[0]
  }
  await stage(pool, {
    ...trade,
    sellerMemo: '加急',
    modifiedAt: new Date(trade.modifiedAt.getTime() + 60_000),
  })
  assert.deepEqual(await now(), ['duplicate', true])
  await pool.db.transaction().execute((tx) => updateTradeReasons(tx, [trade.id]))
  assert.deepEqual(await now(), ['duplicate', true])
  await pool.db
    .transaction()
    .execute((tx) => voidOrders(tx, [typed.id], '录错了', { actor: clerk, scope: wholeScope }))
  await work()
  assert.deepEqual(await now(), ['', false])
})

test('one act voids what was typed in and converts the trade instead', async () => {
  const trade = await staged()
  const typed = await typeIn(trade.tid)
  await act(convertTrades, trade.id)
  assert.deepEqual(await act(convertInstead, trade.id), ['done', undefined])
  assert.deepEqual(await act(convertInstead, trade.id), ['done', undefined])
  await work()
  assert.deepEqual(await orders(trade.tid), ['import voided 0', 'trade unconfirmed 2'])
  const { state, order_no } = (await tradeOf(pool, trade.tid)) ?? {}
  assert.deepEqual([state, order_no === typed.no], ['converted', false])
  assert.deepEqual(await act(convertInstead, trade.id), ['already_converted', order_no])

  // The order that was voided for it cannot be restored beside it.
  assert.deepEqual(await act(restoreOrders, typed.id), ['duplicate', typed.no])
  assert.deepEqual(await orders(trade.tid), ['import voided 0', 'trade unconfirmed 2'])
})

test('who may void but not convert leaves the trade ready for who may', async () => {
  const trade = await staged()
  await typeIn(trade.tid)
  await act(convertTrades, trade.id)
  const packer: Actor = { kind: 'user', id: await aClerk('orders.void'), name: '周强' }
  await pool.db
    .transaction()
    .execute((tx) => convertInstead(tx, [trade.id], { actor: packer, scope: wholeScope }))
  await work()
  assert.deepEqual(await orders(trade.tid), ['import voided 0'])
  const { state, reason } = (await tradeOf(pool, trade.tid)) ?? {}
  assert.deepEqual([state, reason], ['staged', ''])
})

test('what was typed in and has left stays; the trade is marked processed', async () => {
  const trade = await staged()
  const typed = await typeIn(trade.tid)
  await sql`update sales_order set status = 'shipped' where id = ${typed.id}`.execute(pool.db)
  assert.deepEqual(await act(convertTrades, trade.id), ['duplicate', typed.no])
  assert.deepEqual(await act(convertInstead, trade.id), ['wrong_status', typed.no])
  await work()
  assert.deepEqual(await orders(trade.tid), ['import shipped 2'])
  assert.deepEqual(await act(processTrades, trade.id), ['done', undefined])
  await sql`update sales_order set status = 'unconfirmed' where id = ${typed.id}`.execute(pool.db)
})

test('a trade that was shipped elsewhere stays so where its number was typed in, and becomes a record once that order is void', async () => {
  const trade = await staged()
  const typed = await typeIn(trade.tid)
  const asRecord: Verb = (tx, ids, by) => convertTrades(tx, ids, by, { asRecord: true })
  await stage(pool, {
    ...trade,
    status: 'shipped',
    modifiedAt: new Date(trade.modifiedAt.getTime() + 60_000),
  })
  assert.deepEqual(await act(asRecord, trade.id), ['duplicate', typed.no])
  const { state, reason, order_no } = (await tradeOf(pool, trade.tid)) ?? {}
  assert.deepEqual([state, reason, order_no], ['staged', 'shipped_elsewhere', ''])
  assert.deepEqual(await orders(trade.tid), ['import unconfirmed 2'])

  await pool.db
    .transaction()
    .execute((tx) => voidOrders(tx, [typed.id], '录错了', { actor: clerk, scope: wholeScope }))
  await work()
  assert.equal((await act(asRecord, trade.id))?.[0], 'done')
  assert.deepEqual(await orders(trade.tid), ['import voided 0', 'record shipped 0'])
})

test('once somebody voids what was typed in, the trade may convert by itself', async () => {
  const trade = await staged()
  const typed = await typeIn(trade.tid)
  await act(convertTrades, trade.id)
  await pool.db
    .transaction()
    .execute((tx) => voidOrders(tx, [typed.id], '录错了', { actor: clerk, scope: wholeScope }))
  await work()
  assert.equal((await tradeOf(pool, trade.tid))?.reason, '')
  assert.equal((await act(convertTrades, trade.id))?.[0], 'done')
  assert.deepEqual(await orders(trade.tid), ['import voided 0', 'trade unconfirmed 2'])
})

test('what a trade brought is not typed in once more, not even when both come at once', async () => {
  const trade = await staged()
  await act(convertTrades, trade.id)
  const { order_no = '' } = (await tradeOf(pool, trade.tid)) ?? {}
  assert.deepEqual(await typeIn(trade.tid), { ...(await typeIn(trade.tid)), code: 'already', no: order_no })

  for (let round = 0; round < 10; round++) {
    const one = await staged()
    await Promise.all([
      act(convertTrades, one.id),
      typeIn(one.tid),
      act(convertTrades, one.id),
      typeIn(one.tid),
    ])
    assert.equal((await orders(one.tid)).length, 1)
  }
})

test('an order of our own without a trade is voided and restored as before', async () => {
  const typed = await typeIn('WX-1')
  const run = pool.db.transaction()
  await run.execute((tx) => voidOrders(tx, [typed.id], '录错了', { actor: systemActor, scope: wholeScope }))
  assert.deepEqual(await orders('WX-1'), ['import voided 0'])
  assert.deepEqual(await act(restoreOrders, typed.id), ['done', typed.no])
  assert.deepEqual(await orders('WX-1'), ['import unconfirmed 2'])
})

test('a freed trade that fails by an unexpected error does not stop those beside it', async () => {
  const trades = [await staged(), await staged(), await staged()]
  const [first, broken, last] = trades
  await sql`
    update staged_trade_lines set lines = jsonb_set(lines, '{0,quantity}', '"two"') where trade_id = ${broken?.id}`.execute(
    pool.db,
  )
  const payloads = trades.map(({ tid }) => ({ shopId: pool.shopId, tids: [tid], convertBy: clerk }))
  await numberFreed.run({ db: pool.db, log: pino({ level: 'silent' }) }, payloads)
  const states = await Promise.all(trades.map(async ({ tid }) => (await tradeOf(pool, tid))?.state))
  assert.deepEqual(states, ['converted', 'staged', 'converted'])
  assert.deepEqual(await orders(first?.tid ?? ''), await orders(last?.tid ?? ''))
  assert.deepEqual(await orders(broken?.tid ?? ''), [])
})
