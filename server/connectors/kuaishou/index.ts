import type { Connector } from '../connector.ts'
import { changeWaybill } from './change-waybill.ts'
import { expressCodes } from './couriers.ts'
import { credentials } from './credentials.ts'
import { listGoods, updateStock } from './goods.ts'
import { refundList, tradeList } from './lists.ts'
import { updateMemo } from './memo.ts'
import { oauth, verify } from './oauth.ts'
import { push } from './push.ts'
import { agreeRefund, refuseReasons, refuseRefund } from './refund-actions.ts'
import * as refunds from './refunds.ts'
import { ship, shipped } from './ship.ts'
import { statusWords } from './statuses.ts'
import * as trades from './trades.ts'

/** The connector of 快手小店, the shop of Kuaishou. */
export const kuaishou: Connector = {
  id: 'kuaishou',
  name: { zh: '快手小店', en: 'Kuaishou Shop' },
  variants: [{ id: 'kuaishou', zh: '快手小店', en: 'Kuaishou Shop' }],
  credentials,
  // API限流说明: 300 calls a second of the list of orders for each shop. The other methods have no figure; a new application may make few calls.
  limits: { requestsPerSecond: 20, concurrentRequests: 8 },
  verify,
  push,
  oauth,
  trades: {
    path: 'direct',
    changed: { paging: 'chained', ...tradeList, page: trades.listChanged },
    created: { paging: 'chained', ...tradeList, page: trades.listCreated },
    detail: trades.tradeDetail,
    statusWords,
  },
  refunds: {
    changed: { paging: 'chained', ...refundList, byTimeOfChange: true, page: refunds.listChanged },
    detail: refunds.refundDetail,
    needsDetail: true,
    asking: { trade: refunds.refundsOfTrade },
  },
  listings: { pageSize: 20, list: listGoods },
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
  shipping: { byLine: true, oneWaybill: false, carriers: expressCodes, changes: {} },
  refusal: { proofNeeded: () => false, proofMaxBytes: 0, proofByUrl: true },
  // Agreeing that goods are sent back is another call than paying, and is done on the platform's own pages.
  goodsFirst: true,
  cannot: {
    reportCancel: {
      zh: '快手小店没有「已取消发货」的接口：拦下包裹后，同意退款即可',
      en: 'Kuaishou hears of no stopped goods: stop the parcel, then agree to the refund',
    },
    reportReturn: {
      zh: '在快手小店，确认收到退货就是退款：请用同意退款',
      en: 'On Kuaishou, to confirm that goods are back is to pay: agree to the refund',
    },
    receivers: {
      zh: '快手小店每单的收件人密文都不同，看不出两单是不是同一地址，所以不合单',
      en: 'Kuaishou encrypts a receiver anew in each order, so none is known to be the same, and its orders are not merged',
    },
    trace: {
      zh: '快手小店的物流轨迹还没有接入',
      en: 'The scans of Kuaishou are not connected yet',
    },
  },
}
