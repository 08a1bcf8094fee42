import { minuteMs } from '../../lib/time.ts'

// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/** How late a list may show a change. */
export const listLagMs = minuteMs

/** `option` of the list of refunds: without it exchanges are left out, and with it they come beside the others. */
export const listOption = { needExchange: true } as const

/** The flag of `open.seller.order.note.add` that takes a flag away: grey, which orders have from the beginning. */
export const noFlag = 6

/** `confirmDeliveryStatus` of open.order.goods.split.deliver: pieces of the order are left, or none. */
export const deliveryStatus = { part: 10, whole: 40 } as const

/** The beginnings of the names of messages. One of trades is known, kwaishop_order_addOrder; that of refunds follows the names of calls. */
export const pushTopics = { trade: 'kwaishop_order_', refund: 'kwaishop_aftersales_' } as const
