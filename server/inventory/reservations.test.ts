import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { sql } from 'kysely'
import type { Actor } from '../core/access/actor.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../core/db/db.ts'
import { createQueues } from '../core/jobs/job.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import {
  aDemand,
  anOrderId,
  aSku,
  aWarehouse,
  balanceOf,
  paidAt,
  putStock,
  wrongInTheBooks,
} from '../testing/stock.ts'
import { fillShortages } from './fill.ts'
import { inventoryJobs } from './jobs.ts'
import { reduceReservations, unreserve } from './release.ts'
import { type Demand, reserve } from './reserve.ts'
import { shipReserved, unshipReserved } from './ship.ts'
import { availableOf } from './stock.ts'

let database: TestDatabase
let open: OpenDatabase
let warehouseId: string
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 12 })
  await createQueues(open.db, inventoryJobs())
  warehouseId = await aWarehouse(open.db)
})
afterEach(async () => assert.deepEqual(await wrongInTheBooks(open.db), []))
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

const run = <T>(work: (tx: Tx) => Promise<T>) => open.db.transaction().execute(work)
const reserving = (...demands: Demand[]) => run((tx) => reserve(tx, demands))
const releasing = (...ids: string[]) => run((tx) => unreserve(tx, ids))
const filling = (skuIds: string[], limit = 100) => run((tx) => fillShortages(tx, { skuIds, limit }))
const shipping = (...ids: string[]) => run((tx) => shipReserved(tx, ids, actor))
const unshipping = (...ids: string[]) => run((tx) => unshipReserved(tx, ids, actor))
const codes = (answers: readonly { code: string }[]) => answers.map(({ code }) => code)

async function stocked(quantity: number, at = warehouseId): Promise<string> {
  const skuId = await aSku(open.db)
  if (quantity > 0) await putStock(open.db, at, skuId, quantity)
  return skuId
}

const balance = (skuId: string, at = warehouseId) => balanceOf(open.db, at, skuId)

async function version(skuId: string): Promise<number> {
  const found = await sql<{ version: number }>`
    select version::int as version from stock_change where sku_id = ${skuId}`.execute(open.db)
  return found.rows[0]?.version ?? 0
}

async function jobsFor(skuId: string): Promise<number> {
  const found = await sql<{ count: number }>`
    select count(*)::int as count from job where name = ${'inventory.fill'} and data -> 'skuIds' ? ${skuId}`.execute(
    open.db,
  )
  return found.rows[0]?.count ?? 0
}

test('promises what there is, whole rows only; the rest waits', async () => {
  const skuId = await stocked(5)
  const want = (minute: number, quantity: number) =>
    aDemand({ skuId, warehouseId, quantity, paidAt: paidAt(minute) })
  const answers = await reserving(want(3, 1), want(1, 2), want(2, 4))
  // The demand that was paid second wants four of the three pieces that are left. The third demand would fit, but must not pass the second.
  assert.deepEqual(codes(answers), ['short', 'reserved', 'short'])
  assert.deepEqual(await balance(skuId), [5, 2, 5])
  assert.equal(await version(skuId), 1)
})

test('a later batch does not pass those who wait, but who paid earlier goes first', async () => {
  const skuId = await stocked(3)
  await reserving(aDemand({ skuId, warehouseId, quantity: 4, paidAt: paidAt(5) }))
  const late = aDemand({ skuId, warehouseId, quantity: 1, paidAt: paidAt(6) })
  const early = aDemand({ skuId, warehouseId, quantity: 2, paidAt: paidAt(4) })
  assert.deepEqual(codes(await reserving(late)), ['short'])
  assert.deepEqual(codes(await reserving(early)), ['reserved'])
  assert.deepEqual(await balance(skuId), [3, 2, 5])
})

test('reserving twice does it once', async () => {
  const skuId = await stocked(5)
  const demand = aDemand({ skuId, warehouseId, quantity: 2 })
  assert.deepEqual(codes(await reserving(demand)), ['reserved'])
  assert.deepEqual(codes(await reserving({ ...demand, quantity: 3 })), ['already'])
  assert.deepEqual(await balance(skuId), [5, 2, 0])
})

test('the same order reserved from eight connections at once is reserved once', async () => {
  const skuIds = await Promise.all([stocked(9), stocked(9), stocked(9)])
  const orderId = anOrderId()
  const demands = skuIds.map((skuId, index) => aDemand({ skuId, warehouseId, orderId, lineNo: index }))
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => reserving(...(index % 2 ? demands : demands.toReversed()))),
  )
  assert.equal(answers.flat().filter(({ code }) => code === 'reserved').length, 3)
  for (const skuId of skuIds) assert.deepEqual(await balance(skuId), [9, 1, 0])
})

test('the last piece, wanted by eight connections at once, goes to one', async () => {
  const skuId = await stocked(1)
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => reserving(aDemand({ skuId, warehouseId }))),
  )
  assert.equal(answers.flat().filter(({ code }) => code === 'reserved').length, 1)
  assert.deepEqual(await balance(skuId), [1, 1, 7])
})

test('two lines of an order with one SKU are two rows, served each whole', async () => {
  const skuId = await stocked(3)
  const orderId = anOrderId()
  const answers = await reserving(
    aDemand({ skuId, warehouseId, orderId, lineNo: 1, quantity: 2 }),
    aDemand({ skuId, warehouseId, orderId, lineNo: 2, quantity: 2 }),
  )
  assert.deepEqual(codes(answers), ['reserved', 'short'])
  assert.deepEqual(await balance(skuId), [3, 2, 2])
  assert.deepEqual(codes(await shipping(orderId)), ['short'])
  assert.deepEqual(codes(await releasing(orderId)), ['released'])
  assert.deepEqual(await balance(skuId), [3, 0, 0])
})

test('two bundles that share a part take from the same pile; a refund of one shrinks each part', async () => {
  const [part, other] = [await stocked(7), await stocked(9)]
  const orderId = anOrderId()
  const line = (lineNo: number, skuId: string, perLine: number, pieces: number) =>
    aDemand({ skuId, warehouseId, orderId, lineNo, perLine, quantity: perLine * pieces })
  const answers = await reserving(line(1, part, 2, 3), line(1, other, 1, 3), line(2, part, 1, 1))
  assert.deepEqual(codes(answers), ['reserved', 'reserved', 'reserved'])
  assert.deepEqual(await balance(part), [7, 7, 0])
  const reduce = () => run((tx) => reduceReservations(tx, [{ orderId, lineNo: 1, left: 2 }]))
  assert.deepEqual(codes(await reduce()), ['reduced'])
  assert.deepEqual(codes(await reduce()), ['same'])
  assert.deepEqual(
    [await balance(part), await balance(other)],
    [
      [7, 5, 0],
      [9, 2, 0],
    ],
  )
  const gone = await run((tx) =>
    reduceReservations(tx, [
      { orderId, lineNo: 1, left: 0 },
      { orderId, lineNo: 7, left: 0 },
    ]),
  )
  assert.deepEqual(codes(gone), ['reduced', 'nothing'])
  assert.deepEqual(
    [await balance(part), await balance(other)],
    [
      [7, 1, 0],
      [9, 0, 0],
    ],
  )
})

test('releasing gives back once, wakes those who wait, and they are served first paid first', async () => {
  const skuId = await stocked(2)
  const holder = aDemand({ skuId, warehouseId, quantity: 2 })
  const second = aDemand({ skuId, warehouseId, paidAt: paidAt(2) })
  const third = aDemand({ skuId, warehouseId, paidAt: paidAt(3) })
  const first = aDemand({ skuId, warehouseId, paidAt: paidAt(1) })
  await reserving(holder, second, third, first)
  assert.equal(await jobsFor(skuId), 0)
  assert.deepEqual(codes(await releasing(holder.orderId)), ['released'])
  assert.deepEqual(codes(await releasing(holder.orderId)), ['nothing'])
  assert.deepEqual(await balance(skuId), [2, 0, 3])
  assert.ok((await jobsFor(skuId)) >= 1)
  const one = await filling([skuId], 1)
  assert.deepEqual([one.filled.map(({ orderId }) => orderId), one.more], [[first.orderId], true])
  const rest = await filling([skuId])
  assert.deepEqual([rest.filled.map(({ orderId }) => orderId), rest.more], [[second.orderId], false])
  assert.deepEqual(await balance(skuId), [2, 2, 1])
})

test('whatever frees goods wakes those who wait, and nothing else does', async () => {
  const freeing: Record<string, (orderId: string) => Promise<unknown>> = {
    release: (orderId) => releasing(orderId),
    reduce: (orderId) => run((tx) => reduceReservations(tx, [{ orderId, lineNo: 1, left: 1 }])),
  }
  for (const [name, free] of Object.entries(freeing)) {
    const skuId = await stocked(2)
    const holder = aDemand({ skuId, warehouseId, quantity: 2 })
    await reserving(holder, aDemand({ skuId, warehouseId, paidAt: paidAt(1) }))
    await shipping(holder.orderId)
    await unshipping(holder.orderId)
    assert.equal(await jobsFor(skuId), 0, name)
    await free(holder.orderId)
    assert.equal(await jobsFor(skuId), 1, name)
  }
})

test('who came while goods were free but promised to those who wait gets only what is left of them', async () => {
  const skuId = await stocked(1)
  const holder = aDemand({ skuId, warehouseId })
  const waiting = aDemand({ skuId, warehouseId, quantity: 3, paidAt: paidAt(1) })
  await reserving(holder, waiting)
  await putStock(open.db, warehouseId, skuId, 4)
  const late = (quantity: number) => aDemand({ skuId, warehouseId, quantity, paidAt: paidAt(2) })
  assert.deepEqual(codes(await reserving(late(1))), ['reserved'])
  assert.deepEqual(codes(await reserving(late(1))), ['short'])
  assert.deepEqual(
    (await filling([skuId])).filled.map(({ orderId }) => orderId),
    [waiting.orderId],
  )
  assert.deepEqual(await balance(skuId), [5, 5, 1])
})

test('ships whole orders once, takes them back once, and ships them again', async () => {
  const [one, two] = [await stocked(5), await stocked(1)]
  const orderId = anOrderId()
  await reserving(
    aDemand({ skuId: one, warehouseId, orderId, lineNo: 1, quantity: 2 }),
    aDemand({ skuId: two, warehouseId, orderId, lineNo: 2 }),
  )
  const short = aDemand({ skuId: two, warehouseId })
  await reserving(short)
  assert.deepEqual(await shipping(orderId, short.orderId, '999999'), [
    { orderId, code: 'shipped' },
    { orderId: short.orderId, code: 'short' },
    { orderId: '999999', code: 'nothing' },
  ])
  assert.deepEqual(
    [await balance(one), await balance(two)],
    [
      [3, 0, 0],
      [0, 0, 1],
    ],
  )
  assert.deepEqual(codes(await shipping(orderId)), ['already'])
  assert.deepEqual(codes(await releasing(orderId)), ['shipped'])
  assert.deepEqual(codes(await unshipping(orderId)), ['unshipped'])
  assert.deepEqual(codes(await unshipping(orderId)), ['nothing'])
  assert.deepEqual(await balance(one), [5, 2, 0])
  assert.deepEqual(codes(await shipping(orderId)), ['shipped'])
  const moved = await sql<{ steps: number[] }>`
    select array_agg(step order by step) as steps from stock_movement
    where document_kind = 'order' and document_id = ${orderId} and line_no = 1`.execute(open.db)
  assert.deepEqual(moved.rows, [{ steps: [1, 2, 3] }])
})

test('the same orders shipped from eight connections at once leave the shelf once', async () => {
  const skuId = await stocked(20)
  const demands = Array.from({ length: 5 }, () => aDemand({ skuId, warehouseId, quantity: 2 }))
  await reserving(...demands)
  const ids = demands.map(({ orderId }) => orderId)
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => shipping(...(index % 2 ? ids : ids.toReversed()))),
  )
  assert.equal(answers.flat().filter(({ code }) => code === 'shipped').length, 5)
  assert.deepEqual(await balance(skuId), [10, 0, 0])
})

test('a transaction that dies half-way leaves nothing', async () => {
  const skuId = await stocked(4)
  const kept = aDemand({ skuId, warehouseId })
  await reserving(kept)
  const dying = (work: (tx: Tx) => Promise<unknown>) =>
    run(async (tx) => {
      await work(tx)
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx)
    })
  const demand = aDemand({ skuId, warehouseId })
  await assert.rejects(dying((tx) => reserve(tx, [demand])))
  await assert.rejects(dying((tx) => shipReserved(tx, [kept.orderId], actor)))
  await assert.rejects(dying((tx) => unreserve(tx, [kept.orderId])))
  assert.deepEqual(await balance(skuId), [4, 1, 0])
  assert.deepEqual(codes(await reserving(demand)), ['reserved'])
})

test('a retired or unknown warehouse promises nothing', async () => {
  const skuId = await stocked(4)
  const retired = await aWarehouse(open.db)
  await sql`update warehouse set active = false where id = ${retired}`.execute(open.db)
  const answers = await reserving(
    aDemand({ skuId, warehouseId: retired }),
    aDemand({ skuId, warehouseId: '424242' }),
  )
  assert.deepEqual(codes(answers), ['no_warehouse', 'no_warehouse'])
  assert.deepEqual(await balance(skuId, retired), [])
})

test('demands come as a relation of the caller as well', async () => {
  const skuId = await stocked(4)
  const orderId = anOrderId()
  const answers = await run((tx) =>
    reserve(
      tx,
      sql`select ${orderId}::bigint as order_id, n::smallint as line_no, ${skuId}::bigint as sku_id,
            ${warehouseId}::bigint as warehouse_id, 2 as quantity, 1 as per_line, now() as paid_at
          from generate_series(1, 3) n`,
    ),
  )
  assert.deepEqual(codes(answers), ['reserved', 'reserved', 'short'])
})

test('what is available is told by warehouse, the preferred one first', async () => {
  const preferred = await aWarehouse(open.db, 1)
  const skuId = await stocked(4)
  await putStock(open.db, preferred, skuId, 2)
  await reserving(aDemand({ skuId, warehouseId, quantity: 3 }))
  const told = await availableOf(open.db, [skuId])
  assert.deepEqual(
    told.map((row) => [row.warehouseId, row.available, row.reserved]),
    [
      [preferred, 2, 0],
      [warehouseId, 1, 3],
    ],
  )
})
