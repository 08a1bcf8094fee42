import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { banLeft, createFaultBoard } from './faults.ts'
import { chinaTime, control, NOON, stillSandbox, type TestSandbox, tmall, top, valuesOf } from './testing.ts'
import { createRandom } from './world/random.ts'

let sandbox: TestSandbox
beforeEach(async () => {
  sandbox = await stillSandbox()
})
afterEach(() => sandbox.close())

const INCREMENT = 'taobao.trades.sold.increment.get'
const LIST = {
  fields: 'tid,payment,status,modified,orders.oid',
  start_modified: chinaTime(NOON - 3600),
  end_modified: chinaTime(NOON + 3600),
}
const subCode = (json: string) => valuesOf(json, 'sub_code')[0]

test('a ban lasts as long as it says, for its method only', async () => {
  await control(sandbox, 'faults', { kind: 'limited', method: INCREMENT, count: 1, seconds: 3 })
  const first = await top(sandbox, tmall, INCREMENT, LIST)
  assert.equal(subCode(first), 'accesscontrol.limited-by-app-api-access-count')
  assert.deepEqual(valuesOf(first, 'sub_msg'), ['This ban will last for 3 more seconds'])
  sandbox.clock.advance(1500)
  const second = await top(sandbox, tmall, INCREMENT, LIST)
  assert.deepEqual(valuesOf(second, 'sub_msg'), ['This ban will last for 2 more seconds'])
  assert.match(await top(sandbox, tmall, 'taobao.trades.sold.get', { fields: 'tid' }), /total_results/)
  sandbox.clock.advance(1500)
  assert.match(await top(sandbox, tmall, INCREMENT, LIST), /total_results/)
})

test('a fault strikes after the calls it skips, as often as it counts, on its shop', async () => {
  await control(sandbox, 'faults', { kind: 'isp', shop: 'tm', count: 2, skip: 1, subCode: 'isp.system-busy' })
  const codes: (string | undefined)[] = []
  for (let i = 0; i < 5; i++) codes.push(subCode(await top(sandbox, tmall, INCREMENT, LIST)))
  assert.deepEqual(codes, [undefined, 'isp.system-busy', 'isp.system-busy', undefined, undefined])
})

test('an answer lost on the way back leaves its effect', async () => {
  await control(sandbox, 'trades', { shop: 'tm', tid: '2948105733600000001' })
  const memo = { tid: '2948105733600000001', memo: '已发' }
  await control(sandbox, 'faults', { kind: 'timeout-after', count: 1, ms: 20 })
  await assert.rejects(top(sandbox, tmall, 'taobao.trade.memo.update', memo))
  await control(sandbox, 'faults', { kind: 'timeout-before', count: 1, ms: 20 })
  await assert.rejects(top(sandbox, tmall, 'taobao.trade.memo.update', { ...memo, memo: '未发' }))
  await control(sandbox, 'faults', { kind: 'reset', count: 1 })
  await assert.rejects(top(sandbox, tmall, 'taobao.trade.memo.update', { ...memo, memo: '断线' }))
  const trade = await (await fetch(`${sandbox.url}/control/trades/2948105733600000001`)).json()
  assert.equal(trade.memo, '已发')
  const done = await (await fetch(`${sandbox.url}/control/done`)).json()
  assert.deepEqual(done.counts, { 'tm memo 2948105733600000001': 1 })
})

test('a list may come cut off, without its key, or as a page of a proxy', async () => {
  await control(sandbox, 'trades', { shop: 'tm', count: 3, status: 'WAIT_SELLER_SEND_GOODS' })
  for (const kind of ['truncated', 'empty-list', 'garbage-body']) {
    await control(sandbox, 'faults', { kind, count: 1 })
  }
  assert.throws(() => JSON.parse(''))
  const cut = await top(sandbox, tmall, INCREMENT, LIST)
  assert.throws(() => JSON.parse(cut))
  assert.match(
    await top(sandbox, tmall, INCREMENT, LIST),
    /^\{"trades_sold_increment_get_response":\{"total_results":3,"request_id":"\w+"\}\}$/,
  )
  assert.match(await top(sandbox, tmall, INCREMENT, LIST), /^<html>/)
  assert.equal(valuesOf(await top(sandbox, tmall, INCREMENT, LIST), 'tid').length, 3)
})

test('a session may die in the middle of paging', async () => {
  await control(sandbox, 'faults', { kind: 'session-expired', count: 1, skip: 1 })
  assert.match(await top(sandbox, tmall, INCREMENT, LIST), /total_results/)
  assert.deepEqual(valuesOf(await top(sandbox, tmall, INCREMENT, LIST), 'code'), ['27'])
  assert.deepEqual(valuesOf(await top(sandbox, tmall, INCREMENT, LIST), 'code'), ['27'])
})

test('trades change between the pages of a client when told to', async () => {
  await control(sandbox, 'trades', { shop: 'tm', count: 20, status: 'WAIT_SELLER_SEND_GOODS' })
  sandbox.clock.advance(10_000)
  await control(sandbox, 'faults', { kind: 'mutate', method: INCREMENT, trades: 2 })
  await top(sandbox, tmall, INCREMENT, LIST)
  const after = valuesOf(await top(sandbox, tmall, INCREMENT, LIST), 'modified')
  const moved = after.filter((time) => time === chinaTime(NOON + 10)).length
  assert.ok(moved === 1 || moved === 2, `${moved} moved`)
})

test('in a peak window lists are poorer and staler, and details lose what the notices name', async () => {
  await control(sandbox, 'trades', {
    shop: 'tm',
    tid: '2948105733600000001',
    created: NOON - 100,
    paid: NOON - 90,
    modified: NOON - 90,
    status: 'WAIT_SELLER_SEND_GOODS',
  })
  await control(sandbox, 'trades', { shop: 'tm', tid: '2948105733600000002', status: 'WAIT_BUYER_PAY' })
  await control(sandbox, 'peak', { shop: 'tm', on: true, staleSeconds: 60 })
  const list = await top(sandbox, tmall, INCREMENT, LIST)
  assert.deepEqual(valuesOf(list, 'tid'), ['2948105733600000001'])
  assert.deepEqual([valuesOf(list, 'payment'), valuesOf(list, 'oid')], [[], []])
  const detail = await top(sandbox, tmall, 'taobao.trade.fullinfo.get', {
    fields: 'payment,commission_fee,available_confirm_fee,orders.oid',
    tid: '2948105733600000001',
  })
  assert.deepEqual(valuesOf(detail, 'commission_fee'), [])
  assert.deepEqual(valuesOf(detail, 'available_confirm_fee'), ['0.00'])
  assert.ok(valuesOf(detail, 'oid').length > 0)
})

test('a chosen trade carries hostile fields, as raw as they were given', async () => {
  await control(sandbox, 'trades', {
    shop: 'tm',
    tid: '2948105733600000001',
    garbage: { payment: '-1', buyer_message: '"a\\u0000b"', seller_memo: '{"x":[]}', orders: null },
  })
  const detail = await top(sandbox, tmall, 'taobao.trade.fullinfo.get', {
    fields: 'tid,payment,buyer_message,seller_memo,orders',
    tid: '2948105733600000001',
  })
  assert.match(
    detail,
    /"trade":\{"tid":2948105733600000001,"payment":-1,"buyer_message":"a\\u0000b","seller_memo":\{"x":\[\]\}\}/,
  )
})

test('answers no more than the limit per second', async () => {
  await control(sandbox, 'limit', { shop: 'tm', perSecond: 2 })
  const codes: (string | undefined)[] = []
  for (let i = 0; i < 3; i++) codes.push(subCode(await top(sandbox, tmall, INCREMENT, LIST)))
  assert.deepEqual(codes, [undefined, undefined, 'accesscontrol.limited-by-app-access-count'])
  sandbox.clock.advance(1000)
  assert.equal(subCode(await top(sandbox, tmall, INCREMENT, LIST)), undefined)
})

test('a quota that is counted by the minute may be spent at once, and then has to be waited for', () => {
  const board = createFaultBoard(createRandom('quota'))
  board.limits.set('wx', 2)
  const refused = (atMs: number) =>
    banLeft(board, { shop: 'wx', method: 'order/get', nowMs: atMs }, 60).seconds > 0
  const minute = NOON * 1000
  const taken = Array.from({ length: 120 }, () => refused(minute + 500))
  assert.deepEqual([...new Set(taken)], [false])
  assert.equal(refused(minute + 600), true)
  assert.equal(refused(minute + 59_999), true)
  assert.equal(refused(minute + 60_000), false)
})

test('in peak hours lists show changes late, the quota is halved, and what was refused for the platform’s fault has to wait', async () => {
  const at = { shop: 'tm', created: NOON - 100, status: 'WAIT_BUYER_PAY' }
  await control(sandbox, 'trades', { ...at, tid: '2948105733600000001', modified: NOON - 90 })
  await control(sandbox, 'trades', { ...at, tid: '2948105733600000002', modified: NOON - 9 })
  await control(sandbox, 'peak', { on: true, staleSeconds: 60, quota: 6 })
  assert.deepEqual(valuesOf(await top(sandbox, tmall, INCREMENT, LIST), 'tid'), ['2948105733600000001'])
  sandbox.clock.advance(51_000)
  assert.deepEqual(valuesOf(await top(sandbox, tmall, INCREMENT, LIST), 'tid'), [
    '2948105733600000002',
    '2948105733600000001',
  ])
  const codes = []
  for (let call = 1; call <= 3; call += 1) {
    const answer = await top(sandbox, tmall, 'taobao.trade.fullinfo.get', {
      fields: 'tid',
      tid: '2948105733600000002',
    })
    codes.push(valuesOf(answer, 'sub_code')[0])
  }
  assert.deepEqual(codes, [undefined, undefined, 'accesscontrol.limited-by-app-access-count'])
  sandbox.clock.advance(2000)
  await control(sandbox, 'faults', { kind: 'isp', shop: 'tm', count: 1 })
  const asked = { fields: 'tid', tid: '2948105733600000001' }
  const failed = await top(sandbox, tmall, 'taobao.trade.fullinfo.get', asked)
  assert.deepEqual(valuesOf(failed, 'sub_code'), ['isp.remote-service-timeout'])
  const punished = await top(sandbox, tmall, 'taobao.trade.fullinfo.get', asked)
  assert.deepEqual(valuesOf(punished, 'sub_msg'), ['This ban will last for 10 more seconds'])
  await control(sandbox, 'peak', { on: false })
  sandbox.clock.advance(11_000)
  assert.deepEqual(valuesOf(await top(sandbox, tmall, 'taobao.trade.fullinfo.get', asked), 'tid'), [
    '2948105733600000001',
  ])
})
