import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import iconv from 'iconv-lite'
import type { Json } from '../json-parts.ts'
import {
  aTrade,
  chinaTime,
  control,
  NOON,
  paipai,
  stillSandbox,
  type TestSandbox,
  valuesOf,
} from '../testing.ts'
import { type Charset, paipaiSign } from './charset.ts'
import { callPaipai, type PaipaiTry } from './testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const ask = async (method: string, params: Record<string, string> = {}, how: PaipaiTry = {}) =>
  (await callPaipai(sandbox, method, params, how)).toString('utf8')
const answered = async (method: string, params: Record<string, string> = {}): Promise<Json> =>
  JSON.parse(await ask(method, params))
const codeOf = async (method: string, params: Record<string, string>, how?: PaipaiTry) =>
  Number(valuesOf(await ask(method, params, how), 'errorCode')[0])

const window = { timeBegin: chinaTime(NOON - 600), timeEnd: chinaTime(NOON + 600) }
const listed = { timeType: 'UPDATE', ...window, pageIndex: '1', pageSize: '20' }
const textOf = (value: unknown, name: string) => valuesOf(JSON.stringify(value), name)[0] ?? ''

const paidDeal = (more: object = {}) => aTrade(sandbox, 'pp', more)

describe('the gateway of 拍拍', () => {
  it('signs as the vectors do, in either charset', () => {
    const common = {
      accessToken: 'pp-demo-token',
      appOAuthID: '700000001',
      dealCode: '855000188-20100809-363110208',
      format: 'json',
      pureData: '1',
      randomValue: '12345',
      sellerUin: '855000188',
      timeStamp: '1700000000',
      uin: '855000188',
    }
    const parcel = { logisticsName: '圆通速递', logisticsCode: 'YT0000000001', arriveDays: '7' }
    const signed = (verb: string, method: string, charset: Charset, more: Record<string, string>) =>
      paipaiSign(
        { verb, path: `/deal/${method}.xhtml`, charset },
        new Map(Object.entries({ ...common, charset, ...more })),
        'pp-demo-key',
      )
    assert.equal(signed('GET', 'getDealDetail', 'utf-8', { listItem: '1' }), 'CZuo+TBCoXuj3Rm8/3Z4e21Y8cU=')
    assert.equal(signed('POST', 'sellerConsignDealItem', 'utf-8', parcel), 'oxvykvcKv6rCVk2pLg6sjMCHmew=')
    assert.equal(signed('POST', 'sellerConsignDealItem', 'gbk', parcel), 'daDdrZDAzrg870e3j00n9Ox4M1I=')
  })

  it('checks every common parameter', async () => {
    const codes = async (params: Record<string, string>) => codeOf('shop/getShopInfo', params)
    assert.equal(await codes({}), 0)
    assert.equal(await codes({ timeStamp: String(NOON * 1000) }), 0)
    assert.equal(await codes({ timeStamp: String(NOON - 5000) }), 8193)
    assert.equal(await codes({ timeStamp: 'soon' }), 8193)
    assert.equal(await codes({ randomValue: '99' }), 8193)
    assert.equal(await codes({ accessToken: '' }), 8193)
    assert.equal(await codes({ sellerUin: '1' }), 8193)
    assert.match(await ask('shop/getShopInfo', { format: 'yaml' }), /<errorCode>8193</)
    assert.equal(await codes({ sign: 'x' }), 12_290)
    assert.equal(await codes({ appOAuthID: '1' }), 12_288)
    assert.equal(await codes({ accessToken: 'dead' }), 12_288)
    assert.equal(await codes({ uin: '10001', sellerUin: '10001' }), 12_288)
    assert.equal(await codeOf('deal/getEverything', {}), 8192)
  })

  it('takes a query as well as a form, and signs the verb', async () => {
    assert.equal(await codeOf('shop/getShopInfo', {}, { verb: 'GET' }), 0)
  })

  it('speaks GBK unless UTF-8 is asked for', async () => {
    for (const params of [{}, { charset: '' }]) {
      const bytes = await callPaipai(sandbox, 'shop/getShopInfo', params, { charset: 'gbk' })
      assert.equal(textOf(JSON.parse(iconv.decode(bytes, 'gbk')), 'shopName'), paipai.name)
      assert.ok(!bytes.toString('utf8').includes(paipai.name))
    }
    const tid = await paidDeal()
    const note = { dealCode: tid, dealNote: '改发顺丰', dealNoteType: 'GREEN' }
    const written = await callPaipai(sandbox, 'deal/modifySellerNote', note, { charset: 'gbk' })
    assert.match(iconv.decode(written, 'gbk'), /"errorCode":0/)
    const trade = sandbox.world.shops.find(({ key }) => key === 'pp')?.trades.get(tid)
    assert.deepEqual([trade?.memo, trade?.flag], ['改发顺丰', 3])
  })

  it('answers XML unless JSON is asked for, and JSON alone only with pureData', async () => {
    assert.match(
      await ask('shop/getShopInfo', { format: '' }),
      /^<\?xml version="1\.0" encoding="utf-8" \?><getShopInfo><errorCode>0<\/errorCode>/,
    )
    assert.match(await ask('shop/getShopInfo', { pureData: '' }), /^var result=\{"errorCode":0,.*\};$/)
    assert.match(await ask('shop/getShopInfo', { needRoot: '1' }), /^\{"getShopInfo":\{"errorCode":0,/)
  })

  it('counts pages from 1, with ten rows unless more are asked for, and twenty at most', async () => {
    for (let at = 0; at < 12; at++) await paidDeal()
    const { pageSize: _, ...plain } = listed
    const first = await answered('deal/sellerSearchDealList', plain)
    assert.equal(Array.isArray(first['dealList']) && first['dealList'].length, 10)
    assert.equal(first['pageTotal'], Math.ceil(Number(first['countTotal']) / 10))
    for (const change of [{ pageSize: '21' }, { pageSize: '0' }, { pageIndex: '0' }, { pageIndex: 'x' }])
      assert.equal(await codeOf('deal/sellerSearchDealList', { ...listed, ...change }), 8193)
    const behind = await answered('deal/sellerSearchDealList', { ...listed, pageIndex: '90' })
    assert.deepEqual(behind['dealList'], [])
  })

  it('sorts only by a time that is asked for', async () => {
    const timesOf = async (params: Record<string, string>) =>
      valuesOf(await ask('deal/sellerSearchDealList', { pageSize: '20', ...params }), 'dealCode')
    const newest = await timesOf(listed)
    assert.deepEqual(await timesOf({ ...listed, orderDesc: '0' }), newest.toReversed())
    const plain = await timesOf({})
    assert.deepEqual(plain.toSorted(), newest.toSorted())
    assert.notDeepEqual(plain, newest)
    assert.deepEqual(await timesOf({ orderDesc: '1' }), plain)
    assert.equal(await codeOf('deal/sellerSearchDealList', { ...listed, timeType: 'END' }), 8193)
    assert.equal(await codeOf('deal/sellerSearchDealList', { ...listed, timeEnd: '' }), 8193)
    assert.equal(await codeOf('deal/sellerSearchDealList', { ...listed, dealState: 'NONE' }), 8193)
    assert.deepEqual(await timesOf({ ...listed, dealState: '1' }), [])
    assert.deepEqual(await timesOf({ ...listed, dealState: 'DS_WAIT_SELLER_DELIVERY' }), newest)
    assert.deepEqual(await timesOf({ ...listed, historyDeal: '1' }), [])
  })

  it('gives lines only if they are asked for, numbers as texts, and zeros for a time that has not come', async () => {
    const tid = await paidDeal({ lines: 1, payment: 12_345 })
    const bare = await answered('deal/getDealDetail', { dealCode: tid })
    assert.equal(bare['itemList'], undefined)
    assert.deepEqual(
      [bare['dealPayFeeTotal'], bare['sellerConsignmentTime'], bare['dealState'], bare['wuliuCode']],
      ['12345', '0000-00-00 00:00:00', 'DS_WAIT_SELLER_DELIVERY', ''],
    )
    const whole = await answered('deal/getDealDetail', { dealCode: tid, listItem: '1' })
    const price = Number(textOf(whole, 'itemDealPrice')) * Number(textOf(whole, 'itemDealCount'))
    const asked = price + Number(textOf(whole, 'itemAdjustPrice')) - Number(textOf(whole, 'itemDiscountFee'))
    assert.equal(asked + Number(whole['freight']) - Number(whole['couponFee']), 12_345)
    assert.match(textOf(whole, 'itemCode'), /^[0-9A-F]{32}$/)
    const listedDeal = await ask('deal/sellerSearchDealList', { ...listed, dealCode: tid })
    assert.ok(!listedDeal.includes('itemList') && !listedDeal.includes('wuliuCode'))
    assert.equal(await codeOf('deal/getDealDetail', { dealCode: '1' }), 20_001)
    assert.equal(await codeOf('deal/getDealDetail', { dealCode: tid, historyDeal: '1' }), 20_001)
  })

  it('ships whole deals that wait for their seller, once, and none that is paid at the door', async () => {
    const parcel = { logisticsName: '中通速递', logisticsCode: '7000000000001', arriveDays: '7' }
    const tid = await paidDeal({ lines: 2 })
    const shipping = (change: Record<string, string>) =>
      codeOf('deal/sellerConsignDealItem', { dealCode: tid, ...parcel, ...change })
    assert.equal(await shipping({ arriveDays: '6' }), 8193)
    assert.equal(await shipping({ logisticsName: '信鸽' }), 8193)
    assert.equal(await shipping({ logisticsCode: '700000000000000000001' }), 8193)
    assert.equal(await shipping({ logisticsDesc: '长'.repeat(51) }), 8193)
    assert.equal(await shipping({}), 0)
    const trade = sandbox.world.shops.find(({ key }) => key === 'pp')?.trades.get(tid)
    assert.deepEqual(
      trade?.lines.map(({ status, shipments }) => [status, shipments]),
      [
        ['WAIT_BUYER_CONFIRM_GOODS', 1],
        ['WAIT_BUYER_CONFIRM_GOODS', 1],
      ],
    )
    assert.match(
      await ask('deal/sellerConsignDealItem', { dealCode: tid, ...parcel }),
      /状态处于\[买家已付款等待卖家发货/,
    )
    const door = await paidDeal({ type: 'cod' })
    const other = { ...parcel, logisticsCode: '7000000000002' }
    assert.equal(await codeOf('deal/sellerConsignDealItem', { dealCode: door, ...other }), 20_001)
  })

  it('lists deals with refunds, and shows an open one as the state of its deal', async () => {
    const [one, two] = [await paidDeal({ lines: 1 }), await paidDeal({ lines: 2 })]
    for (const tid of [one, two]) await control(sandbox, 'refunds', { tid, kind: 'REFUND' })
    const stateOf = async (dealCode: string) =>
      (await answered('deal/getDealDetail', { dealCode }))['dealState']
    assert.deepEqual(
      [await stateOf(one), await stateOf(two)],
      ['DS_REFUND_ALL_WAIT_SELLER_AGREE', 'DS_DEAL_REFUNDING'],
    )
    const refunds = await answered('deal/getDealRefundInfoList', listed)
    assert.deepEqual(
      [refunds['countTotal'], valuesOf(JSON.stringify(refunds), 'tradeRefundId').length],
      [2, 2],
    )
    assert.equal(await codeOf('deal/getDealRefundInfoList', { ...listed, timeType: '' }), 8193)
    assert.equal(await codeOf('deal/getDealRefundInfoList', { ...listed, pageSize: '21' }), 8193)
    const none = await answered('deal/getDealRefundDetailInfo', { dealCode: await paidDeal() })
    assert.deepEqual(none['itemList'], [])
    assert.equal(await codeOf('deal/getDealRefundDetailInfo', { dealCode: '1' }), 20_001)
  })

  it('replaces a note and its label, and refuses a long note and a colour that it has not', async () => {
    const dealCode = await paidDeal()
    const noted = (params: Record<string, string>) => codeOf('deal/modifySellerNote', { dealCode, ...params })
    assert.equal(await noted({ dealNote: '长'.repeat(255) }), 8193)
    assert.equal(await noted({ dealNoteType: 'PURPLE' }), 8193)
    assert.equal(await noted({ dealNote: '急', dealNoteType: 'PINK' }), 0)
    const deal = await answered('deal/getDealDetail', { dealCode })
    assert.deepEqual([deal['dealNote'], deal['dealNoteType']], ['急', 'PINK'])
  })

  it('sets the pieces of one SKU, by its number, its code or its properties', async () => {
    const shop = sandbox.world.shops.find(({ key }) => key === 'pp') ?? assert.fail()
    const listing = shop.listings.find(
      ({ skus }) => skus.every(({ outerId }) => outerId !== '') && skus.length > 1,
    )
    const [sku] = listing?.skus ?? []
    assert.ok(listing && sku)
    const stock = (params: Record<string, string>) =>
      codeOf('item/modifyItemStock', { itemCode: listing.numIid, ...params })
    assert.equal(await stock({ skuId: sku.skuId, stockCount: '7' }), 0)
    assert.equal(sku.quantity, 7)
    assert.equal(await stock({ stockLocalCode: sku.outerId, stockCount: '8' }), 0)
    assert.equal(sku.quantity, 8)
    assert.equal(await stock({ stockAttr: sku.properties.replaceAll(';', '|'), stockCount: '9' }), 0)
    assert.equal(sku.quantity, 9)
    assert.equal(await stock({ skuId: sku.skuId }), 0)
    assert.equal(sku.quantity, 9)
    assert.equal(await stock({ skuId: sku.skuId, stockCount: '-1' }), 8193)
    assert.equal(await stock({ stockCount: '1' }), 8193)
    assert.equal(await stock({ skuId: '1', stockCount: '1' }), 20_001)
    assert.equal(await codeOf('item/modifyItemStock', { itemCode: '1', stockCount: '1' }), 20_001)
    assert.equal(await codeOf('item/sellerSearchItemList', { pageSize: '31' }), 8193)
  })

  it('forgets a token that has ended', async () => {
    await control(sandbox, 'faults', { kind: 'session-expired', shop: 'pp', count: 1 })
    assert.equal(await codeOf('shop/getShopInfo', {}), 508)
    assert.equal(await codeOf('shop/getShopInfo', {}), 508)
  })
})
