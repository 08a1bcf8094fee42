import { minuteMs } from '../../lib/time.ts'

// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/** How late a list may show a change. */
export const listLagMs = minuteMs

/**
 * Types of afterSale/operate. 111, 201 and 202 are known; the document that lists all of them could not be seen, and 102 and 112 follow the
 * pattern.
 */
export const operations = {
  pay: 201,
  payReturned: 111,
  refuse: 202,
  refuseReturn: 102,
  refuseReturned: 112,
} as const

/** `pack_id` of order/logisticsEditByPack: the number that order/orderDetail calls `delivery_id`. */
export const packIdOf = ({ deliveryId }: { deliveryId: string }): string => deliveryId

/**
 * product/listV2: how its cursor begins and ends. Without `cursor_id` the first page is expected; each answer is expected to have the
 * `cursor_id` of the next page, as text.
 */
export const goodsCursor = { use_cursor: true, page: 1 } as const

/** The most SKUs of one sku/syncStockBatch. */
export const mostSkus = 50
