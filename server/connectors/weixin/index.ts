import { dayMs, hourMs, minuteMs } from '../../lib/time.ts'
import type { Call, Connector, ShopIdentity } from '../connector.ts'
import { fieldsAt, longest, textAt } from '../fields.ts'
import type { ListLimits } from '../lists.ts'
import { agreeRefund, refuseReasons, refuseRefund, updateMemo, updateStock } from './actions.ts'
import { changeWaybill } from './change-waybill.ts'
import { callApi } from './client.ts'
import { deliveryIds } from './couriers.ts'
import { credentials } from './credentials.ts'
import { push } from './push.ts'
import * as refunds from './refunds.ts'
import { ship, shipped } from './ship.ts'
import { severalStatuses, statusWords } from './statuses.ts'
import { issue } from './token.ts'
import * as trades from './trades.ts'

// The documents say nothing of late lists or of the rows of a window (error 31042 ends a window that has too many).
const listLimits = { lagMs: minuteMs, overlapMs: minuteMs, rowsMax: 10_000 }
const tradeList: ListLimits = {
  ...listLimits,
  windowMs: 7 * dayMs,
  advisedWindowMs: hourMs,
  pageSize: 100,
  statuses: severalStatuses,
}
const refundList: ListLimits = { ...listLimits, windowMs: dayMs, advisedWindowMs: hourMs, pageSize: 100 }

/** The connector of 微信小店, the shop of WeChat Channels. */
export const weixin: Connector = {
  id: 'weixin',
  name: { zh: '微信小店', en: 'WeChat Shop' },
  variants: [{ id: 'weixin', zh: '微信小店', en: 'WeChat Shop' }],
  credentials,
  // Each shop may make 10,000 calls a minute and 500,000 a day (5.8 a second on average). Every order needs a call of its own.
  limits: { requestsPerSecond: 20, concurrentRequests: 8, refundGapMs: minuteMs },
  verify,
  push,
  issue,
  trades: {
    path: 'direct',
    changed: { paging: 'chained', ...tradeList, numbersOnly: true, page: trades.listChanged },
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
  shipping: { byLine: true, oneWaybill: false, carriers: deliveryIds, changes: { times: 3 } },
  // To agree that goods are sent back, aftersale/acceptapply needs a return address of the shop, which we do not have.
  goodsFirst: true,
  hasNoFlags: true,
  cannot: {
    reportCancel: {
      zh: '微信小店没有「已取消发货」的接口：拦下包裹后，同意退款即可',
      en: 'WeChat Shop hears of no stopped goods: stop the parcel, then agree to the refund',
    },
    reportReturn: {
      zh: '在微信小店，确认收到退货就是退款：请用同意退款',
      en: 'On WeChat Shop, to confirm that goods are back is to pay: agree to the refund',
    },
    listings: {
      zh: '还没有接入微信小店的商品列表，商品随订单出现',
      en: 'The list of goods of WeChat Shop is not connected yet; goods appear with orders',
    },
    receivers: {
      zh: '微信小店的订单自带收件人标识，不用再问平台',
      en: 'Orders of WeChat Shop say themselves whose receiver is the same',
    },
    trace: {
      zh: '微信小店不提供物流轨迹接口',
      en: 'WeChat Shop shows no scans of parcels',
    },
  },
}

/** basics/info/get: `username` is the shop's number. */
async function verify(call: Call): Promise<ShopIdentity> {
  const { body } = await callApi(call, 'basics/info/get')
  const info = fieldsAt(body, 'info')
  const name = textAt(info, 'nickname', longest.name)
  return { platformShopId: textAt(info, 'username', longest.name) || name, name, nick: name }
}
