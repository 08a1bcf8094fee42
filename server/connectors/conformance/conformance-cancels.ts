import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Connector, Refund } from '../connector.ts'
import type { CancelReport } from '../reports.ts'
import { failureOf } from './checks.ts'
import type { Marketplace } from './conformance.ts'

/** Tests the cancel report, for refunds of goods that are not shipped. The marketplace then refunds automatically. */
export function cancels(connector: Connector, open: () => Marketplace): void {
  const { reportCancel } = connector.actions
  assert.ok(reportCancel)

  it('reports that the order is stopped: the money goes back once, however often it is told', async () => {
    const market = open()
    const refund = await anOpenRefund(connector, market)
    await reportCancel(market.call(), reportOf(refund, null))
    assert.equal((await shown(connector, market, refund)).status, 'succeeded')
    await reportCancel(market.call(), reportOf(refund, null))
    assert.equal((await shown(connector, market, refund)).status, 'succeeded')
  })

  it('reports that it is too late: no money goes back', async () => {
    const market = open()
    const refund = await anOpenRefund(connector, market)
    for (const failure of ['shipped', 'waybill_printed', 'not_synced'] as const) {
      const report = reportCancel(market.call(), reportOf(refund, failure))
      if (connector.stoppedOnly) assert.equal((await failureOf(report)).kind, 'rejected')
      else await report
    }
    assert.equal((await shown(connector, market, refund)).status, 'applied')
  })

  it('finds its report done though the answer was lost, and may tell it again', async () => {
    const market = open()
    const refund = await anOpenRefund(connector, market)
    await market.failNext('answer lost')
    const lost = await failureOf(reportCancel(market.call(), reportOf(refund, null)))
    assert.deepEqual([lost.kind, lost.unclear], ['retry', true])
    await reportCancel(market.call(), reportOf(refund, null))
    assert.equal((await shown(connector, market, refund)).status, 'succeeded')
  })

  it('is refused when the platform knows no such refund', async () => {
    const market = open()
    const refund = await anOpenRefund(connector, market)
    const error = await failureOf(reportCancel(market.call(), { ...reportOf(refund, null), refundId: '1' }))
    assert.deepEqual([error.kind, error.unclear], ['rejected', false])
  })
}

const reportOf = (
  { refundId, tid, oid, phase, version, amountFen }: Refund,
  failure: CancelReport['failure'],
): CancelReport => ({ refundId, tid, oid, phase, version, amountFen, failure, at: new Date() })

async function anOpenRefund(connector: Connector, market: Marketplace): Promise<Refund> {
  const { tid } = await market.paidTrade()
  const known = new Set(market.refundIds())
  await market.openRefund(tid)
  const refundId = market.refundIds().find((id) => !known.has(id)) ?? assert.fail('no refund was opened')
  return shown(connector, market, { refundId, tid })
}

async function shown(
  connector: Connector,
  market: Marketplace,
  { refundId, tid }: Pick<Refund, 'refundId' | 'tid'>,
): Promise<Refund> {
  const ref = { refundId, tid, oid: '', phase: 'onsale', version: '' } as const
  const detail = await connector.refunds.detail(market.call(), ref)
  assert.ok(detail && 'refund' in detail)
  return detail.refund
}
