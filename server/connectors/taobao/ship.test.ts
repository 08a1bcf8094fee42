import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { control, stillSandbox, type TestSandbox, valuesOf } from '../../../sandbox/testing.ts'
import type { Trade } from '../../../sandbox/world/model.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { tmallCall } from '../../testing/taobao.ts'
import { failureOf } from '../conformance/checks.ts'
import type { Call } from '../connector.ts'
import type { ShipInput } from '../parcels.ts'
import { shipFailureOf } from './errors.ts'
import { ship, shipped } from './ship.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const sent: string[] = []
const call = (): Call => tmallCall(sandbox, sent)

let last = 100
async function aTrade(spec: Record<string, unknown> = {}): Promise<Trade> {
  const tid = `2948105733600000${++last}`
  const plain = { shop: 'tm', type: 'fixed', lines: 2, status: 'WAIT_SELLER_SEND_GOODS' }
  await control(sandbox, 'trades', { ...plain, tid, ...spec })
  return sandbox.world.shops[0]?.trades.get(tid) ?? assert.fail(tid)
}

const parcel = (tid: string, oids: string[] = []): ShipInput => ({
  tid,
  oids,
  carrier: 'SF',
  waybillNo: `SF${String(++last).padStart(13, '0')}`,
})

describe('shipping on Taobao and Tmall', () => {
  it('sends one request with our waybill and the company that our courier is there', async () => {
    const trade = await aTrade()
    const input = parcel(trade.tid)
    await ship(call(), input)
    assert.deepEqual(sent, ['logistics.offline.send'])
    assert.deepEqual(
      trade.lines.map(({ company, waybill, shipments }) => [company, waybill, shipments]),
      trade.lines.map(() => ['顺丰速运', input.waybillNo, 1]),
    )
  })

  it('ships the only line of a trade as the trade, which the platform wants unsplit', async () => {
    const { tid, lines } = await aTrade({ lines: 1 })
    await ship(call(), parcel(tid, [tid]))
    assert.deepEqual(
      lines.map(({ oid, shipments }) => [oid, shipments]),
      [[tid, 1]],
    )
  })

  it('ships cash on delivery by the online method', async () => {
    const trade = await aTrade({ type: 'cod' })
    const refused = await failureOf(ship(call(), parcel(trade.tid)))
    assert.equal(refused.code, 'other')
    await ship(call(), { ...parcel(trade.tid), cod: true })
    assert.deepEqual(sent, ['logistics.online.send'])
    assert.deepEqual(
      trade.lines.map(({ shipments }) => shipments),
      [1, 1],
    )
  })

  it('never calls a trade shipped that is only closed, though the platform uses one code for both', async () => {
    const closed = await aTrade({ status: 'TRADE_CLOSED_BY_TAOBAO' })
    const error = await failureOf(ship(call(), parcel(closed.tid)))
    assert.deepEqual([error.kind, error.code], ['rejected', 'other'])
    assert.match(error.message, /isv\.logistics-offline-service-error:B04/)
    assert.deepEqual(sent, ['logistics.offline.send', 'trade.fullinfo.get'])
    const done = await aTrade()
    const input = parcel(done.tid)
    await ship(call(), input)
    assert.equal((await failureOf(ship(call(), input))).code, 'already_shipped')
    const other = await failureOf(ship(call(), parcel(done.tid)))
    assert.deepEqual([other.code, other.message], ['other_waybill', input.waybillNo])
    const half = await aTrade({ status: 'SELLER_CONSIGNED_PART' })
    const [first = '', second = ''] = half.lines.map(({ oid }) => oid)
    assert.equal((await failureOf(ship(call(), parcel(half.tid, [first])))).code, 'other_waybill')
    assert.equal((await failureOf(ship(call(), parcel(half.tid, [first, second])))).code, 'other')
    assert.equal((await failureOf(ship(call(), parcel(half.tid)))).code, 'parameter')
    await ship(call(), parcel(half.tid, [second]))
  })

  it('leaves the outcome unclear when it cannot look', async () => {
    const done = await aTrade({ status: 'WAIT_BUYER_CONFIRM_GOODS' })
    await control(sandbox, 'faults', { kind: 'isp', method: 'taobao.trade.fullinfo.get', count: 1 })
    const error = await failureOf(ship(call(), parcel(done.tid)))
    assert.deepEqual([error.kind, error.code, error.unclear], ['retry', 'isp.remote-service-timeout', true])
    await control(sandbox, 'trades', { shop: 'tm', tid: '1', garbage: { modified: null } })
    assert.equal(
      (await failureOf(shipped(call(), { tid: '1', oids: [], waybillNo: '0' }))).code,
      'unreadable',
    )
  })

  it('needs no parcel for a closed line of a whole trade, and does for one that is asked for', async () => {
    const trade = await aTrade()
    const [gone, kept] = trade.lines
    assert.ok(gone && kept)
    const [fee, num] = [await feeOf(trade, gone.oid), gone.num]
    const refund = await control(sandbox, 'refunds', {
      tid: trade.tid,
      oid: gone.oid,
      kind: 'REFUND',
      fee,
      num,
    })
    await control(sandbox, `refunds/${valuesOf(refund, 'refundId')[0]}/succeed`)
    assert.equal(gone.status, 'TRADE_CLOSED')
    assert.equal((await failureOf(ship(call(), parcel(trade.tid, [gone.oid])))).code, 'refund_open')
    const input = parcel(trade.tid, [kept.oid])
    const { waybillNo } = input
    await ship(call(), input)
    const seen = [[], [kept.oid], [gone.oid], [kept.oid, gone.oid], ['1']].map((oids) =>
      shipped(call(), { tid: trade.tid, oids, waybillNo }),
    )
    assert.deepEqual(await Promise.all(seen), [true, true, false, false, false])
    assert.equal(await shipped(call(), { tid: '2', oids: [], waybillNo }), false)
  })

  it('says that a method is not allowed, and that an answer was a no', async () => {
    const trade = await aTrade()
    await control(sandbox, 'faults', { kind: 'forbidden', method: 'taobao.logistics.offline.send', count: 1 })
    const error = await failureOf(ship(call(), parcel(trade.tid)))
    assert.deepEqual([error.kind, error.code], ['rejected', 'other'])
    assert.match(error.message, /isv\.permission-api-package-limit/)
    assert.deepEqual(
      trade.lines.map(({ shipments }) => shipments),
      [0, 0],
    )
  })

  it('knows the documented codes by what they mean; the ambiguous ones it looks at', () => {
    const meaning = (code: string) => shipFailureOf(new PlatformError('rejected', code, ''))
    const offline = (code: string) => meaning(`isv.logistics-offline-service-error:${code}`)
    assert.deepEqual(['B56', 'B57', 'B58'].map(offline), ['courier_code', 'courier_code', 'courier_code'])
    const waybills = ['B59', 'B60', 'F', 'F01', 'F05'].map(offline)
    assert.deepEqual(new Set(waybills), new Set(['waybill_invalid']))
    assert.deepEqual(new Set(['CD22', 'CD29', 'CD31', 'P01'].map(offline)), new Set(['parameter']))
    assert.equal(meaning('CD25'), 'parameter')
    assert.equal(meaning('isv.missing-parameter:out_sid'), 'parameter')
    const unsaid = [
      'B01',
      'B02',
      'B04',
      'B27',
      'B55',
      'P38',
      'AT0011',
      'AT0112',
      'F06',
      'ORDER_NOT_FOUND_ERROR',
    ]
    assert.deepEqual(new Set(unsaid.map(offline)), new Set([undefined]))
    assert.deepEqual(['CD06', 'CD07', 'CD86', 'isv.trade-not-exist'].map(meaning), Array(4).fill(undefined))
  })
})

async function feeOf(trade: Trade, oid: string): Promise<number> {
  const book = await (await fetch(`${sandbox.url}/control/trades/${trade.tid}`)).json()
  return book.lines.find((line: { oid: string }) => line.oid === oid)?.dividedFee
}
