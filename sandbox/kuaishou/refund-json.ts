import type { Json } from '../json-parts.ts'
import type { Refund } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { RETURN_KINDS } from '../world/refund.ts'
import { long } from './call.ts'
import { companyCode } from './companies.ts'

/** handlingWay: 1 退货退款, 10 仅退款, 3 换货. */
export function handlingWay({ kind }: Refund): number {
  if (kind === 'TMALL_EXCHANGE') return 3
  return RETURN_KINDS.has(kind) ? 1 : 10
}

/** 10 and 11 wait for the seller, 30 for the buyer's parcel, 40 for its receipt; 60 paid, 70 closed. */
export function refundStatus(refund: Refund): number {
  const applied = handlingWay(refund) === 10 ? 10 : 11
  switch (refund.status) {
    case 'SUCCESS':
      return 60
    case 'CLOSED':
      return 70
    case 'WAIT_BUYER_RETURN_GOODS':
      return 30
    case 'WAIT_SELLER_CONFIRM_GOODS':
      return 40
    case 'SELLER_REFUSE_BUYER':
      return refund.waybill === '' ? applied : 40
    default:
      return applied
  }
}

/** negotiateStatus: 1 待商家处理, 2 商家同意, 3 商家驳回，等待买家修改. */
export function negotiation({ status }: Refund): number {
  if (status === 'SELLER_REFUSE_BUYER') return 3
  return status === 'WAIT_SELLER_AGREE' ? 1 : 2
}

/** What the list and the detail have in common. */
export function rowJson(refund: Refund): Json {
  const { trade, line } = refund
  return {
    refundId: long(refund.id),
    oid: long(trade.tid),
    skuId: long(line.sku?.skuId ?? '0'),
    relSkuId: 0,
    skuNick: line.sku?.outerId ?? '',
    itemId: long(line.listing.numIid),
    relItemId: long(line.listing.outerIid || '0'),
    refundFee: refund.fee,
    status: refundStatus(refund),
    negotiateStatus: negotiation(refund),
    handlingWay: handlingWay(refund),
    refundType: 1,
    refundReason: 100 + (hash32(refund.reason) % 50),
    refundReasonDesc: refund.reason,
    refundDesc: refund.description,
    receiptStatus: refund.goodStatus === 'BUYER_NOT_RECEIVED' ? 1 : 2,
    logisticsId: refund.waybill === '' ? 0 : hash32(refund.waybill),
    sellerId: sellerNumber(trade.shop.key),
    createTime: refund.created * 1000,
    submitTime: refund.created * 1000,
    updateTime: refund.modified * 1000,
    negotiateUpdateTime: refund.modified * 1000,
    expireTime: refund.deadline * 1000,
    endTime: ['SUCCESS', 'CLOSED'].includes(refund.status) ? refund.modified * 1000 : 0,
  }
}

/** The detail: pieces are counted for vouchers only. */
export const detailJson = (refund: Refund): Json => ({
  ...rowJson(refund),
  productNum: 0,
  specialRefundType: refund.kind === 'OTHERS' ? 1 : 0,
  buyerOpenId: `ks${hash32(refund.trade.buyer.openUid).toString(16).padStart(8, '0')}`,
  sellerDisagreeDesc: refund.refuseReason,
  ...(refund.waybill === ''
    ? {}
    : { logisticsInfo: { expressNo: refund.waybill, expressCode: companyCode(refund.company) } }),
})

export const sellerNumber = (key: string): number => 2_000_000_000 + (hash32(key) % 900_000_000)
