import { PlatformError } from '../../lib/platform-error.ts'
import { minuteMs } from '../../lib/time.ts'
import type { MemoInput } from '../answers.ts'
import type { Call, Connector, ShopIdentity } from '../connector.ts'
import { fieldsAt, idAt, longest, textAt } from '../fields.ts'
import type { ListLimits } from '../lists.ts'
import { asking } from './asking.ts'
import { reportCancel } from './cancel.ts'
import { callPop, sendPop } from './client.ts'
import { companyIds } from './couriers.ts'
import { credentials } from './credentials.ts'
import { listGoods, updateStock } from './goods.ts'
import { oauth } from './oauth.ts'
import { push } from './push.ts'
import * as refunds from './refunds.ts'
import { reportReturn } from './returns.ts'
import { ship, shipped } from './ship.ts'
import { statusWords } from './statuses.ts'
import { trace } from './trace.ts'
import * as trades from './trades.ts'

// POP's documents state a delay only for the order list. The refund list is assumed to be as slow.
const listLimits: ListLimits = {
  windowMs: 30 * minuteMs,
  advisedWindowMs: 30 * minuteMs,
  lagMs: 3 * minuteMs,
  endsBeforeLag: true,
  overlapMs: minuteMs,
  pageSize: 100,
  rowsMax: 10_000,
}

export const pinduoduo: Connector = {
  id: 'pinduoduo',
  name: { zh: '拼多多', en: 'Pinduoduo' },
  variants: [{ id: 'pinduoduo', zh: '拼多多', en: 'Pinduoduo' }],
  credentials,
  limits: {
    // POP allows 600 calls a minute to each list, and more to the order detail.
    requestsPerSecond: 10,
    concurrentRequests: 8,
  },
  verify,
  oauth,
  push,
  relayed: {
    send: sendPop,
    // The ciphertext is withheld too. Without it no waybill number of the platform can be taken.
    personal: {
      name: ['receiver_name', 'receiver_name_mask'],
      phone: ['receiver_phone', 'receiver_phone_mask'],
      address: ['address', 'address_mask', 'receiver_address', 'receiver_address_mask'],
      buyer: [],
    },
  },
  trades: {
    path: 'direct',
    changed: { paging: 'numbered', ...listLimits, page: trades.listChanged },
    detail: trades.tradeDetail,
    statusWords,
  },
  refunds: {
    changed: { paging: 'numbered', ...listLimits, byTimeOfChange: true, page: refunds.listChanged },
    detail: refunds.refundDetail,
    needsDetail: false,
    needsDeadlineFor: refunds.needsDeadlineFor,
    asking,
  },
  listings: { pageSize: 100, list: listGoods },
  trace,
  actions: { reportCancel, updateMemo, ship, shipped, updateStock, reportReturn },
  shipping: { byLine: false, oneWaybill: true, carriers: companyIds },
  cannot: {
    changeWaybill: {
      zh: '拼多多没有查到改运单的接口，请到商家后台改',
      en: 'Pinduoduo documents no call for it; change it in its merchant backend',
    },
    receivers: {
      zh: '拼多多的订单自带合单标识，不用再问平台',
      en: 'Orders of Pinduoduo say themselves whose receiver is the same',
    },
    refuseRefund: {
      zh: '拼多多开放平台不提供拒绝退款的接口，请到商家后台处理',
      en: 'Pinduoduo offers no interface to refuse a refund; use its merchant backend',
    },
    agreeRefund: {
      zh: '同意退款需要拼多多单独授予的权限，请到商家后台处理',
      en: 'Agreeing to a refund needs a permission that Pinduoduo grants case by case; use its merchant backend',
    },
  },
}

/** pdd.mall.info.get. Older applications get no mall_id; then the name is used as the shop's id. */
async function verify(call: Call): Promise<ShopIdentity> {
  const { body } = await callPop(call, 'pdd.mall.info.get', {})
  const mall = fieldsAt(body, 'mall_info_get_response')
  const name = textAt(mall, 'mall_name', longest.name)
  return { platformShopId: idAt(mall, 'mall_id') || name, name, nick: name }
}

/** POP requires the name of a tag's colour with its number: both or neither. */
const tagNames: ReadonlyMap<number, string> = new Map([
  [1, '红色'],
  [2, '黄色'],
  [3, '绿色'],
  [4, '蓝色'],
  [5, '紫色'],
])

/** pdd.order.note.update. It can neither empty a note nor remove a colour. */
async function updateMemo(call: Call, { tid, memo, flag }: MemoInput): Promise<void> {
  if (memo === '') throw new PlatformError('rejected', 'memo_empty', 'This platform cannot empty a note.')
  const tag = tagNames.get(flag ?? 0)
  const { body } = await callPop(call, 'pdd.order.note.update', {
    order_sn: tid,
    note: memo,
    tag: tag ? String(flag) : '',
    tag_name: tag ?? '',
  })
  const answer = fieldsAt(body, 'response')
  if (answer.success === false) {
    throw new PlatformError(
      'rejected',
      textAt(answer, 'error_code', longest.word) || 'not_done',
      textAt(answer, 'error_msg', longest.name),
    )
  }
}
