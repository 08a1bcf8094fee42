import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { dayMs, minuteMs, secondMs, startOfChinaDay } from '../../lib/time.ts'
import type { HttpAnswer } from '../../wire/http.ts'
import { scrub } from '../../wire/scrub.ts'
import { refundChanged } from '../answers.ts'
import { entryOf, type Fields, longest, textAt } from '../fields.ts'
import { failureWords } from '../gateway.ts'
import { windowTooWide } from '../lists.ts'
import type { ShipFailure } from '../parcels.ts'
import type { Gone } from '../stock.ts'

/** The kinds of `result`; a number that is not in the table is `rejected`. Sources: 返回码说明, APP授权说明 and the help pages K0004 to K1009. */
const results: Readonly<Record<string, PlatformErrorKind>> = {
  24: 'reauthorise', // AUTHORIZATION_REVOKED
  100200102: 'reauthorise', // access_denied: any error of a token, also of a refresh token
  100200105: 'reauthorise', // invalid_grant: the code is used or too old
  100200500: 'retry', // server_error
}

const ownCodes: Readonly<Record<string, string>> = {
  300004: windowTooWide, // 查询范围不能大于7天
  300019: windowTooWide, // 时间范围超限
  300014: refundChanged, // 退款单状态已更新，请刷新重试
  300017: refundChanged, // 协商状态已改变
}

/** The help pages show these errors by their texts only. */
const texts: readonly (readonly [RegExp, PlatformErrorKind])[] = [
  [/exceed (qps|quota) limit/i, 'rate_limited'], // K1008
  [/鉴权失败|token\s*(已?过期|无效|已?失效)/i, 'reauthorise'], // K0004
  [failureWords, 'retry'],
]

export type Refused = { body: Fields; answer: HttpAnswer; at: Date }

export function apiError(
  result: string,
  { body, answer, at }: Refused,
  secrets: readonly string[],
): PlatformError {
  const message = messageIn(body)
  const kind =
    entryOf(results, result) ?? texts.find(([pattern]) => pattern.test(message))?.[1] ?? kindOf(answer)
  const words = [result, message].filter(Boolean).join(' · ')
  return new PlatformError(kind, entryOf(ownCodes, result) ?? result, scrub(words, secrets), {
    unclear: kind === 'retry',
    waitMs: kind === 'rate_limited' ? waitOf(message, answer, at) : 0,
    requestId: textAt(body, 'requestId', longest.word),
  })
}

/** The texts of an answer. The first may be general and a later one say the cause, so all are kept. */
function messageIn(body: Fields): string {
  const given = ['error_msg', 'sub_msg', 'msg', 'error'].map((key) => textAt(body, key, longest.text))
  return [...new Set(given)].filter((text) => text !== '' && text !== 'SUCCESS').join(' · ')
}

/** The HTTP status decides where the platform's number is not known: a server that failed may have carried the call out. */
const kindOf = ({ status }: HttpAnswer): PlatformErrorKind =>
  status >= 500 ? 'retry' : status === 429 ? 'rate_limited' : 'rejected'

/**
 * A limit of calls in a second passes soon. No document says how long a quota lasts. If it is of a day, a refused call each ten minutes does no harm, and at
 * midnight in China it is free again.
 */
function waitOf(message: string, { retryAfterMs }: HttpAnswer, at: Date): number {
  if (!/quota/i.test(message)) return retryAfterMs || 2 * secondMs
  return Math.min(retryAfterMs || 10 * minuteMs, startOfChinaDay(at).getTime() + dayMs - at.getTime())
}

/** K1006: the order is another shop's, or there is none. */
export const isNoOrder = ({ kind, code, message }: PlatformError): boolean =>
  kind === 'rejected' && code === '21' && /order operation reject/i.test(message)

/** The refund is in another state or version than the answer is for: 300010, 300014, 300017 and 300018. Perhaps it has the answer already. */
export const isOtherState = ({ code }: PlatformError): boolean =>
  code === refundChanged || code === '300010' || code === '300018'

/** 300011 REFUND ORDER NOT FOUND; 300012 is another shop's. */
export const isNoRefund = ({ code }: PlatformError): boolean => code === '300011' || code === '300012'

/**
 * Returns why a shipment was rejected. Undefined: the order must be requested, because it may be shipped already (21). The interception of
 * wrong parcels (11) says its cause in words only (K1009).
 */
export function shipFailureOf({ code, message }: PlatformError): ShipFailure | undefined {
  if (code !== '11') return undefined
  return interceptions.find(([words]) => message.includes(words))?.[1]
}

const interceptions: readonly (readonly [string, ShipFailure])[] = [
  ['快递公司不存在', 'courier_code'],
  ['电子面单取号与发货快递公司不一致', 'courier_code'],
  ['运单号和物流公司不匹配', 'waybill_invalid'],
  ['同一个运单号对应收件地址超过1个', 'waybill_invalid'],
  ['运单揽收时间早于支付时间', 'waybill_invalid'],
  ['运单号已被其他商家使用', 'waybill_invalid'],
  ['运单发货间隔超过30天', 'waybill_invalid'],
  ['运单号与电子面单不一致', 'waybill_invalid'],
  ['收货地址与签收地址不一致', 'waybill_invalid'],
]

export const goneItem = 'item_not_found'
export const goneSku = 'sku_not_found'

/** Returns what no longer exists, according to a rejected stock update. */
export const goneOf = ({ code }: PlatformError): Gone =>
  code === goneItem ? 'item' : code === goneSku ? 'sku' : 'no'
