import { mallId } from '../pinduoduo/call.ts'
import type { Platform, Refund, Shop, Trade } from '../world/model.ts'
import { hash32, type Random } from '../world/random.ts'
import { nowSeconds, type World } from '../world/world.ts'
import { postedRefund, postedTrade, posterOf } from './posted.ts'

/** A message that the platform owes an app until the app confirms it. */
export interface Message {
  id: bigint
  shop: Shop
  topic: string
  /** JSON text. */
  content: string
  /** In milliseconds of the world's clock. */
  publishedAt: number
  /** `performance.now()` before which it is not sent (again). */
  dueAt: number
  times: number
}

/** How badly the service works. Probabilities are between 0 and 1. */
export interface PushFaults {
  /** Messages that are never sent. */
  lose: number
  /** Messages that are sent twice. */
  double: number
  late: number
  lateMs: number
  /** Messages that are sent after the one that follows them. */
  shuffle: number
  /** True: connections stay open, and nothing comes on them, not even an answer to a ping. */
  mute: boolean
  /** True: every login is refused. */
  refuse: boolean
  /** A message that is not confirmed is sent again after this time. */
  resendMs: number
}

export interface PushBooks {
  faults: PushFaults
  random: Random
  /** The topics of each permitted shop by its key; null: all of the app. */
  permits: Map<string, ReadonlySet<string> | null>
  /** Messages that are not confirmed, by `appOf`. */
  owed: Map<string, Map<bigint, Message>>
  links: Map<string, Set<PushLink>>
  /** The last status of each trade and refund that a message named. */
  known: Map<string, string>
  nextId: bigint
  /** The shops whose rows are written into the database of the app (数据推送), by their keys. */
  rdsShops: Set<string>
  /** Called with each change of a trade or refund. */
  watchers: Set<(change: Trade | Refund) => void>
  counts: Record<'published' | 'lost' | 'sent' | 'confirmed' | 'refused' | 'broken', number>
}

/** A connection whose login was accepted. */
export interface PushLink {
  send(message: Message): void
  end(): void
}

export function createPush(random: Random): PushBooks {
  return {
    faults: {
      ...{ lose: 0, double: 0, late: 0, lateMs: 0, shuffle: 0, mute: false, refuse: false },
      resendMs: 300_000,
    },
    random,
    permits: new Map(),
    owed: new Map(),
    links: new Map(),
    known: new Map(),
    nextId: 9_107_199_254_740_993n,
    rdsShops: new Set(),
    watchers: new Set(),
    counts: { published: 0, lost: 0, sent: 0, confirmed: 0, refused: 0, broken: 0 },
  }
}

/** Apps of Taobao and Tmall are one kind. */
export const appOf = (platform: Platform, appKey: string) =>
  `${platform === 'tmall' ? 'taobao' : platform}:${appKey}`

/** Listens to what happens to the trades and refunds of all shops. */
export function listen(world: World, push: PushBooks): void {
  for (const shop of world.shops) {
    shop.tradeLog.onRecord = (trade) => {
      publishTrade(world, push, trade)
      for (const watch of push.watchers) watch(trade)
    }
    shop.refundLog.onRecord = (refund) => {
      publishRefund(world, push, refund)
      for (const watch of push.watchers) watch(refund)
    }
  }
}

const TRADE_TOPICS: Record<string, [taobao: string, pinduoduo: string]> = {
  WAIT_BUYER_PAY: ['TradeCreate', ''],
  WAIT_SELLER_SEND_GOODS: ['TradeBuyerPay', 'TradeConfirmed'],
  SELLER_CONSIGNED_PART: ['TradePartlySellerShip', 'TradeSellerShip'],
  WAIT_BUYER_CONFIRM_GOODS: ['TradeSellerShip', 'TradeSellerShip'],
  TRADE_FINISHED: ['TradeSuccess', 'TradeSuccess'],
  TRADE_CLOSED: ['TradeClose', ''],
  TRADE_CLOSED_BY_TAOBAO: ['TradeClose', ''],
}
const REFUND_TOPICS: Record<string, [taobao: string, pinduoduo: string]> = {
  WAIT_SELLER_AGREE: ['RefundCreated', 'RefundCreated'],
  WAIT_BUYER_RETURN_GOODS: ['RefundSellerAgreeAgreement', 'RefundAgreeAgreement'],
  WAIT_SELLER_CONFIRM_GOODS: ['RefundBuyerReturnGoods', 'RefundBuyerReturnGoods'],
  SELLER_REFUSE_BUYER: ['RefundSellerRefuseAgreement', ''],
  CLOSED: ['RefundClosed', 'RefundClosed'],
  SUCCESS: ['RefundSuccess', ''],
}

function publishTrade(world: World, push: PushBooks, trade: Trade): void {
  const { shop, tid } = trade
  const isSame = push.known.get(tid) === trade.status
  push.known.set(tid, trade.status)
  const posted = postedTrade(trade)
  if (posted) {
    publish(world, push, shop, posted)
    return
  }
  const [top, pop] = isSame
    ? ['TradeMemoModified', 'TradeMemoModified']
    : (TRADE_TOPICS[trade.status] ?? ['TradeChanged', ''])
  if (shop.platform === 'pinduoduo') {
    if (pop !== '')
      publish(world, push, shop, {
        topic: `pdd_trade_${pop}`,
        content: `{"mall_id":${mallId(shop)},"tid":"${tid}"}`,
      })
    return
  }
  const oid = trade.lines[0]?.oid ?? tid
  const content = `{"buyer_nick":"m**","payment":"0.01","oid":${oid},"tid":${tid},"type":"guarantee_trade","post_fee":"0.00","seller_nick":${JSON.stringify(shop.options.name)},"status":"${trade.status}"}`
  publish(world, push, shop, { topic: `taobao_trade_${top}`, content })
}

function publishRefund(world: World, push: PushBooks, refund: Refund): void {
  const { trade, id } = refund
  const { shop } = trade
  const isSame = push.known.get(`refund ${id}`) === refund.status
  push.known.set(`refund ${id}`, refund.status)
  const posted = postedRefund(refund)
  if (posted) publish(world, push, shop, posted)
  if (posterOf(shop)) return
  const [top, pop] = REFUND_TOPICS[refund.status] ?? ['RefundCreateMessage', '']
  if (shop.platform === 'pinduoduo') {
    if (pop === '' || isSame) return
    const content = `{"mall_id":${mallId(shop)},"refund_fee":${refund.fee},"bill_type":1,"modified":${refund.modified * 1000},"refund_id":${id},"operation":1000,"tid":"${trade.tid}"}`
    publish(world, push, shop, { topic: `pdd_refund_${pop}`, content })
    return
  }
  const content = `{"refund_id":${id},"tid":${trade.tid},"oid":${refund.line.oid},"refund_fee":"0.01","refund_phase":"${refund.phase}","bill_type":"refund_bill","buyer_nick":"m**","seller_nick":${JSON.stringify(shop.options.name)}}`
  publish(world, push, shop, { topic: `taobao_refund_${isSame ? 'RefundCreateMessage' : top}`, content })
}

/** Publishes a message of a permitted shop, as well as the faults let it. */
export function publish(
  world: World,
  push: PushBooks,
  shop: Shop,
  said: { topic: string; content: string; id?: bigint; anyTopic?: boolean },
): void {
  const topics = push.permits.get(shop.key)
  if (topics === undefined || (topics !== null && !said.anyTopic && !topics.has(said.topic))) return
  push.counts.published++
  const { faults, random } = push
  if (random.next() < faults.lose) {
    push.counts.lost++
    return
  }
  const lateMs = random.next() < faults.late ? faults.lateMs : random.next() < faults.shuffle ? 40 : 0
  const message: Message = {
    ...{ id: said.id ?? push.nextId++, shop, topic: said.topic, content: said.content },
    ...{ publishedAt: world.clock.now(), dueAt: performance.now() + lateMs, times: 0 },
  }
  const app = appOf(shop.platform, shop.options.appKey)
  const owed = push.owed.get(app) ?? new Map<bigint, Message>()
  push.owed.set(app, owed)
  owed.set(message.id, message)
  if (lateMs > 0) setTimeout(() => sendDue(push, app), lateMs + 5).unref()
  else sendDue(push, app)
}

/** Sends the due messages to one connection of the app: new ones, and those that were not confirmed in time. */
export function sendDue(push: PushBooks, app: string): void {
  const [link] = push.links.get(app) ?? []
  if (link === undefined || push.faults.mute) return
  const now = performance.now()
  for (const message of push.owed.get(app)?.values() ?? []) {
    if (message.dueAt > now) continue
    message.dueAt = now + push.faults.resendMs
    message.times++
    link.send(message)
    if (push.random.next() < push.faults.double) link.send(message)
  }
}

export function confirm(push: PushBooks, app: string, id: bigint): void {
  if (push.owed.get(app)?.delete(id)) push.counts.confirmed++
}

/** Keeps a connection in the books until the returned function is called. */
export function addLink(push: PushBooks, app: string, link: PushLink): () => void {
  const links = push.links.get(app) ?? new Set()
  push.links.set(app, links)
  links.add(link)
  // Messages that were sent on a broken connection and not confirmed are sent again at once.
  for (const message of push.owed.get(app)?.values() ?? []) if (message.times > 0) message.dueAt = 0
  sendDue(push, app)
  return () => links.delete(link)
}

/** Breaks every connection. */
export function dropLinks(push: PushBooks): void {
  for (const links of push.links.values()) for (const link of links) link.end()
}

/** Milliseconds by which the time of a login may be off. */
const TOLERANCE_MS = 600_000

/** Returns the secret of an app; undefined if there is no such app or the time of the login is too far off. */
export function secretOf(world: World, app: string, timestamp: string): string | undefined {
  const shop = world.shops.find(({ platform, options }) => appOf(platform, options.appKey) === app)
  const isFresh = /^\d{13}$/.test(timestamp) && Math.abs(Number(timestamp) - world.clock.now()) < TOLERANCE_MS
  return isFresh ? shop?.options.appSecret : undefined
}

/** The seller's number, as taobao.user.seller.get gives it. */
export const sellerId = ({ key }: Shop) => String(2_200_000_000_000 + hash32(key))

export function pushBook(world: World, push: PushBooks): Record<string, unknown> {
  return {
    now: nowSeconds(world),
    faults: push.faults,
    permits: [...push.permits.keys()],
    links: Object.fromEntries([...push.links].map(([app, links]) => [app, links.size])),
    owed: Object.fromEntries([...push.owed].map(([app, owed]) => [app, owed.size])),
    counts: push.counts,
  }
}
