import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { PlatformError } from '../../lib/platform-error.ts'
import type { Connector } from '../connector.ts'
import type { ChangeInput } from '../parcels.ts'
import { failureOf } from './checks.ts'
import type { Marketplace } from './conformance.ts'

/** 改运单: another waybill of a shipped parcel. */
export function changes(connector: Connector, open: () => Marketplace): void {
  const { ship, shipped, changeWaybill } = connector.actions
  const way = connector.shipping
  assert.ok(ship && shipped && changeWaybill && way?.changes)
  const changing = { ship, shipped, changeWaybill, byLine: way.byLine, times: way.changes.times }
  once(changing, open)
  refusals(changing, open)
  parcels(changing, open)
}

type Changing = Required<Pick<Connector['actions'], 'ship' | 'shipped' | 'changeWaybill'>> & {
  byLine: boolean
  times: number | undefined
}

/** Ships a parcel, and returns the change of its waybill. */
async function sent({ ship }: Changing, market: Marketplace): Promise<ChangeInput> {
  const { tid, goods } = await market.paidTrade()
  const parcel = { tid, oids: [], goods, carrier: 'ZTO', waybillNo: market.waybill('ZTO') }
  await ship(market.call(), parcel)
  const was = { carrier: parcel.carrier, waybillNo: parcel.waybillNo }
  return { ...parcel, was, carrier: 'SF', waybillNo: market.waybill('SF') }
}

const showing =
  ({ shipped }: Changing) =>
  (market: Marketplace, { tid, oids }: ChangeInput, waybillNo: string) =>
    shipped(market.call(), { tid, oids, waybillNo })

function once(changing: Changing, open: () => Marketplace): void {
  const { changeWaybill } = changing
  const shows = showing(changing)

  it('gives a shipped parcel another waybill, and giving it twice is once', async () => {
    const market = open()
    const change = await sent(changing, market)
    await changeWaybill(market.call(), change)
    assert.equal(await shows(market, change, change.waybillNo), true)
    assert.equal(await shows(market, change, change.was.waybillNo), false)
    const again = await changeWaybill(market.call(), change).catch((error: PlatformError) => error)
    assert.ok(again === undefined || again.code === 'already_shipped', again?.code)
    assert.equal(await shows(market, change, change.waybillNo), true)
    // The goods left once, under either waybill.
    assert.deepEqual(new Set(market.shipments(change.tid)), new Set([1]))
  })

  it('changed the waybill though the answer was lost, and the look finds it', async () => {
    const market = open()
    const change = await sent(changing, market)
    await market.failNext('answer lost', market.callsForChange - 1)
    const lost = await failureOf(changeWaybill(market.call(), change))
    assert.deepEqual([lost.kind, lost.unclear], ['retry', true])
    assert.equal(await shows(market, change, change.waybillNo), true)
    const again = await changeWaybill(market.call(), change).catch((error: PlatformError) => error)
    assert.ok(again === undefined || again.code === 'already_shipped', again?.code)
  })

  it('changed nothing when the request never arrived', async () => {
    const market = open()
    const change = await sent(changing, market)
    await market.failNext('hung up')
    const error = await failureOf(changeWaybill(market.call(), change))
    assert.deepEqual([error.kind, error.unclear], ['retry', true])
    assert.equal(await shows(market, change, change.was.waybillNo), true)
    assert.equal(await shows(market, change, change.waybillNo), false)
  })
}

function refusals(changing: Changing, open: () => Marketplace): void {
  const { changeWaybill } = changing
  const shows = showing(changing)

  it('names why a waybill is not changed by our own words, and changes nothing', async () => {
    const market = open()
    const change = await sent(changing, market)
    const codeOf = async (other: Partial<ChangeInput>) =>
      (await failureOf(changeWaybill(market.call(), { ...change, ...other }))).code
    assert.equal(await codeOf({ carrier: 'PIGEON' }), 'courier_code')
    assert.equal(await codeOf({ waybillNo: '1' }), 'waybill_invalid')
    if (!market.takesAnyWaybill) assert.equal(await codeOf({ waybillNo: 'ABCD-EFGH' }), 'waybill_invalid')
    assert.equal(await codeOf({ tid: '1' }), 'other')
    const { tid, goods } = await market.paidTrade()
    assert.equal(await codeOf({ tid, goods }), 'not_shipped')
    assert.deepEqual(new Set(market.shipments(tid)), new Set([0]))
    assert.equal(await shows(market, change, change.was.waybillNo), true)
  })

  it('asks for the seller when the session ended, and waits when it is limited', async () => {
    const market = open()
    const change = await sent(changing, market)
    await market.failNext('session over')
    const over = await failureOf(changeWaybill(market.call(), change))
    assert.deepEqual([over.kind, over.code], ['reauthorise', 'session'])
    const later = open()
    const other = await sent(changing, later)
    await later.failNext('limited')
    assert.equal((await failureOf(changeWaybill(later.call(), other))).kind, 'rate_limited')
  })
}

function parcels(changing: Changing, open: () => Marketplace): void {
  const { ship, shipped, changeWaybill, byLine, times } = changing
  const shows = showing(changing)

  it('changes one parcel of a trade, and leaves the other as it is', {
    skip: !byLine && 'It ships whole trades.',
  }, async () => {
    const market = open()
    const { tid, goods } = await market.paidTrade()
    const parcels = goods.map((one) => ({ tid, oids: [one.oid], goods: [one], carrier: 'ZTO' }))
    const [first, second] = parcels.map((one) => ({ ...one, waybillNo: market.waybill('ZTO') }))
    assert.ok(first && second)
    for (const one of [first, second]) await ship(market.call(), one)
    const was = { carrier: 'ZTO', waybillNo: first.waybillNo }
    const change = { ...first, was, carrier: 'SF', waybillNo: market.waybill('SF') }
    await changeWaybill(market.call(), change)
    const seen = [change, first, second].map((one) => shipped(market.call(), one))
    assert.deepEqual(await Promise.all(seen), [true, false, true])
  })

  it('says when a waybill was changed as often as the platform allows', {
    skip: times === undefined && 'It states no number of changes.',
  }, async () => {
    const market = open()
    let change = await sent(changing, market)
    for (let n = 0; n < (times ?? 0); n += 1) {
      await changeWaybill(market.call(), change)
      const was = { carrier: 'SF', waybillNo: change.waybillNo }
      change = { ...change, was, waybillNo: market.waybill('SF') }
    }
    const error = await failureOf(changeWaybill(market.call(), change))
    assert.deepEqual([error.kind, error.code], ['rejected', 'too_often'])
    assert.equal(await shows(market, change, change.was.waybillNo), true)
  })
}
