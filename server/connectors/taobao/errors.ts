import { PlatformError, type PlatformErrorKind } from '../connector.ts'
import { entryOf, type Fields, longest, textAt } from '../fields.ts'
import { scrub } from '../scrub.ts'

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
  // "isp." is the platform's side: sleep and try again. "isv." is the caller's: never by itself.
  [/^isp\./i, 'retry'],
  [/^(isv\.)?(invalid|missing)-session|^(isv\.)?session-?(key)?-?(expired|not)|^sessionkey-/i, 'reauthorise'],
]

/** The platform knows no such document of this shop. */
export const notFound =
  /^isv\.(trade-not-exist|invalid-orderid:NO_DATA|refund-not-exist|refund-id-not-exist)/i

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
