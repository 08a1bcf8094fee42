import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { PlatformError } from '../../lib/platform-error.ts'
import type { BadItem, Connector, Listing, ListingPage, ListingStatus } from '../connector.ts'
import { couriers } from '../couriers.ts'
import type { ShipInput } from '../parcels.ts'
import { badItemViolations, failureOf, listingViolations } from './checks.ts'
import type { Marketplace } from './conformance.ts'

export function goods(connector: Connector, open: () => Marketplace): void {
  it('says why for everything that it cannot do', () => {
    const names = [
      'refuseRefund',
      'agreeRefund',
      'reportCancel',
      'updateMemo',
      'ship',
      'changeWaybill',
      'updateStock',
      'reportReturn',
    ] as const
    for (const name of ['listings', 'receivers', 'trace'] as const)
      assert.equal(connector[name] === undefined, connector.cannot[name] !== undefined, name)
    for (const name of names)
      assert.equal(connector.actions[name] === undefined, connector.cannot[name] !== undefined, name)
    assert.equal(connector.actions.ship === undefined, connector.actions.shipped === undefined)
    assert.equal(connector.actions.ship === undefined, connector.shipping === undefined)
  })
  if (connector.listings) listings(connector.listings.list, open)
  if (connector.actions.ship) {
    shipping(connector, open)
    ways(connector, open)
    pieces(connector, open)
    refusals(connector, open)
  }
  if (connector.actions.updateStock) stock(connector, open)
}

type List = NonNullable<Connector['listings']>['list']

function listings(list: List, open: () => Marketplace): void {
  it('lists what is on sale and what is not, every SKU once, as the books have it', async () => {
    const market = open()
    for (const status of ['on_sale', 'in_stock'] as const) {
      const found = (await everyPage(list, market, status, 3)).map(good)
      for (const listing of found) assert.deepEqual(listingViolations(listing), [])
      const facts = found.map(({ itemId, platformSkuId, outerItemId, outerSkuId, quantity }) =>
        [itemId, platformSkuId, outerItemId, outerSkuId, quantity].join(' '),
      )
      const books = market
        .listings()
        .filter((listing) => listing.status === status)
        .map(({ itemId, platformSkuId, outerItemId, outerSkuId, quantity }) =>
          [itemId, platformSkuId, outerItemId, outerSkuId, quantity].join(' '),
        )
      assert.ok(books.length > 0, `the marketplace has nothing ${status}`)
      assert.deepEqual(facts.sort(), books.sort())
      assert.ok(found.every((listing) => listing.status === status && listing.title !== ''))
    }
  })

  it('calls a page that came without its rows broken, not empty', async () => {
    const market = open()
    await market.failNext('rows missing')
    const error = await failureOf(list(market.call(), { status: 'on_sale', after: null, size: 20 }))
    assert.deepEqual([error.kind, error.code], ['retry', 'bad_answer'])
  })
}

async function everyPage(
  list: List,
  market: Marketplace,
  status: ListingStatus,
  size: number,
): Promise<(Listing | BadItem)[]> {
  const items: (Listing | BadItem)[] = []
  let page: ListingPage | undefined
  do {
    page = await list(market.call(), { status, after: page?.next ?? null, size })
    items.push(...page.items)
  } while (page.next !== null)
  return items
}

function good(item: Listing | BadItem): Listing {
  if (!('kind' in item)) return item
  return assert.fail(`${item.reason}: ${badItemViolations(item)}`)
}

const whole: readonly string[] = []

function shipping(connector: Connector, open: () => Marketplace): void {
  const { ship, shipped } = connector.actions
  assert.ok(ship && shipped)

  it('ships a whole trade once, and sees before and after whether it is shipped', async () => {
    const market = open()
    const { tid, oids, goods } = await market.paidTrade()
    const call = market.call()
    assert.equal(await shipped(call, { tid, oids: whole, waybillNo: '0' }), false)
    const input = parcel(market, { tid, goods })
    const { waybillNo } = input
    await ship(call, input)
    assert.equal(await shipped(call, { tid, oids: whole, waybillNo }), true)
    assert.equal(await shipped(call, { tid, oids, waybillNo }), true)
    assert.equal(await shipped(call, { tid, oids, waybillNo: `${waybillNo}9` }), false)
    assert.deepEqual(
      market.shipments(tid),
      oids.map(() => 1),
    )
    const detail = await connector.trades.detail(call, tid)
    assert.ok(detail && 'trade' in detail)
    assert.equal(detail.trade.status, 'shipped')
    assert.ok(detail.trade.shippedAt)
  })

  it('ships once though the answer was lost: the look finds it, and a second try is already_shipped', async (context) => {
    const market = open()
    if (market.callsNothing) return context.skip('Nothing is called, so no answer can be lost.')
    const { tid, oids, goods } = await market.paidTrade()
    const input = parcel(market, { tid, goods })
    await market.failNext('answer lost', market.callsForShip - 1)
    const lost = await failureOf(ship(market.call(), input))
    assert.deepEqual([lost.kind, lost.unclear], ['retry', true])
    const { waybillNo } = input
    assert.equal(await shipped(market.call(), { tid, oids: whole, waybillNo }), true)
    const again = await ship(market.call(), input).catch((error: PlatformError) => error)
    assert.deepEqual(
      again && [again.kind, again.code, again.unclear],
      market.knowsParcels ? undefined : ['rejected', 'already_shipped', false],
    )
    // A shipment with another waybill does not prove that the platform has ours. The error's message is the waybill of the platform.
    const other = await failureOf(ship(market.call(), parcel(market, { tid, goods })))
    assert.deepEqual([other.kind, other.code, other.message], ['rejected', 'other_waybill', waybillNo])
    assert.deepEqual(
      market.shipments(tid),
      oids.map(() => 1),
    )
  })

  it('has shipped nothing when the request never arrived', async (context) => {
    const market = open()
    if (market.callsNothing) return context.skip('Nothing is called, so no request can be lost.')
    const { tid, oids, goods } = await market.paidTrade()
    await market.failNext('hung up')
    const error = await failureOf(ship(market.call(), parcel(market, { tid, goods })))
    assert.deepEqual([error.kind, error.unclear], ['retry', true])
    assert.equal(await shipped(market.call(), { tid, oids: whole, waybillNo: '0' }), false)
    assert.deepEqual(
      market.shipments(tid),
      oids.map(() => 0),
    )
  })
}

function ways(connector: Connector, open: () => Marketplace): void {
  const { ship, shipped } = connector.actions
  const way = connector.shipping
  assert.ok(ship && shipped && way)

  it('ships line by line, in two parcels', { skip: !way.byLine && 'It ships whole trades.' }, async () => {
    const market = open()
    const { tid, oids, goods } = await market.paidTrade()
    const [first = '', second = ''] = oids
    const call = market.call()
    const { waybillNo, ...input } = parcel(market, { tid, goods })
    await ship(call, { ...input, waybillNo, oids: [first], goods: goods.slice(0, 1) })
    assert.deepEqual(market.shipments(tid), [1, 0])
    const seen = await Promise.all(
      [[first], [second], oids, whole].map((asked) => shipped(call, { tid, oids: asked, waybillNo })),
    )
    assert.deepEqual(seen, [true, false, false, false])
    const detail = await connector.trades.detail(call, tid)
    assert.equal(detail && 'trade' in detail && detail.trade.status, 'partly_shipped')
    const next = parcel(market, { tid, goods })
    await ship(call, { ...next, oids: [second], goods: goods.slice(1) })
    assert.deepEqual(market.shipments(tid), [1, 1])
    assert.equal(await shipped(call, { tid, oids: [second], waybillNo: next.waybillNo }), true)
    assert.equal(await shipped(call, { tid, oids: whole, waybillNo }), false)
  })

  it('ships nothing when only some lines are asked for', {
    skip: way.byLine && 'It ships lines.',
  }, async () => {
    const market = open()
    const { tid, goods } = await market.paidTrade()
    const error = await failureOf(
      ship(market.call(), { ...parcel(market, { tid, goods }), oids: [`${tid}-9`] }),
    )
    assert.deepEqual([error.kind, error.code], ['rejected', 'parameter'])
    assert.deepEqual(market.shipments(tid), [0])
  })

  it('ships with each courier that it says it knows', async () => {
    const market = open()
    const known = couriers.filter(({ code }) => way.carriers[code] !== undefined)
    assert.equal(known.length, Object.keys(way.carriers).length)
    for (const { code } of known) {
      const { tid, goods } = await market.paidTrade()
      await ship(market.call(), {
        ...parcel(market, { tid, goods }),
        carrier: code,
        waybillNo: market.waybill(code),
      })
      assert.deepEqual(new Set(market.shipments(tid)), new Set([1]), code)
    }
  })

  it('sends the serial numbers of the pieces, IMEI and others', async (context) => {
    const market = open()
    if (!market.serials) return context.skip('The platform takes none.')
    const { tid, oids, goods } = await market.paidTrade({ lines: 1 })
    const numbers = ['490154203237518', 'SN-0001', '490154203237519']
    await ship(market.call(), {
      ...parcel(market, { tid, goods }),
      serials: [{ oid: oids[0] ?? '', numbers }],
    })
    assert.deepEqual(market.serials(tid).toSorted(), numbers.toSorted())
  })
}

function pieces(connector: Connector, open: () => Marketplace): void {
  const { ship, shipped } = connector.actions
  const way = connector.shipping
  assert.ok(ship && shipped && way)

  it('ships the pieces of a line in two parcels, and knows each by its waybill', {
    skip: way.oneWaybill && 'It shows one waybill of a line.',
  }, async () => {
    const market = open()
    const { tid, oids, goods } = await market.paidTrade({ receiver: '两箱', pieces: 3 })
    const [first = assert.fail()] = goods
    const call = market.call()
    const sends: string[] = []
    for (const quantity of [1, 2]) {
      const input = { ...parcel(market, { tid, goods }), oids: [first.oid], goods: [{ ...first, quantity }] }
      await ship(call, input)
      sends.push(input.waybillNo)
    }
    for (const waybillNo of sends)
      assert.equal(await shipped(call, { tid, oids: [first.oid], waybillNo }), true, waybillNo)
    assert.equal(await shipped(call, { tid, oids, waybillNo: sends[0] ?? '' }), false)
    const more = { ...parcel(market, { tid, goods }), oids: [first.oid], goods: [{ ...first, quantity: 1 }] }
    const error = await failureOf(ship(call, more))
    assert.deepEqual([error.code, error.message], ['other_waybill', sends.join(', ')])
    assert.deepEqual(market.shipments(tid), [2, 0])
  })
}

function refusals(connector: Connector, open: () => Marketplace): void {
  const { ship, shipped } = connector.actions
  assert.ok(ship && shipped)

  it('names what is wrong with a parcel by our own words, and ships nothing', async () => {
    const market = open()
    const { tid, oids, goods } = await market.paidTrade()
    const input = parcel(market, { tid, goods })
    const sent: string[] = []
    const call = market.call({ onRequest: ({ method }) => sent.push(method) })
    const codeOf = async (change: Partial<ShipInput>) =>
      (await failureOf(ship(call, { ...input, ...change }))).code
    assert.equal(await codeOf({ carrier: 'PIGEON' }), 'courier_code')
    assert.equal(await codeOf({ carrier: 'constructor' }), 'courier_code')
    assert.equal(await codeOf({ waybillNo: '1' }), 'waybill_invalid')
    assert.equal(await codeOf({ waybillNo: '' }), 'waybill_invalid')
    assert.deepEqual(sent, [], 'it asked the platform')
    if (!market.takesAnyWaybill) assert.equal(await codeOf({ waybillNo: 'ABCD-EFGH' }), 'waybill_invalid')
    assert.equal(await codeOf({ tid: '1' }), 'other')
    assert.deepEqual(
      market.shipments(tid),
      oids.map(() => 0),
    )
  })

  it('holds goods back whose refund is open, and says so', async () => {
    const market = open()
    const { tid, goods } = await market.paidTrade()
    await market.openRefund(tid)
    const error = await failureOf(ship(market.call(), parcel(market, { tid, goods })))
    assert.deepEqual([error.kind, error.code, error.unclear], ['rejected', 'refund_open', false])
    assert.ok(market.shipments(tid).every((count) => count === 0))
    for (const secret of market.private()) assert.ok(!error.message.includes(secret))
  })

  it('refuses a waybill that another buyer has', async (context) => {
    const market = open()
    if (market.takesAnyWaybill) return context.skip('The platform takes any number.')
    const [one, two] = [await market.paidTrade(), await market.paidTrade()]
    const input = parcel(market, one)
    await ship(market.call(), input)
    const error = await failureOf(ship(market.call(), { ...input, tid: two.tid, goods: two.goods }))
    assert.equal(error.code, 'waybill_invalid')
    assert.ok(market.shipments(two.tid).every((count) => count === 0))
  })

  it('asks for the seller when the session ended, and waits when it is limited', async (context) => {
    const market = open()
    if (market.callsNothing) return context.skip('Nothing is called, so there is no session and no limit.')
    const { tid, goods } = await market.paidTrade()
    await market.failNext('session over')
    const over = await failureOf(ship(market.call(), parcel(market, { tid, goods })))
    assert.deepEqual([over.kind, over.code], ['reauthorise', 'session'])
    const later = open()
    await later.failNext('limited')
    const limited = await failureOf(ship(later.call(), parcel(later, { tid, goods })))
    assert.deepEqual([limited.kind, limited.waitMs >= 1000], ['rate_limited', true])
    assert.equal(await shipped(open().call(), { tid, oids: whole, waybillNo: '0' }), false)
  })
}

function stock(connector: Connector, open: () => Marketplace): void {
  const { updateStock } = connector.actions
  assert.ok(updateStock)

  it('sets the stock of many listings, and the books agree', async () => {
    const market = open()
    const items = market.listings().map(({ itemId, platformSkuId }, index) => ({
      itemId,
      platformSkuId,
      quantity: 1000 + index,
    }))
    const results = await updateStock(market.call(), { items })
    assert.deepEqual(new Set(results.map(({ outcome }) => outcome)), new Set(['done']))
    assert.equal(results.length, items.length)
    assert.deepEqual(quantities(market), new Map(items.map((item) => [keyOf(item), item.quantity])))
  })

  it('answers for each listing by itself: what is gone fails alone', async () => {
    const market = open()
    const [known, other] = market.listings().filter(({ platformSkuId }) => platformSkuId !== '')
    assert.ok(known && other)
    const { itemId, platformSkuId } = known
    const items = [
      { itemId, platformSkuId: '1', quantity: 5 },
      { itemId, platformSkuId, quantity: 7 },
      { itemId: '1', platformSkuId: '1', quantity: 5 },
      { itemId: other.itemId, platformSkuId: other.platformSkuId, quantity: 0 },
    ]
    const results = await updateStock(market.call(), { items })
    const outcomes = new Map(results.map((result) => [keyOf(result), result.outcome]))
    assert.deepEqual(
      items.map((item) => outcomes.get(keyOf(item))),
      ['gone', 'done', 'gone', 'done'],
    )
    assert.deepEqual([quantities(market).get(keyOf(known)), quantities(market).get(keyOf(other))], [7, 0])
  })

  it('says what is left when the platform stops answering, and fails when it never began', async () => {
    const market = open()
    const { stockAtOnce } = market
    const all = stockAtOnce === 1 ? distinctItems(market) : market.listings()
    const twoCalls = all.slice(0, stockAtOnce + 1)
    const items = twoCalls.map(({ itemId, platformSkuId }) => ({ itemId, platformSkuId, quantity: 77 }))
    await market.failNext('busy', market.callsForStock)
    const results = await updateStock(market.call(), { items })
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      items.map((_, at) => (at < stockAtOnce ? 'done' : 'again')),
    )
    assert.equal(items.filter((item) => quantities(market).get(keyOf(item)) === 77).length, stockAtOnce)
    await market.failNext('busy')
    assert.equal((await failureOf(updateStock(market.call(), { items: items.slice(0, 1) }))).kind, 'retry')
  })

  it('sends no quantity that is none', async () => {
    const market = open()
    const before = quantities(market)
    for (const quantity of [-1, 1.5, Number.NaN, 1e12]) {
      const items = distinctItems(market).map((target) => ({ ...target, quantity }))
      assert.equal((await failureOf(updateStock(market.call(), { items }))).code, 'quantity')
    }
    assert.deepEqual(quantities(market), before)
  })
}

type Paid = Awaited<ReturnType<Marketplace['paidTrade']>>

function parcel(market: Marketplace, { tid, goods }: Pick<Paid, 'tid' | 'goods'>): ShipInput {
  return { tid, oids: whole, goods, carrier: 'ZTO', waybillNo: market.waybill('ZTO') }
}

function keyOf({ itemId, platformSkuId }: { itemId: string; platformSkuId: string }): string {
  return `${itemId} ${platformSkuId}`
}

function quantities(market: Marketplace): Map<string, number> {
  return new Map(market.listings().map((listing) => [keyOf(listing), listing.quantity]))
}

function distinctItems(market: Marketplace): { itemId: string; platformSkuId: string }[] {
  const byItem = new Map(market.listings().map((listing) => [listing.itemId, listing]))
  return [...byItem.values()].slice(0, 3).map(({ itemId, platformSkuId }) => ({ itemId, platformSkuId }))
}
