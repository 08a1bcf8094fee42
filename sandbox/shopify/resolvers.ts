import { currencyOf, gid, type Resolver } from './call.ts'
import * as fulfillments from './fulfillments.ts'
import { orderUpdate } from './memo.ts'
import { order } from './order-json.ts'
import { orders } from './orders.ts'
import * as products from './products.ts'
import { refund } from './refunds.ts'
import * as returns from './returns.ts'
import { scopesOf } from './tokens.ts'
import { domainOf } from './webhooks.ts'

const shop: Resolver = (_, { shop: whole }) => ({
  id: gid('Shop', 5_000_000_000 + whole.key.length),
  name: whole.options.name,
  myshopifyDomain: domainOf(whole),
  currencyCode: currencyOf(whole),
  email: 'owner@example.com',
})

const currentAppInstallation: Resolver = (_, { shop: whole }) => ({
  id: gid('AppInstallation', 1),
  accessScopes: scopesOf(whole).map((handle) => ({ handle, description: handle })),
})

/** The queries and mutations by their names. */
export const resolvers: Readonly<Record<string, Resolver>> = {
  shop,
  currentAppInstallation,
  order,
  orders,
  fulfillment: fulfillments.fulfillment,
  fulfillmentOrder: fulfillments.workOrder,
  refund,
  return: returns.oneReturn,
  productVariants: products.productVariants,
  nodes: products.nodes,
  fulfillmentCreate: fulfillments.fulfillmentCreate,
  fulfillmentTrackingInfoUpdate: fulfillments.trackingUpdate,
  orderUpdate,
  inventorySetQuantities: products.inventorySetQuantities,
  inventoryItemUpdate: products.inventoryItemUpdate,
  returnApproveRequest: returns.returnApproveRequest,
  returnDeclineRequest: returns.returnDeclineRequest,
}
