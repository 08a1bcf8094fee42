import { platformTime, readPlatformTime } from '../wire.ts'
import type { Refund } from '../world/model.ts'
import { isShown } from '../world/modified-log.ts'
import { isServiceOrder } from '../world/refund.ts'
import { given, type JdCall, type JdMethod, type JdResult, success, wholeIn } from './call.ts'
import { venderId } from './order-json.ts'
import { briefJson, freightJson, moneyJson, parcelAt, updatedAt, viewJson } from './service-json.ts'

const DAY = 86_400

export const saidNo = (name: string, msg: string): JdResult => ({
  name,
  body: { success: success(false), code: '20001', msg },
})
export const said = (name: string, data?: unknown): JdResult => ({
  name,
  body: { success: success(true), code: '00000', msg: '成功', ...(data === undefined ? {} : { data }) },
})

/** Every call names the shop by its number, and who asks; a text: the mistake. */
export function askerProblem({ param, shop }: JdCall): string | undefined {
  if (given(param, 'buId') !== String(venderId(shop.key))) return '商家编号不正确'
  for (const name of ['operatePin', 'operateNick'] as const) {
    const text = given(param, name)
    if (text === '' || text.length > 50) return `${name}不能为空，最长50`
  }
  return undefined
}

const servicesOf = ({ shop }: JdCall): Refund[] => [...shop.refunds.values()].filter(isServiceOrder)

/** The service order that is named together with its order. */
export function askedService({ param, shop }: JdCall): Refund | undefined {
  const refund = shop.refunds.get(`S${given(param, 'serviceId')}`)
  return refund?.trade.tid === given(param, 'orderId') ? refund : undefined
}
export const noService = '服务单不存在'

type Span = { from: number; to: number } | undefined

/** Both ends of a window, or none; a text: the mistake. */
function spanIn({ param }: JdCall, name: string): Span | string {
  const [begin, end] = [given(param, `${name}Begin`), given(param, `${name}End`)]
  if (begin === '' && end === '') return undefined
  const [from, to] = [readPlatformTime(begin), readPlatformTime(end)]
  if (from === undefined || to === undefined || to < from) return `${name}Begin、${name}End须成对填写`
  return { from, to }
}

const isIn = (span: Span, at: number): boolean => span === undefined || (at >= span.from && at <= span.to)

/** Fifty rows a page, the newest first. */
function paged(call: JdCall, found: Refund[], rowOf: (refund: Refund) => unknown): JdResult {
  const name = 'pageResult'
  const page = wholeIn(call.param, 'pageNumber', [1, 100_000])
  const size = wholeIn(call.param, 'pageSize', [1, 50])
  if (page === undefined || size === undefined) return saidNo(name, 'pageNumber从1开始，pageSize为1~50')
  const ordered = found.sort((one, other) => other.created - one.created || (one.id < other.id ? 1 : -1))
  return {
    name,
    body: {
      success: success(true),
      code: '00000',
      msg: '成功',
      pageNumber: page,
      pageSize: size,
      totalCount: found.length,
      data: ordered.slice((page - 1) * size, page * size).map(rowOf),
    },
  }
}

/** jingdong.asc.query.list: by number, order, or time of applying. */
export const queryList: JdMethod = (call) => {
  const name = 'pageResult'
  const applied = spanIn(call, 'applyTime')
  const problem = askerProblem(call) ?? (typeof applied === 'string' ? applied : undefined)
  if (problem !== undefined || typeof applied === 'string') return saidNo(name, problem ?? '')
  const [id, orderId] = [given(call.param, 'serviceId'), given(call.param, 'orderId')]
  const found = servicesOf(call).filter(
    (refund) =>
      (id === '' || refund.id === `S${id}`) &&
      (orderId === '' || refund.trade.tid === orderId) &&
      isIn(applied, refund.created),
  )
  return paged(call, found, briefJson)
}

/** jingdong.asc.sync.list: by the time of change, or by that of the parcel that comes back. One of the two must be given. */
export const syncList: JdMethod = (call) => {
  const name = 'pageResult'
  const [updated, sent] = [spanIn(call, 'updateTime'), spanIn(call, 'freightUpdateDate')]
  const problem =
    askerProblem(call) ??
    [updated, sent].find((span) => typeof span === 'string') ??
    (updated === undefined && sent === undefined ? '更新时间须成对填写' : undefined)
  if (problem !== undefined || typeof updated === 'string' || typeof sent === 'string')
    return saidNo(name, typeof problem === 'string' ? problem : '')
  const found = servicesOf(call).filter(
    (refund) =>
      isShown(call.shop.refundLog, refund) &&
      isIn(updated, updatedAt(refund)) &&
      (sent === undefined || (parcelAt(refund) > 0 && isIn(sent, parcelAt(refund)))),
  )
  return paged(call, found, briefJson)
}

/** jingdong.asc.serviceAndRefund.view: of an order, or of seven days of applying or ten days of answers. */
export const moneyView: JdMethod = (call) => {
  const name = 'pageResult'
  const [applied, approved] = [spanIn(call, 'applyTime'), spanIn(call, 'approveTime')]
  const wrong = [applied, approved].find((span) => typeof span === 'string')
  if (wrong !== undefined || typeof applied === 'string' || typeof approved === 'string')
    return saidNo(name, typeof wrong === 'string' ? wrong : '')
  const orderId = given(call.param, 'orderId')
  const wide = (span: Span, days: number) => span !== undefined && span.to - span.from > days * DAY
  if (wide(applied, 7) || wide(approved, 10)) return saidNo(name, '申请时间不超过7天，审核时间不超过10天')
  if (orderId === '' && applied === undefined && approved === undefined)
    return saidNo(name, `查询条件不能为空 ${platformTime(call.now)}`)
  const found = servicesOf(call).filter(
    (refund) =>
      (orderId === '' || refund.trade.tid === orderId) &&
      isIn(applied, refund.created) &&
      (approved === undefined ||
        (refund.status !== 'WAIT_SELLER_AGREE' && isIn(approved, updatedAt(refund)))),
  )
  return paged(call, found, moneyJson)
}

const viewed =
  (dataOf: (refund: Refund) => unknown): JdMethod =>
  (call) => {
    const refund = askedService(call)
    const problem = askerProblem(call) ?? (refund === undefined ? noService : undefined)
    return problem !== undefined || refund === undefined
      ? saidNo('result', problem ?? '')
      : said('result', dataOf(refund))
  }

export const view = viewed(viewJson)
export const freightView = viewed(freightJson)
