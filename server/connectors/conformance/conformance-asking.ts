import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { RefundInquiry } from '../asking.ts'
import type { Connector, Refund } from '../connector.ts'
import { failureOf } from './checks.ts'
import type { Marketplace } from './conformance.ts'

/** Tests the refund check before shipping: each way of asking must show a refund that has just been opened. */
export function askings(connector: Connector, asking: RefundInquiry, open: () => Marketplace): void {
  it('can be asked in some way', () => {
    assert.ok(asking.list ?? asking.trades ?? asking.trade)
    assert.ok(connector.refunds.changed.lagMs >= 0)
  })
  if (asking.list) byList(asking.list, open)
  if (asking.trades) byTrades(connector, asking.trades, open)
  if (asking.trade) byTrade(connector, asking.trade, open)
}

function byList(list: NonNullable<RefundInquiry['list']>, open: () => Marketplace) {
  it('shows a refund on the first page of its list within its lag, newest first, and one call is all', async () => {
    const market = open()
    const { tid, refundId } = await anOpenRefund(market)
    const now = market.call().now?.() ?? new Date()
    const from = new Date(now.getTime() - 600_000)
    const requests: string[] = []
    const call = market.call({ onRequest: ({ method }) => requests.push(method) })
    // The window must include the whole second in which the refund changed.
    const window = { from, to: new Date(now.getTime() + 1000) }
    const page = await list.page(call, window, { number: 1, size: list.pageSize, mode: 'rows' })
    const refunds = page.items.filter((item): item is Refund & { raw: string } => item.kind === 'refund')
    assert.equal(refunds[0]?.refundId, refundId)
    assert.deepEqual([refunds[0]?.tid, refunds[0]?.status], [tid, 'applied'])
    const times = refunds.map(({ modifiedAt }) => modifiedAt.getTime())
    assert.deepEqual(
      times,
      times.toSorted((one, other) => other - one),
    )
    assert.deepEqual([page.hasNext, requests.length], [false, 1])
  })
}

function byTrades(
  connector: Connector,
  { most, withRefunds }: NonNullable<RefundInquiry['trades']>,
  open: () => Marketplace,
): void {
  it('tells the last refund of a trade without its number', async () => {
    const market = open()
    const { tid, refundId } = await anOpenRefund(market)
    const ref = { refundId: '', tid, oid: '', phase: 'onsale', version: '' } as const
    const detail = await connector.refunds.detail(market.call(), ref)
    assert.ok(detail && 'refund' in detail)
    assert.deepEqual([detail.refund.refundId, detail.refund.status], [refundId, 'applied'])
  })

  it('says which of many trades have a refund, in one call', async () => {
    const market = open()
    const { tid } = await anOpenRefund(market)
    const others = [await market.paidTrade(), await market.paidTrade()].map((trade) => trade.tid)
    const requests: string[] = []
    const call = market.call({ onRequest: ({ method }) => requests.push(method) })
    assert.deepEqual(await withRefunds(call, [others[0] ?? '', tid, others[1] ?? '']), [tid])
    assert.deepEqual(await withRefunds(call, others), [])
    assert.deepEqual(await withRefunds(call, []), [])
    assert.equal(requests.length, 2)
  })

  it('takes as many as it says, and no more', async () => {
    const market = open()
    const trade = await market.paidTrade()
    const asked = (count: number) => Array.from({ length: count }, () => trade.tid)
    assert.deepEqual(await withRefunds(market.call(), asked(most)), [])
    const error = await failureOf(withRefunds(market.call(), asked(most + 1)))
    assert.deepEqual([error.kind, error.unclear], ['rejected', false])
  })

  it('takes a broken answer for none, and not for "no refunds"', async () => {
    const market = open()
    const { tid } = await anOpenRefund(market)
    for (const failure of ['broken', 'down', 'busy'] as const) {
      await market.failNext(failure)
      assert.equal((await failureOf(withRefunds(market.call(), [tid]))).kind, 'retry')
    }
  })
}

function byTrade(
  connector: Connector,
  refundsOf: NonNullable<RefundInquiry['trade']>,
  open: () => Marketplace,
): void {
  it('names the refunds of one trade, with their states, and none where there is none', async () => {
    const market = open()
    const { tid, refundId } = await anOpenRefund(market)
    const glances = await refundsOf(market.call(), tid)
    assert.deepEqual(
      glances.map((glance) => [glance.refundId, glance.status]),
      [[refundId, market.refundsAreFinal ? 'succeeded' : 'applied']],
    )
    const ref = { refundId, tid, oid: '', phase: 'onsale', version: '' } as const
    const detail = await connector.refunds.detail(market.call(), ref)
    assert.ok(detail && 'refund' in detail)
    assert.equal(glances[0]?.oid, detail.refund.oid)
    assert.deepEqual(await refundsOf(market.call(), (await market.paidTrade()).tid), [])
  })

  it('does not take a trade that nobody knows, or a broken answer, for one without refunds', async () => {
    const market = open()
    assert.equal((await failureOf(refundsOf(market.call(), '1'))).kind, 'rejected')
    // What a shop has posted lies in our own books, so no answer of it can be broken.
    if (connector.posted) return
    const { tid } = await anOpenRefund(market)
    for (const failure of ['broken', 'down', 'busy'] as const) {
      await market.failNext(failure)
      assert.equal((await failureOf(refundsOf(market.call(), tid))).kind, 'retry')
    }
  })
}

async function anOpenRefund(market: Marketplace): Promise<{ tid: string; refundId: string }> {
  const { tid } = await market.paidTrade()
  const known = new Set(market.refundIds())
  await market.openRefund(tid)
  const refundId = market.refundIds().find((id) => !known.has(id)) ?? assert.fail('no refund was opened')
  return { tid, refundId }
}
