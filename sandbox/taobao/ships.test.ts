import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { control, stillSandbox, type TestSandbox, taobao, tmall, top, valuesOf } from '../testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

let last = 100
/** Creates a trade; returns its number and its lines' numbers. */
async function aTrade(spec: Record<string, unknown> = {}): Promise<{ tid: string; oids: string[] }> {
  const tid = `2948105733600000${++last}`
  const plain = { shop: 'tm', type: 'fixed', lines: 2, status: 'WAIT_SELLER_SEND_GOODS' }
  await control(sandbox, 'trades', { ...plain, tid, ...spec })
  return { tid, oids: valuesOf(await book(tid), 'oid') }
}

const book = async (tid: string) => (await fetch(`${sandbox.url}/control/trades/${tid}`)).text()
const shipments = async (tid: string) => valuesOf(await book(tid), 'shipments')
const waybill = () => `SF${String(++last).padStart(13, '0')}`

async function send(params: Record<string, string>, method = 'offline'): Promise<string> {
  const answer = await top(sandbox, tmall, `taobao.logistics.${method}.send`, {
    company_code: 'SF',
    out_sid: waybill(),
    ...params,
  })
  if (answer === '{"logistics_offline_send_response":{"shipping":{"is_success":true}}}') return 'plain'
  const [code = ''] = valuesOf(answer, 'sub_code')
  return (
    code.replace('isv.logistics-', '').replace('-service-error', '') ||
    valuesOf(answer, 'is_success')[0] ||
    answer
  )
}

test('ships once, in part or whole, and counts each line once', async () => {
  const { tid, oids } = await aTrade()
  const [first = '', second = ''] = oids
  sandbox.clock.advance(5000)
  assert.equal(await send({ tid, sub_tid: first, is_split: '1' }), 'true')
  const after = await book(tid)
  assert.equal(valuesOf(after, 'status')[0], 'SELLER_CONSIGNED_PART')
  assert.equal(valuesOf(after, 'modified')[0], String(Math.floor(sandbox.clock.now() / 1000)))
  assert.deepEqual(await shipments(tid), ['1', '0'])
  assert.equal(await send({ tid, sub_tid: first, is_split: '1' }), 'offline:B27')
  assert.equal(await send({ tid }), 'offline:CD23')
  assert.equal(await send({ tid, sub_tid: second, is_split: '1' }), 'true')
  assert.equal(valuesOf(await book(tid), 'status')[0], 'WAIT_BUYER_CONFIRM_GOODS')
  assert.equal(await send({ tid }), 'offline:B04')
  assert.deepEqual(await shipments(tid), ['1', '1'])
  const done = await (await fetch(`${sandbox.url}/control/done?shop=tm&action=ship`)).json()
  assert.equal(done.counts[`tm ship ${tid}`], 2)
  assert.deepEqual(
    done.deeds.map(
      (deed: { accepted: boolean; detail: { error?: string } }) => deed.detail.error?.split(':')[1],
    ),
    [undefined, 'B27', undefined, 'B04'],
  )
})

test('wants every parameter in order before it ships anything', async () => {
  const { tid, oids } = await aTrade()
  const [first = ''] = oids
  assert.equal(await send({ tid: '' }), 'isv.missing-parameter:tid')
  assert.equal(await send({ tid, company_code: '' }), 'isv.missing-parameter:company_code')
  assert.equal(await send({ tid, out_sid: '' }), 'isv.missing-parameter:out_sid')
  assert.equal(await send({ tid: '1' }), 'offline:B01')
  assert.equal(await send({ tid, company_code: 'PIGEON' }), 'offline:B56')
  assert.equal(await send({ tid, out_sid: 'SF1' }), 'offline:B60')
  assert.equal(await send({ tid, sub_tid: first }), 'offline:CD25')
  assert.equal(await send({ tid, is_split: '1' }), 'offline:CD25')
  assert.equal(await send({ tid, is_split: '2', sub_tid: first }), 'isv.invalid-parameter:is_split')
  assert.equal(await send({ tid, is_split: '1', sub_tid: `${first},7` }), 'offline:P38')
  const single = await aTrade({ lines: 1 })
  assert.equal(await send({ tid: single.tid, is_split: '1', sub_tid: single.tid }), 'offline:CD29')
  assert.deepEqual(await shipments(tid), ['0', '0'])
})

test('ships nothing that is unpaid, closed, held, or under refund', async () => {
  const unpaid = await aTrade({ status: 'WAIT_BUYER_PAY' })
  assert.equal(await send({ tid: unpaid.tid }), 'offline:B04')
  const closed = await aTrade({ status: 'TRADE_CLOSED' })
  assert.equal(await send({ tid: closed.tid }), 'offline:B04')
  const held = await aTrade({ hold: 'top_hold' })
  assert.equal(await send({ tid: held.tid }), 'offline:B55')
  const { tid, oids } = await aTrade()
  const [first = '', second = ''] = oids
  const lines = await book(tid)
  const [fee, num] = ['dividedFee', 'num'].map((name) => Number(valuesOf(lines, name)[0]))
  const applied = await control(sandbox, 'refunds', { tid, oid: first, kind: 'REFUND', fee, num })
  const [refund = ''] = valuesOf(applied, 'refundId')
  assert.equal(await send({ tid }), 'offline:B55')
  assert.equal(await send({ tid, sub_tid: first, is_split: '1' }), 'offline:B55')
  await control(sandbox, `refunds/${refund}/succeed`)
  assert.equal(await send({ tid, sub_tid: first, is_split: '1' }), 'offline:P38')
  assert.equal(await send({ tid, sub_tid: second, is_split: '1' }), 'true')
  assert.deepEqual(await shipments(tid), ['0', '1'])
})

test('a refund that the seller turned down holds nothing back', async () => {
  const { tid } = await aTrade()
  const refund = valuesOf(await control(sandbox, 'refunds', { tid, kind: 'REFUND' }), 'refundId')[0]
  await control(sandbox, `refunds/${refund}/refuse`)
  assert.equal(await send({ tid }), 'true')
})

test('one waybill may carry several trades of one buyer, never those of two', async () => {
  const receiver = { name: '王一' }
  const one = await aTrade({ receiver })
  const trade = sandbox.world.shops[0]?.trades.get(one.tid)
  const number = waybill()
  assert.equal(await send({ tid: one.tid, out_sid: number }), 'true')
  const others = [await aTrade(), await aTrade()]
  const [same, other] = others.map(({ tid }) => sandbox.world.shops[0]?.trades.get(tid))
  assert.ok(trade && same && other)
  same.buyer = trade.buyer
  other.buyer = { ...trade.buyer, nick: 'somebody else' }
  assert.equal(await send({ tid: same.tid, out_sid: number }), 'true')
  assert.equal(await send({ tid: other.tid, out_sid: number }), 'offline:F04')
})

test('takes cash on delivery only by the online method, which without a waybill changes nothing', async () => {
  const { tid } = await aTrade({ type: 'cod' })
  assert.equal(await send({ tid }), 'offline:B98')
  assert.equal(await send({ tid, out_sid: '' }, 'online'), 'true')
  assert.equal(valuesOf(await book(tid), 'status')[0], 'WAIT_SELLER_SEND_GOODS')
  assert.equal(await send({ tid }, 'online'), 'true')
  assert.deepEqual(await shipments(tid), ['1', '1'])
})

test('what the world ships by itself is not counted as ours, and what we shipped is finished by the buyer', async () => {
  const { tid } = await aTrade()
  await control(sandbox, `trades/${tid}/ship`)
  assert.deepEqual(await shipments(tid), ['0', '0'])
  const ours = await aTrade()
  await send({ tid: ours.tid })
  assert.equal(valuesOf(await control(sandbox, `trades/${ours.tid}/finish`), 'status')[0], 'TRADE_FINISHED')
})

test('an application may lack the permission for a method', async () => {
  const { tid } = await aTrade()
  await control(sandbox, 'faults', { kind: 'forbidden', method: 'taobao.logistics.offline.send', shop: 'tm' })
  assert.equal(await send({ tid }), 'isv.permission-api-package-limit')
  const other = await top(sandbox, taobao, 'taobao.logistics.offline.send', { tid: '1' })
  assert.match(other, /-error:B01/)
  assert.deepEqual(await shipments(tid), ['0', '0'])
})
