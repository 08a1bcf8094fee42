import { minuteMs, secondMs } from '../../lib/time.ts'
import { type Fields, fieldsAt, idAt } from '../fields.ts'

// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/** How late a list may show a change: its index follows the orders. Merchants report some seconds, at times minutes. */
export const listLagMs = 30 * secondMs
export const listOverlapMs = 5 * minuteMs

/** The next token is asked for this long before the end of the last one. Whether the platform then gives another one, or the same again, is not said. */
export const tokenAheadMs = 5 * minuteMs

/**
 * An order has one note, which its buyer wrote in the cart and staff may change. So that nothing of it is lost, our remark is a line of its own among the
 * additional details (附加详情), which the admin shows beside the note.
 */
export const memoKey = '卖家备注'

/** Cash on delivery is a manual way of payment: the platform's own name of it, and the one of shops whose admin is in Chinese. */
export const cashOnDelivery = /cash on delivery|货到付款/i

/** The amount of a line of a refund, and the price of a line of a return, contain the tax where the prices of the order do. */
export const refundLinesIncludeTax = (taxesIncluded: boolean): boolean => taxesIncluded

/** The number of the return in the webhook of a refund; '' for other refunds. If the field has another name, the lists find the refund. */
export const returnNumberIn = (refund: Fields): string => idAt(fieldsAt(refund, 'return'), 'id')

/** The number of the order in the webhook of a return. If the field has another name, the lists find the return. */
export const orderNumberIn = (oneReturn: Fields): string => idAt(fieldsAt(oneReturn, 'order'), 'id')
