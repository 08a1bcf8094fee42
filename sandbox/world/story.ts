import { type Platform, payment, type Trade } from './model.ts'
import type { Random } from './random.ts'
import type { TradeSpec } from './trade.ts'

export interface Story {
  /** The time of the last change, in epoch seconds. */
  lastChange: number
}

const DAY = 86_400
/** On these there are neither kinds of trades nor holds. */
const PLAIN: ReadonlySet<Platform> = new Set(['weixin', 'paipai', 'ownshop'])

/** Gives a new trade its type, its status and the times that led to it, all before now. */
export function dressTrade(random: Random, trade: Trade, spec: TradeSpec, now: number): Story {
  const pinduoduo = trade.shop.platform === 'pinduoduo'
  const isPlain = PLAIN.has(trade.shop.platform)
  // JD lists orders only when they are paid.
  const isPaid = pinduoduo || trade.shop.platform === 'jd'
  const hasTypes = !isPaid && !isPlain
  const age = now - trade.created
  trade.type =
    spec.type ??
    (hasTypes ? random.weighted(spec.status === undefined ? typesOf(trade) : PLAIN_TYPES) : 'fixed')
  const status = spec.status ?? plainStatus(trade, drawStatus(random, trade, age, isPaid))
  if (trade.type === 'step' && spec.stepStatus === undefined) dressStep(random, trade, status)
  if (trade.type === 'cod')
    trade.codStatus = UNPAID.has(status) || status === 'WAIT_SELLER_SEND_GOODS' ? 'NEW_CREATED' : 'SIGN_IN'
  if (status === 'PAID_FORBID_CONSIGN') trade.hold = 'team_buy_hold'
  else if (
    !isPlain &&
    status === 'WAIT_SELLER_SEND_GOODS' &&
    spec.status === undefined &&
    random.chance(0.012)
  )
    trade.hold = random.pick(HOLDS)

  let last = trade.created
  const later = (least: number, most: number) => {
    last = Math.min(now, last + random.between(least, most))
    return last
  }
  const closedUnpaid = status === 'TRADE_CLOSED_BY_TAOBAO'
  const paysNow = !UNPAID.has(status) && !closedUnpaid && trade.type !== 'cod'
  if (spec.paid !== undefined) last = trade.paid = spec.paid
  else if (paysNow) trade.paid = later(8, 540)
  trade.shipBefore =
    (trade.paid || trade.created) +
    random.weighted([
      [2 * DAY, 82],
      [DAY, 6],
      [3 * DAY, 12],
    ])
  if (SHIPPED.has(status)) shipLines(random, trade, status, later(3600, DAY))
  if (status === 'TRADE_FINISHED' || status === 'TRADE_BUYER_SIGNED') later(DAY, 3 * DAY)
  if (ENDED.has(status)) trade.ended = closedUnpaid ? later(600, DAY) : later(300, DAY)
  setStatus(trade, status)
  if (trade.paid > 0 && random.chance(0.1)) {
    trade.memo = random.pick(MEMOS)
    trade.flag = random.between(1, 5)
    later(30, 3600)
  } else if (random.chance(0.02)) trade.flag = random.between(1, 5)
  if (NO_FLAGS.has(trade.shop.platform)) trade.flag = 0
  return { lastChange: last }
}

/** Sets the status of the trade and derives that of its lines. */
function setStatus(trade: Trade, status: string): void {
  trade.status = status
  for (const line of trade.lines) {
    if (status === 'SELLER_CONSIGNED_PART')
      line.status = line.consigned > 0 ? 'WAIT_BUYER_CONFIRM_GOODS' : 'WAIT_SELLER_SEND_GOODS'
    else line.status = status
    if (ENDED.has(status)) line.ended = trade.ended
    if (status === 'TRADE_CLOSED') line.refundStatus = 'SUCCESS'
  }
}

function shipLines(random: Random, trade: Trade, status: string, when: number): void {
  trade.consigned = when
  const [company, head] = random.pick(COURIERS)
  const waybill = `${head}${random.between(100_000_000, 999_999_999)}${random.between(1000, 9999)}`
  const part = status === 'SELLER_CONSIGNED_PART'
  trade.lines.forEach((line, index) => {
    if (part && index > 0) return
    line.consigned = when
    line.company = company
    line.waybill = waybill
  })
}

function dressStep(random: Random, trade: Trade, status: string): void {
  const deposit = Math.max(100, Math.round((payment(trade) * random.pick([0.1, 0.15, 0.2])) / 100) * 100)
  if (status === 'WAIT_BUYER_PAY') {
    const paid = random.chance(0.8)
    trade.stepStatus = paid ? 'FRONT_PAID_FINAL_NOPAID' : 'FRONT_NOPAID_FINAL_NOPAID'
    trade.stepPaid = paid ? Math.min(deposit, payment(trade)) : 0
  } else if (status === 'TRADE_CLOSED_BY_TAOBAO') {
    trade.stepStatus = 'FRONT_NOPAID_FINAL_NOPAID'
  } else {
    trade.stepStatus = 'FRONT_PAID_FINAL_PAID'
    trade.stepPaid = payment(trade)
  }
}

function drawStatus(random: Random, trade: Trade, age: number, isPaid: boolean): string {
  if (isPaid)
    return byAge(random, age, { newborn: PDD_NEWBORN, young: PDD_YOUNG, middle: PDD_MIDDLE, old: PDD_OLD })
  if (trade.type === 'step')
    return random.weighted([
      ['WAIT_BUYER_PAY', 55],
      ['WAIT_SELLER_SEND_GOODS', 45],
    ])
  if (trade.type === 'cod' && age < 3600) return 'WAIT_SELLER_SEND_GOODS'
  if (trade.type === 'cod')
    return random.weighted(
      age < 2 * DAY
        ? [
            ['WAIT_SELLER_SEND_GOODS', 9],
            ['WAIT_BUYER_CONFIRM_GOODS', 1],
          ]
        : [
            ['WAIT_BUYER_CONFIRM_GOODS', 4],
            ['TRADE_BUYER_SIGNED', 3],
            ['TRADE_FINISHED', 3],
          ],
    )
  if (trade.type === 'pre_auth_type') return 'WAIT_PRE_AUTH_CONFIRM'
  const status = byAge(random, age, { newborn: NEWBORN, young: YOUNG, middle: MIDDLE, old: OLD })
  // A trade with one line cannot be partly shipped.
  return status === 'SELLER_CONSIGNED_PART' && trade.lines.length < 2 ? 'WAIT_SELLER_SEND_GOODS' : status
}

const NO_FLAGS: ReadonlySet<Platform> = new Set(['weixin', 'woocommerce', 'shopify'])

const typesOf = ({ shop }: Trade): Weights => OWN_TYPES[shop.platform] ?? TYPES

/**
 * WeChat has one status before payment, and none for a risk. Douyin and Paipai have one for all that is paid and must wait; on Paipai a trade
 * leaves whole. Kuaishou and Xiaohongshu have the status of WeChat, and say in another way that nothing may be shipped. On WooCommerce a trade leaves whole, and
 * no buyer confirms it, as on Shopify.
 */
function plainStatus({ shop }: Trade, drawn: string): string {
  if (shop.platform === 'paipai' && drawn === 'SELLER_CONSIGNED_PART') return 'WAIT_BUYER_CONFIRM_GOODS'
  if (shop.platform === 'paipai') return drawn === 'TRADE_RISK_LOCKED' ? 'PAID_FORBID_CONSIGN' : drawn
  if (shop.platform === 'doudian') return drawn === 'TRADE_RISK_LOCKED' ? 'PAID_FORBID_CONSIGN' : drawn
  const mayWait = MAY_WAIT.has(shop.platform)
  if (shop.platform === 'woocommerce' && SHIPPED.has(drawn)) return 'WAIT_BUYER_CONFIRM_GOODS'
  if (shop.platform === 'shopify' && (drawn === 'TRADE_BUYER_SIGNED' || drawn === 'TRADE_FINISHED'))
    return 'WAIT_BUYER_CONFIRM_GOODS'
  if (shop.platform !== 'weixin' && !mayWait) return drawn
  if (drawn === 'TRADE_NO_CREATE_PAY' || drawn === 'PAY_PENDING') return 'WAIT_BUYER_PAY'
  if (drawn !== 'TRADE_RISK_LOCKED') return drawn
  return mayWait ? 'PAID_FORBID_CONSIGN' : 'WAIT_SELLER_SEND_GOODS'
}

const MAY_WAIT: ReadonlySet<Platform> = new Set(['kuaishou', 'xiaohongshu', 'woocommerce', 'shopify'])

type Weights = readonly (readonly [string, number])[]

function byAge(
  random: Random,
  age: number,
  of: Record<'newborn' | 'young' | 'middle' | 'old', Weights>,
): string {
  if (age < 3600) return random.weighted(of.newborn)
  if (age < 1.5 * DAY) return random.weighted(of.young)
  return random.weighted(age < 2 * DAY ? of.middle : of.old)
}

export const UNPAID: ReadonlySet<string> = new Set([
  'WAIT_BUYER_PAY',
  'TRADE_NO_CREATE_PAY',
  'PAY_PENDING',
  'WAIT_PRE_AUTH_CONFIRM',
])
const SHIPPED: ReadonlySet<string> = new Set([
  'SELLER_CONSIGNED_PART',
  'WAIT_BUYER_CONFIRM_GOODS',
  'TRADE_BUYER_SIGNED',
  'TRADE_FINISHED',
])
export const ENDED: ReadonlySet<string> = new Set([
  'TRADE_FINISHED',
  'TRADE_CLOSED',
  'TRADE_CLOSED_BY_TAOBAO',
])

/** The statuses of the first hour, in which nothing is shipped or closed. */
const NEWBORN = [
  ['WAIT_SELLER_SEND_GOODS', 860],
  ['WAIT_BUYER_PAY', 110],
  ['PAID_FORBID_CONSIGN', 12],
  ['TRADE_NO_CREATE_PAY', 5],
  ['PAY_PENDING', 4],
  ['TRADE_RISK_LOCKED', 1],
] as const
const PDD_NEWBORN = [
  ['WAIT_SELLER_SEND_GOODS', 95],
  ['PAID_FORBID_CONSIGN', 5],
] as const
const YOUNG = [
  ['WAIT_SELLER_SEND_GOODS', 820],
  ['WAIT_BUYER_PAY', 70],
  ['TRADE_CLOSED_BY_TAOBAO', 25],
  ['SELLER_CONSIGNED_PART', 30],
  ['WAIT_BUYER_CONFIRM_GOODS', 25],
  ['PAID_FORBID_CONSIGN', 9],
  ['TRADE_CLOSED', 12],
  ['TRADE_NO_CREATE_PAY', 4],
  ['PAY_PENDING', 3],
  ['TRADE_RISK_LOCKED', 1],
] as const
const MIDDLE = [
  ['WAIT_SELLER_SEND_GOODS', 430],
  ['WAIT_BUYER_CONFIRM_GOODS', 310],
  ['TRADE_FINISHED', 130],
  ['TRADE_CLOSED_BY_TAOBAO', 50],
  ['SELLER_CONSIGNED_PART', 45],
  ['TRADE_CLOSED', 30],
  ['PAID_FORBID_CONSIGN', 4],
  ['TRADE_RISK_LOCKED', 1],
] as const
/** After two days few trades still wait, since a good shop is rarely late. */
const OLD = [
  ['WAIT_SELLER_SEND_GOODS', 45],
  ['WAIT_BUYER_CONFIRM_GOODS', 310],
  ['TRADE_FINISHED', 130],
  ['TRADE_CLOSED_BY_TAOBAO', 50],
  ['SELLER_CONSIGNED_PART', 45],
  ['TRADE_CLOSED', 30],
  ['PAID_FORBID_CONSIGN', 4],
  ['TRADE_RISK_LOCKED', 1],
] as const
const PDD_YOUNG = [
  ['WAIT_SELLER_SEND_GOODS', 90],
  ['WAIT_BUYER_CONFIRM_GOODS', 4],
  ['PAID_FORBID_CONSIGN', 3],
  ['TRADE_CLOSED', 3],
] as const
const PDD_MIDDLE = [
  ['WAIT_SELLER_SEND_GOODS', 45],
  ['WAIT_BUYER_CONFIRM_GOODS', 35],
  ['TRADE_FINISHED', 15],
  ['TRADE_CLOSED', 5],
] as const
const PDD_OLD = [
  ['WAIT_SELLER_SEND_GOODS', 4],
  ['WAIT_BUYER_CONFIRM_GOODS', 35],
  ['TRADE_FINISHED', 15],
  ['TRADE_CLOSED', 5],
] as const
const TYPES = [
  ['fixed', 890],
  ['step', 45],
  ['cod', 25],
  ['auction', 10],
  ['tmall_i18n', 8],
  ['eticket', 6],
  ['o2o_offlinetrade', 4],
  ['auto_delivery', 4],
  ['instant_trade', 3],
  ['ec', 2],
  ['pre_auth_type', 2],
  ['nopaid', 1],
] as const
const DOUDIAN_TYPES = [
  ['fixed', 930],
  ['step', 40],
  ['cod', 20],
  ['eticket', 10],
] as const
const KUAISHOU_TYPES = [
  ['fixed', 950],
  ['step', 40],
  ['eticket', 10],
] as const
const XIAOHONGSHU_TYPES = [
  ['fixed', 950],
  ['step', 50],
] as const
const SITE_TYPES = [
  ['fixed', 960],
  ['cod', 40],
] as const
const OWN_TYPES: Partial<Record<Platform, Weights>> = {
  doudian: DOUDIAN_TYPES,
  kuaishou: KUAISHOU_TYPES,
  xiaohongshu: XIAOHONGSHU_TYPES,
  woocommerce: SITE_TYPES,
  shopify: SITE_TYPES,
}
const PLAIN_TYPES = [['fixed', 100]] as const
const HOLDS = ['top_hold', 'share_group_hold', 'ofp_hold', 'forbid_consign']
const COURIERS = [
  ['顺丰速运', 'SF'],
  ['圆通速递', 'YT'],
  ['中通快递', '7'],
  ['韵达快递', '43'],
  ['申通快递', '77'],
  ['极兔速递', 'JT'],
  ['邮政快递包裹', '98'],
] as const
const MEMOS = [
  '已改地址 · 小李',
  '补差价 10 元已收',
  '优先发 · VIP',
  '等补货 11-26 到',
  '送香薰一只',
  '买家要求顺丰到付',
  '发票已开',
  '少件补发，勿重复',
  '和上一单合并发',
  '客户急，今天必须发',
  '换货单，原单已退回',
  '电话确认过尺寸 1.8m',
]
