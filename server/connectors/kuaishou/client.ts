import { sharedNow } from '../../lib/clock.ts'
import { canonicalJson, type JsonValue } from '../../wire/canonical-json.ts'
import { type HttpAnswer, postForm, sendJson } from '../../wire/http.ts'
import type { Call } from '../connector.ts'
import { type Fields, longest, textAt } from '../fields.ts'
import { objectIn, reported, unreadable } from '../gateway.ts'
import { appOf } from './credentials.ts'
import { apiError } from './errors.ts'
import { signature } from './sign.ts'

/** `body` is the whole answer; its `data` is an object or a list. */
export type Answer = { body: Fields; text: string }
export type Params = Readonly<Record<string, JsonValue | undefined>>

/** Makes a call that reads, such as `open.order.detail`: everything is in the address. @throws {PlatformError} for every failure. */
export const askKuaishou = (call: Call, method: string, params: Params): Promise<Answer> =>
  send(call, method, params, (url, query) =>
    sendJson(`${url}?${new URLSearchParams(query)}`, undefined, call.signal),
  )

/** Makes a call that changes something: the parameters are a form. @throws {PlatformError} for every failure. */
export const sendToKuaishou = (call: Call, method: string, params: Params): Promise<Answer> =>
  send(call, method, params, (url, query) => postForm(url, new URLSearchParams(query), call.signal))

function send(
  call: Call,
  method: string,
  params: Params,
  exchange: (url: string, query: Record<string, string>) => Promise<HttpAnswer>,
): Promise<Answer> {
  const app = appOf(call.credentials)
  const url = String(new URL(method.replaceAll('.', '/'), app.gatewayUrl))
  return reported(
    call,
    method,
    async () => {
      const answer = await exchange(url, signedParams(call, method, canonicalJson(params)))
      const at = call.now?.() ?? sharedNow()
      const secrets = [app.appSecret, app.signSecret, call.session]
      return { body: readAnswer(answer, at, secrets), text: answer.text }
    },
    ({ body }) => textAt(body, 'requestId', longest.word),
  )
}

function signedParams(call: Call, method: string, param: string): Record<string, string> {
  const { appKey, signSecret } = appOf(call.credentials)
  const params = {
    access_token: call.session,
    appkey: appKey,
    method,
    param,
    signMethod: 'HMAC_SHA256',
    timestamp: String((call.now?.() ?? sharedNow()).getTime()),
    version: '1',
  }
  return { ...params, sign: signature(params, signSecret) }
}

/** Reads an HTTP answer. Exported for tests with recorded answers. */
export function readAnswer(answer: HttpAnswer, at: Date, secrets: readonly string[]): Fields {
  const body = objectIn(answer.text)
  const result = body ? textAt(body, 'result', longest.word) : ''
  if (body && result !== '' && result !== '1') throw apiError(result, { body, answer, at }, secrets)
  if (body && result === '1' && answer.status < 400) return body
  throw unreadable(answer, 'its JSON')
}
