import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlatformError } from '../../lib/platform-error.ts'
import type { Call, Connector, Listing, Refund, RefundRef, TokenIssue } from '../connector.ts'
import type { Window } from '../lists.ts'
import { failureOf, refundViolations, tradeViolations } from './checks.ts'
import { askings } from './conformance-asking.ts'
import { cancels } from './conformance-cancels.ts'
import { changes } from './conformance-changes.ts'
import { goods } from './conformance-goods.ts'
import { everything, listing } from './conformance-lists.ts'
import { receivers } from './conformance-receivers.ts'
import { returns } from './conformance-returns.ts'

export type Failure =
  | 'limited'
  | 'broken'
  | 'down'
  | 'busy'
  | 'slow'
  | 'hung up'
  | 'answer lost'
  | 'rows missing'
  | 'session over'

/** A marketplace against which a connector is tested: a simulator, or the platform's own test environment. */
export type Marketplace = {
  /** Makes a call with valid credentials and the marketplace's clock. `own` overrides its fields. */
  call: (own?: Partial<Call>) => Call
  /** The window [from, to) contains every trade and every refund of the shop. */
  window: Window
  /** The numbers of all trades, from the marketplace's own records. */
  tids: () => string[]
  refundIds: () => string[]
  /** Returns a trade with a status that the connector does not know. */
  unknownStatus: () => Promise<{ tid: string; word: string }>
  /** All listings, from the marketplace's own records. */
  listings: () => Pick<
    Listing,
    'itemId' | 'platformSkuId' | 'outerItemId' | 'outerSkuId' | 'quantity' | 'status'
  >[]
  /**
   * Makes a new trade that waits to be shipped: two lines if lines can be shipped separately, otherwise one. Trades with the same
   * `receiver` have the same address.
   */
  paidTrade: (more?: {
    receiver?: string
    /** Undefined: as many as there are if lines can be shipped separately. */
    lines?: number
    /** The pieces of the first line; undefined: a random number. */
    pieces?: number
  }) => Promise<{ tid: string; oids: string[]; goods: { oid: string; quantity: number }[] }>
  /** Returns a waybill of this courier that is valid and unused. */
  waybill: (carrier: string) => string
  /** Returns for each line of a trade how often the marketplace counted it as shipped. */
  shipments: (tid: string) => number[]
  /** Returns the serial numbers that the marketplace knows of a trade's pieces. Undefined: it takes none. */
  serials?: (tid: string) => string[]
  /** True: the connector reads and writes our own books only, so there is no platform that could fail. */
  callsNothing: boolean
  /** The calls with which the stock of one listing is set: 2 where the present number has to be read first. */
  callsForStock: number
  /** The listings whose stock is set in one call, of one product or of several; 1: each product has a call of its own. */
  stockAtOnce: number
  /** True: the platform knows a parcel again by a key that is sent with it, and answers as it did the first time. */
  knowsParcels: boolean
  /** True: no buyer applies for a refund; the seller gives money back, and that is final. */
  refundsAreFinal: boolean
  /** The platform takes any number, also that of another buyer's parcel. */
  takesAnyWaybill: boolean
  /** The calls with which a parcel is shipped, of which the last one takes effect: more than 1 where the platform looks at nothing by itself. */
  callsForShip: number
  /** The calls with which a waybill is changed, of which the last one takes effect. */
  callsForChange: number
  /** The seller's note of a trade, and its flag; 0 on a platform without flags. */
  memo: (tid: string) => { memo: string; flag: number }
  openRefund: (tid: string) => Promise<void>
  /** Makes a refund whose goods the buyer has sent back. */
  sentBack: () => Promise<{ refundId: string; tid: string; waybillNo: string }>
  /** Returns the state of a refund in the marketplace's own records. */
  refundState: (refundId: string) => string
  /** Lets the next call of any method fail, or the call after `skip` others. */
  failNext: (failure: Failure, skip?: number) => Promise<void>
  /** Texts that must not appear in an error or a report: secrets of the shop, names and phone numbers of buyers. */
  private: () => string[]
  /** The documents that the platform pushes, by number. Only for connectors that read them. */
  pushed?: () => Promise<{ trades: Map<string, string>; refunds: Map<string, string> }>
  refreshToken?: string
}

/** The suite that every connector must pass. `open` is called once for each test; the suite does not close the marketplace. */
export function conformance(connector: Connector, open: () => Marketplace): void {
  describe(`${connector.id} keeps the contract`, () => {
    listing(connector, open)
    details(connector, open)
    failures(connector, open)
    goods(connector, open)
    if (connector.actions.changeWaybill) changes(connector, open)
    if (connector.actions.updateMemo) memos(connector, connector.actions.updateMemo, open)
    if (connector.issue) issuedTokens(connector.issue, connector, open)
    if (connector.actions.reportCancel) cancels(connector, open)
    if (connector.refunds.asking) askings(connector, connector.refunds.asking, open)
    returns(connector, open)
    if (connector.receivers) receivers(connector.receivers, open)
    if (connector.trades.parsePushed) pushes(connector, open)
    if (connector.oauth) tokens(connector, open)
  })
}

const noRef: RefundRef = { refundId: '', tid: '', oid: '', phase: 'onsale', version: '' }

function details(connector: Connector, open: () => Marketplace): void {
  it('gives whole trades: money in 分 that adds up, times as instants, numbers with all their digits', async () => {
    const market = open()
    const oids: string[] = []
    for (const listed of await everything(connector.trades.changed, market, 50)) {
      const detail = await connector.trades.detail(market.call(), listed.tid)
      assert.ok(detail && 'trade' in detail, `${listed.tid} has no detail`)
      assert.deepEqual(tradeViolations(detail.trade), [], listed.tid)
      assert.equal(detail.trade.tid, listed.tid)
      if (listed.kind === 'brief') assert.deepEqual(detail.trade.modifiedAt, listed.modifiedAt)
      assert.ok(detail.raw.includes(listed.tid), 'the raw payload is not that of the trade')
      oids.push(...detail.trade.lines.map(({ oid }) => oid))
    }
    assert.equal(new Set(oids).size, oids.length, 'two lines of the shop have one number')
  })

  it('gives the details of refunds, with what the list said of them', async () => {
    const market = open()
    for (const listed of await everything(connector.refunds.changed, market, 50)) {
      const ref = listed.kind === 'refund' ? listed : { ...noRef, refundId: listed.refundId }
      const detail = await connector.refunds.detail(market.call(), ref)
      assert.ok(detail && 'refund' in detail)
      assert.deepEqual(refundViolations(detail.refund), [])
      const facts = (refund: Refund) => [
        refund.refundId,
        refund.tid,
        refund.oid,
        refund.status,
        refund.refundKind,
        refund.amountFen,
      ]
      if (listed.kind === 'refund') assert.deepEqual(facts(detail.refund), facts(listed))
    }
  })

  it('keeps a status that it does not know, and says that it does not', async () => {
    const market = open()
    const { tid, word } = await market.unknownStatus()
    const detail = await connector.trades.detail(market.call(), tid)
    assert.ok(detail && 'trade' in detail)
    assert.equal(detail.trade.status, 'unknown')
    assert.match(detail.trade.platformStatus, new RegExp(word))
  })

  it('answers undefined for trades and refunds that the shop does not have', async () => {
    const market = open()
    const ref = { ...noRef, refundId: '1', tid: market.tids()[0] ?? '' }
    assert.equal(await connector.trades.detail(market.call(), '1'), undefined)
    assert.equal(await connector.refunds.detail(market.call(), ref), undefined)
  })

  it('knows whose credentials it has', async () => {
    const identity = await connector.verify(open().call())
    assert.ok(identity.platformShopId !== '' && identity.name !== '')
  })
}

/** Makes a call that reaches the platform. A connector that is posted to reads trades in our own books, so it writes an empty note. */
function reach({ posted, trades, actions }: Connector, call: Call, tid: string): Promise<unknown> {
  if (posted && actions.updateMemo) return actions.updateMemo(call, { tid, memo: '', flag: null })
  return trades.detail(call, tid)
}

const noCall = 'Nothing is called, so there is no platform that could fail.'

function failures(connector: Connector, open: () => Marketplace): void {
  const expected: [Failure, PlatformError['kind'], boolean][] = [
    ['limited', 'rate_limited', false],
    ['busy', 'retry', true],
    ['down', 'retry', true],
    ['broken', 'retry', true],
    ['hung up', 'retry', true],
    ['session over', 'reauthorise', false],
  ]
  for (const [failure, kind, unclear] of expected) {
    it(`calls a platform that is ${failure} ${kind}, and tells no secret about it`, async (context) => {
      const market = open()
      if (market.callsNothing) return context.skip(noCall)
      await market.failNext(failure)
      const reports: unknown[] = []
      const call = market.call({ onRequest: (request) => reports.push(request) })
      const error = await failureOf(reach(connector, call, market.tids()[0] ?? ''))
      assert.deepEqual([error.kind, error.unclear], [kind, unclear])
      // The limit names its length. Some platforms want a pause after faults of their own, too.
      if (kind === 'rate_limited') assert.ok(error.waitMs >= 1000, `${error.waitMs} ms`)
      assert.equal(reports.length, 1)
      for (const text of [everyWordOf(error), JSON.stringify(reports)]) assertTellsNothing(text, market)
    })
  }

  it('names an unreachable platform as not sent', async (context) => {
    if (open().callsNothing) return context.skip(noCall)
    const { credentials } = open().call()
    const nowhere = Object.fromEntries(
      Object.entries(credentials).map(([name, value]) => [
        name,
        /^http/.test(value) ? 'http://127.0.0.1:9' : value,
      ]),
    )
    const error = await failureOf(reach(connector, open().call({ credentials: nowhere }), '1'))
    assert.deepEqual([error.kind, error.unclear], ['retry', false])
  })

  it('refuses wrong secrets without repeating them', {
    skip: connector.issue && 'The secrets are sent for a token only.',
  }, async (context) => {
    if (open().callsNothing) return context.skip('There are no secrets.')
    const { credentials } = open().call()
    const wrong = Object.fromEntries(
      Object.entries(credentials).map(([name, value]) => [
        name,
        /secret/i.test(name) ? 'wrong-secret-word' : value,
      ]),
    )
    const error = await failureOf(connector.verify(open().call({ credentials: wrong })))
    assert.equal(error.kind, 'rejected')
    assert.ok(!everyWordOf(error).includes('wrong-secret-word'))
  })

  it('stops at once when it is told to, before and during a call', async () => {
    const market = open()
    const tid = market.tids()[0] ?? ''
    const early = await failureOf(reach(connector, market.call({ signal: AbortSignal.abort() }), tid))
    assert.deepEqual([early.kind, early.code, early.unclear], ['retry', 'aborted', false])
    // Nothing is waited for, so a call cannot be stopped later.
    if (market.callsNothing) return
    await market.failNext('slow')
    const started = Date.now()
    const late = await failureOf(reach(connector, market.call({ signal: AbortSignal.timeout(100) }), tid))
    assert.deepEqual([late.kind, late.code, late.unclear], ['retry', 'aborted', true])
    assert.ok(Date.now() - started < 2000)
  })
}

function pushes(connector: Connector, open: () => Marketplace): void {
  it('reads a pushed trade or refund to the same answer as a pulled one', async () => {
    const market = open()
    const pushed = await market.pushed?.()
    const { parsePushed } = connector.trades
    assert.ok(pushed && parsePushed, 'the marketplace pushes nothing')
    for (const [tid, payload] of pushed.trades) {
      const own = parsePushed(payload)
      const pulled = await connector.trades.detail(market.call(), tid)
      assert.ok('trade' in own && pulled && 'trade' in pulled)
      assert.deepEqual(own.trade, pulled.trade)
      assert.equal(own.raw, payload)
    }
    for (const [refundId, payload] of pushed.refunds) {
      const own = connector.refunds.parsePushed?.(payload)
      assert.ok(own && 'refund' in own)
      const pulled = await connector.refunds.detail(market.call(), { ...own.refund, refundId })
      assert.ok(pulled && 'refund' in pulled)
      assert.deepEqual(own.refund, pulled.refund)
    }
  })

  it('parks a pushed payload that is cut off', () => {
    const detail = connector.trades.parsePushed?.('{"a":{"b":1')
    assert.ok(detail && 'kind' in detail && detail.raw === '{"a":{"b":1')
  })
}

function tokens(connector: Connector, open: () => Marketplace): void {
  it('sends the seller to agree with the address and the state that were given', () => {
    const url = new URL(
      connector.oauth?.authorizeUrl(open().call().credentials, {
        redirectUri: 'https://a.test/back?x=1',
        state: 's&1',
      }) ?? '',
    )
    // Platforms name the address in their own ways.
    assert.ok([...url.searchParams.values()].includes('https://a.test/back?x=1'))
    assert.equal(url.searchParams.get('state'), 's&1')
  })

  it('refreshes a session, and asks for a new agreement when the refresh token is dead', async () => {
    const market = open()
    const { oauth } = connector
    const { credentials } = market.call()
    assert.ok(oauth)
    const token = await oauth.refresh(credentials, market.refreshToken ?? '')
    assert.ok(token.accessToken !== '' && token.expiresAt.getTime() > Date.now())
    assert.ok((await connector.verify(market.call({ session: token.accessToken }))).name !== '')
    const error = await failureOf(oauth.refresh(credentials, 'dead-refresh-token'))
    assert.equal(error.kind, 'reauthorise')
    assert.ok(!everyWordOf(error).includes('dead-refresh-token'))
  })
}

function memos(
  { hasNoFlags }: Connector,
  update: NonNullable<Connector['actions']['updateMemo']>,
  open: () => Marketplace,
): void {
  it('replaces the note of a trade, and writing it twice is once', async () => {
    const market = open()
    const { tid } = await market.paidTrade()
    for (const memo of ['加急', '改发顺丰', '改发顺丰']) {
      await update(market.call(), { tid, memo, flag: 1 })
      assert.equal(market.memo(tid).memo, memo)
    }
    const { flag } = market.memo(tid)
    assert.equal(flag, hasNoFlags ? 0 : 1)
    await update(market.call(), { tid, memo: '等货', flag: null })
    assert.deepEqual(market.memo(tid), { memo: '等货', flag })
    assert.equal((await failureOf(update(market.call(), { tid: '1', memo: '无', flag: 1 }))).kind, 'rejected')
  })
}

function issuedTokens({ token, aheadMs }: TokenIssue, connector: Connector, open: () => Marketplace): void {
  it('issues a token for the credentials alone, the same one until its end is near or it is refused', async () => {
    const market = open()
    const { credentials } = market.call()
    const first = await token(credentials, { refused: '' })
    assert.ok(first.expiresAt.getTime() - Date.now() > aheadMs)
    assert.equal((await token(credentials, { refused: '' })).accessToken, first.accessToken)
    assert.ok((await connector.verify(market.call({ session: first.accessToken }))).name !== '')
    await market.failNext('session over')
    await failureOf(connector.verify(market.call({ session: first.accessToken })))
    const other = await token(credentials, { refused: first.accessToken })
    assert.notEqual(other.accessToken, first.accessToken)
    // A second process that was refused the first token ends no newer one.
    assert.equal((await token(credentials, { refused: first.accessToken })).accessToken, other.accessToken)
    const over = await failureOf(connector.verify(market.call({ session: first.accessToken })))
    assert.equal(over.kind, 'reauthorise')
    assert.ok((await connector.verify(market.call({ session: other.accessToken }))).name !== '')
  })

  it('refuses a token for wrong secrets, and repeats none of them', async () => {
    const { credentials } = open().call()
    const wrong = Object.fromEntries(
      Object.entries(credentials).map(([name, value]) => [
        name,
        /secret/i.test(name) ? 'wrong-secret-word' : value,
      ]),
    )
    const error = await failureOf(token(wrong, { refused: '' }))
    assert.deepEqual([error.kind, error.unclear], ['rejected', false])
    assert.ok(!everyWordOf(error).includes('wrong-secret-word'))
  })
}

function everyWordOf(error: PlatformError): string {
  const cause =
    error.cause instanceof Error ? `${error.cause.message}\n${error.cause.stack}` : String(error.cause)
  return [error.code, error.message, error.stack, error.requestId, cause, JSON.stringify(error)].join('\n')
}

function assertTellsNothing(text: string, market: Marketplace): void {
  for (const secret of market.private()) assert.ok(!text.includes(secret), `it tells ${secret.slice(0, 2)}…`)
}
