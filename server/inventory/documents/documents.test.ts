import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { anOrder, aShop } from '../../testing/orders.ts'
import { aDemand, aSku, aWarehouse, paidAt, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { inventoryJobs } from '../jobs.ts'
import { reserve } from '../reserve.ts'
import { applyFreezePeriods } from './locks.ts'

let house: TestApp
let keeper: Caller
let boss: Caller
let warehouseId: string
let made = 0

before(async () => {
  house = await testApp()
  await createQueues(house.db, inventoryJobs())
  keeper = await house.as(['inventory.read', 'inventory.write'])
  boss = await house.as(['inventory.read', 'inventory.approve'])
  warehouseId = await aWarehouse(house.db)
})
afterEach(async () => assert.deepEqual(await wrongInTheBooks(house.db), []))
after(() => house[Symbol.asyncDispose]())

type Goods = { skuId: string; code: string }
async function goods(quantity = 0): Promise<Goods> {
  made += 1
  const code = `SY-${made}`
  const skuId = await aSku(house.db, code)
  if (quantity > 0) await putStock(house.db, warehouseId, skuId, quantity)
  return { skuId, code }
}

const reserving = (skuId: string, quantity: number) =>
  house.db.transaction().execute((tx) => reserve(tx, [aDemand({ skuId, warehouseId, quantity })]))

async function draft(input: Record<string, unknown>): Promise<string> {
  const answer = await keeper.call('POST', '/api/stock-documents', { warehouseId, ...input })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return Object(answer.body).id
}

type Result = { id: string; done: boolean; code?: string; message?: { zh: string } }
async function verb(who: Caller, name: string, ids: string[], more: object = {}): Promise<Result[]> {
  const answer = await who.call('POST', `/api/stock-documents/${name}`, { ids, ...more })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return Object(answer.body).results
}
const codes = (results: readonly Result[]) => results.map((one) => (one.done ? 'done' : one.code))

async function approvedDraft(input: Record<string, unknown>): Promise<string> {
  const id = await draft(input)
  assert.deepEqual(codes(await verb(boss, 'approve', [id])), ['done'])
  return id
}

/** On hand, reserved, frozen, in transit. */
async function balance({ skuId }: Goods, at = warehouseId): Promise<number[]> {
  const { body } = await keeper.call('GET', `/api/stock/${at}-${skuId}`)
  const { stock } = Object(body)
  return stock && [stock.onHand, stock.reserved, stock.locked, stock.inTransit]
}

test('an adjustment is written, approved by somebody else, posted once', async () => {
  const one = await goods(5)
  const two = await goods()
  const lines = [
    { skuCode: one.code, quantity: -2 },
    { skuCode: two.code, quantity: 7 },
  ]
  const id = await draft({ kind: 'adjustment', note: '盘亏', lines })
  assert.equal((await keeper.call('POST', '/api/stock-documents/approve', { ids: [id] })).status, 403)
  assert.deepEqual(codes(await verb(keeper, 'post', [id])), ['wrong_status'])
  assert.deepEqual(codes(await verb(boss, 'approve', [id, '999999'])), ['done', 'not_found'])
  assert.deepEqual(codes(await verb(keeper, 'post', [id])), ['done'])
  assert.deepEqual(codes(await verb(keeper, 'post', [id])), ['already'])
  assert.deepEqual(codes(await verb(keeper, 'void', [id])), ['wrong_status'])
  assert.deepEqual(
    [await balance(one), await balance(two)],
    [
      [3, 0, 0, 0],
      [7, 0, 0, 0],
    ],
  )
  const { body } = await keeper.call('GET', `/api/stock-documents/${id}`)
  const { no, status, quantity, lineCount, createdBy, postedBy } = Object(body)
  assert.match(no, /^AD\d{12}$/)
  assert.deepEqual([status, quantity, lineCount, createdBy, postedBy], ['posted', 9, 2, '林晓', '林晓'])
  const movements = await keeper.call('GET', `/api/stock/${warehouseId}-${two.skuId}/movements`)
  const [first] = Object(movements.body).rows
  assert.deepEqual([first.quantity, first.documentKind, first.documentNo], [7, 'adjustment', no])
})

test('a draft that was rewritten since it was read is not approved unread', async () => {
  const one = await goods()
  const input = (quantity: number) => ({ warehouseId, lines: [{ skuCode: one.code, quantity }] })
  const id = await draft({ kind: 'adjustment', ...input(3) })
  const unchanged = await draft({ kind: 'adjustment', ...input(4) })
  const seen = [id, unchanged].map((each) => ({ id: each, version: 1 }))
  const rewritten = await keeper.call('PUT', `/api/stock-documents/${id}`, { version: 1, ...input(300) })
  assert.equal(rewritten.status, 200, JSON.stringify(rewritten.body))
  const approve = async (body: object) =>
    codes(Object((await boss.call('POST', '/api/stock-documents/approve', body)).body).results)
  assert.deepEqual(await approve({ ids: [id, unchanged], seen }), ['changed', 'done'])
  const { body } = await keeper.call('GET', `/api/stock-documents/${id}`)
  assert.deepEqual([Object(body).status, Object(body).version], ['draft', 2])
  assert.deepEqual(await approve({ ids: [id], seen: [{ id, version: 2 }] }), ['done'])
})

test('the same document posted from eight connections at once is posted once', async () => {
  const one = await goods()
  const id = await approvedDraft({ kind: 'adjustment', lines: [{ skuCode: one.code, quantity: 3 }] })
  const answers = await Promise.all(Array.from({ length: 8 }, () => verb(keeper, 'post', [id])))
  assert.deepEqual(codes(answers.flat()).sort(), [...Array(7).fill('already'), 'done'])
  assert.deepEqual(await balance(one), [3, 0, 0, 0])
})

test('what is promised to orders is not adjusted away; the refusal names what is missing', async () => {
  const [full, taken] = [await goods(9), await goods(5)]
  await reserving(taken.skuId, 4)
  const lines = [
    { skuCode: full.code, quantity: -1 },
    { skuCode: taken.code, quantity: -3 },
  ]
  const bad = await approvedDraft({ kind: 'adjustment', lines })
  const good = await approvedDraft({ kind: 'adjustment', lines: [{ skuCode: taken.code, quantity: -1 }] })
  const results = await verb(keeper, 'post', [bad, good])
  assert.deepEqual(codes(results), ['not_enough', 'done'])
  assert.equal(results[0]?.message?.zh, `可用不够，差：${taken.code} 2`)
  // The line for which there were enough pieces is not posted either.
  assert.deepEqual(
    [await balance(full), await balance(taken)],
    [
      [9, 0, 0, 0],
      [4, 4, 0, 0],
    ],
  )
})

test('a transfer goes out, is seen on its way, and comes in', async () => {
  const one = await goods(6)
  const other = await aWarehouse(house.db)
  const input = { kind: 'transfer', toWarehouseId: other, lines: [{ skuCode: one.code, quantity: 4 }] }
  const id = await approvedDraft(input)
  assert.deepEqual(codes(await verb(keeper, 'receive', [id])), ['wrong_status'])
  assert.deepEqual(codes(await verb(keeper, 'post', [id])), ['done'])
  assert.deepEqual([await balance(one), await balance(one, other)], [[2, 0, 0, 0], undefined])
  assert.deepEqual(codes(await verb(keeper, 'void', [id])), ['wrong_status'])
  await putStock(house.db, other, one.skuId, 1)
  assert.deepEqual(await balance(one, other), [1, 0, 0, 4])
  // The destination was retired meanwhile. Goods that are on their way can still be received.
  const editor = await house.as(['inventory.write'])
  assert.equal((await editor.call('PATCH', `/api/warehouses/${other}`, { active: false })).status, 200)
  assert.deepEqual(codes(await verb(keeper, 'receive', [id])), ['done'])
  assert.deepEqual(codes(await verb(keeper, 'receive', [id])), ['already'])
  assert.deepEqual(await balance(one, other), [5, 0, 0, 0])
})

test('a count posts what it found different, whatever moved since it was written down', async () => {
  const [fewer, same] = [await goods(10), await goods(3)]
  const lines = [
    { skuCode: fewer.code, quantity: 8 },
    { skuCode: same.code, quantity: 3 },
  ]
  const id = await approvedDraft({ kind: 'count', lines })
  await putStock(house.db, warehouseId, fewer.skuId, 5)
  assert.deepEqual(codes(await verb(keeper, 'post', [id])), ['done'])
  assert.deepEqual(
    [await balance(fewer), await balance(same)],
    [
      [13, 0, 0, 0],
      [3, 0, 0, 0],
    ],
  )
  const { body } = await keeper.call('GET', `/api/stock/${warehouseId}-${same.skuId}/movements`)
  assert.equal(Object(body).rows.length, 1)
})

test('a lock keeps goods from orders, is released in part and whole, and wakes those who wait', async () => {
  const one = await goods(5)
  const id = await approvedDraft({ kind: 'lock', lines: [{ skuCode: one.code, quantity: 4 }] })
  assert.deepEqual(codes(await verb(keeper, 'release', [id])), ['wrong_status'])
  assert.deepEqual(codes(await verb(keeper, 'post', [id])), ['done'])
  assert.equal((await reserving(one.skuId, 2))[0]?.code, 'short')
  const part = (quantity: number) => verb(keeper, 'release', [id], { lines: [{ lineNo: 1, quantity }] })
  assert.deepEqual(codes(await part(5)), ['over_limit'])
  assert.deepEqual(codes(await part(1)), ['done'])
  assert.deepEqual(await balance(one), [5, 0, 3, 0])
  assert.deepEqual(codes(await verb(keeper, 'release', [id])), ['done'])
  assert.deepEqual(codes(await verb(keeper, 'release', [id])), ['already'])
  assert.deepEqual(await balance(one), [5, 0, 0, 0])
  const jobs = await sql<{ count: number }>`
    select count(*)::int as count from job where name = ${'inventory.fill'} and data -> 'skuIds' ? ${one.skuId}`.execute(
    house.db,
  )
  assert.equal(jobs.rows[0]?.count, 2)
})

test('a promotion locks at its begin and unlocks at its end, however often it is asked', async () => {
  const one = await goods(5)
  const window = { lockKind: 'promotion', startsAt: '2025-11-10T16:00:00Z', endsAt: '2025-11-11T16:00:00Z' }
  const id = await approvedDraft({ kind: 'lock', ...window, lines: [{ skuCode: one.code, quantity: 4 }] })
  const keep = (at: string) =>
    house.db.transaction().execute((tx) => applyFreezePeriods(tx, [id], systemActor, new Date(at)))
  await keep('2025-11-10T15:59:59Z')
  assert.deepEqual(await balance(one), [5, 0, 0, 0])
  for (let times = 0; times < 2; times += 1) await keep('2025-11-10T16:00:00Z')
  assert.deepEqual(await balance(one), [5, 0, 4, 0])
  for (let times = 0; times < 2; times += 1) await keep('2025-11-11T16:00:00Z')
  assert.deepEqual(await balance(one), [5, 0, 0, 0])
  const late = await approvedDraft({ kind: 'lock', ...window, lines: [{ skuCode: one.code, quantity: 1 }] })
  assert.deepEqual(codes(await verb(keeper, 'post', [late])), ['window_over'])
  const due = await sql<{ count: number }>`
    select count(*)::int as count from job where name = 'inventory.lock_window' and data ->> 'documentId' = ${id}`.execute(
    house.db,
  )
  assert.equal(due.rows[0]?.count, 2)
})

test('bad drafts are refused with a reason and change nothing', async () => {
  const { code } = await goods()
  const lines = [{ skuCode: code, quantity: 1 }]
  const refused = async (input: Record<string, unknown>) => {
    const answer = await keeper.call('POST', '/api/stock-documents', { warehouseId, lines, ...input })
    return [answer.status, Object(answer.body).code, Object(answer.body).field]
  }
  const wrong = (field: string) => [400, 'invalid_input', field]
  assert.deepEqual(await refused({ kind: 'transfer' }), wrong('toWarehouseId'))
  assert.deepEqual(await refused({ kind: 'transfer', toWarehouseId: warehouseId }), wrong('toWarehouseId'))
  assert.deepEqual(await refused({ kind: 'count', warehouseId: '424242' }), wrong('warehouseId'))
  assert.deepEqual(await refused({ kind: 'lock', lockKind: 'promotion' }), wrong('endsAt'))
  assert.deepEqual(
    await refused({ kind: 'lock', lines: [{ skuCode: 'nobody', quantity: 1 }] }),
    wrong('lines'),
  )
  assert.deepEqual(await refused({ kind: 'lock', lines: [...lines, ...lines] }), wrong('lines'))
  assert.deepEqual(await refused({ kind: 'lock', lines: [{ skuCode: code, quantity: -1 }] }), wrong('lines'))
  assert.deepEqual(
    await refused({ kind: 'adjustment', lines: [{ skuCode: code, quantity: 0 }] }),
    wrong('lines'),
  )
})

test('a draft is written anew by whoever saw its latest version, and only as a draft', async () => {
  const [one, two] = [await goods(), await goods()]
  const id = await draft({ kind: 'adjustment', lines: [{ skuCode: one.code, quantity: 1 }] })
  const write = (version: number) =>
    keeper.call('PUT', `/api/stock-documents/${id}`, {
      version,
      warehouseId,
      note: '改',
      lines: [{ skuCode: two.code, quantity: 2 }],
    })
  const written = Object((await write(1)).body)
  assert.deepEqual(
    [written.version, written.note, written.lines.length, written.lines[0].code],
    [2, '改', 1, two.code],
  )
  assert.equal((await write(1)).status, 409)
  await verb(boss, 'approve', [id])
  assert.equal((await write(3)).status, 409)
  assert.deepEqual(codes(await verb(keeper, 'void', [id])), ['done'])
  assert.deepEqual(codes(await verb(keeper, 'void', [id])), ['already'])
})

test('a sheet of stock becomes a draft for each warehouse; bad rows are named', async () => {
  const [one, two] = [await goods(4), await goods()]
  const other = await aWarehouse(house.db)
  const { rows } = await sql<{ code: string }>`
    select code from warehouse where id in (${warehouseId}, ${other}) order by id`.execute(house.db)
  const [here = '', there = ''] = rows.map(({ code }) => code)
  const row = (warehouseCode: string, skuCode: string, quantity: number) => ({
    warehouseCode,
    skuCode,
    quantity,
  })
  const answer = await keeper.call('POST', '/api/stock-documents/import', {
    rows: [
      row(here, one.code, 6),
      row(here, two.code, 2),
      row(there, ` ${one.code} `, 9),
      row(here, one.code, 1),
      row('nowhere', one.code, 1),
      row(here, 'nobody', 1),
      row(here, two.code, 1.5),
    ],
  })
  const { answers, documentIds } = Object(answer.body)
  assert.deepEqual(
    answers.map(({ code }: { code: string }) => code),
    ['taken', 'taken', 'taken', 'twice', 'no_warehouse', 'no_sku', 'wrong_quantity'],
  )
  assert.equal(documentIds.length, 2)
  assert.deepEqual(await balance(one), [4, 0, 0, 0])
  await verb(boss, 'approve', documentIds)
  assert.deepEqual(codes(await verb(keeper, 'post', documentIds)), ['done', 'done'])
  assert.deepEqual(
    [await balance(one), await balance(two), await balance(one, other)],
    [
      [6, 0, 0, 0],
      [2, 0, 0, 0],
      [9, 0, 0, 0],
    ],
  )
})

test('stock is listed by tab, text and warehouse, page by page, and counted', async () => {
  const [one, two] = [await goods(4), await goods(1)]
  await reserving(two.skuId, 3)
  const list = async (query: string) => {
    const { body } = await keeper.call('GET', `/api/stock?${query}`)
    return Object(body).rows.map((row: { code: string }) => row.code)
  }
  assert.deepEqual((await list('tab=short')).includes(two.code), true)
  assert.deepEqual((await list('tab=short')).includes(one.code), false)
  assert.deepEqual(await list(`q=${one.code}&warehouse=${warehouseId}`), [one.code])
  assert.deepEqual(await list('q=nobody'), [])
  const first = Object((await keeper.call('GET', '/api/stock?limit=1')).body)
  const second = Object((await keeper.call('GET', `/api/stock?limit=1&after=${first.next}`)).body)
  assert.deepEqual([first.rows[0].code, second.rows[0].code], [two.code, one.code])
  assert.equal((await keeper.call('GET', '/api/stock?after=x')).status, 400)
  const { tabs } = Object((await keeper.call('GET', `/api/stock/counts?q=${two.code}`)).body)
  assert.deepEqual([tabs.all.count, tabs.short.count, tabs.locked.count], [1, 1, 0])
  const nobody = await house.as(['orders.read'])
  assert.equal((await nobody.call('GET', '/api/stock')).status, 403)
})

test('who holds goods is told by order; orders of other shops are there without their numbers', async () => {
  const [mine, theirs] = [await aShop(house.db), await aShop(house.db)]
  const [own, foreign] = [
    await anOrder(house.db, { shopId: mine }),
    await anOrder(house.db, { shopId: theirs }),
  ]
  const one = await goods(3)
  const demand = (orderId: string, minute: number) =>
    aDemand({ skuId: one.skuId, warehouseId, orderId, quantity: 2, paidAt: paidAt(minute) })
  await house.db.transaction().execute((tx) => reserve(tx, [demand(own.id, 1), demand(foreign.id, 2)]))
  const clerk = await house.as(['inventory.read'], [mine])
  const { body } = await clerk.call('GET', `/api/stock/${warehouseId}-${one.skuId}/reservations`)
  assert.deepEqual(
    Object(body).rows.map((row: { orderNo: string; wanted: number; reserved: number }) => [
      row.orderNo,
      row.wanted,
      row.reserved,
    ]),
    [
      ['', 2, 0],
      [own.no, 2, 2],
    ],
  )
})

test('warehouses are added, changed and retired; a code is used once', async () => {
  const input = { code: 'HZ', name: '杭州仓', kind: 'own', province: '浙江省', city: '杭州市', priority: 10 }
  const first = await keeper.call('POST', '/api/warehouses', input)
  assert.equal(first.status, 201)
  const again = await keeper.call('POST', '/api/warehouses', { ...input, name: '别的' })
  assert.deepEqual([again.status, Object(again.body).code], [409, 'duplicate'])
  const { id } = Object(first.body)
  const other = await keeper.call('POST', '/api/warehouses', { ...input, code: 'HZ2' })
  assert.deepEqual(
    [other.status, Object(other.body).code, Object(other.body).field],
    [409, 'duplicate', 'name'],
  )
  const changed = await keeper.call('PATCH', `/api/warehouses/${id}`, { name: '杭州一仓', active: false })
  assert.deepEqual(
    [Object(changed.body).name, Object(changed.body).active, Object(changed.body).code],
    ['杭州一仓', false, 'HZ'],
  )
  const second = await keeper.call('POST', '/api/warehouses', { ...input, code: 'HZ3', name: '杭州三仓' })
  const both = [id, Object(second.body).id]
  const renamed = await Promise.all(
    both.map((each) => keeper.call('PATCH', `/api/warehouses/${each}`, { name: '同名仓' })),
  )
  assert.deepEqual(renamed.map(({ status }) => status).sort(), [200, 409])
  assert.equal((await keeper.call('PATCH', '/api/warehouses/999999', { name: 'x' })).status, 404)
  const list = Object((await keeper.call('GET', '/api/warehouses')).body)
  assert.equal(list.rows.find((row: { id: string }) => row.id === id)?.active, false)
})

test('posting more pieces than a balance can hold is refused with the SKU, and the documents beside it are posted', async () => {
  const [full, other] = [await goods(2_000_000_000), await goods()]
  const adding = (of: Goods) =>
    approvedDraft({ kind: 'adjustment', lines: [{ skuCode: of.code, quantity: 500_000_000 }] })
  const results = await verb(keeper, 'post', [await adding(full), await adding(other)])
  assert.deepEqual(codes(results), ['too_many_pieces', 'done'])
  assert.ok(results[0]?.message?.zh.includes(full.code))
})
