import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { control, stillSandbox, type TestSandbox, taobao, tmall, top } from '../../../sandbox/testing.ts'
import type { Trade } from '../../../sandbox/world/model.ts'
import { tmallCall } from '../../testing/taobao.ts'
import { failureOf } from '../conformance/checks.ts'
import { ship } from './ship.ts'
import { trace } from './trace.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const hour = 3_600_000
let last = 500
const call = () => tmallCall(sandbox, [])

async function aTrade(spec: Record<string, unknown> = {}): Promise<Trade> {
  const tid = `2948105733700000${++last}`
  const plain = { shop: 'tm', type: 'fixed', lines: 2, status: 'WAIT_SELLER_SEND_GOODS' }
  await control(sandbox, 'trades', { ...plain, tid, ...spec })
  return sandbox.world.shops[0]?.trades.get(tid) ?? assert.fail(tid)
}

/** Ships a trade, or lines of it, and returns the parcel to ask for. */
async function shipped(trade: Trade, oids: string[] = [], fate = 'arrives') {
  const waybillNo = `SF${String(++last).padStart(13, '0')}`
  const parcel = { tid: trade.tid, oids, carrier: 'SF', waybillNo }
  await ship(call(), { ...parcel, cod: trade.type === 'cod' })
  await control(sandbox, 'parcels', { waybill: waybillNo, fate })
  return parcel
}
const states = async (parcel: Parameters<typeof trace>[1]) =>
  (await trace(call(), parcel)).map(({ state }) => state)

describe('traces of Taobao and Tmall', () => {
  it('reads each scan by its action, or by its words, and never the status of the trade', async () => {
    const [arrives, problem, returned] = [
      await shipped(await aTrade()),
      await shipped(await aTrade(), [], 'problem'),
      await shipped(await aTrade(), [], 'returned'),
    ]
    sandbox.clock.advance(3 * hour)
    assert.deepEqual(await states(arrives), ['collected'])
    sandbox.clock.advance(40 * hour)
    const underway = ['collected', 'in_transit', 'in_transit'] as const
    assert.deepEqual(await states(arrives), [...underway, 'out_for_delivery'])
    assert.deepEqual(await states(problem), [...underway, 'problem'])
    assert.deepEqual(await states(returned), [...underway, 'returning'])
    sandbox.clock.advance(40 * hour)
    assert.deepEqual(await states(arrives), [...underway, 'out_for_delivery', 'signed'])
    assert.deepEqual(await states(returned), [...underway, 'returning', 'in_transit', 'signed'])
  })

  it('says that a parcel without scans is not followed, although the platform calls it signed for', async () => {
    const trade = await aTrade()
    const parcel = await shipped(trade, [], 'uncollected')
    const answer = await top(sandbox, tmall, 'taobao.logistics.trace.search', { tid: trade.tid })
    assert.match(answer, /"status":"对方已签收"/)
    const refused = await failureOf(trace(call(), parcel))
    assert.deepEqual([refused.kind, refused.code], ['rejected', 'not_followed'])
    const paidAtTheDoor = await shipped(await aTrade({ type: 'cod' }), [], 'uncollected')
    assert.deepEqual(await states(paidAtTheDoor), [])
  })

  it('asks for the lines of a parcel, and refuses the scans of another waybill', async () => {
    const trade = await aTrade()
    const [one = '', two = ''] = trade.lines.map(({ oid }) => oid)
    const first = await shipped(trade, [one])
    sandbox.clock.advance(3 * hour)
    const second = await shipped(trade, [two])
    sandbox.clock.advance(3 * hour)
    assert.deepEqual(await states(first), ['collected'])
    assert.deepEqual(await states(second), ['collected'])
    const refused = await failureOf(trace(call(), { ...second, oids: [] }))
    assert.equal(refused.code, 'other_waybill')
  })

  it('refuses a trade that is not shipped, and that of another shop', async () => {
    const trade = await aTrade()
    const asked = { tid: trade.tid, oids: [], carrier: 'SF', waybillNo: 'SF1' }
    assert.equal((await failureOf(trace(call(), asked))).kind, 'rejected')
    const answer = await top(sandbox, taobao, 'taobao.logistics.trace.search', { tid: trade.tid })
    assert.match(answer, /isv\.trade-not-exist/)
  })
})
