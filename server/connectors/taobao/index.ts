import { PlatformError } from '../../lib/platform-error.ts'
import { dayMs, minuteMs, secondMs } from '../../lib/time.ts'
import type { BadItem, Call, Connector, ListedRefund, ShopIdentity } from '../connector.ts'
import { fieldsAt, idAt, longest, textAt } from '../fields.ts'
import type { ListLimits, NumberedList } from '../lists.ts'
import { agreeRefund, refuseReasons, refuseRefund, updateMemo } from './actions.ts'
import { refundsOfTrade } from './asking.ts'
import { reportCancel } from './cancel.ts'
import { changeWaybill } from './change-waybill.ts'
import { callTop, sendTop } from './client.ts'
import { companyCodes } from './couriers.ts'
import { credentials } from './credentials.ts'
import { listItems } from './listings.ts'
import { oauth } from './oauth.ts'
import { push } from './push.ts'
import { receivers } from './receivers.ts'
import * as refunds from './refunds.ts'
import { reportReturn } from './returns.ts'
import { ship, shipped } from './ship.ts'
import { severalStatuses, statusWords, tradeStatusOf, tradeTypeOf } from './statuses.ts'
import { updateStock } from './stock.ts'
import { trace } from './trace.ts'
import * as trades from './trades.ts'

const listLimits: ListLimits = {
  windowMs: dayMs,
  advisedWindowMs: 30 * minuteMs,
  lagMs: 2 * secondMs,
  overlapMs: minuteMs,
  // The limit is 100. The documents advise 40 to 50 to avoid time-outs.
  pageSize: 50,
  rowsMax: 5000,
}
const tradeList: ListLimits = { ...listLimits, statuses: severalStatuses }
const changedRefunds: NumberedList<ListedRefund | BadItem> = {
  paging: 'numbered',
  ...listLimits,
  byTimeOfChange: true,
  page: refunds.listChanged,
}

/** The connector for Taobao and Tmall, over TOP, the Taobao Open Platform. */
export const taobao: Connector = {
  id: 'taobao',
  name: { zh: '淘宝/天猫', en: 'Taobao/Tmall' },
  variants: [
    { id: 'taobao', zh: '淘宝', en: 'Taobao' },
    { id: 'tmall', zh: '天猫', en: 'Tmall' },
  ],
  credentials,
  limits: {
    // No quota is published. Third parties report 20 calls a second, and lost answers above 15 concurrent calls.
    requestsPerSecond: 20,
    concurrentRequests: 12,
  },
  verify,
  oauth,
  push,
  relayed: {
    send: sendTop,
    personal: {
      name: ['receiver_name'],
      phone: ['receiver_mobile', 'receiver_phone'],
      address: ['receiver_address'],
      buyer: ['buyer_nick'],
    },
  },
  trades: {
    path: 'two_stage',
    changed: { paging: 'numbered', ...tradeList, page: trades.listChanged },
    created: { paging: 'numbered', ...tradeList, page: trades.listCreated },
    statusWords,
    words: { statuses: tradeStatusOf, types: tradeTypeOf },
    detail: trades.tradeDetail,
    parsePushed: trades.parsePushedTrade,
  },
  refunds: {
    changed: changedRefunds,
    detail: refunds.refundDetail,
    needsDetail: true,
    needsDetailFor: refunds.needsDetailFor,
    // One call of the list covers the whole shop. If it cannot be used, each trade is asked about.
    asking: { list: { ...changedRefunds, pageSize: 100 }, trade: refundsOfTrade },
    parsePushed: refunds.parsePushedRefund,
  },
  // A page costs one list request (three for items that are off sale) and one request for each twenty items.
  listings: { pageSize: 200, list: listItems },
  receivers,
  trace,
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
  // consign.resend: a parcel that the seller sends without the platform, within 50 days after shipping.
  shipping: { byLine: true, oneWaybill: true, carriers: companyCodes, changes: { days: 50 } },
  // taobao.refund.refuse requires a picture on Tmall, of at most 130,000 bytes.
  refusal: { proofNeeded: (variant) => variant === 'tmall', proofMaxBytes: 130_000 },
  // taobao.rp.returngoods.agree needs the seller's return address, which we do not have. Before that step taobao.rp.refunds.agree does not
  // pay, so the user first agrees to the return on the platform's pages.
  goodsFirst: true,
  agreeCode: true,
  cannot: {},
}

/** taobao.user.seller.get: the shop is identified by the seller's number. Its title needs a second request. */
async function verify(call: Call): Promise<ShopIdentity> {
  const { body } = await callTop(call, 'taobao.user.seller.get', { fields: 'user_id,nick,type' })
  const user = fieldsAt(body, 'user')
  const nick = textAt(user, 'nick', longest.name)
  return { platformShopId: idAt(user, 'user_id') || nick, name: (await shopTitle(call)) || nick, nick }
}

/** Applications without the permission for it get no title; then the nick is used. */
async function shopTitle(call: Call): Promise<string> {
  try {
    const { body } = await callTop(call, 'taobao.shop.seller.get', { fields: 'sid,title' })
    return textAt(fieldsAt(body, 'shop'), 'title', longest.name)
  } catch (error) {
    if (error instanceof PlatformError && error.kind === 'rejected') return ''
    throw error
  }
}
