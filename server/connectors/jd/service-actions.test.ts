import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { control as change, jd as options } from '../../../sandbox/testing.ts'
import type { Refund as Book } from '../../../sandbox/world/model.ts'
import { failureOf } from '../conformance/checks.ts'
import type { Call, Refund, RefundItem } from '../connector.ts'
import { agreeRefund, refuseReasons, refuseRefund } from './refund-actions.ts'
import { listChanged } from './refund-lists.ts'
import { refundDetail } from './refunds.ts'
import { reportReturn } from './service-actions.ts'

let running: RunningSandbox
before(async () => {
  running = await startSandbox({ port: 0, seed: 'services', shops: [options] })
})
after(() => running.close())

/** A call, and the methods that it made. `own`: what differs in the form of the shop. */
function aCall(own: Record<string, string> = {}): { call: Call; methods: string[] } {
  const methods: string[] = []
  const credentials = {
    appKey: options.appKey,
    appSecret: options.appSecret,
    gatewayUrl: `${running.url}/routerjson`,
    oauthUrl: `${running.url}/oauth2/`,
    returnAddress: '林晓，0571-12345678，310000，15，1213，3411，文三路1号',
    ...own,
  }
  const onRequest = ({ method }: { method: string }) => void methods.push(method.replace('jingdong.', ''))
  return { call: { credentials, session: options.sessionKey, variant: 'jd', onRequest }, methods }
}

/** A service order of an order that has left, as the platform has it and as we have seen it. */
async function aServiceOrder(kind = 'REFUND_AND_RETURN', steps: readonly string[] = []) {
  await change(running, 'trades', { shop: 'jd', status: 'WAIT_SELLER_SEND_GOODS', type: 'fixed', lines: 1 })
  const trade = [...(running.world.shops[0]?.trades.values() ?? [])].at(-1) ?? assert.fail()
  await change(running, `trades/${trade.tid}/ship`, {})
  await change(running, 'refunds', { tid: trade.tid, kind })
  const book = trade.refunds[0] ?? assert.fail()
  for (const step of steps) await change(running, `refunds/${book.id}/${step}`, {})
  return { book, seen: await seenNow(book) }
}

async function seenNow(book: Book): Promise<Refund> {
  const detail = await refundDetail(aCall().call, { refundId: book.id })
  return detail && 'refund' in detail ? detail.refund : assert.fail('no service order')
}

const agree = (seen: Refund, call: Call = aCall().call) =>
  agreeRefund(call, { refunds: [{ ...seen, kind: seen.refundKind }] })
const receipt = ({ refundId, tid }: Refund) => ({
  ...{ refundId, tid, carrier: 'YUNDA', waybillNo: '' },
  receivedAt: new Date(),
})
const reason = { reasonId: '3', message: '', proof: null, proofType: '' }
const deedsOf = ({ id }: Book) => running.world.deeds.filter(({ key }) => key === id)

describe('a service order', () => {
  it('is looked up by its number, and asked for whole: the view, the parcel, and the money only after a receipt', async () => {
    const { book } = await aServiceOrder()
    const { call, methods } = aCall()
    await refundDetail(call, { refundId: book.id })
    assert.deepEqual(methods, ['vender.shop.query', 'asc.query.list', 'asc.query.view', 'asc.freight.view'])
    await change(running, `refunds/${book.id}/succeed`, {})
    methods.length = 0
    await refundDetail(call, { refundId: book.id, tid: book.trade.tid })
    // The number of the shop is asked for once.
    assert.deepEqual(methods, ['asc.query.view', 'asc.freight.view', 'asc.serviceAndRefund.view'])
    assert.equal(await refundDetail(call, { refundId: 'S1' }), undefined)
  })

  it('is agreed to once, with the address of the shop and the version that was seen', async () => {
    const { book, seen } = await aServiceOrder()
    await agree(seen)
    assert.equal(book.status, 'WAIT_BUYER_RETURN_GOODS')
    assert.deepEqual(
      deedsOf(book).map(({ accepted, detail }) => [accepted, detail['address']]),
      [[true, '文三路1号']],
    )
    assert.equal((await failureOf(agree(seen))).code, 'refund_changed')
    // Nothing has been sent back yet, so nothing is paid.
    assert.equal((await failureOf(agree(await seenNow(book)))).code, 'goods_not_back')
    assert.equal(deedsOf(book).length, 1)
  })

  it('is not agreed to without an address, nor in another version or amount than was seen', async () => {
    const { book, seen } = await aServiceOrder()
    assert.equal((await failureOf(agree(seen, aCall({ returnAddress: '' }).call))).code, 'return_address')
    for (const stale of [
      { ...seen, version: `${seen.version}1` },
      { ...seen, amountFen: seen.amountFen + 1 },
    ])
      assert.equal((await failureOf(agree(stale))).code, 'refund_changed')
    assert.deepEqual([book.status, deedsOf(book)], ['WAIT_SELLER_AGREE', []])
  })

  it('that changes between the look and the answer is refused by the platform, and counts as changed', async () => {
    const { book, seen } = await aServiceOrder()
    const { call } = aCall()
    const first = call.onRequest
    const late: Call = {
      ...call,
      onRequest(request) {
        first?.(request)
        if (request.method.endsWith('freight.view')) book.version += 1
      },
    }
    assert.equal((await failureOf(agree(seen, late))).code, 'refund_changed')
    assert.deepEqual(
      [book.status, deedsOf(book).map(({ accepted }) => accepted)],
      ['WAIT_SELLER_AGREE', [false]],
    )
  })

  it('of an exchange or a repair is agreed to; one without goods that come back is left to its own pages', async () => {
    for (const kind of ['TMALL_EXCHANGE', 'REPAIR']) {
      const { book, seen } = await aServiceOrder(kind)
      await agree(seen)
      assert.equal(book.status, 'WAIT_BUYER_RETURN_GOODS', kind)
      await change(running, `refunds/${book.id}/return`, {})
      assert.equal((await failureOf(agree(await seenNow(book)))).code, 'unsupported')
      assert.equal((await failureOf(reportReturn(aCall().call, receipt(seen)))).code, 'unsupported')
    }
    const { book, seen } = await aServiceOrder('RESHIPPING')
    assert.equal((await failureOf(agree(seen))).code, 'unsupported')
    assert.equal(book.status, 'WAIT_SELLER_AGREE')
  })

  it('is paid once its goods are here, by an agreement or by the receipt, and a second one sends nothing', async () => {
    const [one, two] = [
      await aServiceOrder('REFUND_AND_RETURN', ['agree', 'return']),
      await aServiceOrder('REFUND_AND_RETURN', ['agree', 'return']),
    ]
    await agree(one.seen)
    await reportReturn(aCall().call, receipt(two.seen))
    for (const { book, seen } of [one, two]) {
      assert.deepEqual([book.status, (await seenNow(book)).status], ['SUCCESS', 'succeeded'])
      assert.equal((await failureOf(agree(seen))).code, 'answered_already')
      await reportReturn(aCall().call, receipt(seen))
      assert.equal(deedsOf(book).length, 1)
    }
    assert.equal(
      (await failureOf(reportReturn(aCall().call, { ...receipt(one.seen), refundId: '1' }))).code,
      'unsupported',
    )
  })

  it('whose goods the buyer brings has no parcel, and is paid by the receipt or by an agreement', async () => {
    const [one, two] = [await aServiceOrder(), await aServiceOrder()]
    for (const { book, seen } of [one, two]) {
      book.wayBack = 7
      await agree(seen)
      assert.equal(book.status, 'WAIT_BUYER_RETURN_GOODS')
    }
    await reportReturn(aCall().call, receipt(one.seen))
    await agree(await seenNow(two.book))
    for (const { book } of [one, two]) {
      assert.deepEqual([book.status, book.waybill], ['SUCCESS', ''])
      assert.equal((await seenNow(book)).status, 'succeeded')
    }
  })

  it('is received although its buyer entered no parcel, but not before it was agreed to', async () => {
    const early = await aServiceOrder()
    const error = await failureOf(reportReturn(aCall().call, receipt(early.seen)))
    assert.deepEqual([error.code, early.book.status], ['goods_not_back', 'WAIT_SELLER_AGREE'])
    assert.deepEqual(deedsOf(early.book), [])
    const { book, seen } = await aServiceOrder('REFUND_AND_RETURN', ['agree'])
    await reportReturn(aCall().call, receipt(seen))
    assert.deepEqual([book.status, book.waybill], ['SUCCESS', ''])
  })

  it('is refused with a reason of the platform while nothing is decided', async () => {
    const { book, seen } = await aServiceOrder()
    assert.deepEqual(await refuseReasons(aCall().call, seen), [
      { id: '1', text: '其他' },
      { id: '2', text: '已与客户协商一致' },
      { id: '3', text: '商品影响二次销售' },
    ])
    assert.equal(
      (await failureOf(refuseRefund(aCall().call, { ...seen, ...reason, reasonId: 'x' }))).code,
      'parameter',
    )
    await refuseRefund(aCall().call, { ...seen, ...reason, message: '超过七天' })
    assert.deepEqual([book.status, book.refuseReason], ['SELLER_REFUSE_BUYER', '超过七天'])
    const now = await seenNow(book)
    assert.equal(
      (await failureOf(refuseRefund(aCall().call, { ...now, ...reason }))).code,
      'answered_already',
    )
    const agreed = await aServiceOrder('REFUND_AND_RETURN', ['agree'])
    const late = await failureOf(refuseRefund(aCall().call, { ...agreed.seen, ...reason }))
    assert.equal(late.code, 'unsupported')
  })
})

describe('the lists of refunds', () => {
  const second = 1000
  const window = (ms = 60 * second) => ({
    from: new Date(Date.now() - ms),
    to: new Date(Date.now() + second),
  })

  async function listedIn(of: { from: Date; to: Date }, id: string) {
    const { call, methods } = aCall()
    const items: RefundItem[] = []
    for (let after: string | null = null; ; ) {
      const page = await listChanged(call, of, { after, size: 50 })
      items.push(...page.items)
      if (page.next === null) break
      after = page.next
    }
    const found = items.filter((item) => 'refundId' in item && item.refundId === id)
    return { found, methods }
  }

  it('name a service order once that changed, and again when its parcel was entered later', async () => {
    const { book } = await aServiceOrder('REFUND_AND_RETURN', ['agree'])
    assert.deepEqual((await listedIn(window(), book.id)).found, [{ kind: 'id', refundId: book.id }])
    await change(running, `refunds/${book.id}/return`, {})
    assert.ok(book.sent)
    // The agreement lies before the window, the parcel within it.
    book.sent.modified -= 600
    assert.deepEqual((await listedIn(window(), book.id)).found, [{ kind: 'id', refundId: book.id }])
    book.sent.at -= 600
    assert.deepEqual((await listedIn(window(), book.id)).found, [])
  })

  it('look every three hours for money that went back later', async () => {
    const hours = 3_600 * second
    const at = new Date(Math.floor(Date.now() / (3 * hours)) * 3 * hours)
    const calm = { from: new Date(at.getTime() - 60 * second), to: new Date(at.getTime() - second) }
    const { methods: few } = await listedIn(calm, '')
    assert.ok(!few.includes('asc.serviceAndRefund.view'))
    const { methods: more } = await listedIn({ ...calm, to: new Date(at.getTime() + second) }, '')
    assert.ok(more.includes('asc.serviceAndRefund.view'))
  })
})
