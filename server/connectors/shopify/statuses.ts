import type { LocalizedText } from '../../lib/localized-text.ts'
import type { TradeStatus, TradeType } from '../connector.ts'
import { entryOf, type Fields, listAt, longest, textAt } from '../fields.ts'
import { cashOnDelivery } from './unverified.ts'

type Money = 'unpaid' | 'paid' | 'back'

/** `displayFinancialStatus`: the state of the money. An amount that is only authorised has not come. */
const moneys: Readonly<Record<string, { is: Money } & LocalizedText>> = {
  PENDING: { is: 'unpaid', zh: '待付款', en: 'Payment pending' },
  AUTHORIZED: { is: 'unpaid', zh: '已授权，未收款', en: 'Authorised, not captured' },
  PARTIALLY_PAID: { is: 'unpaid', zh: '部分付款', en: 'Partly paid' },
  EXPIRED: { is: 'unpaid', zh: '授权过期', en: 'Authorisation expired' },
  VOIDED: { is: 'unpaid', zh: '付款作废', en: 'Payment voided' },
  PAID: { is: 'paid', zh: '已付款', en: 'Paid' },
  PARTIALLY_REFUNDED: { is: 'paid', zh: '部分退款', en: 'Partly refunded' },
  REFUNDED: { is: 'back', zh: '已退款', en: 'Refunded' },
}

/** `displayFulfillmentStatus`: the state of the goods. */
const goods: Readonly<Record<string, { is: 'paid' | 'partly_shipped' | 'shipped' } & LocalizedText>> = {
  UNFULFILLED: { is: 'paid', zh: '未发货', en: 'unfulfilled' },
  OPEN: { is: 'paid', zh: '未发货', en: 'open' },
  IN_PROGRESS: { is: 'paid', zh: '处理中', en: 'in progress' },
  PENDING_FULFILLMENT: { is: 'paid', zh: '待发货', en: 'pending fulfilment' },
  REQUEST_DECLINED: { is: 'paid', zh: '发货请求被拒', en: 'request declined' },
  ON_HOLD: { is: 'paid', zh: '已暂停', en: 'on hold' },
  SCHEDULED: { is: 'paid', zh: '已排期', en: 'scheduled' },
  RESTOCKED: { is: 'paid', zh: '已退回库存', en: 'restocked' },
  PARTIALLY_FULFILLED: { is: 'partly_shipped', zh: '部分发货', en: 'partly fulfilled' },
  FULFILLED: { is: 'shipped', zh: '已发货', en: 'fulfilled' },
}

const cancelled = 'CANCELLED'

/** Both statuses in one word, of which a cancelled order has one more in front. */
export function platformStatusOf(order: Fields): string {
  const both = ['displayFinancialStatus', 'displayFulfillmentStatus'].map((key) => textAt(order, key, 30))
  return (isCancelled(order) ? [cancelled, ...both] : both).join('/')
}

const isCancelled = (order: Fields): boolean => textAt(order, 'cancelledAt', 1) !== ''

/** An order is shipped once its goods have left; no buyer confirms that they came. Cash on delivery is pending until the seller marks it as paid. */
export function tradeStatusOf(order: Fields): TradeStatus {
  const money = entryOf(moneys, textAt(order, 'displayFinancialStatus', longest.word))?.is
  const is = entryOf(goods, textAt(order, 'displayFulfillmentStatus', longest.word))?.is
  if (!money || !is) return 'unknown'
  if (money === 'back') return 'closed_refunded'
  if (isCancelled(order)) return money === 'unpaid' ? 'closed_unpaid' : 'closed_refunded'
  return money === 'unpaid' && !isCashOnDelivery(order) ? 'unpaid' : is
}

export function statusWords(platformStatus: string): LocalizedText | undefined {
  const parts = platformStatus.split('/')
  const isOver = parts[0] === cancelled
  const [money, is] = [entryOf(moneys, parts.at(-2) ?? ''), entryOf(goods, parts.at(-1) ?? '')]
  if (!money || !is) return undefined
  const over = isOver ? { zh: '已取消，', en: 'Cancelled, ' } : { zh: '', en: '' }
  return {
    zh: `${over.zh}${money.zh}，${is.zh}`,
    en: `${over.en}${isOver ? money.en.toLowerCase() : money.en}, ${is.en}`,
  }
}

const isHeldBy = (word: string): boolean => word === 'ON_HOLD' || word === 'SCHEDULED'

/** A work order whose goods may not leave now: it is on hold, or its day has not come. */
export const isHeldWork = (work: Fields): boolean => isHeldBy(textAt(work, 'status', longest.word))

export const isHeld = (order: Fields, works: readonly Fields[]): boolean =>
  isHeldBy(textAt(order, 'displayFulfillmentStatus', longest.word)) || works.some(isHeldWork)

export const isCashOnDelivery = (order: Fields): boolean =>
  listAt(order, 'paymentGatewayNames', '').some(
    (name) => typeof name === 'string' && cashOnDelivery.test(name),
  )

export function tradeTypeOf(order: Fields): TradeType {
  if (isCashOnDelivery(order)) return 'cod'
  return order.requiresShipping === false ? 'virtual' : 'normal'
}
