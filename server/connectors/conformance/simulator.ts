import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import type { Shop, ShopOptions } from '../../../sandbox/world/model.ts'
import { manualClock } from '../../../sandbox/world/world.ts'
import type { Connector } from '../connector.ts'
import { isFields } from '../fields.ts'
import type { PostedBooks } from '../posted.ts'
import { conformance, type Failure, type Marketplace } from './conformance.ts'

/** What the simulator of a platform needs to know besides, for each variant of the connector. */
export type Simulated = {
  shop: ShopOptions
  /** The form of the shop, with the simulator's address. */
  credentials: (url: string) => Record<string, string>
  /** The number of the trade that is made as the nth. */
  tid: (nth: number) => string
  linesOfTrade: number
  /** Fields that give a trade an unknown status, and the name of that status. */
  unknownStatus: { garbage: Record<string, string>; word: string }
  /** What the shop has posted, for connectors that are posted to. */
  books?: (shop: Shop) => PostedBooks
  takesNoSerials?: true
  /** Nothing of the connector calls a platform, so none can fail. */
  callsNothing?: true
  /** The calls with which the stock of one listing is set; default 1. */
  callsForStock?: number
  /** The listings whose stock is set in one call; default: each product has a call of its own. */
  stockAtOnce?: number
  knowsParcels?: true
  refundsAreFinal?: true
  takesAnyWaybill?: true
  /** The calls with which a parcel is shipped; default 1. */
  callsForShip?: number
  /** The calls with which a waybill is changed; default 1. */
  callsForChange?: number
  /** The banner of listings whose stock the platform does not let set. */
  unsettable?: string
}

/** Runs a connector's suite with its simulator in sandbox/, which implements the platform's documents independently. */
export function onSimulator(connector: Connector, variants: readonly Simulated[]): void {
  let running: RunningSandbox
  // Near the machine's own clock, which is used when tokens are requested.
  const startMs = Math.floor(Date.now() / 1000) * 1000 - 400_000
  const clock = manualClock(startMs)
  before(async () => {
    const shops = variants.map(({ shop }) => ({ ...shop, trades: 60 }))
    running = await startSandbox({ port: 0, seed: 'conformance', shops, clock, spreadSeconds: 1200 })
    clock.advance(400_000)
  })
  after(() => running.close())
  for (const simulated of variants)
    conformance(connector, () => {
      // Bans and limits of the test before end, because they are measured in the simulator's time.
      clock.advance(3000)
      running.sandbox.board.faults = []
      return marketplace(running, simulated, startMs)
    })
}

function marketplace(running: RunningSandbox, simulated: Simulated, startMs: number): Marketplace {
  const { options, clock } = { options: simulated.shop, clock: running.world.clock }
  const shop = running.world.shops.find(({ key }) => key === options.key)
  assert.ok(shop)
  const credentials = simulated.credentials(running.url)
  const control = (path: string, body: Record<string, unknown>) => change(running, path, body)
  const open = { running, simulated, shop, control }
  return {
    call: (own) => ({
      credentials,
      session: liveSession(open),
      variant: options.platform,
      ...(simulated.books ? { books: simulated.books(shop) } : {}),
      now: () => new Date(clock.now()),
      ...own,
    }),
    window: { from: new Date(startMs - 1_500_000), to: new Date(startMs + 200_000) },
    tids: () => [...shop.trades.keys()],
    refundIds: () => [...shop.refunds.keys()],
    unknownStatus: async () => unknownStatus(open),
    listings: () => listingsOf(open),
    paidTrade: (more) => paidTrade(open, more),
    waybill,
    shipments: (tid) => shop.trades.get(tid)?.lines.map(({ shipments }) => shipments) ?? [],
    ...(simulated.takesNoSerials
      ? {}
      : {
          serials: (tid: string) => shop.trades.get(tid)?.lines.flatMap(({ identCodes }) => identCodes) ?? [],
        }),
    callsNothing: simulated.callsNothing ?? false,
    callsForStock: simulated.callsForStock ?? 1,
    stockAtOnce: simulated.stockAtOnce ?? 1,
    knowsParcels: simulated.knowsParcels ?? false,
    refundsAreFinal: simulated.refundsAreFinal ?? false,
    takesAnyWaybill: simulated.takesAnyWaybill ?? false,
    callsForShip: simulated.callsForShip ?? 1,
    callsForChange: simulated.callsForChange ?? 1,
    memo: (tid) => ({ memo: shop.trades.get(tid)?.memo ?? '', flag: shop.trades.get(tid)?.flag ?? 0 }),
    openRefund: (tid) => control('refunds', { tid, kind: 'REFUND' }),
    sentBack: () => sentBack(open),
    refundState: (refundId) => shop.refunds.get(refundId)?.status ?? '',
    failNext: (failure, skip = 0) =>
      control('faults', { ...faultOf[failure], shop: shop.key, count: 1, skip }),
    private: () => [
      options.appSecret,
      options.sessionKey,
      ...[...shop.trades.values()].flatMap(({ buyer }) => [buyer.name, buyer.mobile, buyer.nick]),
    ],
    pushed: async () => ({
      trades: await pushedOf(open, 'trades', 'tid'),
      refunds: await pushedOf(open, 'refunds', 'refund_id'),
    }),
    refreshToken: options.refreshToken,
  }
}

type Open = {
  running: RunningSandbox
  simulated: Simulated
  shop: Shop
  control: (path: string, body: Record<string, unknown>) => Promise<void>
}

/** Returns a valid session, because some tests expire the shop's first one. */
function liveSession({ running: { world }, shop }: Open): string {
  const seconds = world.clock.now() / 1000
  const alive = [...world.sessions].find(([, session]) => session.shop === shop && session.expires > seconds)
  if (alive) return alive[0]
  world.sessions.set(shop.options.sessionKey, { shop, expires: seconds + 86_400 })
  return shop.options.sessionKey
}

const faultOf: Record<Failure, Record<string, unknown>> = {
  limited: { kind: 'limited', seconds: 1 },
  busy: { kind: 'isp' },
  down: { kind: 'http', status: 502 },
  broken: { kind: 'truncated' },
  'hung up': { kind: 'reset' },
  'answer lost': { kind: 'timeout-after', ms: 20 },
  'rows missing': { kind: 'empty-list' },
  slow: { kind: 'slow', ms: 1500 },
  'session over': { kind: 'session-expired' },
}

function listingsOf({ shop, simulated }: Open): ReturnType<Marketplace['listings']> {
  const settable = shop.listings.filter(({ banner }) => banner === '' || banner !== simulated.unsettable)
  return settable.flatMap((listing) => {
    const { numIid: itemId, outerIid: outerItemId } = listing
    const status = listing.banner === '' ? ('on_sale' as const) : ('in_stock' as const)
    const whole = {
      itemId,
      platformSkuId: '',
      outerItemId,
      outerSkuId: '',
      quantity: listing.quantity,
      status,
    }
    if (listing.skus.length === 0) return [whole]
    return listing.skus.map((sku) => ({
      ...whole,
      platformSkuId: sku.skuId,
      outerSkuId: sku.outerId,
      quantity: sku.quantity,
    }))
  })
}

let made = 0

async function paidTrade(
  { shop, simulated, control }: Open,
  {
    receiver,
    pieces,
    lines = simulated.linesOfTrade,
  }: { receiver?: string; pieces?: number; lines?: number } = {},
): Promise<{ tid: string; oids: string[]; goods: { oid: string; quantity: number }[] }> {
  made += 1
  const tid = simulated.tid(made)
  const status = 'WAIT_SELLER_SEND_GOODS'
  const name = receiver ?? `收件人${made}`
  const home = {
    name,
    mobile: '13800001234',
    state: '浙江省',
    city: '杭州市',
    district: '西湖区',
    town: '',
    address: `${name}的家`,
  }
  await control('trades', {
    shop: shop.key,
    tid,
    status,
    type: 'fixed',
    lines: pieces === undefined ? lines : linesWith(pieces, lines),
    receiver: receiver === undefined ? { name } : home,
  })
  const trade = shop.trades.get(tid)
  assert.ok(trade)
  return {
    tid,
    oids: trade.lines.map(({ oid }) => oid),
    goods: trade.lines.map(({ oid, num }) => ({ oid, quantity: num })),
  }
}

/** Lines of which the first has so many pieces. */
const linesWith = (pieces: number, count: number) =>
  Array.from({ length: count }, (_, at) => (at === 0 ? { num: pieces } : {}))

/** Creates a trade that was paid and shipped and whose goods are on their way back. */
async function sentBack(open: Open): Promise<{ refundId: string; tid: string; waybillNo: string }> {
  const { shop, control } = open
  const { tid } = await paidTrade(open)
  await control(`trades/${tid}/ship`, {})
  await control('refunds', { tid, kind: 'REFUND_AND_RETURN' })
  const refund = shop.trades.get(tid)?.refunds.at(-1)
  assert.ok(refund)
  await control(`refunds/${refund.id}/agree`, {})
  await control(`refunds/${refund.id}/return`, {})
  return { refundId: refund.id, tid, waybillNo: refund.waybill }
}

/** The first characters and the number of digits of each courier's waybills. */
const waybills: Readonly<Record<string, [head: string, digits: number]>> = {
  SF: ['SF', 13],
  YTO: ['YT', 13],
  ZTO: ['7', 13],
  STO: ['77', 12],
  YUNDA: ['4', 13],
  JTSD: ['JT', 13],
  JD: ['JDV', 12],
  EMS: ['1', 12],
  POSTB: ['98', 11],
  DBKD: ['DPK', 12],
  HTKY: ['5', 12],
  TTKDEX: ['6', 12],
  UC: ['', 12],
  ZJS: ['', 12],
  DN: ['DN', 12],
  SFKY: ['SF', 13],
  SXJD: ['SX', 12],
  EYB: ['', 12],
  FENGWANG: ['', 12],
  ZYKD: ['', 12],
  KYE: ['', 12],
  ZTOKY: ['', 12],
  YDKY: ['', 12],
  ANE: ['', 12],
  DBKY: ['', 12],
}

function waybill(carrier: string): string {
  made += 1
  const [head, digits] = waybills[carrier] ?? assert.fail(carrier)
  return `${head}${String(made).padStart(digits, '0')}`
}

function unknownStatus({ shop, simulated }: Open): { tid: string; word: string } {
  const { garbage, word } = simulated.unknownStatus
  const [trade] = shop.trades.values()
  assert.ok(trade)
  trade.garbage = garbage
  return { tid: trade.tid, word }
}

async function pushedOf({ running, shop }: Open, kind: string, key: string): Promise<Map<string, string>> {
  const response = await fetch(`${running.url}/control/rds/${shop.key}?kind=${kind}`)
  const rows = (await response.text()).split('\n').filter(Boolean)
  const found = new Map<string, string>()
  for (const text of rows) {
    const row: unknown = JSON.parse(text)
    assert.ok(isFields(row) && typeof row.jdp_response === 'string')
    found.set(String(row[key]), row.jdp_response)
  }
  assert.ok(found.size > 0)
  return found
}

async function change(running: RunningSandbox, path: string, body: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${running.url}/control/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  assert.equal(response.status, 200, await response.text())
}
