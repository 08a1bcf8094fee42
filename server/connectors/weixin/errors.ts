import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { dayMs, minuteMs, secondMs, startOfChinaDay } from '../../lib/time.ts'
import { scrub } from '../../wire/scrub.ts'
import { entryOf } from '../fields.ts'
import { windowTooWide } from '../lists.ts'
import type { ChangeFailure, ShipFailure } from '../parcels.ts'
import type { Gone } from '../stock.ts'

/**
 * The kinds of the platform's error codes; a code that is not in the table is `rejected`. Source: dev_before/commErrCode of the documents of
 * the shop, and the list of each call.
 */
const codes: Readonly<Record<string, PlatformErrorKind>> = {
  '-1': 'retry', // 系统繁忙
  40001: 'reauthorise', // access_token 无效或不是最新
  40014: 'reauthorise',
  41001: 'reauthorise', // 缺少 access_token
  42001: 'reauthorise', // access_token 已失效
  45009: 'rate_limited', // 日调用配额已达上限
  45011: 'rate_limited', // 分钟配额
  100003: 'retry', // 更新太频繁
  10020112: 'rate_limited', // 更新该 sku 库存频率超限
  10021044: 'retry', // 当前用户太多
}

/** Codes that say that nothing was done. */
const undone = new Set(['100003', '10021044'])

/** Makes the error of an answer. `errmsg` ends with the request's number: "… rid: 64c36eab-37b05fdb-430c4dd0". */
export function apiError(code: string, errmsg: string, at: Date, secrets: readonly string[]): PlatformError {
  const kind = entryOf(codes, code) ?? 'rejected'
  const requestId = /\brid: ([\w-]{1,64})/.exec(errmsg)?.[1] ?? ''
  return new PlatformError(kind, entryOf(ownCodes, code) ?? code, scrub(`${code} · ${errmsg}`, secrets), {
    unclear: kind === 'retry' && !undone.has(code),
    waitMs: kind === 'rate_limited' ? waitOf(code, at) : 0,
    requestId,
  })
}

const ownCodes: Readonly<Record<string, string>> = {
  31042: windowTooWide, // 时间范围内订单过多
  61004: 'address_not_allowed', // access clientip is not registered
  40164: 'address_not_allowed',
}

/** A quota of a day is free again at midnight in China, one of a minute with the next minute. */
function waitOf(code: string, at: Date): number {
  if (code === '45009') return startOfChinaDay(at).getTime() + dayMs - at.getTime()
  return code === '45011' ? Math.max(minuteMs - (at.getTime() % minuteMs), secondMs) : 2 * secondMs
}

/** 100002: an order; 10020000 and 10021050: an after-sale, which 10021043 says is another shop's. */
export const isNotFound = ({ code }: PlatformError): boolean =>
  ['100002', '10020000', '10021050', '10021043'].includes(code)

/**
 * Returns why a shipment was rejected. Undefined: the order must be requested, because it may be shipped already, which is 101100 (state) of a
 * whole order and 606042 (pieces) of a line.
 */
export function shipFailureOf({ code }: PlatformError): ShipFailure | undefined {
  return entryOf(shipFailures, code)
}

/** Why a change of a waybill was rejected. 606041: the order has had its three changes. */
export const changeFailureOf = (error: PlatformError): ChangeFailure | undefined =>
  error.code === '606041' ? 'too_often' : shipFailureOf(error)

/** Source: the errors of order/deliveryinfo/update, which has the parcels of order/delivery/send. */
const shipFailures: Readonly<Record<string, ShipFailure>> = {
  606004: 'courier_code', // delivery_id 不合法
  606005: 'waybill_invalid', // waybill_id 不合法
  606034: 'courier_code', // 只能由指定的服务商发货
  606040: 'parameter', // 拆单
}

/** Returns what no longer exists, according to a rejected stock update. */
export function goneOf({ code, message }: PlatformError): Gone {
  if (code === '10020052') return 'item'
  return code === '10020054' && /sku_id不匹配/.test(message) ? 'sku' : 'no'
}
