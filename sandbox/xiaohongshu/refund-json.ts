import type { Json } from '../json-parts.ts'
import type { Refund } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { companyOf } from './companies.ts'
import { openAddressId } from './order-json.ts'

/** 1 退货退款, 2 换货, 4 仅退款, 5 未发货仅退款. */
export function returnType({ kind, line, created }: Refund): number {
  if (kind === 'TMALL_EXCHANGE') return 2
  if (kind === 'REFUND_AND_RETURN') return 1
  return line.consigned === 0 || line.consigned > created ? 5 : 4
}

/** 1 待审核, 2 待用户寄回, 3 待收货, 4 完成, 5 取消, 9 拒绝, 9001 商家收货拒绝. */
export function returnStatus({ status, waybill }: Refund): number {
  switch (status) {
    case 'WAIT_BUYER_RETURN_GOODS':
      return 2
    case 'WAIT_SELLER_CONFIRM_GOODS':
      return 3
    case 'SUCCESS':
      return 4
    case 'CLOSED':
      return 5
    case 'SELLER_REFUSE_BUYER':
      return waybill === '' ? 9 : 9001
    default:
      return 1
  }
}

/** Yuan: a number with at most two places. */
const yuan = (fen: number): number => Number((fen / 100).toFixed(2))

/** What the list and the detail have in common: no goods. */
export const rowJson = (refund: Refund): Json => ({
  returnsId: refund.id,
  returnType: returnType(refund),
  reasonId: 100 + (hash32(refund.reason) % 50),
  reasonNameZh: refund.reason,
  status: returnStatus(refund),
  userId: '',
  orderId: refund.trade.tid,
  applyTime: refund.created * 1000,
  updatedAt: refund.modified * 1000,
  expireTime: refund.deadline * 1000,
  returnExpressNo: refund.waybill,
  openAddressId: openAddressId(refund.trade),
  desc: refund.description,
  returnsTag: 0,
  expectedRefundAmountYuan: yuan(refund.fee),
})

export function detailJson(refund: Refund): Json {
  const { line, num, fee, status, waybill, company } = refund
  const isPaid = status === 'SUCCESS' && returnType(refund) !== 2
  const courier = companyOf(company)
  return {
    afterSaleInfo: {
      ...rowJson(refund),
      proofPhotos: [],
      skus: [
        {
          skuId: line.sku?.skuId ?? '',
          skuName: line.listing.title,
          skuERPCode: line.sku?.outerId ?? '',
          price: yuan(line.price),
          boughtCount: line.num,
          appliedCount: num,
          appliedTotalAmountYuan: yuan(fee),
          variants: [],
        },
      ],
      exchangeSKUs: [],
      appliedShipFeeAmountYuan: 0,
      appliedSkusAmountYuan: yuan(fee),
      refundAmountYuan: isPaid ? yuan(fee) : 0,
      refundStatus: isPaid ? 2 : 1,
      cargoStatus: 0,
    },
    logisticsInfo: {
      after_sale:
        waybill === ''
          ? null
          : { expressNo: waybill, expressCompanyCode: courier.code, expressCompanyName: courier.name },
      exchange: null,
      order: [],
    },
  }
}
