import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { scrub } from '../../wire/scrub.ts'
import { entryOf, type Fields, longest, textAt } from '../fields.ts'
import type { ShipFailure } from '../parcels.ts'
import type { Gone } from '../stock.ts'

/**
 * TOP's platform codes that do not mean "your request is wrong". Everything that is not here, and has no sub_code of
 * the table below, is `rejected`: it would fail the same way again. Source: open.taobao.com doc 114.
 */
const codes: Readonly<Record<string, PlatformErrorKind>> = {
  7: 'rate_limited', // App Call Limited
  10: 'retry', // Service Currently Unavailable
  26: 'reauthorise', // Missing Session
  27: 'reauthorise', // Invalid Session
}

/** The first pattern that matches a sub_code decides before the code does. */
const subCodes: readonly (readonly [RegExp, PlatformErrorKind])[] = [
  [/^accesscontrol\.limited-by-/, 'rate_limited'],
  [/^isp\.call-limited|flow[-_]?control/i, 'rate_limited'],
  // Of the shipping methods: the session ended; 发货异常 and 数据异常，请稍后重试.
  [/^isv\.logistics-offline-service-error:P03$/, 'reauthorise'],
  [/^isv\.logistics-\w+-service-error:(B150|S01)$/, 'retry'],
  // "isp." is the platform's side: sleep and try again. "isv." is the caller's: never by itself.
  [/^isp\./i, 'retry'],
  [/^(isv\.)?(invalid|missing)-session|^(isv\.)?session-?(key)?-?(expired|not)|^sessionkey-/i, 'reauthorise'],
]

/** The platform knows no such document of this shop. */
export const notFound =
  /^isv\.(trade-not-exist|invalid-orderid:NO_DATA|refund-not-exist|refund-id-not-exist)/i

/**
 * What a refusal to ship says by itself, from the error list of taobao.logistics.offline.send. The rest (B02, B04, B27,
 * B55, P38, AT0011, AT0112, CD06, CD07 …) says "shipped, closed or not to be shipped" in one breath.
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

/** Undefined: the trade itself must be looked at. */
export function shipFailureOf({ code }: PlatformError): ShipFailure | undefined {
  return shipFailures.find(([pattern]) => pattern.test(code))?.[1]
}

/** What a refused stock update says is gone. Its codes end in "-tmall" on Tmall. */
export function goneOf({ code, message }: PlatformError): Gone {
  if (/^isv\.item-(not-exist|is-delete)/.test(code)) return 'item'
  return /^isv\.invalid-parameter:sku-properties/.test(code) || /sku\S*不存在/i.test(message) ? 'sku' : 'no'
}

/** `error_response` → the error. `secrets` are cut out of its message, and so is what looks like a telephone number. */
export function topError(response: Fields, secrets: readonly string[]): PlatformError {
  const code = textAt(response, 'code', longest.word)
  const subCode = textAt(response, 'sub_code', longest.name)
  const subMessage = textAt(response, 'sub_msg', longest.text)
  const words = [code, textAt(response, 'msg', longest.name), subCode, subMessage].filter(Boolean).join(' · ')
  const kind = kindOf(code, subCode)
  return new PlatformError(kind, subCode || code || 'unknown', scrub(words, secrets), {
    unclear: kind === 'retry',
    waitMs: kind === 'rate_limited' ? waitMs(subMessage) : 0,
    requestId: textAt(response, 'request_id', longest.word),
  })
}

function kindOf(code: string, subCode: string): PlatformErrorKind {
  const known = subCodes.find(([pattern]) => pattern.test(subCode))
  if (known) return known[1]
  // Remote Service Error without a word why is the platform's trouble, not ours.
  if (code === '15' && subCode === '') return 'retry'
  return entryOf(codes, code) ?? 'rejected'
}

/** "This ban will last for N more seconds"; a second when the platform does not say. */
function waitMs(subMessage: string): number {
  const seconds = Number(/last for (\d{1,6}) more second/.exec(subMessage)?.[1] ?? 1)
  return Math.max(seconds, 1) * 1000
}
