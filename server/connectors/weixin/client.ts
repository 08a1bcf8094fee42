import { sharedNow } from '../../lib/clock.ts'
import { parseJson } from '../../lib/json.ts'
import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { type HttpAnswer, sendJson } from '../../wire/http.ts'
import type { Call } from '../connector.ts'
import { type Fields, isFields, longest, textAt } from '../fields.ts'
import { appOf } from './credentials.ts'
import { apiError } from './errors.ts'

export type ApiAnswer = { body: Fields; text: string; at: Date }

/**
 * Makes one call below /channels/ec/, such as `order/get`; without `params` it is a GET. Requests are not signed: the token in the address
 * authorises them. @throws {PlatformError} for every failure.
 */
export async function callApi(
  call: Call,
  method: string,
  params?: Readonly<Record<string, unknown>>,
): Promise<ApiAnswer> {
  const token = new URLSearchParams({ access_token: call.session })
  return ask(call, method, `/channels/ec/${method}?${token}`, params && JSON.stringify(params))
}

/** POST /cgi-bin/stable_token, the only call without a token. */
export const askToken = (call: Call, params: Readonly<Record<string, unknown>>): Promise<ApiAnswer> =>
  ask(call, 'stable_token', '/cgi-bin/stable_token', JSON.stringify(params))

async function ask(call: Call, method: string, path: string, json: string | undefined): Promise<ApiAnswer> {
  const { appSecret, apiUrl } = appOf(call.credentials)
  const started = performance.now()
  const at = call.now?.() ?? sharedNow()
  const report = (outcome: 'ok' | PlatformErrorKind, requestId = '') =>
    call.onRequest?.({
      method,
      ms: Math.round(performance.now() - started),
      outcome,
      ...(requestId === '' ? {} : { requestId }),
    })
  try {
    const answer = await sendJson(new URL(path, apiUrl).href, json, call.signal)
    const body = readAnswer(answer, at, [appSecret, call.session])
    report('ok')
    return { body, text: answer.text, at }
  } catch (error) {
    if (error instanceof PlatformError) report(error.kind, error.requestId)
    throw error
  }
}

/** Reads an HTTP answer. Exported for tests with recorded answers. */
export function readAnswer(answer: HttpAnswer, at: Date, secrets: readonly string[]): Fields {
  const { status, text, retryAfterMs } = answer
  const body = parsed(text)
  const code = body ? textAt(body, 'errcode', longest.word) : ''
  if (body && code !== '' && code !== '0')
    throw apiError(code, textAt(body, 'errmsg', longest.text), at, secrets)
  // An address that is not on the shop's list of servers is refused by the HTTP status alone.
  if (status === 403)
    throw new PlatformError(
      'rejected',
      'address_not_allowed',
      'The server’s address is not on the platform’s list.',
    )
  if (status === 429)
    throw new PlatformError('rate_limited', 'http_429', 'The platform answered 429.', {
      waitMs: retryAfterMs || 1000,
    })
  if (body && status < 400) return body
  const kind = status >= 400 && status < 500 ? 'rejected' : 'retry'
  throw new PlatformError(
    kind,
    status === 200 ? 'bad_answer' : `http_${status}`,
    `The platform answered ${status} with something that is not its JSON.`,
    { unclear: kind === 'retry' },
  )
}

function parsed(text: string): Fields | undefined {
  try {
    const body = parseJson(text)
    return isFields(body) ? body : undefined
  } catch {
    return undefined
  }
}
