import type { Json } from '../json-parts.ts'
import type { Refund } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { agreeRefund, RETURN_KINDS, refuseRefund, succeedRefund } from '../world/refund.ts'
import { recordActivity } from '../world/world.ts'
import {
  askedRefund,
  badBody,
  idIn,
  readPage,
  type WxCall,
  type WxMethod,
  type WxResult,
  wholeIn,
  wrong,
} from './call.ts'

const DAY = 86_400
/** The platform has no page_size. */
const PAGE = 20

/** aftersale/getaftersalelist: numbers only, at most 24 hours. */
export const list: WxMethod = (call) => {
  const { body, shop } = call
  const isUpdate = body['begin_update_time'] !== undefined
  const [first, last] = isUpdate
    ? ['begin_update_time', 'end_update_time']
    : ['begin_create_time', 'end_create_time']
  const [from, to] = [wholeIn(body, first ?? ''), wholeIn(body, last ?? '')]
  if (from === undefined || to === undefined) return badBody('begin_update_time, end_update_time')
  if (to < from || to - from > DAY) return wrong(10020004, '非法的时间区间，不得大于24小时')
  const range = { from, to }
  const found = isUpdate
    ? filteredBetween(shop.refundLog, range, 'wx', () => true)
    : [...shop.refunds.values()].filter(({ created }) => created >= from && created <= to)
  const page = readPage(call, JSON.stringify([isUpdate, range]), PAGE)
  if ('errcode' in page) return page
  const end = page.skip + PAGE
  const hasMore = end < found.length
  return {
    after_sale_order_id_list: found.slice(page.skip, end).map(({ id }) => id),
    has_more: hasMore,
    next_key: hasMore ? page.keyAfter(end) : '',
  }
}

export const get: WxMethod = (call) => {
  const refund = askedRefund(call)
  return 'errcode' in refund ? refund : { after_sale_order: aftersaleJson(refund, call.now) }
}

/**
 * aftersale/acceptapply. A refund only is paid. For a return the first call agrees to it, which needs an address, and the second one pays;
 * accept_type names the step.
 */
export const accept: WxMethod = (call) => {
  const refund = askedRefund(call)
  if ('errcode' in refund) return refund
  const type = call.body['accept_type'] === undefined ? undefined : wholeIn(call.body, 'accept_type')
  return acted(call, refund, 'agree', () => {
    const isReturn = RETURN_KINDS.has(refund.kind)
    const waits = refund.status === 'WAIT_SELLER_AGREE'
    if (!isReturn) return waits && agreeRefund(call.sandbox.world, refund)
    if (refund.status === 'WAIT_SELLER_CONFIRM_GOODS' && type !== 1)
      return succeedRefund(call.sandbox.world, refund)
    if (!waits || type === 2) return false
    return idIn(call.body, 'address_id') !== '' && agreeRefund(call.sandbox.world, refund)
  })
}

export const reject: WxMethod = (call) => {
  const refund = askedRefund(call)
  if ('errcode' in refund) return refund
  const type = wholeIn(call.body, 'reject_reason_type')
  if (type === undefined) return badBody('reject_reason_type')
  if (!REASONS.some((reason) => reason.reject_reason_type === type)) return badBody('reject_reason_type')
  const message = call.body['reject_reason']
  return acted(call, refund, 'refuse', () =>
    refuseRefund(call.sandbox.world, refund, typeof message === 'string' ? message : ''),
  )
}

/** The documents call the list reason_list; its real name is reject_reason_list. */
export const rejectReasons: WxMethod = () => ({ reject_reason_list: REASONS })

function acted(call: WxCall, refund: Refund, action: string, act: () => boolean): WxResult {
  const accepted = act()
  recordActivity(call.sandbox.world, call.shop, { action, key: refund.id, accepted, detail: {} })
  return accepted ? {} : wrong(10020001, '售后单状态不合法')
}

const TYPES: Readonly<Record<string, string>> = {
  REFUND: 'REFUND',
  OTHERS: 'REFUND',
  REFUND_AND_RETURN: 'RETURN',
  REPAIR: 'RETURN',
}
const typeOf = ({ kind }: Refund) => TYPES[kind] ?? 'EXCHANGE'

export function aftersaleStatus(refund: Refund): string {
  const type = typeOf(refund)
  switch (refund.status) {
    case 'WAIT_SELLER_AGREE':
      return 'MERCHANT_PROCESSING'
    case 'WAIT_BUYER_RETURN_GOODS':
      return 'USER_WAIT_RETURN'
    case 'WAIT_SELLER_CONFIRM_GOODS':
      return 'MERCHANT_WAIT_RECEIPT'
    case 'SELLER_REFUSE_BUYER':
      return type === 'REFUND' ? 'MERCHANT_REJECT_REFUND' : 'MERCHANT_REJECT_RETURN'
    case 'SUCCESS':
      return `MERCHANT_${type}_SUCCESS`
    default:
      return 'USER_CANCELD'
  }
}

function aftersaleJson(refund: Refund, now: number): Json {
  const { trade, line } = refund
  return {
    after_sale_order_id: refund.id,
    status: aftersaleStatus(refund),
    order_id: trade.tid,
    openid: '',
    product_info: {
      product_id: line.listing.numIid,
      sku_id: line.sku?.skuId ?? '0',
      count: refund.num,
      fast_refund: false,
    },
    type: typeOf(refund),
    reason: '10000002',
    reason_text: refund.reason,
    details: {
      desc: refund.description,
      receive_product: refund.goodStatus !== 'BUYER_NOT_RECEIVED',
      cancel_time: 0,
      media_id_list: [],
      tel_number: '',
    },
    refund_info: { amount: refund.fee, refund_reason: 1 },
    return_info: {
      waybill_id: refund.waybill,
      delivery_id: refund.waybill === '' ? '' : 'YUNDA',
      delivery_name: refund.company,
    },
    merchant_upload_info: { reject_reason: refund.refuseReason, refund_certificates: [] },
    create_time: refund.created,
    update_time: refund.modified,
    ...(refund.deadline > now ? { deadline: refund.deadline - now } : {}),
    complaint_id: '',
  }
}

const REASONS = [
  {
    reject_reason_type: 6,
    reject_reason_type_text: '买家误操作/已协商取消申请',
    reject_reason: '已与您协商取消',
    reject_scene: 1,
  },
  {
    reject_reason_type: 4,
    reject_reason_type_text: '包裹在买家发起售后时已发出',
    reject_reason: '包裹已发出',
    reject_scene: 1,
  },
  {
    reject_reason_type: 21,
    reject_reason_type_text: '买家寄回包裹非本订单商品',
    reject_reason: '不是本订单的商品',
    reject_scene: 4,
  },
  {
    reject_reason_type: 20,
    reject_reason_type_text: '买家寄回商品影响二次销售',
    reject_reason: '影响二次销售',
    reject_scene: 4,
  },
]
