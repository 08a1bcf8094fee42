import type { Connector } from '../connector.ts'
import { refundsOfTrade } from './asking.ts'
import { changeWaybill } from './change-waybill.ts'
import { companyCodes } from './couriers.ts'
import { credentials } from './credentials.ts'
import { listGoods, updateStock } from './goods.ts'
import { changedRefunds, changedTrades, createdTrades } from './lists.ts'
import { updateMemo } from './memo.ts'
import { oauth, verify } from './oauth.ts'
import { agreeRefund, refuseReasons, refuseRefund, reportReturn } from './refund-actions.ts'
import * as refunds from './refunds.ts'
import { ship, shipped } from './ship.ts'
import { statusWords } from './statuses.ts'
import * as trades from './trades.ts'

/** The connector of 小红书, the shop of Xiaohongshu (RED). */
export const xiaohongshu: Connector = {
  id: 'xiaohongshu',
  name: { zh: '小红书', en: 'Xiaohongshu' },
  variants: [{ id: 'xiaohongshu', zh: '小红书', en: 'Xiaohongshu' }],
  credentials,
  // 接口限流说明: 100 calls a second of an application, and 200 of a method; an application may have ten shops.
  limits: { requestsPerSecond: 10, concurrentRequests: 8 },
  verify,
  oauth,
  trades: {
    path: 'direct',
    changed: { paging: 'numbered', ...changedTrades, page: trades.listChanged },
    created: { paging: 'numbered', ...createdTrades, page: trades.listCreated },
    detail: trades.tradeDetail,
    statusWords,
  },
  refunds: {
    changed: { paging: 'numbered', ...changedRefunds, byTimeOfChange: true, page: refunds.listChanged },
    detail: refunds.refundDetail,
    needsDetail: true,
    asking: { trade: refundsOfTrade },
  },
  listings: { pageSize: 50, list: listGoods },
  actions: {
    refuseRefund,
    refuseReasons,
    agreeRefund,
    updateMemo,
    ship,
    shipped,
    changeWaybill,
    updateStock,
    reportReturn,
  },
  shipping: { byLine: true, oneWaybill: true, carriers: companyCodes, changes: {} },
  // To agree that goods are sent back, afterSale.auditReturns needs a return address of the shop, which we do not have.
  goodsFirst: true,
  cannot: {
    reportCancel: {
      zh: '小红书没有「已取消发货」的接口：拦下包裹后，同意退款即可',
      en: 'Xiaohongshu hears of no stopped goods: stop the parcel, then agree to the refund',
    },
    receivers: {
      zh: '小红书的订单自带收件人标识（openAddressId），不用再问平台',
      en: 'Orders of Xiaohongshu say themselves whose receiver is the same',
    },
    trace: {
      zh: '小红书的物流轨迹还没有接入',
      en: 'The scans of Xiaohongshu are not connected yet',
    },
  },
}
