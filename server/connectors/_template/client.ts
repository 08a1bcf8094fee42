import { parseJson } from '../../lib/json.ts'
import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { type HttpAnswer, postForm } from '../../wire/http.ts'
import { scrub } from '../../wire/scrub.ts'
import type { Call } from '../connector.ts'
import { type Fields, isFields } from '../fields.ts'
import { appOf } from './credentials.ts'
import { notWritten } from './not-written.ts'

/** Makes one call of the platform and reports its outcome to the caller. @throws {PlatformError} for every failure. */
export async function callPlatform(
  call: Call,
  method: string,
  params: Readonly<Record<string, string>>,
): Promise<{ body: Fields; text: string }> {
  const app = appOf(call.credentials)
  const started = performance.now()
  const report = (outcome: 'ok' | PlatformErrorKind) =>
    call.onRequest?.({ method, ms: Math.round(performance.now() - started), outcome })
  try {
    const answer = await postForm(app.gatewayUrl, signedForm(call, method, params), call.signal)
    const body = readAnswer(answer, [app.appSecret, call.session])
    report('ok')
    return { body, text: answer.text }
  } catch (error) {
    if (error instanceof PlatformError) report(error.kind)
    throw error
  }
}

/** Returns the form of a call, with method, parameters, time and session, signed as the platform's documents describe. */
function signedForm(
  _call: Call,
  _method: string,
  _params: Readonly<Record<string, string>>,
): URLSearchParams {
  return notWritten('client.ts', 'signedForm makes the signed form of a call')
}

/** Reads the answer. An error code of the platform decides before the HTTP status. */
function readAnswer({ status, text, retryAfterMs }: HttpAnswer, secrets: readonly string[]): Fields {
  const body = parsed(text)
  const error = body && errorIn(body)
  if (error) throw new PlatformError(error.kind, error.code, scrub(error.message, secrets), error)
  if (status === 429)
    throw new PlatformError('rate_limited', 'http_429', 'The gateway answered 429.', {
      waitMs: retryAfterMs || 1000,
    })
  if (body && status < 400) return body
  const kind = status >= 400 && status < 500 ? 'rejected' : 'retry'
  throw new PlatformError(
    kind,
    status === 200 ? 'bad_answer' : `http_${status}`,
    `The gateway answered ${status}.`,
    {
      unclear: kind === 'retry',
    },
  )
}

type Refused = {
  kind: PlatformErrorKind
  code: string
  message: string
  /** True if the request may have had its effect. */
  unclear: boolean
  waitMs: number
}

/**
 * Returns the error in an answer; undefined if there is none. Make a table of the platform's error codes and their kinds; a code that is
 * not in it is `rejected`.
 */
function errorIn(_body: Fields): Refused | undefined {
  return notWritten('client.ts', 'errorIn finds the error of an answer, and what its code means')
}

function parsed(text: string): Fields | undefined {
  try {
    const body = parseJson(text)
    return isFields(body) ? body : undefined
  } catch {
    return undefined
  }
}
