import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { scrub } from '../../wire/scrub.ts'
import { entryOf, type Fields, longest, textAt } from '../fields.ts'
import type { ShipFailure } from '../parcels.ts'
import type { Gone } from '../stock.ts'

/**
 * The kinds of POP's error codes; a code that is not in the table is `rejected`, such as 20004 (signature), 20005 (address not allowed) and
 * 20031 (the app's permission package lacks this interface), which an authorisation does not change.
 * Source: the public error list of open.pinduoduo.com, as other clients quote it.
 */
const codes: Readonly<Record<string, PlatformErrorKind>> = {
  10014: 'reauthorise', // 授权已被取消
  10019: 'reauthorise', // access_token 已过期
  10035: 'reauthorise', // access_token 已过期
  10036: 'reauthorise', // access_token 或 client_id 错误
  20032: 'reauthorise', // access_token 或 client_id 错误
  50000: 'retry', // 系统内部错误
  52001: 'retry',
  52002: 'retry',
  52101: 'rate_limited', // 当前接口被限流
  52102: 'retry', // 当前接口暂时不可用
  52103: 'retry', // 服务暂时不可用
  70031: 'rate_limited', // 调用过于频繁
  70032: 'rate_limited',
  70033: 'retry', // 接口因系统维护暂时下线
}

/** POP does not say how long a limit lasts. Its limits count by the second or by the minute. */
const limitedMs = 2000

/** True if the document does not exist: business error 50001 with such a message. */
export function isNotFound(error: PlatformError): boolean {
  return error.code.startsWith('50001') && /(订单|售后单|退款单)不存在/.test(error.message)
}

/**
 * Returns why a shipment was rejected, which POP says only in its message. Undefined: the order must be requested, because it shows whether
 * it is shipped.
 */
export function shipFailureOf({ code, message }: PlatformError): ShipFailure | undefined {
  if (/已发货|重复发货/.test(message)) return undefined
  if (/退款|售后/.test(message)) return 'refund_open'
  if (/(快递|物流|运)单号|tracking_number/.test(message)) return 'waybill_invalid'
  if (/(快递|物流)公司|logistics_id/.test(message)) return 'courier_code'
  return /^1000[01]$/.test(code) ? 'parameter' : undefined
}

/** Returns what no longer exists, according to a rejected stock update. */
export function goneOf({ code, message }: PlatformError): Gone {
  if (!code.startsWith('50001')) return 'no'
  return /商品不存在/.test(message) ? 'item' : /sku不存在/i.test(message) ? 'sku' : 'no'
}

/** Makes the error from `error_response`. Business error 50001 is tried again if its message says "later" or "busy". */
export function popError(response: Fields, secrets: readonly string[]): PlatformError {
  const code = textAt(response, 'error_code', longest.word)
  const subMessage = textAt(response, 'sub_msg', longest.text)
  const message = [code, textAt(response, 'error_msg', longest.name), subMessage].filter(Boolean).join(' · ')
  const isBusy = code === '50001' && /稍后|繁忙|超时/.test(message)
  const kind = entryOf(codes, code) ?? (isBusy ? 'retry' : 'rejected')
  return new PlatformError(kind, code || 'unknown', scrub(message, secrets), {
    unclear: kind === 'retry',
    waitMs: kind === 'rate_limited' ? limitedMs : 0,
    requestId: textAt(response, 'request_id', longest.word),
  })
}
