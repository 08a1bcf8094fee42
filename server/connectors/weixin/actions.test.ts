import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startSandbox } from '../../../sandbox/server.ts'
import { control, NOON, weixin as shop, type TestSandbox, valuesOf } from '../../../sandbox/testing.ts'
import type { Refund } from '../../../sandbox/world/model.ts'
import { manualClock } from '../../../sandbox/world/world.ts'
import type { AgreeInput } from '../answers.ts'
import type { Call } from '../connector.ts'
import { agreeRefund, refuseRefund } from './actions.ts'
import { refundDetail } from './refunds.ts'
import { issue } from './token.ts'

let sandbox: TestSandbox
before(async () => {
  const clock = manualClock(NOON * 1000)
  sandbox = { ...(await startSandbox({ port: 0, seed: 'weixin', shops: [shop], clock })), clock }
})
after(() => sandbox.close())

const callOf = (): Call => ({
  credentials: { appId: shop.appKey, appSecret: shop.appSecret, apiUrl: sandbox.url },
  session: shop.sessionKey,
  variant: shop.platform,
  now: () => new Date(sandbox.clock.now()),
})

/** A refund in the books, and as the connector reads it. */
async function aRefund(kind: string): Promise<[Refund, AgreeInput['refunds'][number]]> {
  const made = await control(sandbox, 'trades', {
    shop: shop.key,
    status: 'WAIT_SELLER_SEND_GOODS',
    payment: 9900,
    lines: 1,
  })
  const tid = /"tids":\["(\d+)"/.exec(made)?.[1] ?? assert.fail(made)
  const book = await control(sandbox, 'refunds', { tid, kind, fee: 4900 })
  const refundId =
    valuesOf(book, 'refundId').concat(valuesOf(book, 'id'), valuesOf(book, 'refund_id'))[0] ?? ''
  const refund = sandbox.world.shops.find(({ key }) => key === shop.key)?.refunds.get(refundId)
  const detail = await refundDetail(callOf(), { refundId })
  assert.ok(refund && detail && 'refund' in detail, book)
  const { tid: of, oid, phase, version, amountFen, refundKind } = detail.refund
  return [refund, { refundId, tid: of, oid, phase, version, amountFen, kind: refundKind }]
}

describe('an answer to an after-sale of WeChat', () => {
  it('pays the amount that was seen, and says of one that was paid before that nothing was sent', async () => {
    const [refund, seen] = await aRefund('REFUND')
    assert.equal(seen.amountFen, 4900)
    const done = { outcome: 'done', results: [{ refundId: refund.id, ok: true, message: '' }] }
    assert.deepEqual(await agreeRefund(callOf(), { refunds: [seen] }), done)
    assert.equal(refund.status, 'SUCCESS')
    await assert.rejects(agreeRefund(callOf(), { refunds: [seen] }), {
      kind: 'rejected',
      code: 'answered_already',
    })
    const agreed = sandbox.world.deeds.filter(({ action, key }) => action === 'agree' && key === refund.id)
    assert.equal(agreed.length, 1)
  })

  it('is not given to one that has changed since it was seen, because the platform would pay the other amount', async () => {
    const [refund, seen] = await aRefund('REFUND')
    refund.fee = 9900
    await assert.rejects(agreeRefund(callOf(), { refunds: [seen] }), {
      kind: 'rejected',
      code: 'refund_changed',
    })
    const [moved, before] = await aRefund('REFUND')
    moved.modified += 1
    const refusal = { ...before, reasonId: '6', message: '已与您协商取消', proof: null, proofType: '' }
    await assert.rejects(refuseRefund(callOf(), refusal), { kind: 'rejected', code: 'refund_changed' })
    assert.deepEqual([refund.status, moved.status], ['WAIT_SELLER_AGREE', 'WAIT_SELLER_AGREE'])
  })

  it('does not say that goods are back, which would pay, before the buyer has sent them', async () => {
    const [refund] = await aRefund('REFUND_AND_RETURN')
    const seenNow = async () => {
      const detail = await refundDetail(callOf(), { refundId: refund.id })
      assert.ok(detail && 'refund' in detail)
      return { ...detail.refund, kind: detail.refund.refundKind }
    }
    const early = { kind: 'rejected', code: 'goods_not_back' }
    await assert.rejects(agreeRefund(callOf(), { refunds: [await seenNow()] }), early)
    await control(sandbox, `refunds/${refund.id}/agree`)
    const waiting = await seenNow()
    assert.equal(waiting.platformStatus, 'USER_WAIT_RETURN')
    await assert.rejects(agreeRefund(callOf(), { refunds: [waiting] }), early)
    const agreed = () =>
      sandbox.world.deeds.filter(({ action, key }) => action === 'agree' && key === refund.id)
    assert.deepEqual([agreed().length, refund.status], [0, 'WAIT_BUYER_RETURN_GOODS'])
    await control(sandbox, `refunds/${refund.id}/return`)
    await agreeRefund(callOf(), { refunds: [await seenNow()] })
    assert.deepEqual([agreed().length, refund.status], [1, 'SUCCESS'])
  })

  it('pays no amount that cannot be read', async () => {
    const [refund, seen] = await aRefund('REFUND')
    refund.fee = 4900.5
    await assert.rejects(agreeRefund(callOf(), { refunds: [{ ...seen, amountFen: 0 }] }), {
      kind: 'rejected',
      code: 'unreadable',
    })
    assert.equal(refund.status, 'WAIT_SELLER_AGREE')
  })

  it('pays no exchange', async () => {
    const [, seen] = await aRefund('TMALL_EXCHANGE')
    await assert.rejects(agreeRefund(callOf(), { refunds: [seen] }), {
      kind: 'rejected',
      code: 'unsupported',
    })
  })
})

describe('a token of WeChat that was refused', () => {
  it('is followed by the one that another program got meanwhile, and ended only while the platform still issues it', async () => {
    const { credentials } = callOf()
    const { accessToken: first } = await issue.token(credentials, { refused: '' })
    const { accessToken: second } = await issue.token(credentials, { refused: first })
    assert.notEqual(second, first)
    assert.equal((await issue.token(credentials, { refused: first })).accessToken, second)
    sandbox.clock.advance(60_000)
    const { accessToken: third } = await issue.token(credentials, { refused: second })
    assert.ok(![first, second].includes(third))
  })
})
