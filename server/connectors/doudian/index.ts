import { dayMs, minuteMs } from '../../lib/time.ts'
import type { Connector } from '../connector.ts'
import type { ListLimits } from '../lists.ts'
import { changeWaybill } from './change-waybill.ts'
import { companyCodes } from './couriers.ts'
import { credentials } from './credentials.ts'
import { listGoods, updateStock } from './goods.ts'
import { updateMemo } from './memo.ts'
import { push } from './push.ts'
import { receivers } from './receivers.ts'
import { agreeRefund, refuseReasons, refuseRefund } from './refund-actions.ts'
import * as refunds from './refunds.ts'
import { reportCancel, reportReturn } from './reports.ts'
import { ship, shipped } from './ship.ts'
import { statusWords } from './statuses.ts'
import { issue, verify } from './token.ts'
import * as trades from './trades.ts'
import { listLagMs } from './unverified.ts'

/** A page has at most 100 rows. Pages reach 10,000 orders and 50,000 after-sales. The documents limit no window by the time of change. */
const listLimits: ListLimits = {
  windowMs: dayMs,
  advisedWindowMs: 30 * minuteMs,
  lagMs: listLagMs,
  overlapMs: minuteMs,
  pageSize: 100,
  rowsMax: 10_000,
}

/** The connector of 抖店, the shop of Douyin. */
export const doudian: Connector = {
  id: 'doudian',
  name: { zh: '抖店', en: 'Douyin Shop' },
  variants: [{ id: 'doudian', zh: '抖店', en: 'Douyin Shop' }],
  credentials,
  // An application may make 600 calls a second of order/searchList and 900 of order/orderDetail. No limit of a shop is known.
  limits: { requestsPerSecond: 20, concurrentRequests: 8 },
  verify,
  push,
  issue,
  trades: {
    path: 'direct',
    changed: { paging: 'numbered', ...listLimits, page: trades.listChanged },
    detail: trades.tradeDetail,
    statusWords,
  },
  refunds: {
    changed: {
      paging: 'numbered',
      ...listLimits,
      rowsMax: 50_000,
      byTimeOfChange: true,
      page: refunds.listChanged,
    },
    detail: refunds.refundDetail,
    needsDetail: false,
    asking: { trade: refunds.refundsOfTrade },
  },
  listings: { pageSize: 20, list: listGoods },
  receivers,
  actions: {
    refuseRefund,
    refuseReasons,
    agreeRefund,
    reportCancel,
    updateMemo,
    ship,
    shipped,
    changeWaybill,
    updateStock,
    reportReturn,
  },
  shipping: { byLine: true, oneWaybill: false, carriers: companyCodes, changes: {} },
  refusal: { proofNeeded: () => false, proofMaxBytes: 0, proofByUrl: true },
  // To agree that goods are sent back, afterSale/operate needs a return address of the shop, which we do not have.
  goodsFirst: true,
  stoppedOnly: true,
  cannot: {
    trace: {
      zh: '抖店只给它自己的电子面单单号看轨迹，还没有接入',
      en: 'Douyin shows scans only of numbers of its own e-waybills, and these are not connected yet',
    },
  },
}
