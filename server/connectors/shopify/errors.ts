import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import type { HttpAnswer } from '../../wire/http.ts'
import { scrub } from '../../wire/scrub.ts'
import { entryOf, type Fields, fieldsAt, isFields, listAt, longest, textAt } from '../fields.ts'
import { certain } from '../gateway.ts'
import type { ShipFailure } from '../parcels.ts'
import type { Gone } from '../stock.ts'

/** `extensions.code` of an error of the whole call. Every other code says that the call itself was wrong. */
const kinds: Readonly<Record<string, PlatformErrorKind>> = {
  THROTTLED: 'rate_limited',
  INTERNAL_SERVER_ERROR: 'retry',
  TIMEOUT: 'retry',
  SHOP_INACTIVE: 'rejected',
  ACCESS_DENIED: 'rejected',
  MAX_COST_EXCEEDED: 'rejected',
}

/** The error of `errors`, the first of which counts: {"message":"…","extensions":{"code":"…"}}. A wrong token is answered with 401 and one text. */
export function apiError(of: Fields, answer: HttpAnswer, secrets: readonly string[]): PlatformError {
  const [first] = listAt(of, 'errors', '').filter(isFields)
  const said = textAt(of, 'errors', longest.text)
  if (answer.status === 401)
    return new PlatformError('reauthorise', 'reauthorise', scrub(said || 'The token is refused.', secrets))
  const code = textAt(fieldsAt(first ?? {}, 'extensions'), 'code', longest.word) || `http_${answer.status}`
  const kind = answer.status === 429 ? 'rate_limited' : (entryOf(kinds, code) ?? 'rejected')
  const message = scrub(
    [code, first ? textAt(first, 'message', longest.text) : said].filter(Boolean).join(' · '),
    secrets,
  )
  const waitMs = kind === 'rate_limited' ? Math.max(answer.retryAfterMs, waitOf(of), secondMs) : 0
  return certain(answer, new PlatformError(kind, code, message, { waitMs, unclear: kind === 'retry' }))
}

/** Milliseconds until the points of the call are there again. */
function waitOf(of: Fields): number {
  const cost = fieldsAt(fieldsAt(of, 'extensions'), 'cost')
  const status = fieldsAt(cost, 'throttleStatus')
  const [requested, available, rate] = [
    cost.requestedQueryCost,
    status.currentlyAvailable,
    status.restoreRate,
  ]
  if (typeof requested !== 'number' || typeof available !== 'number' || typeof rate !== 'number') return 0
  const seconds = rate > 0 ? Math.ceil((requested - available) / rate) : 0
  return Math.min(Math.max(seconds, 0), 60) * secondMs
}

/** A mutation that was not done says why in `userErrors`; some of these have codes. @throws {PlatformError} */
export function assertDone(payload: Fields, secrets: readonly string[]): void {
  const [first] = listAt(payload, 'userErrors', '').filter(isFields)
  if (!first) return
  const code = textAt(first, 'code', longest.word) || 'user_error'
  const kind = code === 'IDEMPOTENCY_CONCURRENT_REQUEST' ? 'retry' : 'rejected'
  const message = scrub(`${code} · ${textAt(first, 'message', longest.text)}`, secrets)
  throw new PlatformError(kind, code, message)
}

/** Our own codes of numbers that nothing has: the platform answers null for them. */
export const noOrder = 'no_order'
export const noVariant = 'no_variant'
export const isNoOrder = ({ code }: PlatformError): boolean => code === noOrder

/** Undefined: the order must be requested, because its state does not allow it; perhaps it has left already. */
export const shipFailureOf = (error: PlatformError): ShipFailure | undefined =>
  isNoOrder(error) ? 'other' : undefined

export const goneOf = ({ code }: PlatformError): Gone => (code === noVariant ? 'sku' : 'no')

/** The number of the platform was another one than the one that was read just before. */
export const isStale = (error: unknown): boolean =>
  error instanceof PlatformError && /^(CHANGE_FROM|COMPARE)_QUANTITY_STALE$/.test(error.code)
