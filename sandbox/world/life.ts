import {
  changeAddress,
  changeMemo,
  closeUnpaid,
  finish,
  pay,
  releaseHold,
  ship,
  touchTrade,
} from './change.ts'
import type { Refund, Shop, Trade } from './model.ts'
import { at } from './random.ts'
import {
  agreeRefund,
  closeRefund,
  openRefund,
  passDeadline,
  refundable,
  refuseRefund,
  reopenRefund,
  returnGoods,
  succeedRefund,
} from './refund.ts'
import { UNPAID } from './story.ts'
import { createTrade, type TradeSpec } from './trade.ts'
import { nowSeconds, type World } from './world.ts'

/** The number of new trades and of other events, for each shop and minute. */
export interface Rate {
  newTradesPerMinute: number
  eventsPerMinute: number
}

/** Fills a shop with trades of the last days, the youngest paid minutes ago, and opens refunds for some. */
export function populate(world: World, shop: Shop, count: number, spreadSeconds: number): void {
  const now = nowSeconds(world)
  for (let i = 0; i < count; i++) {
    // The distance from now is squared, so that more trades are recent.
    const distance = (count - i - shop.random.next()) / count
    const trade = createTrade(world, shop, { created: now - Math.floor(distance * distance * spreadSeconds) })
    maybeRefund(world, trade, now)
  }
}

/** Creates `count` trades from one description, with creation times spread evenly over the last `spreadSeconds`. Returns their numbers. */
export function createMany(
  world: World,
  shop: Shop,
  { count, spreadSeconds }: { count: number; spreadSeconds: number },
  spec: TradeSpec,
): string[] {
  const now = nowSeconds(world)
  const tids: string[] = []
  for (let i = 0; i < count; i++) {
    const created = spec.created ?? now - Math.floor(((count - 1 - i) * spreadSeconds) / count)
    tids.push(createTrade(world, shop, { ...spec, created }).tid)
  }
  return tids
}

/** Generates the trades and events of `seconds` in every shop, at the given rate. */
export function tick(world: World, rate: Rate, seconds: number): void {
  for (const shop of world.shops) {
    for (let n = draw(shop, (rate.newTradesPerMinute * seconds) / 60); n > 0; n--) createTrade(world, shop)
    for (let n = draw(shop, (rate.eventsPerMinute * seconds) / 60); n > 0; n--) liveOn(world, shop)
  }
  for (const refund of world.openRefunds) passDeadline(world, refund)
}

/** Generates `events` events on existing trades and `births` new trades, distributed over the shops in turn; independent of the clock. */
export function advance(world: World, events: number, births: number, shop?: Shop): void {
  const shops = shop === undefined ? world.shops : [shop]
  for (let i = 0; i < births; i++) createTrade(world, at(shops, i % shops.length))
  for (let i = 0; i < events; i++) liveOn(world, at(shops, i % shops.length))
  for (const refund of world.openRefunds) passDeadline(world, refund)
}

/** Generates one event for one trade or refund of the shop; none if six tries find nothing that can change. */
export function liveOn(world: World, shop: Shop): void {
  const { random } = shop
  for (let tries = 0; tries < 6; tries++) {
    const refund = random.chance(0.2) ? randomOpenRefund(world, shop) : undefined
    if (refund !== undefined) {
      moveRefund(world, refund)
      return
    }
    const trade = randomTrade(shop)
    if (trade === undefined) return
    if (moveTrade(world, trade)) return
  }
}

/** Changes some trades of a window, as buyers may while a client is reading its pages. */
export function disturb(world: World, shop: Shop, trades: readonly Trade[], count: number): void {
  for (let i = 0; i < count && trades.length > 0; i++)
    touchTrade(world, at(trades, shop.random.int(trades.length)))
}

function moveTrade(world: World, trade: Trade): boolean {
  const { random } = trade.shop
  if (UNPAID.has(trade.status)) return random.chance(0.75) ? pay(world, trade) : closeUnpaid(world, trade)
  if (trade.hold !== '' || trade.status === 'PAID_FORBID_CONSIGN') return releaseHold(world, trade)
  if (trade.status === 'WAIT_SELLER_SEND_GOODS' || trade.status === 'SELLER_CONSIGNED_PART') {
    const what = random.weighted(WAITING_LIFE)
    if (what === 'address') changeAddress(world, trade)
    else if (what === 'memo') changeMemo(world, trade, random.pick(MEMOS), random.between(0, 5))
    else if (what === 'flag') changeMemo(world, trade, undefined, random.between(0, 5))
    else if (what === 'refund') return applyForRefund(world, trade)
    else
      ship(world, trade, random.chance(0.3) ? trade.lines.slice(0, 1) : trade.lines, {
        company: '中通快递',
        waybill: `7${trade.tid.slice(-13)}`,
      })
    return true
  }
  if (trade.status === 'WAIT_BUYER_CONFIRM_GOODS')
    return random.chance(0.75) ? finish(world, trade) : applyForRefund(world, trade)
  if (trade.status === 'TRADE_FINISHED') return random.chance(0.15) && applyForRefund(world, trade)
  return false
}

function moveRefund(world: World, refund: Refund): void {
  const { random } = refund.trade.shop
  if (refund.status === 'WAIT_SELLER_AGREE') {
    const what = random.weighted(REFUND_LIFE)
    if (what === 'close') closeRefund(world, refund)
    else if (what === 'change') reopenRefund(world, refund, Math.max(1, Math.floor(refund.fee * 0.8)))
    else if (what === 'refuse') refuseRefund(world, refund, '商品已发出，请先签收')
    else agreeRefund(world, refund)
  } else if (refund.status === 'WAIT_BUYER_RETURN_GOODS') {
    if (random.chance(0.8)) returnGoods(world, refund)
    else closeRefund(world, refund)
  } else if (refund.status === 'SELLER_REFUSE_BUYER') {
    if (random.chance(0.5)) reopenRefund(world, refund)
    else closeRefund(world, refund)
  } else succeedRefund(world, refund)
}

function applyForRefund(world: World, trade: Trade): boolean {
  const free = refundable(trade).filter(
    (line) => line.refundStatus === 'NO_REFUND' || line.refundStatus === 'CLOSED',
  )
  if (free.length === 0) return false
  openRefund(world, trade, trade.shop.random.pick(free))
  return true
}

/** Opens a refund for about one trade in fourteen when the world is created, and moves it on by a random number of steps. */
function maybeRefund(world: World, trade: Trade, now: number): void {
  const { random } = trade.shop
  if (trade.paid === 0 || trade.status === 'TRADE_CLOSED' || !random.chance(0.07)) return
  const created = Math.min(now, Math.max(trade.paid, trade.consigned) + random.between(60, 20_000))
  const lines = refundable(trade)
  if (lines.length === 0) return
  const refund = openRefund(world, trade, random.pick(lines), { created })
  if (random.chance(0.15)) refund.deadline = now + random.between(1200, 14_400)
  for (let steps = random.weighted(PAST_STEPS); steps > 0; steps--) moveRefund(world, refund)
}

/** Returns a random open refund of the shop; undefined if it has none. */
function randomOpenRefund(world: World, shop: Shop): Refund | undefined {
  let left = shop.random.int(Math.max(1, Math.min(200, world.openRefunds.size)))
  let found: Refund | undefined
  for (const refund of world.openRefunds) {
    if (refund.trade.shop === shop) found = refund
    if (left-- <= 0 && found !== undefined) return found
    if (left < -400) break
  }
  return found
}

function randomTrade(shop: Shop): Trade | undefined {
  const size = shop.byCreated.length
  if (size === 0) return undefined
  const recent = Math.min(size, 3000)
  const from = shop.random.chance(0.8) ? size - recent : 0
  return shop.byCreated[from + shop.random.int(size - from)]
}

function draw(shop: Shop, mean: number): number {
  const whole = Math.floor(mean)
  return whole + (shop.random.chance(mean - whole) ? 1 : 0)
}

const WAITING_LIFE = [
  ['address', 14],
  ['memo', 30],
  ['flag', 12],
  ['refund', 26],
  ['ship', 10],
] as const
const REFUND_LIFE = [
  ['close', 40],
  ['change', 15],
  ['refuse', 5],
  ['agree', 40],
] as const
const PAST_STEPS = [
  [0, 55],
  [1, 25],
  [2, 12],
  [3, 8],
] as const
const MEMOS = [
  '买家来电改地址',
  '加急',
  '补发赠品',
  '已核对尺寸',
  '发票随货',
  '客户要求周末送',
  '换色：雾蓝改燕麦',
  '',
]
