import type { LineBook, RefundBook, TradeBook } from './books.ts'

/** A second implementation of the platforms' documents. It shares nothing with the connectors on purpose. */
const topStatus: Record<string, string> = {
  TRADE_NO_CREATE_PAY: 'unpaid',
  WAIT_BUYER_PAY: 'unpaid',
  PAY_PENDING: 'unpaid',
  WAIT_PRE_AUTH_CONFIRM: 'unpaid',
  WAIT_SELLER_SEND_GOODS: 'paid',
  PAID_FORBID_CONSIGN: 'paid',
  SELLER_CONSIGNED_PART: 'partly_shipped',
  WAIT_BUYER_CONFIRM_GOODS: 'shipped',
  TRADE_BUYER_SIGNED: 'shipped',
  TRADE_FINISHED: 'finished',
  TRADE_CLOSED: 'closed_refunded',
  TRADE_CLOSED_BY_TAOBAO: 'closed_unpaid',
}

const refundStatus: Record<string, string> = {
  WAIT_SELLER_AGREE: 'applied',
  WAIT_BUYER_RETURN_GOODS: 'agreed',
  WAIT_SELLER_CONFIRM_GOODS: 'agreed',
  SELLER_REFUSE_BUYER: 'refused',
  CLOSED: 'closed',
  SUCCESS: 'succeeded',
}

const kindOf: Record<string, string> = {
  REFUND: 'refund_only',
  REFUND_AND_RETURN: 'return',
  TMALL_EXCHANGE: 'exchange',
  TAOBAO_EXCHANGE: 'exchange',
  RESHIPPING: 'reship',
  REPAIR: 'repair',
  OTHERS: 'other',
}

const isPop = (platform: string) => platform === 'pinduoduo'

/** Pinduoduo has no trade status; it follows from four numbers, whose causes the simulator knows. */
export function tradeStatus(platform: string, trade: TradeBook): string {
  if (!isPop(platform)) return topStatus[trade.status] ?? 'unknown'
  if (trade.status === 'TRADE_FINISHED' || trade.status === 'TRADE_BUYER_SIGNED') return 'finished'
  if (trade.consigned > 0) return 'shipped'
  if (trade.lines[0]?.refundStatus === 'SUCCESS') return 'closed_refunded'
  return trade.paid > 0 ? 'paid' : trade.status === 'PAID_FORBID_CONSIGN' ? 'unpaid' : 'paid'
}

const isLocked = (line: LineBook) =>
  line.refundStatus === 'WAIT_SELLER_AGREE' && line.status === 'WAIT_SELLER_SEND_GOODS'

/**
 * On Xiaohongshu an order has a status, and a parcel has SKUs: goods in no parcel wait while others do, and were given back once all have left.
 */
function xiaohongshuStatus(trade: TradeBook, line: LineBook): string {
  const status = topStatus[trade.status] ?? 'unknown'
  if (status === 'partly_shipped') return line.waybill === '' ? 'paid' : 'shipped'
  return ['shipped', 'finished'].includes(status) && line.waybill === '' ? 'closed_refunded' : status
}

function xiaohongshuRefund(trade: TradeBook, line: LineBook): string {
  const status = xiaohongshuStatus(trade, line)
  if (status === 'closed_refunded') return 'succeeded'
  // An order that is still to be shipped is asked for its after-sales.
  const waits = ['paid', 'partly_shipped'].includes(topStatus[trade.status] ?? '')
  if (waits && line.status === 'TRADE_CLOSED') return 'succeeded'
  if (line.refundStatus === 'CLOSED') return 'closed'
  return /^WAIT_/.test(line.refundStatus) ? 'applied' : 'none'
}

export function lineRefund(platform: string, trade: TradeBook, line: LineBook): string {
  if (platform === 'xiaohongshu') return xiaohongshuRefund(trade, line)
  // On WooCommerce and Shopify refunds are final, and a line shows one once nothing of it is left; on Shopify a buyer may ask for a return before.
  if (platform === 'shopify' && line.status !== 'TRADE_CLOSED')
    return /^WAIT_/.test(line.refundStatus) ? 'applied' : 'none'
  if (platform === 'woocommerce' || platform === 'shopify')
    return line.status === 'TRADE_CLOSED' ? 'succeeded' : 'none'
  if (line.refundStatus === 'NO_REFUND') return 'none'
  // On JD an application locks the whole order while it waits for the seller, and one that is granted cancels it.
  if (platform === 'jd')
    return line.status === 'TRADE_CLOSED' ? 'succeeded' : isLocked(line) ? 'applied' : 'none'
  // On Kuaishou an order is refunded, and a gift of it only ends.
  if (platform === 'kuaishou' && line.refundKind === '') return 'none'
  // Such an order that is still to be shipped was paid back in part; one that was paid back whole is closed.
  if (platform === 'kuaishou' && line.refundStatus === 'SUCCESS' && topStatus[line.status] === 'paid')
    return 'none'
  // On Douyin a line says of which kind its after-sale is, and only refunds hold goods back.
  if (platform === 'doudian' && !line.refundKind.startsWith('REFUND')) return 'none'
  // WeChat counts the pieces in after-sales: of a closed one, and of one that paid back a part, nothing is left to see.
  if (platform === 'weixin' && (line.refundStatus === 'CLOSED' || line.refundStatus === 'SUCCESS'))
    return line.status === 'TRADE_CLOSED' ? 'succeeded' : 'none'
  if (line.refundStatus === 'CLOSED') return 'closed'
  return line.refundStatus === 'SUCCESS' ? 'succeeded' : 'applied'
}

export function lineStatus(platform: string, trade: TradeBook, line: LineBook): string {
  if (platform === 'xiaohongshu') return xiaohongshuStatus(trade, line)
  return isPop(platform) ? tradeStatus(platform, trade) : (topStatus[line.status] ?? 'unknown')
}

/** A Pinduoduo order has one line, whose money is the order's without postage. */
export function lineMoney(platform: string, trade: TradeBook, line: LineBook): number {
  return isPop(platform) ? trade.payment - trade.postFee : line.dividedFee
}

export const lineNo = (platform: string, trade: TradeBook, line: LineBook) =>
  isPop(platform) ? trade.tid : line.oid

/** For Pinduoduo, a return that has arrived has the same status as a new application. */
export function refundWord(platform: string, refund: RefundBook): string {
  if (isPop(platform) && refund.status === 'WAIT_SELLER_CONFIRM_GOODS') return 'applied'
  return refundStatus[refund.status] ?? 'unknown'
}

/** On JD an application cancels an order before it leaves. After that buyers have service orders, each of a line, with an S before its number. */
export const isJdApplication = (platform: string, { refundId }: RefundBook): boolean =>
  platform === 'jd' && !refundId.startsWith('S')

export const isOpen = (refund: RefundBook) =>
  ['WAIT_SELLER_AGREE', 'WAIT_BUYER_RETURN_GOODS', 'WAIT_SELLER_CONFIRM_GOODS'].includes(refund.status)

export function refundKind(platform: string, refund: RefundBook): string {
  if (isPop(platform) && refund.type === 'OTHERS') return 'refund_only'
  if (['doudian', 'kuaishou', 'woocommerce', 'shopify'].includes(platform) && refund.type === 'OTHERS')
    return 'money_only'
  return kindOf[refund.type] ?? 'other'
}

/** True if a refund is open and concerns the goods. One of money alone does not stop them. */
export const stopsGoods = (platform: string, refund: RefundBook) =>
  isOpen(refund) && refundKind(platform, refund) !== 'money_only'

export const movesMoney = (platform: string, refund: RefundBook) =>
  ['refund_only', 'return'].includes(refundKind(platform, refund))

export const isCod = (trade: TradeBook) => trade.type === 'cod'
export const isFinalUnpaid = (trade: TradeBook) =>
  trade.stepStatus !== '' && trade.stepStatus !== 'FRONT_PAID_FINAL_PAID'
export const isHeld = (trade: TradeBook) => trade.hold !== '' || trade.status === 'PAID_FORBID_CONSIGN'

/** Returns the reason why the trade must not become a sales order; '' if it may. */
export function whyNot(platform: string, trade: TradeBook, refunds: readonly RefundBook[]): string {
  const status = tradeStatus(platform, trade)
  if (status === 'unknown') return 'unknown_status'
  if (status.startsWith('closed')) return 'closed'
  if (status === 'shipped' || status === 'finished') return 'shipped_elsewhere'
  if (isFinalUnpaid(trade)) return 'final_unpaid'
  if (status === 'unpaid' && !isCod(trade)) return 'not_paid'
  if (isHeld(trade)) return 'platform_hold'
  const isApplied = trade.lines.some((line) => lineRefund(platform, trade, line) === 'applied')
  if (isApplied || refunds.some((refund) => stopsGoods(platform, refund))) return 'refund_open'
  if (trade.lines.every((line) => lineRefund(platform, trade, line) === 'succeeded')) return 'all_refunded'
  return ''
}

/** True for trades that need no work. */
export function isOver(platform: string, trade: TradeBook): boolean {
  return (
    tradeStatus(platform, trade).startsWith('closed') ||
    trade.lines.every((line) => lineRefund(platform, trade, line) === 'succeeded')
  )
}
