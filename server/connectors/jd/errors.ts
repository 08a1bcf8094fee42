import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { dayMs, secondMs, startOfChinaDay } from '../../lib/time.ts'
import type { HttpAnswer } from '../../wire/http.ts'
import { scrub } from '../../wire/scrub.ts'
import { type Fields, longest, textAt } from '../fields.ts'
import { certain, failureWords } from '../gateway.ts'
import type { ShipFailure } from '../parcels.ts'
import type { Gone } from '../stock.ts'
import { applicationWords, failureCodes, limitedMs, refusals, tokenCode } from './unverified.ts'

export type Refused = { answer: HttpAnswer; at: Date; secrets: readonly string[] }

/** The error of the gateway: {"error_response":{"code":"19","zh_desc":"…","en_desc":"…"}}. Its numbers mean something else than those of TOP. */
export function gatewayError(error: Fields, refused: Refused): PlatformError {
  const code = textAt(error, 'code', longest.word)
  const words = textsIn(error, ['zh_desc', 'en_desc'])
  const kind: PlatformErrorKind =
    code === '2'
      ? 'rate_limited'
      : code === tokenCode
        ? 'reauthorise'
        : failureCodes.test(code) || failureWords.test(words)
          ? 'retry'
          : 'rejected'
  return errorOf({ kind, code, words }, refused)
}

/** What a method itself refuses: {"success":false,"chineseErrCode":"…","numberCode":…}, or errorCode and errorMessage. */
export function businessError(result: Fields, refused: Refused): PlatformError {
  const [code = ''] = ['numberCode', 'errorCode', 'result_code', 'code']
    .map((key) => textAt(result, key, longest.word))
    .filter((text) => text !== '' && text !== '0')
  const words = textsIn(result, [
    'chineseErrCode',
    'englishErrCode',
    'errorMessage',
    'errorMsg',
    'result_describe',
    'message',
    'msg',
  ])
  return errorOf(
    { kind: failureWords.test(words) ? 'retry' : 'rejected', code: code || 'not_done', words },
    refused,
  )
}

/** The error of the page of tokens: {"code":…,"msg":"…","requestId":"…"}. A token that is not renewed needs the seller. */
export function tokenError(body: Fields, refused: Refused): PlatformError {
  const words = textAt(body, 'msg', longest.text)
  const kind = applicationWords.test(words) ? 'rejected' : failureWords.test(words) ? 'retry' : 'reauthorise'
  const requestId = textAt(body, 'requestId', longest.word)
  return errorOf({ kind, code: textAt(body, 'code', longest.word), words, requestId }, refused)
}

const textsIn = (of: Fields, keys: readonly string[]): string =>
  [...new Set(keys.map((key) => textAt(of, key, longest.text)))].filter(Boolean).join(' · ')

type Meaning = { kind: PlatformErrorKind; code: string; words: string; requestId?: string }

function errorOf(
  { kind, code, words, requestId = '' }: Meaning,
  { answer, at, secrets }: Refused,
): PlatformError {
  const message = scrub([code, words].filter(Boolean).join(' · '), secrets)
  const waitMs = kind === 'rate_limited' ? waitOf(words, answer, at) : 0
  return certain(
    answer,
    new PlatformError(kind, code, message, { unclear: kind === 'retry', waitMs, requestId }),
  )
}

/** A text that names the day means its end: the calls of a day are used up. */
function waitOf(words: string, { retryAfterMs }: HttpAnswer, at: Date): number {
  if (/[今当次明]日|[今明]天|第二天|24小时/.test(words))
    return startOfChinaDay(at).getTime() + dayMs - at.getTime()
  return Math.max(retryAfterMs || limitedMs, secondMs)
}

export const isNoOrder = ({ message }: PlatformError): boolean => refusals.noOrder.test(message)

export const isStaleVersion = ({ kind, message }: PlatformError): boolean =>
  kind === 'rejected' && refusals.stale.test(message)

/** Returns why a shipment was rejected. Undefined: the order must be requested, because its state does not allow it; perhaps it has left already. */
export function shipFailureOf(error: PlatformError): ShipFailure | undefined {
  if (refusals.courier.test(error.message)) return 'courier_code'
  if (refusals.waybill.test(error.message)) return 'waybill_invalid'
  return isNoOrder(error) ? 'other' : undefined
}

export const goneOf = ({ message }: PlatformError): Gone => (refusals.noSku.test(message) ? 'sku' : 'no')
