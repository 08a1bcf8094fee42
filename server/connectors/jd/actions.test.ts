import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { control as change, jd as options } from '../../../sandbox/testing.ts'
import type { Refund as Book, Trade } from '../../../sandbox/world/model.ts'
import { failureOf } from '../conformance/checks.ts'
import type { Call, Refund } from '../connector.ts'
import { companyNumbers } from './couriers.ts'
import { updateStock } from './goods.ts'
import { updateMemo } from './memo.ts'
import { oauth } from './oauth.ts'
import { agreeRefund, refuseReasons, refuseRefund } from './refund-actions.ts'
import { listChanged } from './refund-lists.ts'
import { refundDetail, refundsOfTrade } from './refunds.ts'
import { ship } from './ship.ts'
import { listChanged as tradesChanged } from './trades.ts'

let running: RunningSandbox
before(async () => {
  running = await startSandbox({ port: 0, seed: 'actions', shops: [options] })
})
after(() => running.close())

const credentials = () => ({
  appKey: options.appKey,
  appSecret: options.appSecret,
  gatewayUrl: `${running.url}/routerjson`,
  oauthUrl: `${running.url}/oauth2/`,
})

/** A call, and the methods that it made. */
function aCall(): { call: Call; methods: string[] } {
  const methods: string[] = []
  const onRequest = ({ method }: { method: string }) => void methods.push(method.replace('jingdong.', ''))
  return {
    call: { credentials: credentials(), session: options.sessionKey, variant: 'jd', onRequest },
    methods,
  }
}

async function aTrade(spec: Record<string, unknown> = {}): Promise<Trade> {
  await change(running, 'trades', { shop: 'jd', status: 'WAIT_SELLER_SEND_GOODS', type: 'fixed', ...spec })
  return [...(running.world.shops[0]?.trades.values() ?? [])].at(-1) ?? assert.fail()
}

/** An application, as the platform's books have it and as we have seen it. */
async function anApplication(): Promise<{ book: Book; seen: Refund }> {
  const trade = await aTrade()
  await change(running, 'refunds', { tid: trade.tid })
  const book = trade.refunds[0] ?? assert.fail()
  return { book, seen: await seenNow(book) }
}

async function seenNow(book: Book): Promise<Refund> {
  const detail = await refundDetail(aCall().call, { refundId: book.id })
  return detail && 'refund' in detail ? detail.refund : assert.fail('no application')
}

const asked = (refund: Refund) => ({ ...refund, kind: refund.refundKind })
const reason = { reasonId: '5', message: '', proof: null, proofType: '' }
const answers = () => running.world.deeds.filter(({ action }) => action === 'agree' || action === 'refuse')

describe('an application to cancel', () => {
  it('is granted once: the order is cancelled whole', async () => {
    const { book, seen } = await anApplication()
    const { call, methods } = aCall()
    await agreeRefund(call, { refunds: [asked(seen)], operator: '林晓' })
    assert.deepEqual([book.status, book.trade.status], ['SUCCESS', 'TRADE_CLOSED'])
    assert.deepEqual(methods, [
      'pop.afs.soa.refundapply.queryPageList',
      'pop.afs.soa.refundapply.replyRefund',
    ])
    assert.deepEqual(answers().at(-1)?.detail, { reason: '', message: '同意取消', user: '林晓', left: '2' })
    const again = await failureOf(agreeRefund(aCall().call, { refunds: [asked(seen)] }))
    assert.equal(again.code, 'answered_already')
  })

  it('that has changed since it was seen is neither granted nor refused', async () => {
    const { book, seen } = await anApplication()
    const before = answers().length
    for (const stale of [
      { ...seen, version: '2026-01-01 00:00:00' },
      { ...seen, amountFen: seen.amountFen + 1 },
    ]) {
      const error = await failureOf(agreeRefund(aCall().call, { refunds: [asked(stale)] }))
      assert.equal(error.code, 'refund_changed')
    }
    const refused = await failureOf(refuseRefund(aCall().call, { ...seen, version: 'other', ...reason }))
    assert.deepEqual(
      [refused.code, book.status, answers().length],
      ['refund_changed', 'WAIT_SELLER_AGREE', before],
    )
  })

  it('is refused with one of the platform’s six reasons, and its words where there are no own', async () => {
    const { book, seen } = await anApplication()
    const wrong = await failureOf(refuseRefund(aCall().call, { ...seen, ...reason, reasonId: '7' }))
    assert.equal(wrong.code, 'parameter')
    await refuseRefund(aCall().call, { ...seen, ...reason, reasonId: '1' })
    assert.deepEqual([book.status, book.trade.status], ['SELLER_REFUSE_BUYER', 'WAIT_SELLER_SEND_GOODS'])
    const { reason: told, left, message } = answers().at(-1)?.detail ?? {}
    assert.deepEqual([told, left, message], ['1', '1', '商品已在配送途中，无法取消（支持拒收）'])
    const again = await failureOf(refuseRefund(aCall().call, { ...(await seenNow(book)), ...reason }))
    assert.equal(again.code, 'answered_already')
    assert.deepEqual(
      (await refuseReasons(aCall().call, seen)).map(({ id }) => id),
      ['1', '2', '3', '4', '5', '6'],
    )
  })

  it('is unclear when its answer was lost, and answered already when it is given again', async () => {
    const { book, seen } = await anApplication()
    const method = 'jingdong.pop.afs.soa.refundapply.replyRefund'
    await change(running, 'faults', { kind: 'timeout-after', method, ms: 20, count: 1 })
    const lost = await failureOf(agreeRefund(aCall().call, { refunds: [asked(seen)] }))
    assert.deepEqual([lost.kind, lost.unclear, book.status], ['retry', true, 'SUCCESS'])
    const again = await failureOf(agreeRefund(aCall().call, { refunds: [asked(seen)] }))
    assert.equal(again.code, 'answered_already')
  })

  it('is listed once with the window of its time, and again with later ones when it was taken back', async () => {
    const { book } = await anApplication()
    book.created -= 3600
    const at = (seconds: number) => new Date((book.created + seconds) * 1000)
    const idsIn = async (from: Date, to: Date) => {
      const { items, next } = await listChanged(aCall().call, { from, to }, { after: null, size: 50 })
      assert.equal(next, null)
      return items.flatMap((item) =>
        item.kind === 'refund' && item.refundId === book.id ? [item.status] : [],
      )
    }
    assert.deepEqual(await idsIn(at(-60), at(60)), ['applied'])
    assert.deepEqual(await idsIn(at(600), at(1200)), [])
    await change(running, `refunds/${book.id}/close`)
    assert.deepEqual(await idsIn(at(-60), at(60)), ['closed'])
    assert.deepEqual(await idsIn(at(600), at(1200)), ['closed'])
    assert.deepEqual(await idsIn(at(-1200), at(-600)), [])
  })

  it('of a locked order that no list names is not taken for none', async () => {
    const { book } = await anApplication()
    const shop = book.trade.shop
    shop.refunds.delete(book.id)
    const error = await failureOf(refundsOfTrade(aCall().call, book.trade.tid))
    shop.refunds.set(book.id, book)
    assert.deepEqual([error.kind, error.code], ['retry', 'bad_answer'])
  })

  it('of a cancelled order that no list names is not taken for none, nor is one that was refused before', async () => {
    const { book, seen } = await anApplication()
    await agreeRefund(aCall().call, { refunds: [asked(seen)] })
    assert.deepEqual(
      (await refundsOfTrade(aCall().call, book.trade.tid)).map(({ refundId }) => refundId),
      [book.id],
    )
    book.status = 'SELLER_REFUSE_BUYER'
    const refused = await failureOf(refundsOfTrade(aCall().call, book.trade.tid))
    const { shop } = book.trade
    shop.refunds.delete(book.id)
    const unnamed = await failureOf(refundsOfTrade(aCall().call, book.trade.tid))
    shop.refunds.set(book.id, book)
    for (const error of [refused, unnamed])
      assert.deepEqual([error.kind, error.code, error.unclear], ['retry', 'bad_answer', false])
  })
})

describe('an order', () => {
  it('that has left part of its time ago is listed by its change, with the page that the platform counts', async () => {
    await aTrade()
    const now = Date.now()
    const window = { from: new Date(now - 600_000), to: new Date(now + 60_000) }
    const counted = await tradesChanged(aCall().call, window, { number: 1, size: 1, mode: 'count' })
    const page = await tradesChanged(aCall().call, window, { number: 1, size: 100, mode: 'rows' })
    assert.equal(page.items.length, counted.total)
    const old = { from: new Date(now - 400 * 86_400_000), to: new Date(now - 399 * 86_400_000) }
    const { call, methods } = aCall()
    assert.deepEqual(await tradesChanged(call, old, { number: 1, size: 1, mode: 'count' }), {
      total: 0,
      items: [],
      hasNext: false,
    })
    assert.deepEqual(methods, [])
  })

  it('leaves whole: its lines may be named, if all are', async () => {
    const trade = await aTrade({ lines: 2 })
    const oids = trade.lines.map(({ oid }) => oid)
    const parcel = { tid: trade.tid, carrier: 'SF', waybillNo: 'SF1234567890123' }
    const part = await failureOf(ship(aCall().call, { ...parcel, oids: oids.slice(0, 1) }))
    assert.deepEqual([part.code, trade.status], ['parameter', 'WAIT_SELLER_SEND_GOODS'])
    await ship(aCall().call, { ...parcel, oids })
    assert.deepEqual(
      trade.lines.map(({ shipments, waybill }) => [shipments, waybill]),
      oids.map(() => [1, 'SF1234567890123']),
    )
  })

  it('has the number of a courier that no document numbers from the couriers of the shop', async () => {
    const [one, two] = [await aTrade(), await aTrade()]
    const { call, methods } = aCall()
    await ship(call, { tid: one.tid, oids: [], carrier: 'JTSD', waybillNo: 'JT1234567890123' })
    assert.deepEqual(methods, ['360buy.get.vender.all.delivery.company', 'pop.order.shipment'])
    assert.deepEqual(
      one.lines.map(({ company, waybill }) => [company, waybill]),
      one.lines.map(() => ['900101', 'JT1234567890123']),
    )
    // 中通快运 is another courier than 中通快递, and the shop has no 德邦快运.
    assert.deepEqual(
      [(await companyNumbers(call, 'ZTOKY')).ZTOKY, (await companyNumbers(call, 'ZTO')).ZTO],
      ['900103', '1499'],
    )
    const parcel = { tid: two.tid, oids: [], carrier: 'DBKY', waybillNo: 'DB123456789012' }
    const unknown = await failureOf(ship(aCall().call, parcel))
    assert.deepEqual([unknown.code, two.status], ['courier_code', 'WAIT_SELLER_SEND_GOODS'])
  })

  it('keeps its flag under a remark without one, for which the platform is asked', async () => {
    const trade = await aTrade({ memo: '旧', flag: 3 })
    const { call, methods } = aCall()
    await updateMemo(call, { tid: trade.tid, memo: '新', flag: null })
    assert.deepEqual([trade.memo, trade.flag], ['新', 3])
    assert.deepEqual(methods, ['order.venderRemark.queryByOrderId', 'pop.order.modifyVenderRemark'])
    await updateMemo(call, { tid: trade.tid, memo: '', flag: 0 })
    assert.deepEqual([trade.memo, trade.flag, methods.length], ['', 0, 3])
  })
})

it('the same quantity is set again after another one, because each request has a number of its own', async () => {
  const [listing] = running.world.shops[0]?.listings ?? []
  const sku = listing?.skus[0]
  assert.ok(listing && sku)
  for (const quantity of [5, 9, 5]) {
    const items = [{ itemId: listing.numIid, platformSkuId: sku.skuId, quantity }]
    const [result] = await updateStock(aCall().call, { items })
    assert.deepEqual([result?.outcome, sku.quantity], ['done', quantity])
  }
})

it('a code is exchanged once, and the token ends together with its renewal', async () => {
  const [shop] = running.world.shops
  assert.ok(shop)
  running.world.codes.set('code-1', shop)
  const input = { code: 'code-1', redirectUri: 'https://a.test/back' }
  const token = await oauth.exchange(credentials(), input)
  assert.deepEqual(token.refreshExpiresAt, token.expiresAt)
  const again = await failureOf(oauth.exchange(credentials(), input))
  assert.ok(!again.message.includes('code-1'))
})
