import { minuteMs, secondMs } from '../../lib/time.ts'
import type { LineRefund, TradeStatus } from '../connector.ts'

// The documents that could be read do not state these values. Each is a careful guess until a real shop has answered.

/** How late a list may show a change. */
export const listLagMs = minuteMs

/** How long a limited call waits. The code of a limited method (-9013) is known from one client. */
export const limitedMs = secondMs
export const limitedCode = '-9013'

/** No list of error numbers is public, so errors are recognised by their words. `failureWords` of `gateway.ts` has the words of a service that failed. */
export const words = {
  limited: /限流|频(率|次)|qps/i,
  token: /token|重新授权|授权[^，。；]{0,6}(过期|失效|取消|解除)/i,
  /** Only the application can mend these, also where they name a token. */
  application: /签名|\bsign\b|app_?(id|key|secret)/i,
  noOrder: /(订单|包裹)(号)?不存在/,
  noRefund: /售后单?(号)?不存在/,
  courier: /快递公司/,
  waybill: /(快递|运)单号/,
  noSku: /(规格|商品|sku)[^，。；]{0,4}不存在/i,
} as const

/** 换货申请中: the goods have left, so nothing of the order may be sent again. */
export const exchanging: TradeStatus = 'shipped'

/**
 * `skuAfterSaleStatus` of the goods, with the numbers of the order's own after-sales. 3 (售后完成) may have given back a part only, so the after-sale
 * itself is read (`paidBackOf`). 4: refused.
 */
export const lineRefunds: Readonly<Record<string, LineRefund>> = {
  1: 'none',
  2: 'applied',
  3: 'none',
  4: 'none',
  5: 'closed',
  6: 'applied',
}

/** 售后完成, of an order and of its goods. */
export const afterSaleEnded = '3'

/** The tag of an order whose goods need no courier. */
export const noLogistics = 'NO_LOGISTICS_SHIP'

/** No document explains `cargoStatus`. A parcel of the buyer shows that goods were returned. */
export const goodsUnknown = 'unknown' as const

/** The writer that a note names. The documents do not say whether a note may be empty, and how long it may be. */
export const operator = '三易'
