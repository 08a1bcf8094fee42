import { isPeak } from '../peak.ts'
import { quote, quotedTime, yuan } from '../wire.ts'
import { payment, type Refund, type Shop, type Trade } from '../world/model.ts'
import { countBetween, filteredBetween, newestBetween } from '../world/modified-log.ts'
import {
  type Call,
  invalid,
  type Method,
  missing,
  readPage,
  readTime,
  refused,
  type TopError,
} from './call.ts'
import { maskNick } from './mask.ts'

type RefundWriter = (refund: Refund, peak: boolean) => string | null
const text = (value: string) => (value === '' ? null : quote(value))

const LIST: Record<string, RefundWriter> = {
  refund_id: (r) => quote(r.id),
  tid: (r) => r.trade.tid,
  oid: (r) => r.line.oid,
  status: (r) => quote(r.status),
  order_status: (r) => quote(r.line.status),
  good_status: (r) => quote(r.goodStatus),
  has_good_return: (r) => String(r.kind === 'REFUND_AND_RETURN' || r.kind.endsWith('EXCHANGE')),
  refund_fee: (r) => yuan(r.fee),
  payment: (r) => yuan(payment(r.trade) - r.fee),
  total_fee: (r) => yuan(payment(r.trade)),
  num: (r) => String(r.num),
  reason: (r) => quote(r.reason),
  desc: (r) => text(r.description),
  title: (r) => quote(r.line.listing.title),
  outer_id: (r) => text(r.line.sku?.outerId || r.line.listing.outerIid),
  sku: (r) => (r.line.sku === null ? null : quote(`${r.line.sku.skuId}|${r.line.sku.properties}`)),
  company_name: (r) => text(r.company),
  sid: (r) => text(r.waybill),
  refund_phase: (r) => quote(r.phase),
  refund_version: (r) => String(r.version),
  dispute_type: (r) => quote(r.kind),
  operation_contraint: (r) => text(r.constraint),
  attribute: () => '";gaia:2;"',
  created: (r) => quotedTime(r.created),
  modified: (r) => quotedTime(r.modified),
  seller_nick: (r) => quote(r.trade.shop.options.name),
  buyer_nick: (r) => quote(maskNick(r.trade.buyer.nick)),
  buyer_open_uid: (r) => quote(r.trade.buyer.openUid),
}

const DETAIL: Record<string, RefundWriter> = {
  ...LIST,
  num_iid: (r) => r.line.listing.numIid,
  price: (r) => yuan(r.line.price),
  address: (r) =>
    r.status === 'WAIT_BUYER_RETURN_GOODS' || r.waybill !== ''
      ? quote('浙江省杭州市余杭区良渚街道仓前路88号 退货组 0571-88880000')
      : null,
  good_return_time: (r) => (r.waybill === '' ? null : quotedTime(r.modified)),
  shipping_type: (r) => quote(r.trade.postFee === 0 ? 'free' : 'express'),
  cs_status: () => '1',
  advance_status: () => '0',
  alipay_no: () => '"***"',
  end_time: (r) => (r.status === 'SUCCESS' || r.status === 'CLOSED' ? quotedTime(r.modified) : null),
  refund_remind_timeout: (r, peak) =>
    peak
      ? null
      : r.deadline === 0
        ? '{"exist_timeout":false}'
        : `{"exist_timeout":true,"remind_type":${r.status === 'WAIT_SELLER_AGREE' ? 8 : 9},"timeout":${quotedTime(r.deadline)}}`,
}

const DEFAULT_TYPES = 'guarantee_trade,auto_delivery'
const STATUSES = new Set([
  'WAIT_SELLER_AGREE',
  'WAIT_BUYER_RETURN_GOODS',
  'WAIT_SELLER_CONFIRM_GOODS',
  'SELLER_REFUSE_BUYER',
  'CLOSED',
  'SUCCESS',
  'WAIT_BUYER_CONFIRM_EXCHANGE_SELLER_SEND_GOODS',
  'EXCHANGE_TRANSFORM_TO_REFUND',
  'WAIT_SELLER_CONSIGN_GOODS',
])

/** taobao.refunds.receive.get: by modified time, one status at a time, newest first. */
export const refundsReceive: Method = (call) => {
  const fields = call.params.get('fields') ?? ''
  if (fields === '') return missing('fields')
  const from = readTime(call.params, 'start_modified', false)
  if (typeof from === 'object') return from
  const to = readTime(call.params, 'end_modified', false)
  if (typeof to === 'object') return to
  const page = readPage(call.params)
  if ('code' in page) return page
  const status = call.params.get('status') ?? ''
  if (status !== '' && !STATUSES.has(status)) return invalid('status', '退款状态不正确')
  const span = { from: from ?? call.now - 92 * 86_400, to: to ?? call.now }
  if (span.to < span.from) return refused('isv.invalid-parameter:end_modified', '结束时间必须大于开始时间')

  const types = new Set((call.params.get('type') || DEFAULT_TYPES).split(',').map((type) => type.trim()))
  if (types.has('guarantee_trade')) for (const type of ['fixed', 'auction']) types.add(type)
  const log = call.shop.refundLog
  const skip = (page.no - 1) * page.size
  const unfiltered = status === '' && [...call.shop.types].every((type) => types.has(type))
  const all = unfiltered
    ? null
    : filteredBetween(
        log,
        span,
        `${[...types].join()}|${status}`,
        (r) => types.has(r.trade.type) && (status === '' || r.status === status),
      )
  const found =
    all === null
      ? newestBetween(log, span, { skip, limit: page.size + 1 })
      : all.slice(skip, skip + page.size + 1)
  const hasNext = found.length > page.size
  if (hasNext) found.pop()
  const counted = page.useHasNext
    ? `"has_next":${hasNext}`
    : `"total_results":${all === null ? countBetween(log, span) : all.length}`
  if (found.length === 0) return counted
  const peak = isPeak(call.sandbox.board, call.shop)
  return `${counted},"refunds":{"refund":[${found.map((refund) => writeRefund(refund, fields, LIST, peak)).join(',')}]}`
}

export const refundGet: Method = (call) => {
  const fields = call.params.get('fields') ?? ''
  if (fields === '') return missing('fields')
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  return `"refund":${writeRefund(refund, fields, DETAIL, isPeak(call.sandbox.board, call.shop))}`
}

/**
 * taobao.refund.status.get: for a trade or one of its lines, returns the last refund of each line that has any. An error is inside
 * result_package and not a TOP error.
 */
export const refundStatus: Method = (call) => {
  const param = call.params.get('query_param') ?? ''
  if (param === '') return missing('query_param')
  const id = /"biz_order_id"\s*:\s*"?(\d{1,20})"?/.exec(param)?.[1]
  if (id === undefined) return missing('query_param.biz_order_id')
  const trade = call.shop.trades.get(id) ?? tradeOfLine(call.shop, id)
  if (trade === undefined) return '"result_package":{"error_code":"ORDER_NOT_EXIST","error_msg":"订单不存在"}'
  const last = new Map(trade.refunds.map((refund) => [refund.line.oid, refund]))
  const rows = [...last.values()]
    .filter(({ line }) => id === trade.tid || id === line.oid)
    .map(
      (refund) =>
        `{"refund_id":${refund.id},"tid":${trade.tid},"oid":${refund.line.oid},"modified":${quotedTime(refund.modified)},"status":${quote(refund.status)}}`,
    )
  if (rows.length === 0) return '"result_package":{}'
  return `"result_package":{"result_list":{"query_refund_status_response":[${rows.join(',')}]}}`
}

function tradeOfLine(shop: Shop, oid: string): Trade | undefined {
  for (const trade of shop.trades.values()) if (trade.lines.some((line) => line.oid === oid)) return trade
  return undefined
}

/** Returns the refund of the caller's own shop that `refund_id` names. */
export function askedRefund(call: Call): Refund | TopError {
  const id = call.params.get('refund_id') ?? ''
  if (id === '') return missing('refund_id')
  if (!/^\d{1,19}$/.test(id)) return invalid('refund_id', 'refund_id必须是数字')
  return call.shop.refunds.get(id) ?? refused('isv.refund-not-exist', '退款不存在')
}

/** Returns the refund_get_response of one refund with every field, as the RDS push stores it. */
export function refundAnswer(_shop: Shop, refund: Refund): string {
  return `{"refund_get_response":{"refund":${writeRefund(refund, Object.keys(DETAIL).join(), DETAIL, false)}}}`
}

function writeRefund(
  refund: Refund,
  fields: string,
  known: Record<string, RefundWriter>,
  peak: boolean,
): string {
  const parts: string[] = []
  for (const name of new Set(fields.split(',').map((field) => field.trim()))) {
    const value = known[name]?.(refund, peak) ?? null
    if (value !== null) parts.push(`"${name}":${value}`)
  }
  return `{${parts.join(',')}}`
}
