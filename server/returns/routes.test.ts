import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createQueues } from '../core/jobs/job.ts'
import { type Caller, type TestApp, testApp } from '../testing/app.ts'
import { aShop, matchGoods } from '../testing/orders.ts'
import { shipOne } from '../testing/returns.ts'
import { aWarehouse, putStock } from '../testing/stock.ts'
import { jobs } from '../worker.ts'

let house: TestApp
let shopId: string
let warehouseId: string
let keeper: Caller
before(async () => {
  house = await testApp()
  await createQueues(house.db, jobs)
  shopId = await aShop(house.db)
  warehouseId = await aWarehouse(house.db, 1)
  await putStock(house.db, warehouseId, await matchGoods(house.db, shopId), 100)
  keeper = await house.as(['*'])
})
after(() => house[Symbol.asyncDispose]())

const answered = async (who: Caller, method: string, path: string, body?: unknown) => {
  const answer = await who.call(method, `/api${path}`, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return Object(answer.body)
}
const made = async (orderId: string, more: object = {}) => {
  const input = { orderId, kind: 'return', lines: [{ lineNo: 1, quantity: 2 }], ...more }
  const { results } = await answered(keeper, 'POST', '/returns', { returns: [input] })
  return results[0]
}

test('from a shipped order to its settled return, by the API alone', async () => {
  const order = await shipOne(house.db, { shopId })
  const { rows } = await answered(keeper, 'GET', `/orders/${order.id}/returnable`)
  assert.deepEqual(
    rows.map(({ lineNo, shipped, left }: Record<string, number>) => [lineNo, shipped, left]),
    [
      [1, 2, 2],
      [2, 1, 1],
    ],
  )
  const { returnId, ref } = await made(order.id, { waybillNo: 'sf77001', courier: 'SF', reason: '不合适' })
  const found = await answered(keeper, 'GET', '/returns/scan?no=sf77001')
  assert.deepEqual(
    found.returns.map((one: { no: string; version: number }) => [one.no, one.version]),
    [[ref, 1]],
  )
  const receipt = { id: returnId, version: 1, lines: [{ lineNo: 1, good: 1, defective: 1 }] }
  const first = await answered(keeper, 'POST', '/returns/receipts', { receipts: [receipt] })
  assert.equal(first.results[0].done, true)
  const second = await answered(keeper, 'POST', '/returns/receipts', { receipts: [receipt] })
  assert.equal(second.results[0].code, 'already')
  await answered(keeper, 'POST', '/returns/settle', { ids: [returnId] })
  const detail = await answered(keeper, 'GET', `/returns/${returnId}`)
  assert.deepEqual(
    [detail.return.status, detail.return.good, detail.return.defective, detail.receipts.length],
    ['settled', 1, 1, 1],
  )
  assert.deepEqual(
    detail.events.map(({ event }: { event: string }) => event),
    ['settle', 'receipt', 'receive', 'confirm', 'created'],
  )
  const { tabs } = await answered(keeper, 'GET', '/returns/counts')
  assert.equal(tabs.settled.count, 1)
})

test('one box finds returns by their number, waybill, order, trade or refund, and parcels that nobody claims', async () => {
  const order = await shipOne(house.db, { shopId })
  const { returnId, ref } = await made(order.id, { waybillNo: 'yd88001', courier: 'YUNDA' })
  const parcel = {
    warehouseId,
    waybillNo: 'YD88002',
    lines: [{ skuCode: `OF-SHOP-${shopId}`, good: 1, defective: 0 }],
  }
  const { results } = await answered(keeper, 'POST', '/unclaimed-parcels', { parcels: [parcel] })
  const found = async (q: string, who = keeper) => {
    const { rows } = await answered(who, 'GET', `/search?q=${encodeURIComponent(q)}`)
    return rows
      .filter(({ kind }: { kind: string }) => kind === 'return' || kind === 'parcel')
      .map(({ kind, id }: { kind: string; id: string }) => `${kind} ${id}`)
  }
  for (const q of [ref, String(ref).toLowerCase(), 'yd88001', order.no, order.tid])
    assert.deepEqual(await found(q), [`return ${returnId}`], q)
  assert.deepEqual(await found('yd88002'), [`parcel ${results[0].id}`])
  assert.deepEqual(await found('RT99'), [])
  const clerk = await house.as(['orders.read'])
  assert.deepEqual(await found(ref, clerk), [])
  const elsewhere = await house.as(['returns.read'], ['999'])
  assert.deepEqual(await found(ref, elsewhere), [])
})

test('no permission does another one’s work', async () => {
  const order = await shipOne(house.db, { shopId })
  const { returnId } = await made(order.id)
  const reader = await house.as(['returns.read'])
  for (const verb of ['confirm', 'receive', 'settle', 'exchange'])
    assert.equal((await reader.call('POST', `/api/returns/${verb}`, { ids: [returnId] })).status, 403, verb)
  const clerk = await house.as(['returns.read', 'returns.write'])
  assert.equal((await clerk.call('POST', '/api/returns/receive', { ids: [returnId] })).status, 403)
  assert.equal((await clerk.call('POST', '/api/returns/confirm', { ids: [returnId] })).status, 200)
  assert.equal((await house.anonymous.call('GET', '/api/returns')).status, 401)
})

test('bad input is refused with its field and changes nothing', async () => {
  const bad: [string, unknown][] = [
    ['/returns', { returns: [{ orderId: '1', kind: 'gift', lines: [{ lineNo: 1, quantity: 1 }] }] }],
    ['/returns', { returns: [{ orderId: '1', kind: 'return', lines: [] }] }],
    ['/returns', { returns: [{ orderId: '1', kind: 'return', lines: [{ lineNo: 1, quantity: 0 }] }] }],
    ['/returns/edit', { ids: ['1'], waybillNo: '没有' }],
    ['/returns/void', { ids: ['1'], reason: '  ' }],
    [
      '/returns/receipts',
      { receipts: [{ id: '1', version: 1, lines: [{ lineNo: 1, good: -1, defective: 0 }] }] },
    ],
    [
      '/returns/receipts',
      { receipts: [{ id: '1', version: 1, lines: [], wrong: [{ skuCode: 'NOBODY', quantity: 1 }] }] },
    ],
    [
      '/unclaimed-parcels',
      { parcels: [{ warehouseId: '1', phone: 'abc', lines: [{ skuCode: 'X', good: 1, defective: 0 }] }] },
    ],
  ]
  for (const [path, body] of bad) {
    const answer = await keeper.call('POST', `/api${path}`, body)
    assert.deepEqual(
      [answer.status, Object(answer.body).code],
      [400, 'invalid_input'],
      `${path} ${JSON.stringify(body)}`,
    )
  }
  for (const query of ['sort=nothing', 'kind=gift', 'told=who', 'ids=x'])
    assert.equal((await keeper.call('GET', `/api/returns?${query}`)).status, 400, query)
})

test('every filter and number finds its return', async () => {
  const order = await shipOne(house.db, { shopId })
  const { returnId, ref } = await made(order.id, { kind: 'exchange', waybillNo: 'YD880001' })
  const queries = [
    `q=${ref}`,
    `q=${order.no.toLowerCase()}`,
    `q=${order.tid}`,
    'q=yd880001',
    `numbers=${ref},XX`,
    `orderId=${order.id}`,
    `ids=${returnId}`,
    'kind=exchange&waybill=yes&origin=person',
  ]
  for (const query of queries) {
    const { rows } = await answered(keeper, 'GET', `/returns?tab=all&${query}`)
    assert.deepEqual(
      rows.map((row: { id: string }) => row.id),
      [returnId],
      query,
    )
    assert.equal((await answered(keeper, 'GET', `/returns/count?tab=all&${query}`)).count, 1, query)
  }
  assert.deepEqual((await answered(keeper, 'GET', '/returns?tab=problem')).rows, [])
})
