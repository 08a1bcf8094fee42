import { dayMs, minuteMs } from '../../lib/time.ts'
import type { Call, Connector, ShopIdentity } from '../connector.ts'
import { longest, textAt } from '../fields.ts'
import type { ListLimits } from '../lists.ts'
import { callPaipai, sellerOf } from './client.ts'
import { logisticsNames } from './couriers.ts'
import { credentials } from './credentials.ts'
import { listGoods, updateStock } from './goods.ts'
import { updateMemo } from './memo.ts'
import * as refunds from './refunds.ts'
import { ship, shipped } from './ship.ts'
import { statusWords } from './statuses.ts'
import * as trades from './trades.ts'
import { listLagMs, rowsMax } from './unverified.ts'

/** A page has at most 20 rows. The documents limit no window. */
const listLimits: ListLimits = {
  windowMs: dayMs,
  advisedWindowMs: 30 * minuteMs,
  lagMs: listLagMs,
  overlapMs: minuteMs,
  pageSize: 20,
  rowsMax,
}

/** The connector of 拍拍, which closed at the end of 2015: for practice, and as an example of how a connector is written. */
export const paipai: Connector = {
  id: 'paipai',
  name: { zh: '拍拍', en: 'Paipai' },
  variants: [{ id: 'paipai', zh: '拍拍', en: 'Paipai' }],
  credentials,
  // No figure of the platform's limits is known.
  limits: { requestsPerSecond: 10, concurrentRequests: 4 },
  verify,
  trades: {
    path: 'direct',
    changed: { paging: 'numbered', ...listLimits, page: trades.listChanged },
    created: { paging: 'numbered', ...listLimits, page: trades.listCreated },
    detail: trades.tradeDetail,
    statusWords,
  },
  refunds: {
    changed: { paging: 'chained', ...listLimits, page: refunds.listChanged },
    detail: refunds.refundDetail,
    needsDetail: false,
    asking: { trade: refunds.refundsOfTrade },
  },
  listings: { pageSize: 20, list: listGoods },
  actions: { updateMemo, ship, shipped, updateStock },
  shipping: { byLine: false, oneWaybill: true, carriers: logisticsNames },
  cannot: {
    changeWaybill: {
      zh: '拍拍没有改运单的接口，请到拍拍的卖家页面改',
      en: 'Paipai has no call for it; change it on its own pages',
    },
    refuseRefund: {
      zh: '拍拍没有拒绝退款的接口，请到拍拍的卖家页面处理',
      en: 'Paipai has no call to refuse a refund; use its own pages',
    },
    agreeRefund: {
      zh: '拍拍没有同意退款的接口，请到拍拍的卖家页面处理',
      en: 'Paipai has no call to agree to a refund; use its own pages',
    },
    reportCancel: {
      zh: '拍拍没有「已取消发货」的接口：缺货登记会按卖家缺货退掉整行，不代替它',
      en: 'Paipai hears of no stopped goods; reporting them out of stock would be another matter',
    },
    reportReturn: {
      zh: '拍拍没有确认收到退货的接口，请到拍拍的卖家页面处理',
      en: 'Paipai has no call to confirm returned goods; use its own pages',
    },
    receivers: {
      zh: '拍拍的收件人是明文，不用问平台',
      en: 'Receivers of Paipai are not masked, so there is nothing to ask',
    },
    trace: {
      zh: '拍拍不提供物流轨迹接口',
      en: 'Paipai shows no scans of parcels',
    },
  },
}

/** shop/getShopInfo, by which clients tried their connection. The number of the seller is that of the shop. */
async function verify(call: Call): Promise<ShopIdentity> {
  const { body } = await callPaipai(call, 'shop/getShopInfo', sellerOf(call))
  const { sellerUin } = sellerOf(call)
  const name = textAt(body, 'shopName', longest.name) || sellerUin
  return { platformShopId: sellerUin, name, nick: name }
}
