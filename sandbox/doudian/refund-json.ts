import { quote } from '../wire.ts'
import { dividedFee, type Refund } from '../world/model.ts'
import { companyOf } from './companies.ts'
import { specOf } from './spec.ts'

const isExchange = ({ kind }: Refund) =>
  kind.endsWith('EXCHANGE') || kind === 'RESHIPPING' || kind === 'REPAIR'

/** aftersale_type: 0 退货退款, 1 已发货仅退款, 2 未发货仅退款, 3 换货, 6 价保, 7 补寄, 8 维修. */
export function typeNumber(refund: Refund): number {
  const { kind, line, created } = refund
  if (kind === 'REFUND') return line.consigned > 0 && line.consigned <= created ? 1 : 2
  if (kind === 'REFUND_AND_RETURN') return 0
  if (kind === 'OTHERS') return 6
  if (kind === 'RESHIPPING') return 7
  return kind === 'REPAIR' ? 8 : 3
}

/** 6 待商家同意, 7 待买家退货, 11 待二次同意, 12 成功, 14 换货成功, 27 拒绝一次, 28 关闭, 29 拒绝二次. */
export function statusNumber(refund: Refund): number {
  const { status, goodStatus } = refund
  if (status === 'SUCCESS') return isExchange(refund) ? 14 : 12
  if (status === 'CLOSED') return 28
  if (status === 'SELLER_REFUSE_BUYER') return goodStatus === 'BUYER_RETURNED_GOODS' ? 29 : 27
  if (status === 'WAIT_BUYER_RETURN_GOODS') return 7
  return status === 'WAIT_SELLER_CONFIRM_GOODS' ? 11 : 6
}

/** refund_status: 1 待退款, 3 退款成功. */
const moneyNumber = (refund: Refund) => (statusNumber(refund) === 12 ? 3 : 1)

/** An item of afterSale/List. */
export function listedJson(refund: Refund, url: string): string {
  const { line, trade } = refund
  const info: [string, string][] = [
    ['aftersale_id', `"${refund.id}"`],
    ['aftersale_order_type', '1'],
    ['aftersale_type', String(typeNumber(refund))],
    ['aftersale_status', String(statusNumber(refund))],
    ['related_id', `"${line.oid}"`],
    ['apply_time', String(refund.created)],
    ['create_time', String(refund.created)],
    ['update_time', String(refund.modified)],
    ['status_deadline', String(refund.deadline)],
    ['refund_amount', String(refund.fee)],
    ['refund_post_amount', '0'],
    ['aftersale_num', String(refund.num)],
    ['part_type', refund.fee < dividedFee(line) ? '1' : '0'],
    ['refund_status', String(moneyNumber(refund))],
    ['arbitrate_status', '0'],
    ['got_pkg', refund.goodStatus === 'BUYER_NOT_RECEIVED' ? '0' : '1'],
    ['return_logistics_code', quote(refund.waybill)],
    ['return_logistics_company_name', quote(refund.company)],
    ['remark', '""'],
  ]
  const order = `{"sku_order_id":"${line.oid}","order_status":${line.consigned > 0 ? 3 : 2},"pay_amount":${dividedFee(line)},"item_num":${line.num},"product_name":${quote(line.listing.title)},"product_id":${line.listing.numIid},"product_image":${quote(url + line.listing.picture)},"sku_spec":${JSON.stringify(specOf(line.sku?.properties ?? ''))},"shop_sku_code":${quote(line.sku?.outerId ?? '')},"aftersale_pay_amount":${refund.fee},"aftersale_item_num":${refund.num},"given_sku_order_ids":[]}`
  return `{"aftersale_info":{${info.map(([name, value]) => `"${name}":${value}`).join(',')}},"order_info":{"shop_order_id":"${trade.tid}","related_order_info":[${order}],"order_flag":0},"text_part":{"reason_text":${quote(refund.reason)},"aftersale_status_text":""},"seller_logs":[]}`
}

/** The data of afterSale/Detail; unlike in the list, ids are numbers. */
export function detailJson(refund: Refund, url: string): string {
  const { line, trade } = refund
  const info: [string, string][] = [
    ['after_sale_id', refund.id],
    ['after_sale_status', String(statusNumber(refund))],
    ['after_sale_status_desc', '""'],
    ['refund_status', String(moneyNumber(refund))],
    ['refund_total_amount', String(refund.fee)],
    ['refund_post_amount', '0'],
    ['apply_time', String(refund.created)],
    ['update_time', String(refund.modified)],
    ['reason', quote(refund.reason)],
    ['reason_code', '0'],
    ['after_sale_type', String(typeNumber(refund))],
    ['reason_remark', quote(refund.description)],
    ['evidence', '[]'],
    ['after_sale_apply_count', String(refund.num)],
    ['real_refund_amount', statusNumber(refund) === 12 ? String(refund.fee) : '0'],
    ['got_pkg', refund.goodStatus === 'BUYER_NOT_RECEIVED' ? '0' : '1'],
    ['status_deadline', String(refund.deadline)],
    ['part_type', refund.fee < dividedFee(line) ? '1' : '0'],
    ['after_sale_order_type', '1'],
  ]
  const back = `{"tracking_no":${quote(refund.waybill)},"company_name":${quote(refund.company)},"company_code":"${companyOf(refund.company)[0]}","logistics_time":0}`
  const sku = `{"sku_order_id":${line.oid},"order_status":${line.consigned > 0 ? 3 : 2},"pay_amount":${dividedFee(line)},"item_quantity":${line.num},"product_name":${quote(line.listing.title)},"product_id":${line.listing.numIid},"product_image":${quote(url + line.listing.picture)},"sku_spec":${JSON.stringify(specOf(line.sku?.properties ?? ''))},"shop_sku_code":${quote(line.sku?.outerId ?? '')},"sku_id":${line.sku?.skuId ?? 0},"after_sale_item_count":${refund.num}}`
  return `{"process_info":{"after_sale_info":{${info.map(([name, value]) => `"${name}":${value}`).join(',')}},"arbitrate_info":{},"logistics_info":{"return":${back},"order":[]}},"order_info":{"shop_order_id":${trade.tid},"sku_order_infos":[${sku}]}}`
}
