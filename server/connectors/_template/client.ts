import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { type HttpAnswer, postForm } from '../../wire/http.ts'
import { scrub } from '../../wire/scrub.ts'
import type { Call } from '../connector.ts'
import type { Fields } from '../fields.ts'
import { certain, objectIn, reported, unreadable } from '../gateway.ts'
import { appOf } from './credentials.ts'
import { notWritten } from './not-written.ts'

/** Makes one call of the platform and reports its outcome to the caller. @throws {PlatformError} for every failure. */
export function callPlatform(
  call: Call,
  method: string,
  params: Readonly<Record<string, string>>,
): Promise<{ body: Fields; text: string }> {
  const app = appOf(call.credentials)
  return reported(call, method, async () => {
    const answer = await postForm(app.gatewayUrl, signedForm(call, method, params), call.signal)
    return { body: readAnswer(answer, [app.appSecret, call.session]), text: answer.text }
  })
}

/** Returns the form of a call, with method, parameters, time and session, signed as the platform's documents describe. */
function signedForm(
  _call: Call,
  _method: string,
  _params: Readonly<Record<string, string>>,
): URLSearchParams {
  return notWritten('client.ts', 'signedForm makes the signed form of a call')
}

/** Reads the answer. An error code of the platform decides before the HTTP status, unless the server failed. */
function readAnswer(answer: HttpAnswer, secrets: readonly string[]): Fields {
  const body = objectIn(answer.text)
  const error = body && errorIn(body)
  if (error)
    throw certain(answer, new PlatformError(error.kind, error.code, scrub(error.message, secrets), error))
  if (body && answer.status < 400) return body
  throw unreadable(answer, 'its JSON')
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
