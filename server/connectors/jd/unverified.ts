import { hourMs, minuteMs, secondMs } from '../../lib/time.ts'
import type { RefundKind, RefundStatus, TradeStatus } from '../connector.ts'
import type { CourierNames } from '../couriers.ts'
import { type Fields, isMissing, wholeAt } from '../fields.ts'

// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/** How late a list may show a change. The amount that the seller receives is filled up to a minute late. */
export const listLagMs = 1.5 * minuteMs

/** The last row that the pages of a window of orders reach. */
export const rowsMax = 10_000

/** How long a call waits after code 2 whose text names no day. */
export const limitedMs = 30 * secondMs

/**
 * Code 19 is known from clients only. For failures of the platform itself only the range of the codes is known, so `failureWords` of `gateway.ts`
 * are compared too.
 */
export const tokenCode = '19'
export const failureCodes = /^[456]\d$/

/** What the text of a refusal says; the numbers are not known. */
export const refusals = {
  noOrder: /(订单|订单号)(不存在|不正确)|无此订单|未?(查询|找)不?到订单/,
  waybill: /运单号/,
  courier: /物流公司/,
  noSku: /sku\s*(不存在|已删除)/i,
  stale: /版本/,
} as const

/** Words of a refused token that are not the seller's matter: only the application can mend them. */
export const applicationWords = /app_?(key|secret)/i

/** Couriers whose numbers no source shows that could be read. */
export const guessedCouriers: CourierNames = {
  HTKY: '1748',
  POSTB: '2170',
  TTKDEX: '2009',
  UC: '1747',
  ZJS: '1409',
}

/** payType begins with a number: 4 is paid online, and 1 at the door. */
export const isCashOnDelivery = (payType: string): boolean => /^1(?!\d)/.test(payType)

/** States of which only the names are known. */
export const rareStates: Readonly<Record<string, TradeStatus>> = {
  TRADE_CLOSED: 'closed_refunded',
  TRADE_REFUNDED: 'closed_refunded',
}

/** Whether shouldPay and actualPay hold the freight: they are taken for the whole that the buyer pays. Cash at the door is not paid yet. */
export function paymentField(order: Fields, cod: boolean): 'actualPay' | 'shouldPay' {
  return cod || isMissing(order.actualPay) ? 'shouldPay' : 'actualPay'
}

/** The field of an order that has the number of the seller's flag. */
export const flagIn = (order: Fields): number => wholeAt(order, 'venderRemarkLevelFlag', 0, 5) ?? 0

/**
 * The refund status of a checked application. 3 (京东财务审核通过) is the last step that the platform names; no step says that the money has arrived.
 * The documents do not say where the parcel is after 7 and 8: the order stays held.
 */
export const checkedStatuses: Readonly<Record<string, RefundStatus>> = {
  3: 'succeeded',
  4: 'agreed', // 京东财务审核不通过
  7: 'agreed', // 青龙拦截成功
  8: 'agreed', // 青龙拦截失败
}

/** The most SKUs of a page, and what a stock update wants besides the number: the default store, and its model. */
export const skuPage = 50
export const stockDefaults = { storeId: '0', stockModel: '0', updateModel: '0' } as const

// Service orders (asc.*). The names of fields and methods are those of the platform's own client; what follows is not.

/** Whom the platform shows as the account that did it. */
export const operatePin = 'sanyi'

/** A kind besides return, exchange, repair and reshipment, which several clients name: 优鲜赔 is money for spoilt goods. */
export const rareKinds: Readonly<Record<string, RefundKind>> = { 90: 'money_only' }

/** States of which only the names are known: the seller has not decided, or the goods are here. */
export const rareServiceStates: Readonly<Record<string, RefundStatus>> = {
  10002: 'applied', // 待客户反馈
  10012: 'applied', // 客户已反馈
  10009: 'agreed', // 待客户确认
  13000: 'agreed', // 商家催收
  7060: 'agreed', // 原返取消，待处理
  7023: 'agreed', // 换新取消，待处理
  7090: 'agreed', // 线下换新取消，待处理
}

/** The result of a service order whose goods go back to the buyer instead of money (原返). */
export const isSentBack = (processResultName: string): boolean => processResultName.includes('原返')

/** The first reason of an agreement (approveReasonCid1), which must be named. */
export const agreeReason = '1'

/** `returnAddressType` of the shop's own address. */
export const returnAddressKind = '1'

/** Condition of goods that came back in order: packing, function, invoice, reason, accessories, looks. 10 is the first of each list. */
export const goodsInOrder = {
  packingState: 10,
  qualityState: 10,
  invoiceRecord: 10,
  judgmentReason: 10,
  accessoryOrGift: 10,
  appearanceState: 10,
} as const

/** The fields of a reason of `asc.audit.reason.list`. */
export const reasonFields = { id: ['code', 'id', 'reasonId'], text: ['name', 'reasonName', 'value'] } as const

/** How often the money that went back after the end of a service order is looked for. */
export const paidAgainMs = 3 * hourMs
