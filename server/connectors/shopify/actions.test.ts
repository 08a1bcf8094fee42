import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { leaveDetail } from '../../../sandbox/shopify/memo.ts'
import { LOCATIONS, splitLocations } from '../../../sandbox/shopify/pieces.ts'
import { aTrade, control, shopify as shop, stillSandbox, type TestSandbox } from '../../../sandbox/testing.ts'
import { openParcels } from '../../../sandbox/world/sent-parcels.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { failureOf } from '../conformance/checks.ts'
import type { Call, Trade } from '../connector.ts'
import { shopify } from './index.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const world = () => sandbox.world.shops.find(({ key }) => key === shop.key) ?? assert.fail()
const tradeOf = (tid: string) => world().trades.get(tid) ?? assert.fail()
const made = (spec: object) => aTrade(sandbox, shop.key, { type: 'fixed', ...spec })
const { shipped = assert.fail() } = shopify.actions
const { ship = assert.fail(), updateStock = assert.fail(), updateMemo = assert.fail() } = shopify.actions

const callOf = (more: Partial<Call> = {}, credentials: Record<string, string> = {}): Call => ({
  credentials: {
    ...{ shopUrl: sandbox.url, clientId: shop.appKey, clientSecret: shop.appSecret, locationId: '0' },
    ...credentials,
  },
  session: shop.sessionKey,
  variant: 'shopify',
  now: () => new Date(sandbox.clock.now()),
  ...more,
})

async function detailOf(tid: string): Promise<Trade> {
  const detail = await shopify.trades.detail(callOf(), tid)
  return detail && 'trade' in detail ? detail.trade : assert.fail()
}

const goodsOf = (tid: string) => tradeOf(tid).lines.map(({ oid, num }) => ({ oid, quantity: num }))
const sent = (tid: string, waybillNo: string, goods = goodsOf(tid)) =>
  ship(callOf(), { tid, oids: goods.map(({ oid }) => oid), goods, carrier: 'SF', waybillNo })

describe('an order of Shopify with more than a page of anything', () => {
  it('has all its lines and parcels, and the lines of its work order behind the first page are sent too', async () => {
    const tid = await made({ lines: Array.from({ length: 65 }, () => ({ num: 1 })) })
    const goods = goodsOf(tid)
    for (const [at, one] of goods.slice(0, 11).entries()) await sent(tid, `SF10000000${at + 10}`, [one])
    await sent(tid, 'SF1000000099', goods.slice(11))
    const { lines, status } = await detailOf(tid)
    assert.deepEqual([lines.length, status], [65, 'shipped'])
    assert.deepEqual(
      lines.map(({ waybills }) => waybills?.[0]),
      goods.map((_, at) => (at < 11 ? `SF10000000${at + 10}` : 'SF1000000099')),
    )
    assert.deepEqual(new Set(tradeOf(tid).lines.map(({ shipments }) => shipments)), new Set([1]))
  })
})

describe('a stock of Shopify that others change too', () => {
  const target = () => {
    const listing = world().listings[0] ?? assert.fail()
    const sku = listing.skus[0] ?? assert.fail()
    return { sku, item: { itemId: listing.numIid, platformSkuId: sku.skuId } }
  }
  /** Sells a piece after each of the first readings. */
  const selling = (times: number) => {
    const { sku } = target()
    let left = times
    return callOf({
      onRequest: ({ method }) => {
        if (method === 'VariantStock' && left-- > 0) sku.quantity -= 1
      },
    })
  }

  it('is read and set once more, and left for later if it moves again', async () => {
    const { sku, item } = target()
    sku.quantity = 50
    const [once] = await updateStock(selling(1), { items: [{ ...item, quantity: 7 }] })
    assert.deepEqual([once?.outcome, sku.quantity], ['done', 7])
    const moving = await failureOf(updateStock(selling(2), { items: [{ ...item, quantity: 30 }] }))
    assert.deepEqual([moving.kind, moving.code, sku.quantity], ['retry', 'not_done', 5])
  })

  it('is set for the varieties around one that sells at each reading', async () => {
    const some = world().listings.slice(0, 4)
    const skus = some.map(({ skus: [sku = assert.fail()] }) => sku)
    for (const sku of skus) sku.quantity = 500
    const hot = skus[2] ?? assert.fail()
    const items = some.map(({ numIid }, at) => ({
      ...{ itemId: numIid, platformSkuId: skus[at]?.skuId ?? '', quantity: 70 + at },
    }))
    const call = callOf({
      onRequest: ({ method }) => {
        if (method === 'VariantStock') hot.quantity -= 1
      },
    })
    const results = await updateStock(call, { items })
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ['done', 'done', 'again', 'done'],
    )
    // It sold eight pieces: two in the whole group, one in the first half, two in the second, two alone, and one in the last.
    assert.deepEqual(
      skus.map(({ quantity }) => quantity),
      [70, 71, 492, 73],
    )
  })

  it('is set for the varieties of several products in one call', async () => {
    const skus = world().listings.slice(0, 5)
    const items = skus.map(({ numIid, skus: [sku = assert.fail()] }, at) => ({
      ...{ itemId: numIid, platformSkuId: sku.skuId, quantity: 60 + at },
    }))
    const calls: string[] = []
    const call = callOf({ onRequest: ({ method }) => void calls.push(method) })
    const results = await updateStock(call, { items })
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      items.map(() => 'done'),
    )
    assert.deepEqual(
      skus.map(({ skus: [sku] }) => sku?.quantity),
      [60, 61, 62, 63, 64],
    )
    assert.deepEqual(calls, ['VariantStock', 'InventorySet'])
  })
})

describe('the remark of an order of Shopify', () => {
  it('leaves the other details and the note of the buyer as they are, and goes when it is emptied', async () => {
    const tid = await made({ memo: '', message: '周末送' })
    leaveDetail(tradeOf(tid), 'gift_wrap', 'yes')
    await updateMemo(callOf(), { tid, memo: '加急', flag: null })
    const noted = await detailOf(tid)
    assert.deepEqual([noted.sellerMemo, noted.buyerMessage], ['加急', '周末送'])
    await updateMemo(callOf(), { tid, memo: '', flag: null })
    assert.equal((await detailOf(tid)).sellerMemo, '')
    const query = `{ order(id: "gid://shopify/Order/${tid}") { customAttributes { key value } } }`
    const response = await fetch(`${sandbox.url}/admin/api/2026-07/graphql.json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-shopify-access-token': shop.sessionKey },
      body: JSON.stringify({ query }),
    })
    const { data } = JSON.parse(await response.text())
    assert.deepEqual(data.order.customAttributes, [{ key: 'gift_wrap', value: 'yes' }])
  })
})

describe('a shop of Shopify', () => {
  it('is refused in another currency', async () => {
    world().options.currency = 'USD'
    const error = await failureOf(shopify.verify(callOf()))
    delete world().options.currency
    assert.deepEqual([error.kind, error.code], ['rejected', 'currency_not_cny'])
  })

  it('is refused if its app may not do what is needed, and says which rights it lacks', async () => {
    const all = [
      ...['write_orders', 'write_returns', 'read_products', 'write_inventory', 'read_locations'],
      'write_merchant_managed_fulfillment_orders',
    ]
    const lackOf = async (scopes: readonly string[]) => {
      world().options.scopes = scopes
      const answer = await shopify.verify(callOf()).catch((error: unknown) => error)
      delete world().options.scopes
      return answer instanceof PlatformError ? [answer.kind, answer.code, answer.message] : []
    }
    const refused = (message: string) => ['rejected', 'not_permitted', message]
    assert.deepEqual(await lackOf(all), [])
    // A right to write contains the one to read, but not the other way round.
    assert.deepEqual(await lackOf([...all.slice(0, 2), 'write_products', ...all.slice(3)]), [])
    assert.deepEqual(
      await lackOf(['read_orders', 'read_returns', ...all.slice(2)]),
      refused('The app lacks write_orders, write_returns.'),
    )
    for (const name of all)
      assert.deepEqual(await lackOf(all.filter((one) => one !== name)), refused(`The app lacks ${name}.`))
  })

  it('with goods at two places gets two parcels with one waybill, the second also after a failure between them', async () => {
    splitLocations(world())
    const tid = await made({ lines: [{ num: 4 }, { num: 1 }] })
    // Pieces of the first line stay behind, which the second try must not take.
    const goods = goodsOf(tid).map((one, at) => (at === 0 ? { ...one, quantity: 2 } : one))
    const parcelled = () =>
      openParcels(tradeOf(tid)).map(({ waybill, goods: of }) => [
        waybill,
        ...of.map(({ line, pieces }) => [tradeOf(tid).lines.indexOf(line), pieces]),
      ])
    await control(sandbox, 'faults', {
      kind: 'reset',
      shop: shop.key,
      method: 'FulfillmentCreate',
      skip: 1,
      count: 1,
    })
    assert.equal((await failureOf(sent(tid, 'SF2000000001', goods))).unclear, true)
    assert.deepEqual(parcelled(), [['SF2000000001', [0, 2]]])
    assert.deepEqual(
      tradeOf(tid).lines.map(({ shipments }) => shipments),
      [1, 0],
    )
    await sent(tid, 'SF2000000001', goods)
    assert.deepEqual(parcelled(), [
      ['SF2000000001', [0, 2]],
      ['SF2000000001', [1, 1]],
    ])
    assert.deepEqual(
      tradeOf(tid).lines.map(({ shipments }) => shipments),
      [1, 1],
    )
    assert.equal((await failureOf(sent(tid, 'SF2000000001', goods))).code, 'already_shipped')
    await sent(tid, 'SF2000000002', [{ oid: goods[0]?.oid ?? '', quantity: 2 }])
    assert.deepEqual(parcelled().at(-1), ['SF2000000002', [0, 2]])
  })

  it('has left once all its pieces have, and not with some of them', async () => {
    const tid = await made({ lines: [{ num: 4 }] })
    const [{ oid } = assert.fail()] = goodsOf(tid)
    const parcel = (quantity: number) => ({
      ...{ tid, oids: [oid], waybillNo: 'SF3000000001', goods: [{ oid, quantity }] },
    })
    await sent(tid, 'SF3000000001', [{ oid, quantity: 2 }])
    assert.deepEqual([await shipped(callOf(), parcel(2)), await shipped(callOf(), parcel(4))], [true, false])
    // Another try sends the missing pieces.
    await sent(tid, 'SF3000000001', [{ oid, quantity: 4 }])
    assert.equal(await shipped(callOf(), parcel(4)), true)
    assert.deepEqual(
      openParcels(tradeOf(tid)).map(({ goods }) => goods.map(({ pieces }) => pieces)),
      [[2], [2]],
    )
  })

  it('with goods at several places says which of them is ours before stock is set', async () => {
    const listing = world().listings[1] ?? assert.fail()
    const sku = listing.skus[0] ?? assert.fail()
    const items = [{ itemId: listing.numIid, platformSkuId: sku.skuId, quantity: 9 }]
    const [unclear] = await updateStock(callOf(), { items })
    assert.deepEqual(
      [unclear?.outcome, unclear?.message],
      [
        'refused',
        'The goods lie at several locations: enter the number of ours with the credentials of the shop.',
      ],
    )
    const [done] = await updateStock(callOf({}, { locationId: String(LOCATIONS[0].id) }), { items })
    assert.deepEqual([done?.outcome, sku.quantity], ['done', 9])
  })
})
