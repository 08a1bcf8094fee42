import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before } from 'node:test'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { pdd, taobao as taobaoShop, tmall } from '../../../sandbox/testing.ts'
import type { Shop } from '../../../sandbox/world/model.ts'
import { manualClock } from '../../../sandbox/world/world.ts'
import { isFields } from '../fields.ts'
import { connectors } from '../index.ts'
import { conformance, type Failure, type Marketplace } from './conformance.ts'

/** Runs every connector's conformance suite with the marketplace simulator, which implements the platforms' documents independently. */
let running: RunningSandbox
/** Near the machine's own clock, which is used when tokens are requested. */
const startMs = Math.floor(Date.now() / 1000) * 1000 - 400_000
const clock = manualClock(startMs)
const window = { from: new Date(startMs - 1_500_000), to: new Date(startMs + 200_000) }

before(async () => {
  const shops = [tmall, taobaoShop, pdd].map((shop) => ({ ...shop, trades: 60 }))
  running = await startSandbox({ port: 0, seed: 'conformance', shops, clock, spreadSeconds: 1200 })
  clock.advance(400_000)
})
after(() => running.close())

for (const connector of connectors) {
  // A connector that this simulator does not cover has its own test.
  if (existsSync(new URL(`../${connector.id}/conformance.test.ts`, import.meta.url))) continue
  for (const variant of connector.variants)
    conformance(connector, () => marketplace(connector.id, variant.id))
}

function marketplace(platform: string, variant: string): Marketplace {
  // Bans and limits of the test before end, because they are measured in the simulator's time.
  clock.advance(3000)
  running.sandbox.board.faults = []
  const shop = running.world.shops.find((known) => known.platform === variant)
  assert.ok(shop)
  const { options } = shop
  const credentials: Record<string, string> =
    platform === 'pinduoduo'
      ? { clientId: options.appKey, clientSecret: options.appSecret, gatewayUrl: `${running.url}/api/router` }
      : {
          appKey: options.appKey,
          appSecret: options.appSecret,
          gatewayUrl: `${running.url}/router/rest`,
          tokenUrl: `${running.url}/token`,
        }
  return {
    call: (own) => ({
      credentials,
      session: liveSession(shop),
      variant,
      now: () => new Date(clock.now()),
      ...own,
    }),
    window,
    tids: () => [...shop.trades.keys()],
    refundIds: () => [...shop.refunds.keys()],
    unknownStatus: () => unknownStatus(shop),
    listings: () => listingsOf(shop),
    paidTrade: (more) => paidTrade(shop, more?.receiver),
    waybill,
    shipments: (tid) => shop.trades.get(tid)?.lines.map(({ shipments }) => shipments) ?? [],
    serials: (tid) => shop.trades.get(tid)?.lines.flatMap(({ identCodes }) => identCodes) ?? [],
    openRefund: (tid) => control('refunds', { tid, kind: 'REFUND' }),
    sentBack: () => sentBack(shop),
    refundState: (refundId) => shop.refunds.get(refundId)?.status ?? '',
    failNext: (failure, skip) => failNext(shop, failure, skip),
    private: () => [
      options.appSecret,
      options.sessionKey,
      ...[...shop.trades.values()].flatMap(({ buyer }) => [buyer.name, buyer.mobile, buyer.nick]),
    ],
    pushed: async () => ({
      trades: await pushedOf(shop, 'trades', 'tid'),
      refunds: await pushedOf(shop, 'refunds', 'refund_id'),
    }),
    refreshToken: options.refreshToken,
  }
}

/** Returns a valid session, because some tests expire the shop's first one. */
function liveSession(shop: Shop): string {
  const seconds = clock.now() / 1000
  const alive = [...running.world.sessions].find(
    ([, session]) => session.shop === shop && session.expires > seconds,
  )
  if (alive) return alive[0]
  running.world.sessions.set(shop.options.sessionKey, { shop, expires: seconds + 86_400 })
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

async function failNext(shop: Shop, failure: Failure, skip = 0): Promise<void> {
  await control('faults', { ...faultOf[failure], shop: shop.key, count: 1, skip })
}

function listingsOf(shop: Shop): ReturnType<Marketplace['listings']> {
  return shop.listings.flatMap((listing) => {
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

async function paidTrade(shop: Shop, receiver?: string): Promise<{ tid: string; oids: string[] }> {
  made += 1
  const isPinduoduo = shop.platform === 'pinduoduo'
  const tid = isPinduoduo
    ? `261124-${String(made).padStart(15, '5')}`
    : `29481057339${String(made).padStart(8, '0')}`
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
    lines: isPinduoduo ? 1 : 2,
    receiver: receiver === undefined ? { name } : home,
  })
  const trade = shop.trades.get(tid)
  assert.ok(trade)
  return { tid, oids: trade.lines.map(({ oid }) => oid) }
}

/** Creates a trade that was paid and shipped and whose goods are on their way back. */
async function sentBack(shop: Shop): Promise<{ refundId: string; tid: string; waybillNo: string }> {
  const { tid } = await paidTrade(shop)
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
}

function waybill(carrier: string): string {
  made += 1
  const [head, digits] = waybills[carrier] ?? assert.fail(carrier)
  return `${head}${String(made).padStart(digits, '0')}`
}

async function unknownStatus(shop: Shop): Promise<{ tid: string; word: string }> {
  const [tid = ''] = shop.trades.keys()
  const isPinduoduo = shop.platform === 'pinduoduo'
  const garbage = isPinduoduo
    ? { order_status: '9', refund_status: '1' }
    : { status: '"TRADE_NEWLY_INVENTED"' }
  const trade = shop.trades.get(tid)
  assert.ok(trade)
  trade.garbage = garbage
  return { tid, word: isPinduoduo ? 'order 9' : 'TRADE_NEWLY_INVENTED' }
}

async function pushedOf(shop: Shop, kind: string, key: string): Promise<Map<string, string>> {
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

async function control(path: string, body: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${running.url}/control/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  assert.equal(response.status, 200, await response.text())
}
