import { sharedNow } from '../../lib/clock.ts'
import { parseJson } from '../../lib/json.ts'
import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import { canonicalJson, type JsonValue } from '../../wire/canonical-json.ts'
import { type HttpAnswer, sendJson } from '../../wire/http.ts'
import { signFramed } from '../../wire/sign.ts'
import type { Call } from '../connector.ts'
import { type Fields, isFields, longest, textAt } from '../fields.ts'
import { appOf } from './credentials.ts'
import { apiError } from './errors.ts'

/** `body` is the whole answer; its `data` is an object or a list. */
export type Answer = { body: Fields; text: string }
export type Params = Readonly<Record<string, JsonValue | undefined>>

/** Without this header the answer has codes of an older scheme under other names. */
const headers = { 'x-open-no-old-err-code': '1' }

/** Makes one call, such as `order/orderDetail`. @throws {PlatformError} for every failure. */
export async function callFxg(call: Call, path: string, params: Params): Promise<Answer> {
  const app = appOf(call.credentials)
  const method = path.replaceAll('/', '.')
  const started = performance.now()
  const report = (outcome: 'ok' | PlatformErrorKind, requestId: string) =>
    call.onRequest?.({
      method,
      ms: Math.round(performance.now() - started),
      outcome,
      ...(requestId === '' ? {} : { requestId }),
    })
  try {
    const json = canonicalJson(params)
    const query = new URLSearchParams(signedQuery(call, method, json))
    const url = `${new URL(path, app.gatewayUrl)}?${query}`
    const answer = await sendJson(url, json, call.signal, headers)
    const body = readAnswer(answer, [app.appSecret, call.session])
    report('ok', textAt(body, 'log_id', longest.word))
    return { body, text: answer.text }
  } catch (error) {
    if (error instanceof PlatformError) report(error.kind, error.requestId)
    throw error
  }
}

/** The public parameters. The access token and the method of signing are not signed. */
function signedQuery(call: Call, method: string, json: string): Record<string, string> {
  const { appKey, appSecret } = appOf(call.credentials)
  const signed = {
    app_key: appKey,
    method,
    timestamp: String(Math.floor((call.now?.() ?? sharedNow()).getTime() / secondMs)),
    v: '2',
  }
  return {
    ...signed,
    sign: signFramed({ ...signed, param_json: json }, appSecret),
    sign_method: 'hmac-sha256',
    ...(call.session === '' ? {} : { access_token: call.session }),
  }
}

/** Reads an HTTP answer. Exported for tests with recorded answers. */
export function readAnswer({ status, text, retryAfterMs }: HttpAnswer, secrets: readonly string[]): Fields {
  const body = parsed(text)
  const code = body ? textAt(body, 'code', longest.word) : ''
  if (body && code !== '' && code !== '10000') throw apiError(body, secrets)
  if (status === 429)
    throw new PlatformError('rate_limited', 'http_429', 'The gateway answered 429.', {
      waitMs: retryAfterMs || 1000,
    })
  if (body && code === '10000' && status < 400) return body
  const kind = status >= 400 && status < 500 ? 'rejected' : 'retry'
  throw new PlatformError(
    kind,
    status === 200 ? 'bad_answer' : `http_${status}`,
    `The gateway answered ${status} with something that is not its JSON.`,
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
