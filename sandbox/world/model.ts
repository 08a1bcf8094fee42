import type { Listing, Sku } from './goods.ts'
import type { ModifiedLog } from './modified-log.ts'
import type { Person } from './people.ts'
import type { Random } from './random.ts'

export type Platform =
  | 'taobao'
  | 'tmall'
  | 'pinduoduo'
  | 'doudian'
  | 'weixin'
  | 'paipai'
  | 'kuaishou'
  | 'jd'
  | 'xiaohongshu'
  | 'woocommerce'
  | 'shopify'
  | 'ownshop'

export interface ShopOptions {
  platform: Platform
  /** The name under which the control API knows the shop. */
  key: string
  name: string
  appKey: string
  appSecret: string
  /** The second secret of an app of Kuaishou; undefined: the same as the first. */
  signSecret?: string
  /** The key with which messages are encrypted; undefined: nothing is posted, or it is not encrypted. */
  pushKey?: string
  /** The token with which WeChat signs the requests that it makes. */
  pushToken?: string
  /** The currency of a shop of WooCommerce or Shopify; undefined: CNY. */
  currency?: string
  /** What the app of a shop of Shopify may do; undefined: all that an order hub needs. */
  scopes?: readonly string[]
  sessionKey: string
  refreshToken: string
  trades: number
}

/** All times are epoch seconds, 0 for "never"; all money is fen. */
export interface Line {
  oid: string
  listing: Listing
  sku: Sku | null
  num: number
  price: number
  /** The line's own discount. */
  discount: number
  adjust: number
  /** The line's share of the trade's discount. */
  share: number
  status: string
  refundStatus: string
  refundId: string
  consigned: number
  ended: number
  company: string
  waybill: string
  /** How often the client shipped the line; shipments by the simulator itself are not counted. */
  shipments: number
  /** 识别码: the serial numbers that the client named for the line's pieces. */
  identCodes: string[]
}

export interface Trade {
  shop: Shop
  tid: string
  type: string
  status: string
  /** The status before the last change. Delayed lists show it. */
  previousStatus: string
  created: number
  modified: number
  paid: number
  consigned: number
  ended: number
  /** The deadline for shipping (最晚发货). */
  shipBefore: number
  buyer: Person
  receiver: Person
  message: string
  memo: string
  /** The seller's flag: 0 grey, 1 red, 2 yellow, 3 green, 4 blue, 5 pink. */
  flag: number
  postFee: number
  stepStatus: string
  stepPaid: number
  codStatus: string
  /** The name of a field that forbids shipping, or ''. */
  hold: string
  /** The couriers among which the buyer was promised the parcel, by their codes; empty: any. */
  couriers: string[]
  /** True: the buyer was promised that the parcel comes to the door. */
  toDoor: boolean
  from: string
  lines: Line[]
  refunds: Refund[]
  /** Raw JSON by field name (null leaves the field out), for malicious payloads; null in ordinary trades. */
  garbage: Record<string, string | null> | null
  /** The trade's position in the shop's modified log. */
  place: number
}

export interface Refund {
  trade: Trade
  line: Line
  id: string
  /** TOP's dispute_type: REFUND, REFUND_AND_RETURN, TMALL_EXCHANGE, TAOBAO_EXCHANGE, RESHIPPING, REPAIR, OTHERS. */
  kind: string
  status: string
  /** TOP's refund_phase: onsale or aftersale. */
  phase: string
  fee: number
  num: number
  reason: string
  description: string
  /** In milliseconds. It changes with every change that the seller must have seen before an answer. */
  version: number
  created: number
  modified: number
  goodStatus: string
  /** The time at which the platform decides automatically; 0: never. */
  deadline: number
  company: string
  waybill: string
  constraint: string
  refuseReason: string
  /** When the buyer of JD entered the parcel, which changes neither version nor time of a service order: both as they were before. */
  sent?: { at: number; version: number; modified: number }
  /** How the goods of a service order of JD come back: 7 the buyer brings them; left out, sends them. */
  wayBack?: 7
  /** A reviewed refund may be agreed to in bulk (Tmall). */
  reviewed: boolean
  place: number
}

export interface Session {
  shop: Shop
  expires: number
}

export interface Shop {
  options: ShopOptions
  key: string
  platform: Platform
  listings: Listing[]
  trades: Map<string, Trade>
  /** The trades by creation time, oldest first if `byCreatedSorted`. */
  byCreated: Trade[]
  byCreatedSorted: boolean
  /** Every trade type that the shop has had, so that a filter on all of them can be skipped. */
  types: Set<string>
  refunds: Map<string, Refund>
  tradeLog: ModifiedLog<Trade>
  refundLog: ModifiedLog<Refund>
  random: Random
}

/** True if the platform allows to ship the trade in whole or in part. */
export function isShippable(trade: Trade): boolean {
  return trade.status === 'WAIT_SELLER_SEND_GOODS' || trade.status === 'SELLER_CONSIGNED_PART'
}

export function goodsFee(line: Line): number {
  return line.price * line.num
}

/** Returns TOP's order.total_fee: price × num + adjust − discount. */
export function lineTotal(line: Line): number {
  return goodsFee(line) + line.adjust - line.discount
}

/** Returns TOP's divide_order_fee: the buyer's payment for the line after the trade's discount, without postage. */
export function dividedFee(line: Line): number {
  return lineTotal(line) - line.share
}

/** Returns the buyer's payment: Σ divided fees + postage. */
export function payment(trade: Trade): number {
  let total = trade.postFee
  for (const line of trade.lines) total += dividedFee(line)
  return total
}

/**
 * Returns TOP's order.payment. For a trade with one line it includes the postage; for a trade with several lines it is the amount before
 * the trade's discount.
 */
export function linePayment(trade: Trade, line: Line): number {
  return trade.lines.length === 1 ? payment(trade) : lineTotal(line)
}
