import type { Makers, ShopifyCall } from './call.ts'
import { fulfillmentObject, workOrders } from './fulfillments.ts'
import { lineObject, orderObject } from './order-json.ts'
import { productObject, variantObject } from './products.ts'
import { refundObject } from './refunds.ts'
import { returnObject } from './returns.ts'

/** The makers of one call. */
export function withMakers(given: Omit<ShopifyCall, 'make'>): ShopifyCall {
  const make: Makers = {
    order: (trade) => orderObject(trade, call),
    line: (trade, line) => lineObject(trade, line, call),
    fulfillment: (trade, parcel) => fulfillmentObject(trade, parcel, call),
    workOrders: (trade) => workOrders(trade, call),
    refund: (refund) => refundObject(refund, call),
    return: (refund) => returnObject(refund, call),
    product: (listing) => productObject(listing, call),
    variant: (listing, sku) => variantObject(listing, sku, call),
  }
  const call: ShopifyCall = { ...given, make }
  return call
}
