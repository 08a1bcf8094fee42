import { PlatformError } from '../../lib/platform-error.ts'
import type { Call, Connector, ShopIdentity } from '../connector.ts'
import { fieldsAt, isFields, listAt, longest, textAt } from '../fields.ts'
import { needed } from '../gateway.ts'
import { ask } from './client.ts'
import { courierNames } from './couriers.ts'
import { credentials, currency } from './credentials.ts'
import { listGoods, updateStock } from './goods.ts'
import { listLimits } from './lists.ts'
import { updateMemo } from './memo.ts'
import { push } from './push.ts'
import { shopQuery } from './queries.ts'
import * as refunds from './refunds.ts'
import { agreeRefund, refuseReasons, refuseRefund } from './returns.ts'
import { changeWaybill, ship, shipped } from './ship.ts'
import { sizes } from './sizes.ts'
import { statusWords } from './statuses.ts'
import { issue } from './token.ts'
import * as trades from './trades.ts'

/** The connector of Shopify, by the GraphQL Admin API. */
export const shopify: Connector = {
  id: 'shopify',
  name: { zh: 'Shopify', en: 'Shopify' },
  variants: [{ id: 'shopify', zh: 'Shopify', en: 'Shopify' }],
  credentials,
  // Calls are limited by their cost: a shop gets back 100 points a second and keeps 2,000; an order of two lines costs 63.
  limits: { requestsPerSecond: 3, concurrentRequests: 2 },
  verify,
  issue,
  push,
  trades: {
    path: 'direct',
    changed: { paging: 'chained', ...listLimits, page: trades.listChanged },
    created: { paging: 'chained', ...listLimits, page: trades.listCreated },
    detail: trades.tradeDetail,
    statusWords,
  },
  refunds: {
    changed: { paging: 'chained', ...listLimits, page: refunds.listChanged },
    detail: refunds.refundDetail,
    needsDetail: false,
    asking: { trade: refunds.refundsOfTrade },
  },
  listings: { pageSize: sizes.goods, list: listGoods },
  actions: {
    refuseRefund,
    refuseReasons,
    agreeRefund,
    updateMemo,
    ship,
    shipped,
    changeWaybill,
    updateStock,
  },
  agreesToReturns: true,
  paysReturnsThere: true,
  shipping: { byLine: true, oneWaybill: false, carriers: courierNames, changes: {} },
  hasNoFlags: true,
  cannot: {
    reportCancel: {
      zh: 'Shopify 没有「已取消发货」的接口',
      en: 'Shopify hears of no stopped goods',
    },
    reportReturn: {
      zh: 'Shopify 没有确认收到退货的接口：收到后在后台退款',
      en: 'Shopify has no call to confirm returned goods: refund them in the admin',
    },
    receivers: {
      zh: 'Shopify 的收件人是明文，不用问平台',
      en: 'Receivers of Shopify are not masked, so there is nothing to ask',
    },
    trace: {
      zh: 'Shopify 不提供物流轨迹接口',
      en: 'Shopify shows no scans of parcels',
    },
  },
}

/** What the app must be allowed to do. A right to write contains the one to read; only some days of orders are shown without read_all_orders. */
const scopes = [
  'orders',
  'returns',
  'products',
  'inventory',
  'locations',
  'merchant_managed_fulfillment_orders',
] as const
const written: ReadonlySet<string> = new Set([
  'orders',
  'returns',
  'inventory',
  'merchant_managed_fulfillment_orders',
])

/** The name of the shop, its currency, and the rights of the app. The name that the platform gave it is the number of the shop. */
async function verify(call: Call): Promise<ShopIdentity> {
  const { data } = await ask(call, shopQuery)
  const shop = needed(isFields(data.shop) ? data.shop : null, 'shop')
  const code = textAt(shop, 'currencyCode', 8).toUpperCase()
  if (code !== currency)
    throw new PlatformError('rejected', 'currency_not_cny', `The shop sells in ${code || 'no currency'}.`)
  const granted = new Set(
    listAt(fieldsAt(data, 'currentAppInstallation'), 'accessScopes', '')
      .filter(isFields)
      .map((scope) => textAt(scope, 'handle', longest.name)),
  )
  const missing = scopes
    .map((name) => (written.has(name) ? `write_${name}` : `read_${name}`))
    .filter((name) => !granted.has(name) && !granted.has(name.replace('read_', 'write_')))
  if (missing.length > 0)
    throw new PlatformError('rejected', 'not_permitted', `The app lacks ${missing.join(', ')}.`)
  const domain = textAt(shop, 'myshopifyDomain', longest.name).toLowerCase()
  const name = textAt(shop, 'name', longest.name) || domain
  return { platformShopId: needed(domain || null, 'myshopifyDomain'), name, nick: name }
}
