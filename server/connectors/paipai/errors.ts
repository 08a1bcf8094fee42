import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { scrub } from '../../wire/scrub.ts'
import { entryOf } from '../fields.ts'
import type { ShipFailure } from '../parcels.ts'
import type { Gone } from '../stock.ts'
import { limitedMs, refusals } from './unverified.ts'

/** The kinds of errorCode; a code that is not in the table is `rejected`, such as 8193 (a parameter). Source: the enum of a Java client. */
const codes: Readonly<Record<string, PlatformErrorKind>> = {
  508: 'reauthorise', // 未登录或没有权限
  4096: 'retry', // 服务异常
  4097: 'retry', // 后端协议错误
  4098: 'retry', // 缓存正在生成
  4099: 'retry', // 正在初始化
  12288: 'reauthorise', // 授权失败
  12291: 'rate_limited', // 调用太频繁
}

export function apiError(code: string, text: string, secrets: readonly string[]): PlatformError {
  const kind = entryOf(codes, code) ?? 'rejected'
  return new PlatformError(kind, code, scrub(`${code} · ${text}`, secrets), {
    unclear: kind === 'retry',
    waitMs: kind === 'rate_limited' ? limitedMs : 0,
  })
}

export const isNoDeal = ({ kind, message }: PlatformError) =>
  kind === 'rejected' && refusals.noDeal.test(message)

/**
 * Returns why a parcel was refused. Undefined: the text says only that the deal is in another state, so it is requested; it may be shipped
 * already.
 */
export function shipFailureOf({ code, message }: PlatformError): ShipFailure | undefined {
  if (refusals.state.test(message)) return undefined
  if (refusals.waybill.test(message)) return 'waybill_invalid'
  if (refusals.courier.test(message)) return 'courier_code'
  return code === '8193' ? 'parameter' : undefined
}

/** Returns what no longer exists, according to a rejected stock update. */
export function goneOf({ message }: PlatformError): Gone {
  if (refusals.noItem.test(message)) return 'item'
  return refusals.noSku.test(message) ? 'sku' : 'no'
}
