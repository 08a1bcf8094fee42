import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { scrub } from '../../wire/scrub.ts'
import { entryOf, type Fields, longest, textAt } from '../fields.ts'
import type { ShipFailure } from '../parcels.ts'
import type { Gone } from '../stock.ts'

/**
 * The kinds of TOP's platform codes. A code that is in neither table is `rejected`: the same request would fail again. Source:
 * open.taobao.com doc 114.
 */
const codes: Readonly<Record<string, PlatformErrorKind>> = {
  7: 'rate_limited', // App Call Limited
  10: 'retry', // Service Currently Unavailable
  26: 'reauthorise', // Missing Session
  27: 'reauthorise', // Invalid Session
}

/** The kinds of TOP's sub_codes. The first pattern that matches decides; if none matches, the platform's `code` decides. */
const subCodes: readonly (readonly [RegExp, PlatformErrorKind])[] = [
  [/^accesscontrol\.limited-by-/, 'rate_limited'],
  [/^isp\.call-limited|flow[-_]?control/i, 'rate_limited'],
  // Sub_codes of the shipping methods: the session ended; 发货异常 and 数据异常，请稍后重试.
  [/^isv\.logistics-offline-service-error:P03$/, 'reauthorise'],
  [/^isv\.logistics-\w+-service-error:(B150|S01)$/, 'retry'],
  // "isp." is a fault of the platform, so the call is repeated after a pause. "isv." is a fault of the caller and is not repeated.
  [/^isp\./i, 'retry'],
  [/^(isv\.)?(invalid|missing)-session|^(isv\.)?session-?(key)?-?(expired|not)|^sessionkey-/i, 'reauthorise'],
]

/** Matches the codes for a document that the shop does not have. */
export const notFound =
  /^isv\.(trade-not-exist|invalid-orderid:NO_DATA|refund-not-exist|refund-id-not-exist)/i

/**
 * The meaning of codes that explain a rejected shipment, from the error list of taobao.logistics.offline.send. Other codes (B02, B04, B27,
 * B55, P38, AT0011, AT0112, CD06, CD07 …) may mean "shipped", "closed" or "must not be shipped".
 */
const shipFailures: readonly (readonly [RegExp, ShipFailure])[] = [
  // 没有选择物流公司或格式不对, 不支持自己联系, 名称过长, 不支持在线下单, 不支持货到付款
  [/-service-error:(B52|B56|B57|B58|B79|B86|B105)$/, 'courier_code'],
  // 运单号为空, 不符合规则或已经被使用, 已过期, 早于付款揽收, 签收地址不匹配, 已被使用
  [/-service-error:(B59|B60|F0?[0-5]?)$/, 'waybill_invalid'],
  // 拆单标记和子订单列表, 数据为空或格式不对
  [/(-service-error:|^)(CD2[2-9]|CD3[01])$|-service-error:(P01|P22|P25|B06)$/, 'parameter'],
  [/^isv\.(invalid|missing)-parameter/, 'parameter'],
]

/** Returns why a shipment was rejected. Undefined: the trade must be requested to find out. */
export function shipFailureOf({ code }: PlatformError): ShipFailure | undefined {
  return shipFailures.find(([pattern]) => pattern.test(code))?.[1]
}

/** Returns what no longer exists, according to a rejected stock update. On Tmall the codes end in "-tmall". */
export function goneOf({ code, message }: PlatformError): Gone {
  if (/^isv\.item-(not-exist|is-delete)/.test(code)) return 'item'
  return /^isv\.invalid-parameter:sku-properties/.test(code) || /sku\S*不存在/i.test(message) ? 'sku' : 'no'
}

/** Makes the error from `error_response`. `secrets`, and texts that look like a phone number, are removed from its message. */
export function topError(response: Fields, secrets: readonly string[]): PlatformError {
  const code = textAt(response, 'code', longest.word)
  const subCode = textAt(response, 'sub_code', longest.name)
  const subMessage = textAt(response, 'sub_msg', longest.text)
  const words = [code, textAt(response, 'msg', longest.name), subCode, subMessage].filter(Boolean).join(' · ')
  const kind = kindOf(code, subCode)
  return new PlatformError(kind, subCode || code || 'unknown', scrub(words, secrets), {
    unclear: kind === 'retry',
    waitMs: kind === 'rate_limited' ? waitMs(subMessage) : subCode.startsWith('isp.') ? ispMs : 0,
    requestId: textAt(response, 'request_id', longest.word),
  })
}

function kindOf(code: string, subCode: string): PlatformErrorKind {
  const known = subCodes.find(([pattern]) => pattern.test(subCode))
  if (known) return known[1]
  // Code 15 (Remote Service Error) without a sub_code is a fault of the platform.
  if (code === '15' && subCode === '') return 'retry'
  return entryOf(codes, code) ?? 'rejected'
}

/** The notices of peak hours: a call that the platform could not answer must not be repeated at once. They name no time. */
const ispMs = 1500

/** Reads "This ban will last for N more seconds"; one second if the platform gives no time. */
function waitMs(subMessage: string): number {
  const seconds = Number(/last for (\d{1,6}) more second/.exec(subMessage)?.[1] ?? 1)
  return Math.max(seconds, 1) * 1000
}
