import type { Json } from '../json-parts.ts'
import { platformTime, readPlatformTime } from '../wire.ts'
import type { Refund } from '../world/model.ts'
import { isShown } from '../world/modified-log.ts'
import { hash32 } from '../world/random.ts'
import { agreeRefund, isServiceOrder, refuseRefund } from '../world/refund.ts'
import { recordActivity } from '../world/world.ts'
import { given, type JdCall, type JdMethod, success, wholeIn } from './call.ts'
import { orderState } from './order-json.ts'

/** 0 未审核, 2 审核不通过, 3 京东财务审核通过, 11 用户撤销. The world knows no further steps. */
export const refundStatus = ({ status }: Refund): string =>
  status === 'SUCCESS' ? '3' : status === 'CLOSED' ? '11' : status === 'SELLER_REFUSE_BUYER' ? '2' : '0'

/** An application that the buyer has withdrawn was never checked. */
const checkedAt = (refund: Refund): number =>
  ['2', '3'].includes(refundStatus(refund)) ? refund.modified : 0

/** jingdong.pop.afs.soa.refundapply.queryPageList: applications to cancel an order before it has left; a hundred pages of fifty at most. */
export const list: JdMethod = (call) => {
  const name = 'queryResult'
  const found = listed(call)
  if (typeof found === 'string')
    return { name, body: { success: success(false), errorCode: '10100001', errorMessage: found } }
  const { page, size, refunds } = found
  const rows = refunds.slice((page - 1) * size, page * size)
  return {
    name,
    body: { success: success(true), result: rows.map(rowJson), totalCount: refunds.length },
  }
}

function listed(call: JdCall): { page: number; size: number; refunds: Refund[] } | string {
  const { param, shop } = call
  const [page, size] = [wholeIn(param, 'pageIndex', [1, 100]), wholeIn(param, 'pageSize', [1, 50])]
  if (page === undefined || size === undefined) return 'pageIndex区间为1-100，pageSize区间为1-50'
  const ids = given(param, 'ids').split(',').filter(Boolean)
  if (ids.length > size) return '传入id数不能超过pageSize'
  const applied = spanIn(param, 'applyTime')
  const checked = spanIn(param, 'checkTime')
  if (typeof applied === 'string') return applied
  if (typeof checked === 'string') return checked
  const [orderId, status] = [given(param, 'orderId'), given(param, 'status')]
  const refunds = [...shop.refunds.values()].filter(
    (refund) =>
      !isServiceOrder(refund) &&
      (ids.length === 0 || ids.includes(refund.id)) &&
      (orderId === '' || refund.trade.tid === orderId) &&
      (orderId !== '' || ids.length > 0 || isShown(shop.refundLog, refund)) &&
      (status === '' || refundStatus(refund) === status) &&
      isWithin(applied, refund.created) &&
      isWithin(checked, checkedAt(refund)),
  )
  return {
    page,
    size,
    refunds: refunds.sort((one, other) => other.created - one.created || (one.id < other.id ? 1 : -1)),
  }
}

type Bounds = { from: number; to: number } | undefined

function spanIn(param: Json, name: string): Bounds | string {
  const [begin, end] = [given(param, `${name}Start`), given(param, `${name}End`)]
  if (begin === '' && end === '') return undefined
  const [from, to] = [readPlatformTime(begin), readPlatformTime(end)]
  if (from === undefined || to === undefined || to < from) return `${name}Start、${name}End不正确`
  return { from, to }
}

const isWithin = (span: Bounds, at: number): boolean =>
  span === undefined || (at >= span.from && at <= span.to)

/** applyRefundSum is in fen. */
const rowJson = (refund: Refund): Json => ({
  id: refund.id,
  orderId: refund.trade.tid,
  buyerId: `jd_${hash32(refund.trade.buyer.nick).toString(16)}`,
  buyerName: '*',
  applyTime: platformTime(refund.created),
  checkTime: checkedAt(refund) === 0 ? '' : platformTime(checkedAt(refund)),
  modified: platformTime(refund.modified),
  applyRefundSum: String(refund.fee),
  status: refundStatus(refund),
  checkUserName: '',
  checkRemark: refund.refuseReason,
  reason: refund.reason,
  systemId: '11',
})

/** jingdong.pop.afs.soa.refundapply.replyRefund: an answer to an application that has none yet. */
export const reply: JdMethod = (call) => {
  const { param, shop, sandbox } = call
  const name = 'replyResult'
  const refund = shop.refunds.get(given(param, 'id'))
  const problem = refund === undefined ? '退款单不存在' : replyProblem(call, refund)
  if (refund !== undefined)
    recordActivity(sandbox.world, shop, {
      action: given(param, 'status') === '2' ? 'refuse' : 'agree',
      key: refund.id,
      accepted: problem === undefined,
      detail: {
        reason: given(param, 'rejectType'),
        message: given(param, 'remark'),
        user: given(param, 'checkUserName'),
        left: given(param, 'outWareStatus'),
        ...(problem === undefined ? {} : { error: problem }),
      },
    })
  if (problem !== undefined)
    return { name, body: { success: success(false), errorCode: '10100003', errorMessage: problem } }
  return { name, body: { success: success(true), errorCode: '0', errorMessage: '' } }
}

function replyProblem({ param, sandbox }: JdCall, refund: Refund): string | undefined {
  const [status, reject] = [given(param, 'status'), given(param, 'rejectType')]
  if (!['1', '2', '6', '9', '10'].includes(status)) return 'status不正确'
  if (given(param, 'checkUserName') === '') return 'checkUserName不能为空'
  if (status !== '9' && given(param, 'remark') === '') return 'remark不能为空'
  if (!['1', '2'].includes(given(param, 'outWareStatus'))) return 'outWareStatus不正确'
  if ((status === '2') !== /^[1-6]$/.test(reject)) return 'rejectType不正确'
  if (refundStatus(refund) !== '0') return '退款单状态不允许审核'
  if (status === '1' && orderState(refund.trade) !== 'LOCKED') return '订单状态不允许审核通过'
  if (status === '2')
    return refuseRefund(sandbox.world, refund, given(param, 'remark')) ? undefined : '审核失败'
  if (status === '10') return undefined
  return agreeRefund(sandbox.world, refund) ? undefined : '审核失败'
}
