import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Call, Connector } from '../connector.ts'
import type { ReturnReceipt } from '../reports.ts'
import { failureOf } from './checks.ts'
import type { Marketplace } from './conformance.ts'

export function returns(connector: Connector, open: () => Marketplace): void {
  const { reportReturn } = connector.actions
  if (!reportReturn) return
  const received = async (market: Marketplace) => {
    const refund = await market.sentBack()
    return { ...refund, carrier: 'YUNDA', receivedAt: new Date() }
  }
  const report = (call: Call, receipt: ReturnReceipt) => reportReturn(call, receipt)

  it('tells that the goods of a refund are back, and twice is once', async () => {
    const market = open()
    const receipt = await received(market)
    assert.equal(market.refundState(receipt.refundId), 'WAIT_SELLER_CONFIRM_GOODS')
    await report(market.call(), receipt)
    assert.equal(market.refundState(receipt.refundId), 'SUCCESS')
    await report(market.call(), receipt)
    assert.equal(market.refundState(receipt.refundId), 'SUCCESS')
  })

  it('is refused for goods that nobody sent back, and for a refund that the shop does not have', async () => {
    const market = open()
    const receipt = await received(market)
    const { tid } = await market.paidTrade()
    await market.openRefund(tid)
    for (const refundId of [...market.refundIds().slice(-1), '1']) {
      const error = await failureOf(report(market.call(), { ...receipt, tid, refundId }))
      assert.deepEqual([error.kind, error.unclear], ['rejected', false])
    }
    assert.equal(market.refundState(receipt.refundId), 'WAIT_SELLER_CONFIRM_GOODS')
  })

  it('does not know what became of a receipt whose answer was lost, and telling it again is safe', async () => {
    const market = open()
    const receipt = await received(market)
    await market.failNext('answer lost')
    const error = await failureOf(report(market.call({ signal: AbortSignal.timeout(2000) }), receipt))
    assert.equal(error.unclear, true)
    const later = open()
    await report(later.call(), receipt)
    assert.equal(later.refundState(receipt.refundId), 'SUCCESS')
  })
}
