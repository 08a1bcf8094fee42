import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { control as change, kuaishou as options } from '../../../sandbox/testing.ts'
import type { Refund as Book, Trade } from '../../../sandbox/world/model.ts'
import { failureOf } from '../conformance/checks.ts'
import type { Call, Refund } from '../connector.ts'
import { updateMemo } from './memo.ts'
import { oauth } from './oauth.ts'
import { agreeRefund, refuseReasons, refuseRefund } from './refund-actions.ts'
import { listChanged, refundDetail } from './refunds.ts'
import { ship } from './ship.ts'
import { listCreated } from './trades.ts'

let running: RunningSandbox
before(async () => {
  running = await startSandbox({ port: 0, seed: 'actions', shops: [options] })
})
after(() => running.close())

const credentials = () => ({
  appKey: options.appKey,
  appSecret: options.appSecret,
  signSecret: options.signSecret ?? '',
  gatewayUrl: running.url,
  authorizeUrl: `${running.url}/oauth/authorize`,
})

/** A call, and the methods that it made. */
function aCall(): { call: Call; methods: string[] } {
  const methods: string[] = []
  const onRequest = ({ method }: { method: string }) => void methods.push(method)
  return {
    call: { credentials: credentials(), session: options.sessionKey, variant: 'kuaishou', onRequest },
    methods,
  }
}

async function aTrade(spec: Record<string, unknown> = {}): Promise<Trade> {
  await change(running, 'trades', { shop: 'ks', status: 'WAIT_SELLER_SEND_GOODS', type: 'fixed', ...spec })
  return [...(running.world.shops[0]?.trades.values() ?? [])].at(-1) ?? assert.fail()
}

/** A refund of a shipped order, as the platform's books have it and as we have seen it. */
async function aRefund(kind: string): Promise<{ book: Book; seen: Refund }> {
  const trade = await aTrade({ lines: 1 })
  await change(running, `trades/${trade.tid}/ship`, {})
  await change(running, 'refunds', { tid: trade.tid, kind })
  const book = trade.refunds[0] ?? assert.fail()
  return { book, seen: await seenNow(book) }
}

async function seenNow(book: Book): Promise<Refund> {
  const detail = await refundDetail(aCall().call, { refundId: book.id })
  return detail && 'refund' in detail ? detail.refund : assert.fail('no refund')
}

const asked = (refund: Refund) => ({ ...refund, kind: refund.refundKind })

describe('a refund', () => {
  it('is paid with the amount that was seen, once', async () => {
    const { book, seen } = await aRefund('REFUND')
    const { call, methods } = aCall()
    await agreeRefund(call, { refunds: [asked(seen)] })
    assert.equal(book.status, 'SUCCESS')
    assert.deepEqual(methods, ['open.seller.order.refund.detail', 'open.seller.order.refund.approve'])
    const again = await failureOf(agreeRefund(aCall().call, { refunds: [asked(seen)] }))
    assert.equal(again.code, 'answered_already')
  })

  it('that has changed since it was seen is neither paid nor refused', async () => {
    const { book, seen } = await aRefund('REFUND')
    book.modified -= 5
    const stale = { ...(await seenNow(book)), amountFen: seen.amountFen }
    await change(running, `refunds/${book.id}/reopen`, { fee: Math.max(1, book.fee - 1) })
    const paid = await failureOf(agreeRefund(aCall().call, { refunds: [asked(stale)] }))
    const reason = { reasonId: '101', message: '已协商', proof: null, proofType: '' }
    const refused = await failureOf(refuseRefund(aCall().call, { ...stale, ...reason }))
    assert.deepEqual(
      [paid.code, refused.code, book.status],
      ['refund_changed', 'refund_changed', 'WAIT_SELLER_AGREE'],
    )
  })

  it('with return is paid only when the goods are back', async () => {
    const { book } = await aRefund('REFUND_AND_RETURN')
    await change(running, `refunds/${book.id}/agree`, {})
    const early = await failureOf(agreeRefund(aCall().call, { refunds: [asked(await seenNow(book))] }))
    assert.deepEqual([early.kind, book.status], ['rejected', 'WAIT_BUYER_RETURN_GOODS'])
    await change(running, `refunds/${book.id}/return`, {})
    const { call, methods } = aCall()
    await agreeRefund(call, { refunds: [asked(await seenNow(book))] })
    assert.equal(book.status, 'SUCCESS')
    assert.equal(methods.at(-1), 'open.seller.order.refund.confirm.receipt')
  })

  it('is refused with a reason of the platform and the evidence that it wants; one that is refused has its answer', async () => {
    const { book, seen } = await aRefund('REFUND')
    const reasons = await refuseReasons(aCall().call, seen)
    assert.deepEqual(reasons[1], { id: '102', text: '商品影响二次销售（要凭证）' })
    const bare = { ...seen, reasonId: '102', message: '已拆封', proof: null, proofType: '' }
    assert.equal((await failureOf(refuseRefund(aCall().call, bare))).kind, 'rejected')
    assert.equal(book.status, 'WAIT_SELLER_AGREE')
    await refuseRefund(aCall().call, { ...bare, proofUrl: 'https://example.com/a.jpg' })
    assert.deepEqual([book.status, book.refuseReason], ['SELLER_REFUSE_BUYER', '已拆封'])
    book.modified += 1
    const again = await failureOf(
      refuseRefund(aCall().call, { ...bare, proofUrl: 'https://example.com/a.jpg' }),
    )
    assert.equal(again.code, 'answered_already')
  })
})

describe('a parcel', () => {
  it('of a whole order without gifts takes serial numbers, IMEI apart', async () => {
    const trade = await aTrade({ lines: 1 })
    const { call, methods } = aCall()
    const numbers = ['490154203237518', 'SN-0001']
    await ship(call, {
      tid: trade.tid,
      oids: [],
      goods: [{ oid: trade.tid, quantity: trade.lines[0]?.num ?? 1 }],
      carrier: 'SF',
      waybillNo: 'SF1234567890123',
      serials: [{ oid: trade.tid, numbers }],
    })
    assert.deepEqual(methods, ['open.seller.order.goods.deliver'])
    assert.deepEqual(trade.lines[0]?.identCodes, numbers)
  })

  it('with pieces that is sent again after a lost answer is not sent twice', async () => {
    const trade = await aTrade({ lines: [{ num: 3 }] })
    const parcel = {
      tid: trade.tid,
      oids: [trade.tid],
      goods: [{ oid: trade.tid, quantity: 1 }],
      carrier: 'SF',
      waybillNo: 'SF1234567890777',
    }
    await ship(aCall().call, parcel)
    const { call, methods } = aCall()
    const again = await failureOf(ship(call, parcel))
    assert.deepEqual([again.kind, again.code], ['rejected', 'already_shipped'])
    assert.ok(!methods.includes('open.order.goods.split.deliver'))
    assert.equal(trade.lines[0]?.shipments, 1)
  })
})

describe('a note', () => {
  it('that says what the newest says is not added again, and one without a flag keeps the flag', async () => {
    const trade = await aTrade({ lines: 1 })
    await updateMemo(aCall().call, { tid: trade.tid, memo: '加急', flag: 3 })
    const { call, methods } = aCall()
    await updateMemo(call, { tid: trade.tid, memo: '加急', flag: null })
    assert.deepEqual(methods, ['open.order.detail'])
    await updateMemo(aCall().call, { tid: trade.tid, memo: '等货', flag: null })
    assert.deepEqual([trade.memo, trade.flag], ['等货', 3])
    await updateMemo(aCall().call, { tid: trade.tid, memo: '等货', flag: 0 })
    assert.deepEqual([trade.memo, trade.flag], ['等货', 0])
  })

  it('of more than two hundred characters is not sent', async () => {
    const { call, methods } = aCall()
    const error = await failureOf(updateMemo(call, { tid: '1', memo: '长'.repeat(201), flag: null }))
    assert.deepEqual([error.code, methods], ['memo_too_long', []])
  })
})

describe('the lists', () => {
  it('reach back ninety days, also if the first window begins some minutes earlier', async () => {
    const from = new Date(Date.now() - 90 * 86_400_000 - 300_000)
    const window = { from, to: new Date(from.getTime() + 3_600_000) }
    const at = { after: null, size: 50 }
    assert.equal((await listCreated(aCall().call, window, at)).next, null)
    assert.equal((await listChanged(aCall().call, window, at)).next, null)
    const older = { from: new Date(from.getTime() - 7_200_000), to: new Date(from.getTime() - 3_600_000) }
    const { call, methods } = aCall()
    for (const list of [listCreated, listChanged])
      assert.deepEqual(await list(call, older, at), { items: [], next: null })
    assert.deepEqual(methods, [], 'nothing older is shown, and asking for it would be refused for ever')
  })
})

describe('the tokens of a shop', () => {
  it('come with the code of an agreement, and each refresh token is good once until the agreement ends', async () => {
    const query = { shop: 'ks', client_id: options.appKey, redirect_uri: 'http://127.0.0.1/back' }
    const granted = await fetch(`${running.url}/authorize/grant?${new URLSearchParams(query)}`, {
      redirect: 'manual',
    })
    const code = new URL(granted.headers.get('location') ?? '').searchParams.get('code') ?? ''
    const first = await oauth.exchange(credentials(), { code, redirectUri: '' })
    const hours = (first.expiresAt.getTime() - Date.now()) / 3_600_000
    assert.ok(hours > 47.9 && hours <= 48, String(hours))
    const second = await oauth.refresh(credentials(), first.refreshToken)
    assert.notEqual(second.accessToken, first.accessToken)
    const ends = [first, second].map(({ refreshExpiresAt }) =>
      Math.round((refreshExpiresAt?.getTime() ?? 0) / 10_000),
    )
    assert.ok(Math.abs((ends[0] ?? 0) - (ends[1] ?? 9)) <= 1, ends.join())
    const used = await failureOf(oauth.refresh(credentials(), first.refreshToken))
    assert.equal(used.kind, 'reauthorise')
    const spent = await failureOf(oauth.exchange(credentials(), { code, redirectUri: '' }))
    assert.equal(spent.kind, 'reauthorise')
  })
})
