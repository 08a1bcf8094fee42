import { spend } from '../faults.ts'
import { plainYuan, quote, quotedTime } from '../wire.ts'
import { payment, type Refund } from '../world/model.ts'
import { countBetween, filteredBetween, newestBetween } from '../world/modified-log.ts'
import { business, missing, type PopMethod, readNumber, readWindow } from './call.ts'
import { afterSalesStatus } from './order-json.ts'

/** pdd.refund.list.increment.get: at most 30 minutes, newest first; after_sales_status 1 and after_sales_type 1 mean all. */
export const refundIncrement: PopMethod = (call) => {
  const status = readNumber(call.params, 'after_sales_status')
  if (typeof status !== 'number') return status
  const type = readNumber(call.params, 'after_sales_type')
  if (typeof type !== 'number') return type
  const window = readWindow(call, 'updated_at', { longest: 1800 })
  if ('code' in window) return window
  const log = call.shop.refundLog
  const skip = (window.page - 1) * window.size
  const everything = status === 1 && type === 1
  const all = everything
    ? null
    : filteredBetween(
        log,
        window,
        `${status}|${type}`,
        (r) =>
          (status === 1 || status === afterSalesStatus(r.status, r.kind)) &&
          (type === 1 || type === listType(r.kind)),
      )
  const found =
    all === null
      ? newestBetween(log, window, { skip, limit: window.size })
      : all.slice(skip, skip + window.size)
  const total = all === null ? countBetween(log, window) : all.length
  return {
    root: 'refund_increment_get_response',
    inner: `"total_count":${total},"refund_list":[${found.map((refund) => listJson(refund, call.sandbox.world.url)).join(',')}]`,
  }
}

/**
 * pdd.refund.information.get: an object without a root; unlike in the list, amounts are in fen, times in seconds, and types are counted
 * from 1.
 */
export const refundInformation: PopMethod = (call) => {
  const sn = call.params.get('order_sn') ?? ''
  if (sn === '') return missing('order_sn')
  const trade = call.shop.trades.get(sn)
  if (trade === undefined) return business('50001', '订单不存在')
  const id = call.params.get('after_sales_id') ?? ''
  const refund =
    id === '' ? trade.refunds[trade.refunds.length - 1] : trade.refunds.find((known) => known.id === id)
  if (refund === undefined) return business('50001', '售后单不存在')
  return { root: '', inner: detailJson(refund) }
}

const MOST_CHECKED = 100
const CHECKS_A_MINUTE = 2500

/** pdd.refund.status.check: returns, of the given orders, those with an after-sales case, open or ended; 2,500 calls a minute. */
export const refundCheck: PopMethod = (call) => {
  const text = call.params.get('order_sns') ?? ''
  if (text === '') return missing('order_sns')
  const calls = spend(call.sandbox.board, `${call.shop.key} checks`, { seconds: call.now, spanSeconds: 60 })
  if (calls > CHECKS_A_MINUTE) return { code: 70031, msg: '调用过于频繁，请调整调用频率' }
  const sns = text.split(',')
  if (sns.length > MOST_CHECKED) return business('50001', `order_sns最多${MOST_CHECKED}个`)
  const having = sns.filter((sn) => (call.shop.trades.get(sn)?.refunds.length ?? 0) > 0)
  return {
    root: 'refund_status_check_response',
    inner: `"order_sns_exists_refund":[${having.map((sn) => `{"order_sn":${quote(sn)}}`).join(',')}]`,
  }
}

/** Returns the list's after_sales_type: 2 仅退款 3 退货退款 4 换货 5 补寄 6 维修. */
function listType(kind: string): number {
  if (kind === 'REFUND' || kind === 'OTHERS') return 2
  if (kind === 'REFUND_AND_RETURN') return 3
  if (kind === 'RESHIPPING') return 5
  return kind === 'REPAIR' ? 6 : 4
}

function listJson(refund: Refund, url: string): string {
  const { trade, line } = refund
  const fields: [string, string][] = [
    ['id', refund.id],
    ['order_sn', quote(trade.tid)],
    ['after_sale_reason', quote(refund.reason)],
    ['after_sales_status', String(afterSalesStatus(refund.status, refund.kind))],
    ['after_sales_type', String(listType(refund.kind))],
    ['confirm_time', quotedTime(trade.paid || trade.created)],
    ['created_time', quotedTime(refund.created)],
    ['updated_time', quotedTime(refund.modified)],
    ['order_amount', `"${plainYuan(payment(trade))}"`],
    ['refund_amount', `"${plainYuan(refund.fee)}"`],
    ['discount_amount', `"${plainYuan(line.discount + line.share)}"`],
    ['goods_price', `"${plainYuan(line.price)}"`],
    ['goods_number', `"${refund.num}"`],
    ['goods_id', line.listing.numIid],
    ['goods_name', quote(line.listing.title)],
    ['good_image', quote(url + line.listing.picture)],
    ['sku_id', quote(line.sku?.skuId ?? '')],
    ['outer_id', quote(line.sku?.outerId ?? line.listing.outerIid)],
    ['outer_goods_id', quote(line.listing.outerIid)],
    ['tracking_number', quote(refund.waybill)],
    ['shipping_name', quote(refund.company)],
    ['user_shipping_status', refund.goodStatus === 'BUYER_NOT_RECEIVED' ? '"1"' : '"2"'],
    ['speed_refund_flag', '0'],
    ['speed_refund_status', '"0"'],
    ['dispute_refund_status', '0'],
  ]
  return `{${fields.map(([name, value]) => `"${name}":${value}`).join(',')}}`
}

function detailJson(refund: Refund): string {
  const { trade, line } = refund
  const fields: [string, string][] = [
    ['id', refund.id],
    ['order_sn', quote(trade.tid)],
    ['after_sales_reason', quote(refund.reason)],
    ['after_sales_status', String(afterSalesStatus(refund.status, refund.kind))],
    ['after_sales_type', String(listType(refund.kind) - 1)],
    ['confirm_time', String(trade.paid || trade.created)],
    ['recreated_at', String(refund.created)],
    ['order_amount', String(payment(trade))],
    ['refund_amount', String(refund.fee)],
    ['discount_amount', String(line.discount + line.share)],
    ['goods_price', String(line.price)],
    ['goods_number', String(refund.num)],
    ['express_no', quote(refund.waybill)],
    ['shipping_name', quote(refund.company)],
    ['shipping_status', line.consigned > 0 ? '1' : '0'],
    ['speed_refund_flag', '0'],
    ['expire_time', refund.status === 'WAIT_SELLER_AGREE' ? String(refund.deadline) : 'null'],
    ['remark', quote(refund.description)],
  ]
  return fields.map(([name, value]) => `"${name}":${value}`).join(',')
}
