import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import type { HttpAnswer } from '../../wire/http.ts'
import { scrub } from '../../wire/scrub.ts'
import { type Fields, longest, textAt } from '../fields.ts'
import { certain, failureWords } from '../gateway.ts'
import type { ShipFailure } from '../parcels.ts'
import type { Gone } from '../stock.ts'
import { limitedCode, limitedMs, words } from './unverified.ts'

export type Refused = { answer: HttpAnswer; secrets: readonly string[] }

/** The error of an envelope: {"error_code":-2000400,"error_msg":"…","success":false}, or of the inner one: {"code":…,"msg":"…","success":false}. */
export function apiError(of: Fields, { answer, secrets }: Refused): PlatformError {
  const text = (keys: readonly string[], max: number) =>
    keys.map((key) => textAt(of, key, max)).find((found) => found !== '') ?? ''
  const code = text(['error_code', 'code'], longest.word)
  const said = text(['error_msg', 'msg'], longest.text)
  const kind = kindOf(code, said)
  const known = code === '' || code === '0' ? 'not_done' : code
  const message = scrub([code, said].filter(Boolean).join(' · '), secrets)
  const waitMs = kind === 'rate_limited' ? Math.max(answer.retryAfterMs || limitedMs, secondMs) : 0
  return certain(answer, new PlatformError(kind, known, message, { unclear: kind === 'retry', waitMs }))
}

function kindOf(code: string, said: string): PlatformErrorKind {
  if (code === limitedCode || words.limited.test(said)) return 'rate_limited'
  if (words.application.test(said)) return 'rejected'
  if (words.token.test(said)) return 'reauthorise'
  return failureWords.test(said) ? 'retry' : 'rejected'
}

export const isNoOrder = ({ message }: PlatformError): boolean => words.noOrder.test(message)
export const isNoRefund = ({ message }: PlatformError): boolean => words.noRefund.test(message)

/** Returns why a shipment was rejected. Undefined: the order must be requested, because its state does not allow it; perhaps it has left already. */
export function shipFailureOf(error: PlatformError): ShipFailure | undefined {
  if (words.courier.test(error.message)) return 'courier_code'
  if (words.waybill.test(error.message)) return 'waybill_invalid'
  return isNoOrder(error) ? 'other' : undefined
}

export const goneOf = ({ message }: PlatformError): Gone => (words.noSku.test(message) ? 'sku' : 'no')
