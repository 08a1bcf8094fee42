import { isShippable, type Line, type Platform, payment, type Trade } from './model.ts'
import { record } from './modified-log.ts'
import { moveHome, type Person } from './people.ts'
import { ENDED, UNPAID } from './story.ts'
import { nowSeconds, type World } from './world.ts'

/** Marks a trade as changed: moves `modified` to now (whole seconds) and the trade to the end of the log. Call it after every change. */
export function touchTrade(world: World, trade: Trade): void {
  trade.modified = Math.max(trade.modified, nowSeconds(world))
  record(trade.shop.tradeLog, trade)
}

/** Sets the status of the trade, and of its lines that have not ended. */
export function setTradeStatus(world: World, trade: Trade, status: string): void {
  trade.previousStatus = trade.status
  trade.status = status
  for (const line of trade.lines) {
    if (ENDED.has(line.status)) continue
    line.status = status
    if (ENDED.has(status)) line.ended = nowSeconds(world)
  }
  if (ENDED.has(status)) trade.ended = nowSeconds(world)
  touchTrade(world, trade)
}

/** Lets the buyer pay: the whole amount, or for a presale first the deposit and then the rest. Returns false if nothing was due. */
export function pay(world: World, trade: Trade): boolean {
  if (!UNPAID.has(trade.status)) return false
  if (trade.stepStatus === 'FRONT_NOPAID_FINAL_NOPAID') {
    trade.stepStatus = 'FRONT_PAID_FINAL_NOPAID'
    trade.stepPaid = Math.round(payment(trade) / 10)
    touchTrade(world, trade)
    return true
  }
  if (trade.stepStatus === 'FRONT_PAID_FINAL_NOPAID') {
    trade.stepStatus = 'FRONT_PAID_FINAL_PAID'
    trade.stepPaid = payment(trade)
  }
  trade.paid = nowSeconds(world)
  trade.shipBefore = trade.paid + 2 * 86_400
  setTradeStatus(world, trade, 'WAIT_SELLER_SEND_GOODS')
  return true
}

export function closeUnpaid(world: World, trade: Trade): boolean {
  if (!UNPAID.has(trade.status)) return false
  setTradeStatus(world, trade, 'TRADE_CLOSED_BY_TAOBAO')
  return true
}

/** On Douyin a memo does not move update_time; of Kuaishou, JD, Xiaohongshu and WooCommerce the documents do not say it. */
const QUIET_MEMOS: ReadonlySet<Platform> = new Set([
  'doudian',
  'kuaishou',
  'jd',
  'xiaohongshu',
  'woocommerce',
])
const NO_FLAGS: ReadonlySet<Platform> = new Set(['weixin', 'woocommerce', 'shopify'])

export function changeMemo(
  world: World,
  trade: Trade,
  memo: string | undefined,
  flag: number | undefined,
): void {
  if (memo !== undefined) trade.memo = memo
  // WeChat, WooCommerce and Shopify have no flags.
  if (flag !== undefined && !NO_FLAGS.has(trade.shop.platform)) trade.flag = flag
  if (!QUIET_MEMOS.has(trade.shop.platform)) touchTrade(world, trade)
}

/** Changes the address after the order; without `to` to a random one. */
export function changeAddress(world: World, trade: Trade, to?: Partial<Person>): void {
  trade.receiver =
    to === undefined ? moveHome(trade.shop.random, trade.receiver) : { ...trade.receiver, ...to }
  touchTrade(world, trade)
}

/** JD locks an order whose buyer wants to cancel. */
const isLocked = ({ shop, refunds }: Trade): boolean =>
  shop.platform === 'jd' && refunds.some(({ status }) => status === 'WAIT_SELLER_AGREE')

/** On these a trade is shipped whole. */
const WHOLE: ReadonlySet<Platform> = new Set(['paipai', 'jd', 'woocommerce'])

/** Ships the given lines; if others remain, the trade is "partly shipped". Returns false if nothing was left, or nothing may be shipped. */
export function ship(
  world: World,
  trade: Trade,
  lines: readonly Line[],
  { company, waybill }: Pick<Line, 'company' | 'waybill'>,
): boolean {
  const asked = WHOLE.has(trade.shop.platform) ? trade.lines : lines
  const open = asked.filter((line) => line.status === 'WAIT_SELLER_SEND_GOODS')
  if (!isShippable(trade) || open.length === 0 || isLocked(trade)) return false
  const now = nowSeconds(world)
  for (const line of open) {
    line.status = 'WAIT_BUYER_CONFIRM_GOODS'
    line.consigned = now
    line.company = company
    line.waybill = waybill
  }
  trade.previousStatus = trade.status
  trade.consigned ||= now
  trade.status = trade.lines.some((line) => line.status === 'WAIT_SELLER_SEND_GOODS')
    ? 'SELLER_CONSIGNED_PART'
    : 'WAIT_BUYER_CONFIRM_GOODS'
  touchTrade(world, trade)
  return true
}

/** Lets the buyer confirm the goods. Returns false if the trade is not shipped, or has ended. */
export function finish(world: World, trade: Trade): boolean {
  // On WooCommerce and Shopify no buyer confirms.
  if (trade.shop.platform === 'woocommerce' || trade.shop.platform === 'shopify') return false
  if (trade.status !== 'WAIT_BUYER_CONFIRM_GOODS' && trade.status !== 'TRADE_BUYER_SIGNED') return false
  setTradeStatus(world, trade, 'TRADE_FINISHED')
  return true
}

/** Ends a hold of the platform, for example because the group formed or the risk check passed. Returns false if there is none. */
export function releaseHold(world: World, trade: Trade): boolean {
  if (trade.hold === '' && trade.status !== 'PAID_FORBID_CONSIGN') return false
  trade.hold = ''
  if (trade.status === 'PAID_FORBID_CONSIGN') setTradeStatus(world, trade, 'WAIT_SELLER_SEND_GOODS')
  else touchTrade(world, trade)
  return true
}
