import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { control, NOON, stillSandbox, type TestSandbox, tmall, top, valuesOf } from './testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const rows = async (path: string) =>
  (await (await fetch(`${sandbox.url}/control/${path}`)).text())
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => JSON.parse(row))

test('creates trades to order and keeps books of what is true of them', async () => {
  const answer = await control(sandbox, 'trades', {
    shop: 'tm',
    tid: '2948105733600000009',
    status: 'WAIT_SELLER_SEND_GOODS',
    type: 'fixed',
    payment: 12_345,
    message: '放门口',
    flag: 4,
    memo: '加急',
    lines: [{ outerId: 'YJ-SM', num: 3 }],
  })
  assert.match(answer, /^\{"created":1,"tids":\["2948105733600000009"\]\}$/)
  const [book] = await rows('books/tm?kind=trades')
  assert.deepEqual(
    [book.tid, book.payment, book.flag, book.memo, book.message, book.lines[0].outerIid, book.lines[0].num],
    ['2948105733600000009', 12_345, 4, '加急', '放门口', 'YJ-SM', 3],
  )
})

test('moves a trade by every lever, and says why when it cannot', async () => {
  await control(sandbox, 'trades', { shop: 'tm', tid: '2948105733600000010', status: 'WAIT_BUYER_PAY' })
  const act = (action: string, body: Record<string, unknown> = {}) =>
    control(sandbox, `trades/2948105733600000010/${action}`, body)
  assert.match(await act('ship'), /"error":"a trade at WAIT_BUYER_PAY cannot ship"/)
  assert.equal(valuesOf(await act('pay'), 'status')[0], 'WAIT_SELLER_SEND_GOODS')
  assert.match(await act('address', { city: '杭州市', address: '文三路1号' }), /"city":"杭州市"/)
  assert.match(await act('memo', { memo: '改地址', flag: 1 }), /"memo":"改地址"/)
  assert.equal(valuesOf(await act('ship'), 'status')[0], 'WAIT_BUYER_CONFIRM_GOODS')
  assert.equal(valuesOf(await act('finish'), 'status')[0], 'TRADE_FINISHED')
  assert.match(await act('dance'), /cannot dance; it can pay, close/)
  assert.match(await control(sandbox, 'trades', { shop: 'nowhere' }), /no shop nowhere/)
  assert.match(await control(sandbox, 'trades', { shop: 'tm', flag: '4' }), /flag must be a number/)
})

test('gives many trades one modified second', async () => {
  await control(sandbox, 'trades', { shop: 'tb', count: 30, spreadSeconds: 600 })
  await control(sandbox, 'touch', { shop: 'tb', count: 30, modified: NOON - 60 })
  const modified = new Set((await rows('books/tb?kind=trades')).map((row) => row.modified))
  assert.deepEqual([...modified], [NOON - 60])
})

test('the RDS push carries the detail answer byte for byte', async () => {
  const [row] = await rows('rds/tm')
  assert.match(row.jdp_response, /^\{"trade_fullinfo_get_response":\{"trade":\{"tid":2948105733600000009,/)
  assert.equal(row.tid, '2948105733600000009')
  const fields = Object.keys(JSON.parse(row.jdp_response).trade_fullinfo_get_response.trade)
    .filter((name) => name !== 'promotion_details' && name !== 'oaid')
    .join()
  const detail = await top(sandbox, tmall, 'taobao.trade.fullinfo.get', {
    fields: `${fields},promotion_details,oaid`,
    tid: row.tid,
  })
  assert.equal(detail.replace(/,"request_id":"\w+"\}\}$/, '}}'), row.jdp_response)
})

test('counts calls and errors, and serves pictures', async () => {
  await fetch(`${sandbox.url}/control/reset-counters`, { method: 'POST', body: '{}' })
  await top(sandbox, tmall, 'taobao.trade.get', { fields: 'tid', tid: '1' })
  const counters = await (await fetch(`${sandbox.url}/control/counters`)).json()
  assert.equal(counters.calls['tm taobao.trade.get'], 1)
  assert.equal(counters.errors['tm taobao.trade.get 15 isv.trade-not-exist'], 1)
  assert.deepEqual(counters.mostInASecond, { tm: 1 })
  const picture = await fetch(`${sandbox.url}/img/3.svg`)
  assert.equal(picture.headers.get('content-type'), 'image/svg+xml')
  assert.equal((await fetch(`${sandbox.url}/img/999.svg`)).status, 404)
})

test('makes one trade of each kind of bad payload, and marks them in the books', async () => {
  const made = JSON.parse(await control(sandbox, 'hostile', { shop: 'tm' }))
  const detail = await top(sandbox, tmall, 'taobao.trade.fullinfo.get', {
    fields: 'tid,status,orders.oid',
    tid: made['orders missing'],
  })
  assert.deepEqual([valuesOf(detail, 'orders'), valuesOf(detail, 'status')], [[], ['WAIT_SELLER_SEND_GOODS']])
  const hostile = (await rows('books/tm?kind=trades')).filter((row) => row.hostile)
  assert.equal(hostile.length, Object.keys(made).length)
})
