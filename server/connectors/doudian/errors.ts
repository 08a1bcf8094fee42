import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { scrub } from '../../wire/scrub.ts'
import { refundChanged } from '../answers.ts'
import { entryOf, type Fields, longest, textAt } from '../fields.ts'
import type { ShipFailure } from '../parcels.ts'
import type { Gone } from '../stock.ts'

/** The kinds of codes; one that is not in the table is `rejected`. Source: the list of codes in the platform's own SDKs. */
const codes: Readonly<Record<string, PlatformErrorKind>> = {
  20000: 'retry', // isp.service-error
  60000: 'rate_limited', // isv.traffic-limited
  90000: 'retry', // 未知错误
}

/** The kinds of sub-codes, which decide before the code. */
const subCodes: Readonly<Record<string, PlatformErrorKind>> = {
  'dop.authorization-no-existed': 'reauthorise',
  'dop.authorization-closed': 'reauthorise',
  'isv.access-token-expired': 'reauthorise',
  'isv.access-token-no-existed': 'reauthorise',
  'isv.access-token-invalid': 'reauthorise',
  'isv.access-token-missing': 'reauthorise',
  'dop.token-generate-failed:code-expired': 'reauthorise',
  'dop.token-generate-failed:token-expired': 'reauthorise',
  'isp.service-error:99998': 'rejected', // 请输入正确的参数
}

/** Business errors (50002) with such a text are failures of the platform, such as 20004, 60106, 70009, 120032 and 2010401. */
const busy = /系统繁忙|稍后(重试|再试)/

/** The platform does not say how long a limit lasts. Its limits count by the second. */
const limitedMs = 2000

export function apiError(body: Fields, secrets: readonly string[]): PlatformError {
  const code = textAt(body, 'code', longest.word)
  const subCode = textAt(body, 'sub_code', longest.word)
  const message = textAt(body, 'sub_msg', longest.text) || textAt(body, 'msg', longest.text)
  const stated = entryOf(subCodes, subCode) ?? entryOf(codes, code) ?? 'rejected'
  const isBusy = code === '50002' && busy.test(message) && !entryOf(shipFailures, numberIn(subCode))
  const kind = stated === 'rejected' && isBusy ? 'retry' : stated
  const own = code === '30002' ? 'address_not_allowed' : (entryOf(ownCodes, subCode) ?? (subCode || code))
  const words = [subCode || code, message].filter(Boolean).join(' · ')
  return new PlatformError(kind, own, scrub(words, secrets), {
    unclear: kind === 'retry',
    waitMs: kind === 'rate_limited' ? limitedMs : 0,
    requestId: textAt(body, 'log_id', longest.word),
  })
}

/** afterSale/operate: the after-sale has changed since the version that was sent, in the answer or in its row of a refund. */
const changedNumber = '20309541'

/** The error of one row of a call for several refunds. */
export const rowError = (number: string, message: string, secrets: readonly string[]): PlatformError =>
  new PlatformError(
    'rejected',
    number === changedNumber ? refundChanged : number,
    scrub(`${number} · ${message}`, secrets),
  )

const ownCodes: Readonly<Record<string, string>> = {
  'isv.business-failed:50056': 'memo_too_long', // 订单备注内容超过规定字数
  [`isv.business-failed:${changedNumber}`]: refundChanged,
}

/** The number of a sub-code: "isv.business-failed:60110" → 60110. */
const numberIn = (subCode: string): string => /:(-?\d+)$/.exec(subCode)?.[1] ?? ''
const numberOf = ({ code }: PlatformError): string => numberIn(code)

/** order/orderDetail: 20001 and 20014 an order that does not exist, 20015 one of another shop. */
export const isNoOrder = (error: PlatformError): boolean =>
  error.kind === 'rejected' && ['20001', '20014', '20015'].includes(numberOf(error))

/** afterSale/Detail: 11000 售后单 ID 错误. */
export const isNoRefund = (error: PlatformError): boolean =>
  error.kind === 'rejected' && numberOf(error) === '11000'

export const isChanged = ({ code }: PlatformError): boolean => code === refundChanged

/**
 * Returns why a shipment was rejected. Undefined: the order must be requested, because it may be shipped already (60110, 70023), or a request_id
 * was used before (isv.idempotent-id-existed).
 */
export function shipFailureOf(error: PlatformError): ShipFailure | undefined {
  const known = entryOf(shipFailures, numberOf(error))
  if (known) return known
  return /^isv\.(parameter|missing-parameter)/.test(error.code) ? 'parameter' : undefined
}

/** Source: the list of order/logisticsAddMultiPack. */
const shipFailures: Readonly<Record<string, ShipFailure>> = {
  60011: 'courier_code', // 物流公司编码不允许为空
  60018: 'courier_code', // 暂不支持该物流公司或物流商已失效
  60026: 'courier_code', // 不支持使用其它物流
  60126: 'courier_code', // 寻梦同城
  60128: 'courier_code', // 物流公司与系统智能检测不一致
  60138: 'courier_code', // 需送货上门，请使用支持送货上门的物流公司
  700042: 'courier_code', // 物流服务商信息异常
  60017: 'waybill_invalid', // 物流单号不符合规则
  60127: 'waybill_invalid', // 物流单号校验不通过
  70018: 'waybill_invalid', // 物流单号已被快递回收或取消
  70019: 'waybill_invalid', // 首条轨迹早于订单支付
  70020: 'waybill_invalid', // 与收件人电话及地址均不一致
  70022: 'waybill_invalid', // 运单已被其他订单使用
  60040: 'refund_open', // 有退款申请需要处理
  60068: 'refund_open', // 已售前退款成功
  60120: 'refund_open', // 订单正在售后中
  70005: 'refund_open', // 拒绝售后失败
}

/** Returns what no longer exists, according to a rejected stock update. For a wrong SKU the platform answers that the product was not found. */
export function goneOf(error: PlatformError): Gone {
  const number = numberOf(error)
  if (number === '2010058' || number === '2010042') return 'item'
  return number === '2010013' ? 'sku' : 'no'
}
