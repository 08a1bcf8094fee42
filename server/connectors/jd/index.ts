import type { Connector } from '../connector.ts'
import { companyIds } from './couriers.ts'
import { credentials } from './credentials.ts'
import { listGoods, updateStock } from './goods.ts'
import { refundList, tradeList } from './lists.ts'
import { updateMemo } from './memo.ts'
import { oauth, verify } from './oauth.ts'
import { agreeRefund, refuseReasons, refuseRefund } from './refund-actions.ts'
import { listChanged } from './refund-lists.ts'
import * as refunds from './refunds.ts'
import { reportReturn } from './service-actions.ts'
import { ship, shipped } from './ship.ts'
import { statusWords } from './statuses.ts'
import * as trades from './trades.ts'
import { skuPage } from './unverified.ts'

/** The connector of 京东, for shops of others on it (POP). */
export const jd: Connector = {
  id: 'jd',
  name: { zh: '京东', en: 'JD' },
  variants: [{ id: 'jd', zh: '京东', en: 'JD' }],
  credentials,
  // The limits of each method are set for each application in its console; no figure is public.
  limits: { requestsPerSecond: 10, concurrentRequests: 4 },
  verify,
  oauth,
  trades: {
    path: 'direct',
    changed: { paging: 'numbered', ...tradeList, page: trades.listChanged },
    created: { paging: 'numbered', ...tradeList, page: trades.listCreated },
    detail: trades.tradeDetail,
    statusWords,
  },
  refunds: {
    changed: { paging: 'chained', ...refundList, page: listChanged },
    detail: refunds.refundDetail,
    needsDetail: true,
    asking: { trade: refunds.refundsOfTrade },
  },
  listings: { pageSize: skuPage, list: listGoods },
  actions: {
    refuseRefund,
    refuseReasons,
    agreeRefund,
    reportReturn,
    updateMemo,
    ship,
    shipped,
    updateStock,
  },
  agreesToReturns: true,
  shipping: { byLine: false, oneWaybill: true, carriers: companyIds },
  cannot: {
    changeWaybill: {
      zh: '京东没有查到改运单的接口，请到商家后台改',
      en: 'JD documents no call for it; change it on its own pages',
    },
    reportCancel: {
      zh: '京东没有单独的「已取消发货」接口：同意退款时已告诉京东没有出库',
      en: 'JD has no call of its own for stopped goods: agreeing to the refund says that they have not left',
    },
    receivers: {
      zh: '京东没有说两单的收件人密文能不能比较，看不出两单是不是同一地址，所以不合单',
      en: 'JD does not say whether the receivers of two orders can be compared, so its orders are not merged',
    },
    trace: {
      zh: '京东的物流轨迹还没有接入',
      en: 'The scans of JD are not connected yet',
    },
    waybills: {
      zh: '京东的电子面单（无界）还没有接入：在京东商家后台取号打印，再到这里填运单号',
      en: 'The e-waybills of JD (无界) are not connected yet: print them on its own pages, then type the waybill here',
    },
  },
}
