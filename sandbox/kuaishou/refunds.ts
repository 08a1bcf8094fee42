import { part, texts } from '../json-parts.ts'
import type { Refund } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { agreeRefund, refuseRefund, succeedRefund } from '../world/refund.ts'
import { recordActivity } from '../world/world.ts'
import {
  askedRefund,
  badParam,
  done,
  type KsCall,
  type KsError,
  type KsMethod,
  longIn,
  readCursor,
  readSpan,
  wholeIn,
  wordIn,
  wrong,
} from './call.ts'
import { detailJson, handlingWay, negotiation, refundStatus, rowJson } from './refund-json.ts'

const tooWide = wrong(300019, 'SEARCH TIME RANGE EXPAND LIMIT')

/** open.seller.order.refund.pcursor.list: a day at most, a hundred rows; page and cursor go together, and only the first page counts. */
export const list: KsMethod = (call) => {
  const { param, shop } = call
  const type = wholeIn(param, 'type')
  if (type !== 8 && type !== 9) return badParam('type')
  const size = wholeIn(param, 'pageSize')
  if (size === undefined || size < 1 || size > 100) return badParam('pageSize')
  const [sort, by] = [wholeIn(param, 'sort') ?? 1, wholeIn(param, 'queryType') ?? 1]
  if (![1, 2].includes(sort) || ![1, 2].includes(by)) return badParam('sort, queryType')
  if (typeof param['pcursor'] !== 'string') return badParam('pcursor')
  const span = readSpan(call, 1, tooWide)
  if ('result' in span) return span
  const withExchanges = part(param, 'option')['needExchange'] === true
  const isListed = (refund: Refund) =>
    (withExchanges || handlingWay(refund) !== 3) && (type === 9 || negotiation(refund) === 1)
  const found =
    by === 2
      ? filteredBetween(shop.refundLog, span, `ks|${type}|${withExchanges}`, isListed)
      : [...shop.refunds.values()]
          .filter((refund) => refund.created >= span.from && refund.created <= span.to && isListed(refund))
          .sort((one, other) => other.created - one.created)
  const ordered = sort === 2 ? found.toReversed() : found
  const cursor = readCursor(wordIn(param, 'pcursor'), JSON.stringify([type, size, sort, by, span]))
  if ('result' in cursor) return cursor
  const page = wholeIn(param, 'currentPage')
  if (page === undefined || page !== cursor.skip / size + 1) return badParam('currentPage')
  const end = cursor.skip + size
  return {
    data: {
      currentPage: page,
      pageSize: size,
      totalSize: page === 1 ? ordered.length : 0,
      totalPage: page === 1 ? Math.ceil(ordered.length / size) : 0,
      beginTime: param['beginTime'],
      endTime: param['endTime'],
      pcursor: end < ordered.length ? cursor.after(end) : 'nomore',
      refundOrderInfoList: ordered.slice(cursor.skip, end).map(rowJson),
    },
  }
}

export const detail: KsMethod = (call) => {
  const refund = askedRefund(call)
  return 'result' in refund ? refund : { data: detailJson(refund) }
}

/** open.seller.order.refund.approve: pays a refund alone, of the state and the amount that the caller has seen. */
export const approve: KsMethod = (call) =>
  acted(call, 'agree', (refund) => {
    if (wholeIn(call.param, 'refundAmount') !== refund.fee) return wrong(300014, 'REFUND ORDER UPDATED')
    if (wholeIn(call.param, 'refundHandingWay') !== handlingWay(refund))
      return wrong(300008, 'HANDING WAY ERROR')
    if (refundStatus(refund) !== 10 || wholeIn(call.param, 'status') !== 10) return stateError
    if (wholeIn(call.param, 'negotiateStatus') !== negotiation(refund))
      return wrong(300016, 'NEGOTIATE STATUS INVALID')
    return agreeRefund(call.sandbox.world, refund) ? undefined : stateError
  })

/** open.seller.order.refund.returngoods.approve: the buyer may send the goods back. */
export const returnApprove: KsMethod = (call) =>
  acted(call, 'agree', (refund) => {
    const way = handlingWay(refund)
    if (way === 10 || refundStatus(refund) !== 11) return stateError
    if (wholeIn(call.param, 'refundAmount') !== (way === 3 ? 0 : refund.fee))
      return wrong(300014, 'REFUND ORDER UPDATED')
    return agreeRefund(call.sandbox.world, refund) ? undefined : stateError
  })

/** open.seller.order.refund.confirm.receipt: the goods are back, and the refund is paid; also before the buyer has entered a waybill. */
export const confirmReceipt: KsMethod = (call) =>
  acted(call, 'agree', (refund) => {
    const status = refundStatus(refund)
    if (handlingWay(refund) !== 1 || (status !== 30 && status !== 40)) return stateError
    if (wholeIn(call.param, 'status') !== status) return stateError
    return succeedRefund(call.sandbox.world, refund) ? undefined : stateError
  })

/** open.refund.reject: refuses the version that was seen, with the pictures and the text that the reason requires. */
export const reject: KsMethod = (call) =>
  acted(call, 'refuse', (refund) => {
    const version = longIn(call.param, 'refundVersion')
    if (version === '') return badParam('refundVersion')
    if (version !== String(refund.modified * 1000)) return wrong(300014, 'REFUND ORDER UPDATED')
    const reason = REASONS.find(({ code }) => code === wholeIn(call.param, 'reasonCode'))
    if (reason === undefined) return badParam('reasonCode')
    const [images, words] = [texts(call.param, 'rejectImages'), wordIn(call.param, 'rejectDesc')]
    if (images.length > 6 || (reason.requiredRejectImage && images.length === 0))
      return badParam('rejectImages')
    if (reason.requiredRejectDesc && words === '') return badParam('rejectDesc')
    return refuseRefund(call.sandbox.world, refund, words) ? undefined : stateError
  })

export const rejectReasons: KsMethod = (call) => {
  const refund = askedRefund(call)
  return 'result' in refund ? refund : { data: REASONS }
}

const stateError = wrong(300018, 'REFUND ORDER STATUS NOT ALLOW')

function acted(
  call: KsCall,
  action: string,
  act: (refund: Refund) => KsError | undefined,
): ReturnType<KsMethod> {
  const refund = askedRefund(call)
  if ('result' in refund) return refund
  const problem = act(refund)
  recordActivity(call.sandbox.world, call.shop, {
    action,
    key: refund.id,
    accepted: problem === undefined,
    detail: {
      reason: String(call.param['reasonCode'] ?? ''),
      message: wordIn(call.param, 'rejectDesc'),
      proof: texts(call.param, 'rejectImages').join(),
      ...(problem === undefined ? {} : { error: problem.error }),
    },
  })
  return problem ?? done
}

const REASONS = [
  { code: 101, desc: '已与买家协商一致', tip: '', requiredRejectDesc: true, requiredRejectImage: false },
  { code: 102, desc: '商品影响二次销售', tip: '', requiredRejectDesc: true, requiredRejectImage: true },
  { code: 103, desc: '商品已发出', tip: '', requiredRejectDesc: false, requiredRejectImage: false },
]
