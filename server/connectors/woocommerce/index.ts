import { PlatformError } from '../../lib/platform-error.ts'
import type { Call, Connector, ShopIdentity } from '../connector.ts'
import { longest, textAt } from '../fields.ts'
import { getSite, getWoo } from './client.ts'
import { courierNames } from './couriers.ts'
import { credentials, currency, placeOf, siteOf } from './credentials.ts'
import { listGoods, updateStock } from './goods.ts'
import { listLimits } from './lists.ts'
import { updateMemo } from './notes.ts'
import { push } from './push.ts'
import * as refunds from './refunds.ts'
import { ship, shipped } from './ship.ts'
import { statusWords } from './statuses.ts'
import * as trades from './trades.ts'

/** The connector of WooCommerce: shops that are a WordPress site of the seller's own. */
export const woocommerce: Connector = {
  id: 'woocommerce',
  name: { zh: 'WooCommerce 独立站', en: 'WooCommerce' },
  variants: [{ id: 'woocommerce', zh: 'WooCommerce 独立站', en: 'WooCommerce' }],
  credentials,
  // The platform names no limit. The machine that serves the site has other visitors too.
  limits: { requestsPerSecond: 4, concurrentRequests: 3 },
  verify,
  trades: {
    path: 'direct',
    changed: { paging: 'numbered', ...listLimits, page: trades.listChanged },
    created: { paging: 'numbered', ...listLimits, page: trades.listCreated },
    detail: trades.tradeDetail,
    statusWords,
  },
  refunds: {
    changed: { paging: 'chained', ...listLimits, pageSize: 50, page: refunds.listChanged },
    detail: refunds.refundDetail,
    needsDetail: false,
    asking: { trade: refunds.refundsOfTrade },
  },
  listings: { pageSize: 20, list: listGoods },
  push,
  actions: { updateMemo, ship, shipped, updateStock },
  shipping: { byLine: false, oneWaybill: true, carriers: courierNames },
  hasNoFlags: true,
  cannot: {
    changeWaybill: {
      zh: 'WooCommerce 没有运单的标准接口，请到后台改',
      en: 'WooCommerce has no standard call for it; change it in its admin',
    },
    refuseRefund: {
      zh: 'WooCommerce 没有买家申请退款：退款由店家在网站后台做，做了就退了',
      en: 'Buyers do not apply for refunds on WooCommerce: the seller makes them in the back office of the site, and they are final',
    },
    agreeRefund: {
      zh: 'WooCommerce 没有买家申请退款：退款由店家在网站后台做，做了就退了',
      en: 'Buyers do not apply for refunds on WooCommerce: the seller makes them in the back office of the site, and they are final',
    },
    reportCancel: {
      zh: 'WooCommerce 没有「已取消发货」的接口',
      en: 'WooCommerce hears of no stopped goods',
    },
    reportReturn: {
      zh: 'WooCommerce 没有确认收到退货的接口：收到后在网站后台退款',
      en: 'WooCommerce has no call to confirm returned goods: refund them in the back office of the site',
    },
    receivers: {
      zh: 'WooCommerce 的收件人是明文，不用问平台',
      en: 'Receivers of WooCommerce are not masked, so there is nothing to ask',
    },
    trace: {
      zh: 'WooCommerce 不提供物流轨迹接口',
      en: 'WooCommerce shows no scans of parcels',
    },
  },
}

/**
 * The name of the site, its currency, and one order to see that the key may read them. The site's address is the number of the shop. At this point a key that is
 * not known was typed wrong, and did not end.
 */
async function verify(call: Call): Promise<ShopIdentity> {
  try {
    const site = await getSite(call)
    const { data } = await getWoo(call, 'data/currencies/current')
    const code = textAt(data, 'code', 8).toUpperCase()
    if (code !== currency)
      throw new PlatformError('rejected', 'currency_not_cny', `The shop sells in ${code || 'no currency'}.`)
    await getWoo(call, 'orders', { per_page: '1', _fields: 'id' })
    const platformShopId = placeOf(siteOf(call.credentials).siteUrl)
    const name = textAt(site.data, 'name', longest.name) || platformShopId
    return { platformShopId, name, nick: name }
  } catch (error) {
    if (!(error instanceof PlatformError) || error.kind !== 'reauthorise') throw error
    throw new PlatformError('rejected', 'key_refused', error.message, { cause: error })
  }
}
