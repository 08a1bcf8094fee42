import { part } from '../json-parts.ts'
import type { Refund } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { agreeRefund, refuseRefund, succeedRefund } from '../world/refund.ts'
import { recordActivity } from '../world/world.ts'
import {
  askedRefund,
  badParam,
  done,
  readSpan,
  wholeIn,
  wordIn,
  wrong,
  type XhsCall,
  type XhsError,
  type XhsMethod,
} from './call.ts'
import { detailJson, returnStatus, returnType, rowJson } from './refund-json.ts'

/** afterSale.listAfterSaleInfos: of an order, or of a window in milliseconds; the newest first, 50,000 rows at most. */
export const list: XhsMethod = (call) => {
  const { body } = call
  const [page, size] = [wholeIn(body, 'pageNo') ?? 0, wholeIn(body, 'pageSize') ?? 0]
  if (page < 1 || size < 1 || size > 100 || page * size > 50_000) return badParam('pageNo、pageSize不正确')
  const found = listed(call)
  if (!Array.isArray(found)) return found
  return {
    data: {
      totalCount: found.length,
      pageNo: page,
      pageSize: size,
      maxPageNo: Math.ceil(found.length / size),
      afterSaleBasicInfos: found.slice((page - 1) * size, page * size).map(rowJson),
    },
  }
}

function listed({ shop, body }: XhsCall): Refund[] | XhsError {
  const orderId = wordIn(body, 'orderId')
  if (orderId !== '' && body['timeType'] === undefined)
    return (shop.trades.get(orderId)?.refunds ?? []).toReversed()
  const span = readSpan(body, 1000)
  if ('code' in span) return span
  const isListed = ({ trade }: Refund) => orderId === '' || trade.tid === orderId
  if (!span.byCreation) return filteredBetween(shop.refundLog, span, `xhs|${orderId}`, isListed)
  return [...shop.refunds.values()]
    .filter((refund) => refund.created >= span.from && refund.created <= span.to && isListed(refund))
    .sort((one, other) => other.created - one.created)
}

export const detail: XhsMethod = (call) => {
  const refund = askedRefund(call)
  return 'code' in refund ? refund : { data: detailJson(refund) }
}

const stateError = wrong(-2_000_201, '售后单状态不允许当前操作')

/** afterSale.auditReturns: 1 pays a refund alone, 2 agrees that goods are sent back to an address of the shop, 3 refuses. No version is compared. */
export const audit: XhsMethod = (call) =>
  acted(call, (refund, action) => {
    const { world } = call.sandbox
    if (returnStatus(refund) !== 1) return stateError
    const isReturn = returnType(refund) < 3
    if (action === 3) return refuse(call, refund, 1)
    if (action !== 1 && action !== 2) return badParam('action不正确')
    if (isReturn !== (action === 2)) return badParam('action与售后类型不符')
    const address = wholeIn(part(call.body, 'receiverInfo'), 'sellerAddressRecordId')
    if (action === 2 && address === undefined) return badParam('sellerAddressRecordId不能为空')
    return agreeRefund(world, refund) ? undefined : stateError
  })

/** afterSale.confirmReceive: 1 the goods are back, and the refund is paid; 2 they are refused; 3 more time. */
export const confirmReceive: XhsMethod = (call) =>
  acted(call, (refund, action) => {
    if (returnStatus(refund) !== 3) return stateError
    if (action === 2) return refuse(call, refund, 2)
    if (action === 3) return undefined
    if (action !== 1) return badParam('action不正确')
    return succeedRefund(call.sandbox.world, refund) ? undefined : stateError
  })

function refuse(call: XhsCall, refund: Refund, reasonType: number): XhsError | undefined {
  const reason = REASONS.find(({ reasonId }) => reasonId === wholeIn(call.body, 'reason'))
  if (reason?.reasonType !== reasonType) return badParam('reason不正确')
  if (wordIn(call.body, 'description') === '') return badParam('description不能为空')
  return refuseRefund(call.sandbox.world, refund, wordIn(call.body, 'description')) ? undefined : stateError
}

export const rejectReasons: XhsMethod = (call) => {
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  const type = wholeIn(call.body, 'rejectReasonType')
  if (type !== 1 && type !== 2) return badParam('rejectReasonType不正确')
  return { data: { rejectReasons: REASONS.filter(({ reasonType }) => reasonType === type) } }
}

function acted(
  call: XhsCall,
  act: (refund: Refund, action: number) => XhsError | undefined,
): ReturnType<XhsMethod> {
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  const action = wholeIn(call.body, 'action') ?? 0
  const isRefusal = wholeIn(call.body, 'reason') !== undefined
  const problem = act(refund, action)
  recordActivity(call.sandbox.world, call.shop, {
    action: isRefusal ? 'refuse' : 'agree',
    key: refund.id,
    accepted: problem === undefined,
    detail: {
      method: wordIn(call.body, 'method'),
      reason: String(call.body['reason'] ?? ''),
      message: wordIn(call.body, 'description'),
      ...(problem === undefined ? {} : { error: problem.error }),
    },
  })
  return problem ?? done
}

const REASONS = [
  { reasonType: 1, reasonId: 11, reasonName: '商品已发出' },
  { reasonType: 1, reasonId: 12, reasonName: '已与买家协商一致' },
  { reasonType: 2, reasonId: 21, reasonName: '退回商品影响二次销售' },
  { reasonType: 2, reasonId: 22, reasonName: '退回商品数量不符' },
]
