import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { chinaTime, control, NOON, stillSandbox, type TestSandbox, tmall, top, valuesOf } from '../testing.ts'

let sandbox: TestSandbox | undefined
beforeEach(async () => {
  await sandbox?.close()
  sandbox = await stillSandbox()
})
after(() => sandbox?.close())

const INCREMENT = 'taobao.trades.sold.increment.get'
const window = (seconds: number) => ({
  fields: 'tid,modified',
  start_modified: chinaTime(NOON - seconds),
  end_modified: chinaTime(NOON),
})

function world(): TestSandbox {
  if (sandbox === undefined) throw new Error('no sandbox')
  return sandbox
}

test('refuses windows over a day, backward windows and pages over a hundred', async () => {
  const wide = await top(world(), tmall, INCREMENT, window(86_401))
  assert.deepEqual(valuesOf(wide, 'sub_code'), ['isv.invalid-parameter'])
  const backward = await top(world(), tmall, INCREMENT, {
    ...window(60),
    end_modified: chinaTime(NOON - 61),
  })
  assert.deepEqual(valuesOf(backward, 'sub_code'), ['isv.invalid-parameter:end_modified'])
  const fat = await top(world(), tmall, INCREMENT, { ...window(60), page_size: '101' })
  assert.deepEqual(valuesOf(fat, 'sub_code'), ['isv.invalid-parameter:page_size'])
  const blind = await top(world(), tmall, INCREMENT, { ...window(60), start_modified: '' })
  assert.deepEqual(valuesOf(blind, 'sub_code'), ['isv.missing-parameter:start_modified'])
})

test('leaves the list out when it is empty', async () => {
  assert.match(
    await top(world(), tmall, INCREMENT, window(60)),
    /^\{"trades_sold_increment_get_response":\{"total_results":0,"request_id":"\w+"\}\}$/,
  )
})

test('pages newest first, counts or says has_next, and every trade comes once', async () => {
  await control(world(), 'trades', {
    shop: 'tm',
    count: 25,
    spreadSeconds: 3000,
    status: 'WAIT_SELLER_SEND_GOODS',
  })
  const seen: string[] = []
  for (const page of [1, 2, 3]) {
    const answer = await top(world(), tmall, INCREMENT, {
      ...window(3600),
      page_no: String(page),
      page_size: '10',
    })
    assert.deepEqual(valuesOf(answer, 'total_results'), ['25'])
    assert.deepEqual(valuesOf(answer, 'has_next'), [])
    const times = valuesOf(answer, 'modified')
    assert.deepEqual(times, [...times].sort().reverse())
    seen.push(...valuesOf(answer, 'tid'))
  }
  assert.equal(new Set(seen).size, 25)
  const last = await top(world(), tmall, INCREMENT, {
    ...window(3600),
    page_no: '3',
    page_size: '10',
    use_has_next: 'true',
  })
  assert.deepEqual(valuesOf(last, 'has_next'), ['false'])
  assert.deepEqual(valuesOf(last, 'total_results'), [])
})

test('a trade changed between pages slips past a client that pages forward, not past one that pages backward', async () => {
  await control(world(), 'trades', {
    shop: 'tm',
    count: 30,
    spreadSeconds: 3000,
    status: 'WAIT_SELLER_SEND_GOODS',
  })
  world().clock.advance(60_000)
  const page = async (no: number) =>
    valuesOf(
      await top(world(), tmall, INCREMENT, { ...window(3600), page_no: String(no), page_size: '10' }),
      'tid',
    )
  const first = await page(1)
  await control(world(), `trades/${first[0]}/touch`)
  const forward = new Set([...first, ...(await page(2)), ...(await page(3))])
  assert.equal(forward.size, 29)
  const back = new Set(await page(3))
  await control(world(), `trades/${first[1]}/touch`)
  for (const no of [2, 1]) for (const tid of await page(no)) back.add(tid)
  assert.equal(back.size, 28)
})

test('lists five kinds of trade unless more are asked for, and filters by status', async () => {
  const make = (type: string, status: string) => control(world(), 'trades', { shop: 'tm', type, status })
  await make('fixed', 'WAIT_SELLER_SEND_GOODS')
  await make('step', 'WAIT_BUYER_PAY')
  await make('tmall_i18n', 'WAIT_SELLER_SEND_GOODS')
  const total = async (params: Record<string, string>) =>
    valuesOf(await top(world(), tmall, INCREMENT, { ...window(3600), ...params }), 'total_results')[0]
  assert.equal(await total({}), '2')
  assert.equal(await total({ type: 'guarantee_trade,step,tmall_i18n' }), '3')
  assert.equal(await total({ type: 'tmall_i18n' }), '1')
  assert.equal(await total({ status: 'WAIT_BUYER_PAY' }), '1')
  assert.equal(await total({ status: 'ALL_CLOSED' }), '0')
})

test('memo updates keep an empty memo unless reset, move modified, and are counted', async () => {
  await control(world(), 'trades', { shop: 'tm', tid: '2948105733600000001', memo: '旧', flag: 2 })
  world().clock.advance(5000)
  const update = (params: Record<string, string>) =>
    top(world(), tmall, 'taobao.trade.memo.update', { tid: '2948105733600000001', ...params })
  assert.deepEqual(valuesOf(await update({ flag: '3' }), 'modified'), [chinaTime(NOON + 5)])
  const book = async () => (await fetch(`${world().url}/control/trades/2948105733600000001`)).json()
  assert.deepEqual([(await book()).memo, (await book()).flag], ['旧', 3])
  await update({ reset: 'true' })
  assert.equal((await book()).memo, '')
  assert.deepEqual(valuesOf(await update({ flag: '6' }), 'sub_code'), ['isv.invalid-parameter:flag'])
  const long = await update({ memo: '备'.repeat(334) })
  assert.deepEqual(valuesOf(long, 'sub_code'), ['isv.invalid-parameter:memo'])
  const done = await (await fetch(`${world().url}/control/done?shop=tm`)).json()
  assert.deepEqual(done.counts, { 'tm memo 2948105733600000001': 2 })
})
