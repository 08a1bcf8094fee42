import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { control, NOON, stillSandbox, type TestSandbox, tmall } from '../../../sandbox/testing.ts'
import type { Call, TradeBrief } from '../connector.ts'
import type { Window } from '../lists.ts'
import { listChanged, secondsOf, tradeDetail } from './trades.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
  for (const status of ['WAIT_SELLER_SEND_GOODS', 'WAIT_SELLER_SEND_GOODS', 'WAIT_BUYER_PAY']) {
    await control(sandbox, 'trades', {
      shop: tmall.key,
      status,
      created: NOON - 600,
      modified: NOON - 300,
      lines: 2,
    })
  }
})
after(() => sandbox.close())

const window: Window = { from: new Date((NOON - 900) * 1000), to: new Date(NOON * 1000) }
const rows = { number: 1, size: 20, mode: 'rows' } as const

function callOf(): Call {
  const { appKey, appSecret, sessionKey } = tmall
  const gatewayUrl = `${sandbox.url}/router/rest`
  return {
    credentials: { appKey, appSecret, gatewayUrl },
    session: sessionKey,
    variant: 'tmall',
    now: () => new Date(sandbox.clock.now()),
  }
}

async function briefs(own: Partial<Window> = {}): Promise<TradeBrief[]> {
  const { items } = await listChanged(callOf(), { ...window, ...own }, rows)
  return items.map((item) => (item.kind === 'brief' ? item : assert.fail(item.kind)))
}

describe('lists and details of Taobao', () => {
  it('filters by our word or by the word of the platform, rows and count alike', async () => {
    for (const status of ['unpaid', 'WAIT_BUYER_PAY']) {
      assert.deepEqual(
        (await briefs({ status })).map(({ platformStatus }) => platformStatus),
        ['WAIT_BUYER_PAY'],
      )
      const counted = await listChanged(callOf(), { ...window, status }, { ...rows, mode: 'count' })
      assert.deepEqual(counted, { total: 1, items: [], hasNext: false })
    }
  })

  it('asks for the fields without which there is no OAID', async () => {
    const [brief] = await briefs()
    const detail = await tradeDetail(callOf(), brief?.tid ?? '')
    assert.ok(detail && 'trade' in detail)
    assert.notEqual(detail.trade.receiver.token, '')
    assert.equal(detail.trade.lines.length, 2)
  })

  it('is content with the poor lists of a peak, since the detail stays whole', async () => {
    await control(sandbox, 'peak', { shop: tmall.key, on: true, staleSeconds: 0 })
    const [brief] = await briefs({ status: 'paid' })
    assert.ok(brief)
    assert.equal(brief.paymentFen, null)
    const detail = await tradeDetail(callOf(), brief.tid)
    assert.ok(detail && 'trade' in detail && detail.trade.paymentFen > 0)
    await control(sandbox, 'peak', { shop: tmall.key, on: false })
  })

  it('never asks for an empty window: TOP wants its end behind its start', () => {
    const at = (ms: number) => new Date(NOON * 1000 + ms)
    assert.deepEqual(secondsOf({ from: at(100), to: at(900) }), [
      '2026-11-24 12:00:00',
      '2026-11-24 12:00:01',
    ])
    assert.deepEqual(secondsOf({ from: at(900), to: at(1100) }), [
      '2026-11-24 12:00:00',
      '2026-11-24 12:00:01',
    ])
  })
})
