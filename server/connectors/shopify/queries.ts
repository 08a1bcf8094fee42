import { sizes } from './sizes.ts'

/** The operations, each below a thousand points as the platform counts them: an object 1, a list 2 and all rows that it may have, a mutation 10. */

const money = 'shopMoney { amount currencyCode }'

export const shopQuery = `query Shop {
  shop { name myshopifyDomain currencyCode }
  currentAppInstallation { accessScopes { handle } }
}`

export const orderList = `query OrderList($first: Int!, $after: String, $search: String!, $sortKey: OrderSortKeys!) {
  orders(first: $first, after: $after, query: $search, sortKey: $sortKey) {
    nodes {
      id createdAt updatedAt cancelledAt displayFinancialStatus displayFulfillmentStatus paymentGatewayNames
      totalPriceSet { ${money} }
      shippingAddress { firstName lastName }
    }
    pageInfo { hasNextPage endCursor }
  }
}`

const lineFields = `
  id name title variantTitle sku quantity unfulfilledQuantity
  originalUnitPriceSet { ${money} }
  discountAllocations { allocatedAmountSet { ${money} } }
  taxLines { priceSet { ${money} } }
  image { url }
  product { id }
  variant { id }`

const addressFields =
  'firstName lastName company address1 address2 city province provinceCode country countryCodeV2 zip phone'

export const orderQuery = `query Order($id: ID!) {
  order(id: $id) {
    id name createdAt updatedAt cancelledAt currencyCode taxesIncluded requiresShipping
    displayFinancialStatus displayFulfillmentStatus paymentGatewayNames note
    customAttributes { key value }
    customer { id }
    shippingAddress { ${addressFields} }
    billingAddress { ${addressFields} }
    totalPriceSet { ${money} }
    totalDiscountsSet { ${money} }
    totalTipReceivedSet { ${money} }
    originalTotalDutiesSet { ${money} }
    transactions(first: 30) { kind status processedAt }
    shippingLines(first: 5) { nodes { discountedPriceSet { ${money} } taxLines { priceSet { ${money} } } } pageInfo { hasNextPage } }
    lineItems(first: 30) { nodes { ${lineFields} } pageInfo { hasNextPage endCursor } }
    fulfillmentOrders(first: 10) { nodes { id status } pageInfo { hasNextPage endCursor } }
    fulfillmentsCount { count }
    fulfillments(first: ${sizes.parcelsOfOrder}) { ...parcel }
    refunds(first: ${sizes.refundsOfOrder}) { id }
    returns(first: 10) { nodes { id } pageInfo { hasNextPage } }
  }
}
fragment parcel on Fulfillment {
  id status createdAt
  trackingInfo(first: 5) { company number }
  fulfillmentLineItems(first: 8) { nodes { quantity lineItem { id } } pageInfo { hasNextPage endCursor } }
}`

export const linesQuery = `query OrderLines($id: ID!, $after: String) {
  order(id: $id) { lineItems(first: 60, after: $after) { nodes { ${lineFields} } pageInfo { hasNextPage endCursor } } }
}`

export const worksQuery = `query OrderWorks($id: ID!, $after: String) {
  order(id: $id) { fulfillmentOrders(first: 50, after: $after) { nodes { id status } pageInfo { hasNextPage endCursor } } }
}`

export const parcelsQuery = `query OrderParcels($id: ID!) {
  order(id: $id) {
    fulfillmentsCount { count }
    fulfillments(first: ${sizes.parcelsNamed}) { id status createdAt trackingInfo(first: 5) { company number } }
  }
}`

export const parcelLinesQuery = `query ParcelLines($id: ID!, $after: String) {
  fulfillment(id: $id) {
    fulfillmentLineItems(first: 100, after: $after) { nodes { quantity lineItem { id } } pageInfo { hasNextPage endCursor } }
  }
}`

export const changedRefunds = `query RefundList($first: Int!, $after: String, $search: String!, $sortKey: OrderSortKeys!) {
  orders(first: $first, after: $after, query: $search, sortKey: $sortKey) {
    nodes { id updatedAt refunds(first: ${sizes.refundsInList}) { id } returns(first: 5) { nodes { id } pageInfo { hasNextPage } } }
    pageInfo { hasNextPage endCursor }
  }
}`

export const orderRefunds = `query OrderRefunds($id: ID!, $after: String) {
  order(id: $id) { id refunds(first: ${sizes.refundsNamed}) { id } returns(first: 50, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }
}`

export const refundQuery = `query Refund($id: ID!, $after: String) {
  refund(id: $id) {
    id createdAt updatedAt note
    return { id }
    order { id taxesIncluded }
    totalRefundedSet { ${money} }
    refundLineItems(first: 50, after: $after) {
      nodes {
        quantity restockType
        subtotalSet { ${money} }
        totalTaxSet { ${money} }
        lineItem { id title variantTitle sku }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`

export const returnQuery = `query Return($id: ID!, $after: String) {
  return(id: $id) {
    id status createdAt
    order { id updatedAt taxesIncluded }
    refunds(first: 5) {
      nodes { id refundLineItems(first: 15) { nodes { quantity subtotalSet { ${money} } totalTaxSet { ${money} } lineItem { id } } pageInfo { hasNextPage } } }
      pageInfo { hasNextPage endCursor }
    }
    returnLineItems(first: 40, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id quantity returnReasonNote customerNote
        returnReasonDefinition { name }
        ... on ReturnLineItem {
          withCodeDiscountedTotalPriceSet { ${money} }
          fulfillmentLineItem { id lineItem { id title variantTitle sku quantity taxLines { priceSet { ${money} } } } }
        }
      }
    }
    reverseFulfillmentOrders(first: 2) {
      nodes { id reverseDeliveries(first: 2) { nodes { id deliverable { ... on ReverseDeliveryShippingDeliverable { tracking { carrierName number } } } } } }
    }
  }
}`

export const returnRefunds = `query ReturnRefunds($id: ID!, $after: String) {
  return(id: $id) { refunds(first: 50, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }
}`

export const approveReturn = `mutation ReturnApprove($input: ReturnApproveRequestInput!) {
  returnApproveRequest(input: $input) { return { id status } userErrors { code field message } }
}`

export const declineReturn = `mutation ReturnDecline($input: ReturnDeclineRequestInput!) {
  returnDeclineRequest(input: $input) { return { id status } userErrors { code field message } }
}`

export const workQuery = `query OrderWork($id: ID!, $after: String) {
  order(id: $id) {
    fulfillmentOrders(first: 10, after: $after) {
      nodes {
        id status
        assignedLocation { location { id } }
        supportedActions { action }
        lineItems(first: 30) { nodes { id remainingQuantity lineItem { id } } pageInfo { hasNextPage endCursor } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`

export const workLinesQuery = `query WorkLines($id: ID!, $after: String) {
  fulfillmentOrder(id: $id) {
    lineItems(first: 100, after: $after) { nodes { id remainingQuantity lineItem { id } } pageInfo { hasNextPage endCursor } }
  }
}`

export const sendParcel = `mutation FulfillmentCreate($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id status } userErrors { field message } }
}`

export const changeTracking = `mutation FulfillmentTrackingInfoUpdate($id: ID!, $info: FulfillmentTrackingInput!, $notifyCustomer: Boolean) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $info, notifyCustomer: $notifyCustomer) {
    fulfillment { id } userErrors { field message }
  }
}`

export const memoQuery = `query OrderMemo($id: ID!) {
  order(id: $id) { id customAttributes { key value } }
}`

export const writeMemo = `mutation OrderUpdate($input: OrderInput!) {
  orderUpdate(input: $input) { order { id } userErrors { field message } }
}`

export const variantList = `query VariantList($first: Int!, $after: String, $search: String!) {
  productVariants(first: $first, after: $after, query: $search, sortKey: ID) {
    nodes {
      id sku title price inventoryQuantity updatedAt
      image { url }
      product { id title status featuredMedia { preview { image { url } } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`

export const variantStock = `query VariantStock($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on ProductVariant {
      id
      product { id }
      inventoryItem {
        id tracked
        inventoryLevels(first: 5) { nodes { location { id isActive } quantities(names: ["available"]) { quantity } } }
      }
    }
  }
}`

/** Since 2026-04 the number that was read has to be sent with it, and a key by which a repetition is known. */
export const setQuantities = `mutation InventorySet($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { code field message }
  }
}`

export const countItem = `mutation InventoryItemUpdate($id: ID!) {
  inventoryItemUpdate(id: $id, input: { tracked: true }) { inventoryItem { id tracked } userErrors { field message } }
}`
