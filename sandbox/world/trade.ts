import { platformTime } from '../wire.ts'
import { type Listing, listingPrice, type Sku } from './goods.ts'
import {
  goodsFee,
  type Line,
  lineTotal,
  type Platform,
  payment,
  type Refund,
  type Shop,
  type Trade,
} from './model.ts'
import { record } from './modified-log.ts'
import type { Person } from './people.ts'
import { at, type Random } from './random.ts'
import { settleWhole } from './refund.ts'
import { dressTrade, type Story } from './story.ts'
import { nowSeconds, type World } from './world.ts'

/** The given values of a new trade; all others are random. Times are epoch seconds, money is fen. */
export interface TradeSpec {
  tid?: string
  type?: string
  status?: string
  created?: number
  paid?: number
  modified?: number
  stepStatus?: string
  hold?: string
  couriers?: string[]
  toDoor?: boolean
  message?: string
  memo?: string
  flag?: number
  postFee?: number
  /** The buyer's total payment; the first line's adjust_fee is changed to give it. */
  payment?: number
  /** The number of lines, or their descriptions. */
  lines?: number | LineSpec[]
  receiver?: Partial<Person>
  garbage?: Record<string, string | null>
}

export interface LineSpec {
  numIid?: string
  skuId?: string
  outerId?: string
  num?: number
  price?: number
  status?: string
  refundStatus?: string
}

const NO_REFUNDS: Refund[] = []

export function createTrade(world: World, shop: Shop, spec: TradeSpec = {}): Trade {
  const random = shop.random
  const buyer = random.pick(world.people)
  const now = nowSeconds(world)
  const trade: Trade = {
    shop,
    tid: '',
    type: 'fixed',
    status: 'WAIT_SELLER_SEND_GOODS',
    previousStatus: '',
    created: spec.created ?? now,
    modified: 0,
    paid: 0,
    consigned: 0,
    ended: 0,
    shipBefore: 0,
    buyer,
    receiver: spec.receiver === undefined ? buyer : { ...buyer, ...spec.receiver },
    message: random.chance(0.09) ? random.pick(MESSAGES) : '',
    memo: '',
    flag: 0,
    postFee: random.weighted(POSTAGE),
    stepStatus: '',
    stepPaid: 0,
    codStatus: '',
    hold: '',
    couriers: spec.couriers ?? [],
    toDoor: spec.toDoor ?? false,
    from: random.weighted(ORIGINS),
    lines: [],
    refunds: NO_REFUNDS,
    garbage: spec.garbage ?? null,
    place: -1,
  }
  trade.tid = spec.tid ?? nextTid(world, shop, trade)
  trade.lines = createLines(world, trade, spec.lines)
  if (Array.isArray(spec.lines) && spec.lines.some((line) => line.price !== undefined)) trade.postFee = 0
  else spreadDiscount(random, trade)
  if (spec.postFee !== undefined) trade.postFee = spec.postFee
  if (spec.payment !== undefined) at(trade.lines, 0).adjust += spec.payment - payment(trade)
  const story: Story = dressTrade(random, trade, spec, now)
  applyOverrides(trade, spec)
  trade.previousStatus = trade.status
  trade.modified = spec.modified ?? story.lastChange
  enter(shop, trade)
  if (trade.status === 'TRADE_CLOSED') {
    settleWhole(world, trade)
    if (spec.modified !== undefined) placeAt(trade, spec.modified)
  }
  return trade
}

/** Sets the modified second of a trade, independent of the clock. */
export function placeAt(trade: Trade, modified: number): void {
  trade.modified = modified
  record(trade.shop.tradeLog, trade)
}

function enter(shop: Shop, trade: Trade): void {
  shop.trades.set(trade.tid, trade)
  shop.types.add(trade.type)
  const last = shop.byCreated[shop.byCreated.length - 1]
  if (last !== undefined && trade.created < last.created) shop.byCreatedSorted = false
  shop.byCreated.push(trade)
  record(shop.tradeLog, trade)
}

function applyOverrides(trade: Trade, spec: TradeSpec): void {
  if (spec.stepStatus !== undefined) trade.stepStatus = spec.stepStatus
  if (spec.hold !== undefined) trade.hold = spec.hold
  if (spec.message !== undefined) trade.message = spec.message
  if (spec.memo !== undefined) trade.memo = spec.memo
  if (spec.flag !== undefined) trade.flag = spec.flag
  if (!Array.isArray(spec.lines)) return
  spec.lines.forEach((lineSpec, index) => {
    const line = at(trade.lines, index)
    if (lineSpec.status !== undefined) line.status = lineSpec.status
    if (lineSpec.refundStatus !== undefined) line.refundStatus = lineSpec.refundStatus
  })
}

function nextTid(world: World, shop: Shop, trade: Trade): string {
  world.nextNumber += shop.random.between(1, 97)
  if (shop.platform === 'doudian') return `6920${world.nextNumber}${trade.buyer.tail}`
  if (shop.platform === 'kuaishou') return `2532${world.nextNumber}${trade.buyer.tail}`
  if (shop.platform === 'jd') return `3${world.nextNumber}`
  if (shop.platform === 'xiaohongshu') return `P7${world.nextNumber}${trade.buyer.tail}`
  if (shop.platform === 'woocommerce') return String(world.nextNumber % 1_000_000_000)
  if (shop.platform === 'shopify') return `5${String(world.nextNumber % 1_000_000_000_000).padStart(12, '0')}`
  if (shop.platform === 'weixin') return `3705${world.nextNumber}${trade.buyer.tail}`
  if (shop.platform === 'paipai') {
    const day = platformTime(trade.created).slice(0, 10).replaceAll('-', '')
    return `${shop.options.appKey}-${day}-${String(world.nextNumber % 10_000_000_000).padStart(10, '0')}`
  }
  if (shop.platform !== 'pinduoduo') return `2948${world.nextNumber}${trade.buyer.tail}`
  const date = platformTime(trade.created).slice(2, 10).replaceAll('-', '')
  return `${date}-${String(world.nextNumber % 100_000_000_000).padStart(11, '5')}${trade.buyer.tail}`
}

function createLines(world: World, trade: Trade, asked: number | LineSpec[] | undefined): Line[] {
  const random = trade.shop.random
  const specs: LineSpec[] = Array.isArray(asked) ? asked : []
  // A Pinduoduo order has a single line; on Kuaishou a second one is a gift.
  const counts = trade.shop.platform === 'kuaishou' ? KUAISHOU_COUNTS : LINE_COUNTS
  const drawn = trade.shop.platform === 'pinduoduo' ? 1 : random.weighted(counts)
  const count = Array.isArray(asked) ? asked.length : (asked ?? drawn)
  const lines: Line[] = []
  for (let i = 0; i < count; i++) {
    const [listing, sku] = choose(trade.shop, specs[i] ?? {}, lines)
    let oid = trade.tid
    // JD and Xiaohongshu have no numbers of lines: order and SKU name them.
    if (BY_SKU.has(trade.shop.platform)) oid = `${trade.tid}-${sku?.skuId ?? '0'}`
    // On WeChat order, product and SKU do.
    else if (trade.shop.platform === 'weixin') oid = `${trade.tid}-${listing.numIid}-${sku?.skuId ?? '0'}`
    // On Paipai, WooCommerce and Shopify every line has a number of its own.
    else if (OWN_LINES.has(trade.shop.platform)) oid = String(++world.nextNumber)
    // On Douyin and Kuaishou one line of each order has the order's own number.
    else if (count > 1 && !(i === 0 && OWN_NUMBER.has(trade.shop.platform))) {
      world.nextNumber++
      oid = `2948${world.nextNumber}${trade.buyer.tail}`
    }
    const isGift = i > 0 && trade.shop.platform === 'kuaishou'
    const price = isGift ? 0 : (specs[i]?.price ?? sku?.price ?? listingPrice(listing))
    lines.push({
      oid,
      listing,
      sku,
      num: specs[i]?.num ?? random.weighted(QUANTITIES),
      price,
      discount: 0,
      adjust: 0,
      share: 0,
      status: 'WAIT_SELLER_SEND_GOODS',
      refundStatus: 'NO_REFUND',
      refundId: '',
      consigned: 0,
      ended: 0,
      company: '',
      waybill: '',
      shipments: 0,
      identCodes: [],
    })
  }
  return lines
}

function choose(shop: Shop, spec: LineSpec, chosen: readonly Line[]): [Listing, Sku | null] {
  const random = shop.random
  const fits = (sku: Sku) =>
    (spec.skuId === undefined || sku.skuId === spec.skuId) &&
    (spec.outerId === undefined || sku.outerId === spec.outerId)
  if (spec.skuId !== undefined || spec.outerId !== undefined || spec.numIid !== undefined) {
    for (const listing of shop.listings) {
      if (spec.numIid !== undefined && listing.numIid !== spec.numIid) continue
      const sku = listing.skus.find(fits)
      if (sku !== undefined) return [listing, sku]
      if (
        listing.skus.length === 0 &&
        spec.skuId === undefined &&
        (spec.outerId ?? listing.outerIid) === listing.outerIid
      )
        return [listing, null]
    }
    throw new RangeError(`shop ${shop.key} sells nothing like ${JSON.stringify(spec)}`)
  }
  // On WeChat, JD and Xiaohongshu pieces of one SKU are one line.
  const free =
    shop.platform === 'weixin' || BY_SKU.has(shop.platform)
      ? shop.listings.filter((one) => chosen.every((line) => line.listing !== one))
      : shop.listings
  const listing = random.pick(free)
  return [listing, listing.skus.length === 0 ? null : random.pick(listing.skus)]
}

/** Draws line discounts and a trade discount, and spreads the latter over the lines to the last fen: the last line takes the remainder. */
function spreadDiscount(random: Random, trade: Trade): void {
  let sum = 0
  const sold = trade.lines.filter(({ price }) => price > 0)
  for (const line of sold) {
    if (random.chance(0.35)) line.discount = Math.floor(goodsFee(line) * random.pick(LINE_OFF))
    if (random.chance(0.02)) line.adjust = -Math.min(random.between(1, 1000), lineTotal(line) - 1)
    sum += lineTotal(line)
  }
  // JD names no share of a discount of the whole order.
  if (!random.chance(0.5) || (trade.shop.platform === 'jd' && sold.length > 1)) return
  const off = Math.min(random.pick(TRADE_OFF), Math.floor(sum / 3))
  let left = off
  sold.forEach((line, index) => {
    line.share = index === sold.length - 1 ? left : Math.floor((off * lineTotal(line)) / sum)
    left -= line.share
  })
}

const LINE_COUNTS = [
  [1, 68],
  [2, 20],
  [3, 8],
  [4, 3],
  [6, 1],
] as const
const KUAISHOU_COUNTS = [
  [1, 85],
  [2, 15],
] as const
const BY_SKU: ReadonlySet<Platform> = new Set(['jd', 'xiaohongshu'])
const OWN_LINES: ReadonlySet<Platform> = new Set(['paipai', 'woocommerce', 'shopify'])
const OWN_NUMBER: ReadonlySet<Platform> = new Set(['doudian', 'kuaishou'])
const QUANTITIES = [
  [1, 78],
  [2, 14],
  [3, 4],
  [4, 2],
  [6, 1],
  [10, 0.4],
] as const
const LINE_OFF = [0.05, 0.1, 0.12, 0.15, 0.2, 0.333]
const TRADE_OFF = [300, 500, 1000, 1999, 2000, 3000, 5000, 8888]
const POSTAGE = [
  [0, 82],
  [600, 8],
  [800, 5],
  [1000, 4],
  [1250, 1],
] as const
const ORIGINS = [
  ['WAP,WAP', 70],
  ['TAOBAO', 14],
  ['WAP,JHS', 8],
  ['TAOBAO,TOP', 4],
  ['HITAO', 1],
] as const
const MESSAGES = [
  '麻烦周四前送到，搬家用',
  '两只枕头分开包装，谢谢',
  '左右各两片，别少发',
  '送礼，不要放价格单',
  '颜色要和上次一样的',
  '不要发圆通，发顺丰我补差价',
  '请备注送货前打电话',
  '工作日不在家，放菜鸟驿站',
  '尽快发货！',
  '帮忙检查一下有没有瑕疵再发',
  '如果没有雾蓝就发燕麦',
  '要开发票，抬头：杭州青禾文化有限公司',
  '请不要放在门口',
  '孩子睡午觉，别敲门',
  '生日礼物，附一张卡片：祝妈妈健康',
  '地址写错了，是3单元不是2单元',
  '和昨天那单一起发',
  '发之前联系我确认尺寸',
  '周末送',
  '老客户了，送个小礼物吧～',
]
