import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  control,
  stillSandbox,
  type TestSandbox,
  taobao as taobaoShop,
  tmall,
  valuesOf,
} from '../../../sandbox/testing.ts'
import type { ShopOptions } from '../../../sandbox/world/model.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { Call, RefundRef } from '../connector.ts'
import { agreeRefund, refuseReasons, refuseRefund, updateMemo } from './actions.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

function callOf(shop: ShopOptions): Call {
  return {
    credentials: {
      appKey: shop.appKey,
      appSecret: shop.appSecret,
      gatewayUrl: `${sandbox.url}/router/rest`,
      signMethod: 'hmac',
    },
    session: shop.sessionKey,
    variant: shop.platform,
    now: () => new Date(sandbox.clock.now()),
  }
}

async function aTrade(shop: ShopOptions, payment: number): Promise<string> {
  const made = await control(sandbox, 'trades', {
    shop: shop.key,
    status: 'WAIT_SELLER_SEND_GOODS',
    payment,
    lines: 1,
  })
  return /"tids":\["(\d+)"/.exec(made)?.[1] ?? assert.fail(made)
}

async function aRefund(shop: ShopOptions, fee: number): Promise<RefundRef & { amountFen: number }> {
  const tid = await aTrade(shop, fee)
  const book = await control(sandbox, 'refunds', { tid, kind: 'REFUND', fee })
  const [refundId = ''] = valuesOf(book, 'refundId').concat(valuesOf(book, 'id'), valuesOf(book, 'refund_id'))
  const refund = sandbox.world.shops.find(({ key }) => key === shop.key)?.refunds.get(refundId)
  assert.ok(refund, book)
  return {
    refundId,
    tid,
    oid: refund.line.oid,
    phase: 'onsale',
    version: String(refund.version),
    amountFen: fee,
  }
}

const statusOf = (shop: ShopOptions, refundId: string) =>
  sandbox.world.shops.find(({ key }) => key === shop.key)?.refunds.get(refundId)?.status

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (error instanceof PlatformError) return `${error.kind} ${error.code}`
  }
  return 'no error'
}

const picture = Uint8Array.from([
  0xff,
  0xd8,
  0xff,
  0xe0,
  ...Array.from({ length: 500 }, (_, index) => index % 256),
])

describe('what people do on Taobao and Tmall', () => {
  it('refuses a refund with a reason, a message and a picture', async () => {
    const call = callOf(tmall)
    const refund = await aRefund(tmall, 8800)
    const [reason] = await refuseReasons(call, refund)
    assert.deepEqual(reason, { id: '21', text: '商品已发出' })
    await refuseRefund(call, {
      ...refund,
      reasonId: reason?.id ?? '',
      message: '商品已发出，请勿退款 & 谢谢=',
      proof: picture,
      proofType: 'image/jpeg',
    })
    assert.equal(statusOf(tmall, refund.refundId), 'SELLER_REFUSE_BUYER')
    const deed = sandbox.world.deeds.findLast(({ key }) => key === refund.refundId)
    assert.deepEqual(
      [deed?.detail.message, deed?.detail.proofBytes],
      ['商品已发出，请勿退款 & 谢谢=', String(picture.length)],
    )
  })

  it('refuses nothing when the picture is too large, the message too short or the version old', async () => {
    const call = callOf(tmall)
    const refund = await aRefund(tmall, 8800)
    const input = { ...refund, reasonId: '21', message: '已发出', proof: picture, proofType: 'image/jpeg' }
    assert.equal(
      await codeOf(refuseRefund(call, { ...input, proof: new Uint8Array(130_001) })),
      'rejected proof_too_large',
    )
    assert.equal(await codeOf(refuseRefund(call, { ...input, message: '无' })), 'rejected message_length')
    assert.equal(
      await codeOf(refuseRefund(call, { ...input, version: '1' })),
      'rejected isv.refund-version-error',
    )
    assert.equal(statusOf(tmall, refund.refundId), 'WAIT_SELLER_AGREE')
  })

  it('agrees on Tmall after reviewing each, and answers for each by itself', async () => {
    const refunds = [await aRefund(tmall, 1000), { ...(await aRefund(tmall, 2000)), version: '1' }]
    const answer = await agreeRefund(callOf(tmall), { refunds, operator: '财务小王' })
    assert.equal(answer.outcome, 'done')
    const ok = new Map(answer.results.map((result) => [result.refundId, result.ok]))
    assert.deepEqual(
      refunds.map(({ refundId }) => ok.get(refundId)),
      [true, false],
    )
    assert.deepEqual(
      refunds.map(({ refundId }) => statusOf(tmall, refundId)),
      ['SUCCESS', 'WAIT_SELLER_AGREE'],
    )
  })

  it('asks for the code that the platform sent when the sum is large, and goes on with it', async () => {
    const refunds = [await aRefund(taobaoShop, 350_000)]
    assert.deepEqual(await agreeRefund(callOf(taobaoShop), { refunds }), {
      outcome: 'code_needed',
      results: [],
    })
    assert.equal(statusOf(taobaoShop, refunds[0]?.refundId ?? ''), 'WAIT_SELLER_AGREE')
    const answer = await agreeRefund(callOf(taobaoShop), { refunds, code: '123456' })
    assert.deepEqual(answer.results, [{ refundId: refunds[0]?.refundId, ok: true, message: '操作成功' }])
  })

  it('sends no more than one call may hold', async () => {
    const refund = {
      refundId: '1',
      tid: '1',
      oid: '',
      phase: 'onsale',
      version: '1',
      amountFen: 600_001,
    } as const
    assert.equal(await codeOf(agreeRefund(callOf(taobaoShop), { refunds: [refund] })), 'rejected agree_limit')
    assert.equal(
      await codeOf(
        agreeRefund(callOf(taobaoShop), {
          refunds: Array.from({ length: 21 }, () => ({ ...refund, amountFen: 1 })),
        }),
      ),
      'rejected agree_limit',
    )
  })

  it('writes a memo and a flag, empties a memo, and stops one that is too long before sending it', async () => {
    const call = callOf(taobaoShop)
    const tid = await aTrade(taobaoShop, 5000)
    const trade = sandbox.world.shops.find(({ key }) => key === taobaoShop.key)?.trades.get(tid)
    await updateMemo(call, { tid, memo: '加急 100%+礼盒', flag: 1 })
    assert.deepEqual([trade?.memo, trade?.flag], ['加急 100%+礼盒', 1])
    for (const memo of ['早先的', '']) await updateMemo(call, { tid, memo, flag: 2, flagOnly: true })
    assert.deepEqual([trade?.memo, trade?.flag], ['加急 100%+礼盒', 2])
    await updateMemo(call, { tid, memo: '', flag: null })
    assert.deepEqual([trade?.memo, trade?.flag], ['', 2])
    const calls = sandbox.sandbox.calls.get('tb taobao.trade.memo.update')
    assert.equal(
      await codeOf(updateMemo(call, { tid, memo: '字'.repeat(501), flag: null })),
      'rejected memo_too_long',
    )
    assert.equal(sandbox.sandbox.calls.get('tb taobao.trade.memo.update'), calls)
  })
})
