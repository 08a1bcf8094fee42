import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { control as change, xiaohongshu as options } from '../../../sandbox/testing.ts'
import { type Refund as Book, dividedFee, type Trade } from '../../../sandbox/world/model.ts'
import { failureOf } from '../conformance/checks.ts'
import type { Call, Refund } from '../connector.ts'
import { refundsOfTrade } from './asking.ts'
import { updateStock } from './goods.ts'
import { updateMemo } from './memo.ts'
import { oauth, verify } from './oauth.ts'
import { agreeRefund, refuseReasons, refuseRefund, reportReturn } from './refund-actions.ts'
import { refundDetail } from './refunds.ts'
import { ship } from './ship.ts'
import { tradeDetail } from './trades.ts'

let running: RunningSandbox
before(async () => {
  running = await startSandbox({ port: 0, seed: 'actions', shops: [options] })
})
after(() => running.close())

const credentials = () => ({
  appId: options.appKey,
  appSecret: options.appSecret,
  gatewayUrl: `${running.url}/ark/open_api/v3/common_controller`,
  authorizeUrl: `${running.url}/ark/authorization`,
})

/** A call, and the methods that it made. */
function aCall(session = options.sessionKey): { call: Call; methods: string[] } {
  const methods: string[] = []
  const onRequest = ({ method }: { method: string }) => void methods.push(method)
  return { call: { credentials: credentials(), session, variant: 'xiaohongshu', onRequest }, methods }
}

async function aTrade(spec: Record<string, unknown> = {}): Promise<Trade> {
  await change(running, 'trades', { shop: 'xhs', status: 'WAIT_SELLER_SEND_GOODS', type: 'fixed', ...spec })
  return [...(running.world.shops[0]?.trades.values() ?? [])].at(-1) ?? assert.fail()
}

/** An after-sale of a trade, as the platform's books have it and as we have seen it. */
async function aRefund(trade: Trade, kind = 'REFUND'): Promise<{ book: Book; seen: Refund }> {
  await change(running, 'refunds', { tid: trade.tid, kind })
  const book = trade.refunds.at(-1) ?? assert.fail()
  return { book, seen: await seenNow(book) }
}

/** A return whose goods are on their way back. */
async function aReturn(): Promise<{ book: Book; seen: Refund }> {
  const trade = await aTrade({ lines: 1 })
  await change(running, `trades/${trade.tid}/ship`, {})
  const { book } = await aRefund(trade, 'REFUND_AND_RETURN')
  await change(running, `refunds/${book.id}/agree`, {})
  await change(running, `refunds/${book.id}/return`, {})
  return { book, seen: await seenNow(book) }
}

async function seenNow(book: Book): Promise<Refund> {
  const detail = await refundDetail(aCall().call, { refundId: book.id })
  return detail && 'refund' in detail ? detail.refund : assert.fail('no after-sale')
}

const asked = (refund: Refund) => ({ ...refund, kind: refund.refundKind })
const reason = { reasonId: '12', message: '已协商', proof: null, proofType: '' }
const answers = () => running.world.deeds.filter(({ action }) => action === 'agree' || action === 'refuse')

describe('an after-sale', () => {
  it('of money alone is paid once, after it was looked at', async () => {
    const { book, seen } = await aRefund(await aTrade())
    const { call, methods } = aCall()
    await agreeRefund(call, { refunds: [asked(seen)] })
    assert.deepEqual(
      [book.status, methods],
      ['SUCCESS', ['afterSale.getAfterSaleInfo', 'afterSale.auditReturns']],
    )
    const again = await failureOf(agreeRefund(aCall().call, { refunds: [asked(seen)] }))
    assert.equal(again.code, 'answered_already')
  })

  it('that has changed since it was seen is neither paid nor refused', async () => {
    const { book, seen } = await aRefund(await aTrade())
    const before = answers().length
    for (const stale of [
      { ...seen, version: '1' },
      { ...seen, amountFen: seen.amountFen + 1 },
    ]) {
      const error = await failureOf(agreeRefund(aCall().call, { refunds: [asked(stale)] }))
      assert.equal(error.code, 'refund_changed')
    }
    const refused = await failureOf(refuseRefund(aCall().call, { ...seen, version: '1', ...reason }))
    assert.deepEqual(
      [refused.code, book.status, answers().length],
      ['refund_changed', 'WAIT_SELLER_AGREE', before],
    )
  })

  it('of a return is paid only when its goods are on their way back, by confirming that they have come', async () => {
    const trade = await aTrade({ lines: 1 })
    await change(running, `trades/${trade.tid}/ship`, {})
    const early = await aRefund(trade, 'REFUND_AND_RETURN')
    const error = await failureOf(agreeRefund(aCall().call, { refunds: [asked(early.seen)] }))
    assert.deepEqual([error.code, early.book.status], ['goods_not_back', 'WAIT_SELLER_AGREE'])
    const { book, seen } = await aReturn()
    await agreeRefund(aCall().call, { refunds: [asked(seen)] })
    assert.deepEqual([book.status, answers().at(-1)?.detail.method], ['SUCCESS', 'afterSale.confirmReceive'])
  })

  it('of an exchange is answered on the pages of the platform', async () => {
    const trade = await aTrade({ lines: 1 })
    await change(running, `trades/${trade.tid}/ship`, {})
    const { book, seen } = await aRefund(trade, 'TMALL_EXCHANGE')
    const error = await failureOf(agreeRefund(aCall().call, { refunds: [asked(seen)] }))
    assert.deepEqual([error.code, book.status], ['unsupported', 'WAIT_SELLER_AGREE'])
    const receipt = {
      refundId: book.id,
      tid: trade.tid,
      carrier: 'YTO',
      waybillNo: 'YT1',
      receivedAt: new Date(),
    }
    assert.equal((await failureOf(reportReturn(aCall().call, receipt))).code, 'unsupported')
  })

  it('is refused with the reasons of its step: the application, or the goods that came back', async () => {
    const applied = await aRefund(await aTrade())
    const ids = async (book: Book) =>
      (await refuseReasons(aCall().call, { ...(await seenNow(book)) })).map(({ id }) => id)
    assert.deepEqual(await ids(applied.book), ['11', '12'])
    const wrong = await failureOf(refuseRefund(aCall().call, { ...applied.seen, ...reason, reasonId: 'x' }))
    assert.equal(wrong.code, 'parameter')
    await refuseRefund(aCall().call, { ...applied.seen, ...reason })
    const again = await failureOf(refuseRefund(aCall().call, { ...(await seenNow(applied.book)), ...reason }))
    assert.deepEqual([applied.book.status, again.code], ['SELLER_REFUSE_BUYER', 'answered_already'])
    assert.deepEqual(await ids(applied.book), [])
    const back = await aReturn()
    assert.deepEqual(await ids(back.book), ['21', '22'])
    await refuseRefund(aCall().call, { ...back.seen, ...reason, reasonId: '21' })
    assert.deepEqual(
      [back.book.status, (await seenNow(back.book)).platformStatus],
      ['SELLER_REFUSE_BUYER', '9001'],
    )
  })

  it('is unclear when its answer was lost, and answered already when it is given again', async () => {
    const { book, seen } = await aRefund(await aTrade())
    const method = 'afterSale.auditReturns'
    await change(running, 'faults', { kind: 'timeout-after', method, ms: 20, count: 1 })
    const lost = await failureOf(agreeRefund(aCall().call, { refunds: [asked(seen)] }))
    assert.deepEqual([lost.kind, lost.unclear, book.status], ['retry', true, 'SUCCESS'])
    const again = await failureOf(agreeRefund(aCall().call, { refunds: [asked(seen)] }))
    assert.equal(again.code, 'answered_already')
  })

  it('that the order has and no list names is not taken for none', async () => {
    const { book } = await aRefund(await aTrade())
    const { trade } = book
    const kept = trade.refunds
    trade.garbage = { orderAfterSalesStatus: '2' }
    trade.refunds = []
    const error = await failureOf(refundsOfTrade(aCall().call, trade.tid))
    trade.refunds = kept
    assert.deepEqual([error.kind, error.code], ['retry', 'bad_answer'])
  })
})

describe('an order', () => {
  it('that waits to be shipped is asked for its sealed receiver, which the raw copy keeps', async () => {
    const trade = await aTrade({ lines: 1 })
    const { call, methods } = aCall()
    const detail = await tradeDetail(call, trade.tid)
    const raw = detail && 'trade' in detail ? detail.raw : assert.fail()
    assert.deepEqual(methods, ['order.getOrderDetail', 'order.getOrderReceiverInfo'])
    assert.match(raw, /"receiverAddress":"#[^"]+#1#"/)
    assert.ok(!raw.includes(trade.receiver.name) && !raw.includes(trade.receiver.mobile))
    await change(running, `trades/${trade.tid}/ship`, {})
    const later = aCall()
    await tradeDetail(later.call, trade.tid)
    assert.deepEqual(later.methods, ['order.getOrderDetail'])
  })

  it('whose receiver changes between the two calls is read again', async () => {
    const trade = await aTrade({ lines: 1 })
    trade.garbage = { openAddressId: '"former"' }
    const { call, methods } = aCall()
    const error = await failureOf(tradeDetail(call, trade.tid))
    assert.deepEqual([error.kind, error.code, methods.length], ['retry', 'bad_answer', 4])
    trade.garbage = null
    const detail = await tradeDetail(aCall().call, trade.tid)
    assert.ok(detail && 'trade' in detail && detail.trade.receiver.token.length === 32)
  })

  it('of which a line was given back whole does not send it, and one of which a part was given back sends all', async () => {
    const trade = await aTrade({ lines: 2 })
    const [line = assert.fail()] = trade.lines
    const { book } = await aRefund(trade)
    book.fee = dividedFee(line) - 1
    await change(running, `refunds/${book.id}/agree`, {})
    const refunds = async () => {
      const { call, methods } = aCall()
      const detail = await tradeDetail(call, trade.tid)
      assert.equal(methods.filter((method) => method === 'afterSale.getAfterSaleInfo').length, 1)
      return detail && 'trade' in detail ? detail.trade.lines.map(({ refund }) => refund) : []
    }
    assert.deepEqual(await refunds(), ['none', 'none'])
    book.fee += 1
    assert.deepEqual(await refunds(), ['succeeded', 'none'])
  })

  it('is not lost when the platform shows its receiver to nobody', async () => {
    const trade = await aTrade({ lines: 1 })
    const method = 'order.getOrderReceiverInfo'
    await change(running, 'faults', { kind: 'forbidden', method, count: 1 })
    const detail = await tradeDetail(aCall().call, trade.tid)
    assert.ok(detail && 'trade' in detail && detail.trade.status === 'paid')
  })

  it('leaves in parcels of whole SKUs, each with the names of its SKUs', async () => {
    const trade = await aTrade({ lines: 2 })
    const [one = '', two = ''] = trade.lines.map(({ oid }) => oid)
    const goods = trade.lines.map(({ oid, num }) => ({ oid, quantity: num }))
    const parcel = { tid: trade.tid, carrier: 'SF', goods }
    const unknown = { ...parcel, oids: [`${trade.tid}-1`], waybillNo: 'SF1234567890121' }
    assert.equal((await failureOf(ship(aCall().call, unknown))).code, 'parameter')
    await ship(aCall().call, { ...parcel, oids: [one], waybillNo: 'SF1234567890122' })
    assert.equal(trade.status, 'SELLER_CONSIGNED_PART')
    await ship(aCall().call, { ...parcel, oids: [two], waybillNo: 'SF1234567890123' })
    assert.deepEqual(
      [trade.status, trade.lines.map(({ waybill, shipments }) => [waybill, shipments])],
      [
        'WAIT_BUYER_CONFIRM_GOODS',
        [
          ['SF1234567890122', 1],
          ['SF1234567890123', 1],
        ],
      ],
    )
  })

  it('does not send a SKU without a line that shares it', async () => {
    const trade = await aTrade({ lines: 2 })
    const [line] = trade.lines
    const sku = { skuId: line?.sku?.skuId, skuQuantity: 1, totalPaidAmount: 0 }
    trade.garbage = { orders: JSON.stringify([sku, { ...sku, skuTag: 1 }]) }
    const parcel = { tid: trade.tid, carrier: 'SF', goods: [], waybillNo: 'SF1234567890124' }
    const error = await failureOf(ship(aCall().call, { ...parcel, oids: [line?.oid ?? ''] }))
    assert.deepEqual([error.code, trade.status], ['parameter', 'WAIT_SELLER_SEND_GOODS'])
  })

  it('keeps its flag under a remark without one, for which the platform is asked', async () => {
    const trade = await aTrade({ memo: '旧', flag: 3 })
    const { call, methods } = aCall()
    await updateMemo(call, { tid: trade.tid, memo: '新', flag: null })
    assert.deepEqual([trade.memo, trade.flag], ['新', 3])
    assert.deepEqual(methods, ['order.getOrderDetail', 'order.modifySellerMarkInfo'])
    await updateMemo(call, { tid: trade.tid, memo: '', flag: 0 })
    assert.deepEqual([trade.memo, trade.flag, methods.length], ['', 0, 3])
  })
})

it('a quantity counts the pieces that can be sold: those of unpaid orders stay in the total, and the same number is sent once', async () => {
  const [listing] = running.world.shops[0]?.listings ?? []
  const sku = listing?.skus[0]
  assert.ok(listing && sku)
  await aTrade({ status: 'WAIT_BUYER_PAY', lines: [{ skuId: sku.skuId, num: 4 }] })
  const items = [{ itemId: listing.numIid, platformSkuId: sku.skuId, quantity: 9 }]
  const { call, methods } = aCall()
  assert.equal((await updateStock(call, { items }))[0]?.outcome, 'done')
  await updateStock(call, { items })
  assert.equal(sku.quantity, 9)
  assert.deepEqual(methods, ['inventory.getSkuStock', 'inventory.syncSkuStock', 'inventory.getSkuStock'])
})

describe('the authorisation of the seller', () => {
  it('leads over the page of the platform back to us, with a code and the state', async () => {
    const input = { redirectUri: 'https://a.test/back?x=1', state: 's&1' }
    const page = await fetch(oauth.authorizeUrl(credentials(), input))
    assert.match(await page.text(), /测试小红书店/)
    const form = {
      shop: 'xhs',
      client_id: options.appKey,
      redirect_uri: input.redirectUri,
      state: input.state,
    }
    const url = `${running.url}/authorize/grant?${new URLSearchParams(form)}`
    const { headers } = await fetch(url, { redirect: 'manual' })
    const back = new URL(headers.get('location') ?? '')
    assert.deepEqual([back.searchParams.get('x'), back.searchParams.get('state')], ['1', 's&1'])
    const code = back.searchParams.get('code') ?? ''
    const token = await oauth.exchange(credentials(), { code, redirectUri: input.redirectUri })
    const days = (end: Date | null) => Math.round(((end?.getTime() ?? 0) - Date.now()) / 86_400_000)
    assert.deepEqual([days(token.expiresAt), days(token.refreshExpiresAt)], [7, 14])
  })

  it('exchanges a code once, and the token says whose it is', async () => {
    const [shop] = running.world.shops
    assert.ok(shop)
    running.world.codes.set('code-1', shop)
    const input = { code: 'code-1', redirectUri: 'https://a.test/back' }
    const token = await oauth.exchange(credentials(), input)
    const identity = await verify(aCall(token.accessToken).call)
    assert.deepEqual([identity.name, token.sellerNick], ['测试小红书店', '测试小红书店'])
    assert.match(identity.platformShopId, /^[0-9a-f]{24}$/)
    const again = await failureOf(oauth.exchange(credentials(), input))
    assert.deepEqual([again.kind, again.message.includes('code-1')], ['reauthorise', false])
  })

  it('of a token that a person typed is asked of the platform, which knows no name', async () => {
    const { platformShopId, name } = await verify(aCall().call)
    assert.match(platformShopId, /^[0-9a-f]{24}$/)
    assert.equal(name, platformShopId)
  })

  it('of another application is refused, and its secret is not repeated', async () => {
    const wrong = { ...credentials(), appSecret: 'wrong-secret-word' }
    const error = await failureOf(oauth.refresh(wrong, options.refreshToken))
    assert.deepEqual([error.kind, error.message.includes('wrong-secret-word')], ['rejected', false])
  })
})
