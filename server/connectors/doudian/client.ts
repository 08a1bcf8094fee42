import { sharedNow } from '../../lib/clock.ts'
import { secondMs } from '../../lib/time.ts'
import { canonicalJson, type JsonValue } from '../../wire/canonical-json.ts'
import { type HttpAnswer, sendJson } from '../../wire/http.ts'
import { signFramed } from '../../wire/sign.ts'
import type { Call } from '../connector.ts'
import { type Fields, longest, textAt } from '../fields.ts'
import { certain, objectIn, reported, unreadable } from '../gateway.ts'
import { appOf } from './credentials.ts'
import { apiError } from './errors.ts'

/** `body` is the whole answer; its `data` is an object or a list. */
export type Answer = { body: Fields; text: string }
export type Params = Readonly<Record<string, JsonValue | undefined>>

/** Without this header the answer has codes of an older scheme under other names. */
const headers = { 'x-open-no-old-err-code': '1' }

/** Makes one call, such as `order/orderDetail`. @throws {PlatformError} for every failure. */
export function callFxg(
  call: Call,
  path: string,
  params: Params,
  { readsRows = false } = {},
): Promise<Answer> {
  const app = appOf(call.credentials)
  const method = path.replaceAll('/', '.')
  return reported(
    call,
    method,
    async () => {
      const json = canonicalJson(params)
      const query = new URLSearchParams(signedQuery(call, method, json))
      const url = `${new URL(path, app.gatewayUrl)}?${query}`
      const answer = await sendJson(url, json, call.signal, headers)
      return { body: readAnswer(answer, [app.appSecret, call.session], readsRows), text: answer.text }
    },
    ({ body }) => textAt(body, 'log_id', longest.word),
  )
}

/** The public parameters of a call with these param_json. The access token and the method of signing are not signed. */
export function signedQuery(call: Call, method: string, json: string): Record<string, string> {
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

/** The code of a batch of which some rows failed: each row has its own. Source: the platform's list of codes. */
export const partFailed = '10001'

/** Reads an HTTP answer. `readsRows`: the caller looks into the rows of a batch that failed in part. Exported for tests with recorded answers. */
export function readAnswer(answer: HttpAnswer, secrets: readonly string[], readsRows = false): Fields {
  const body = objectIn(answer.text)
  const code = body ? textAt(body, 'code', longest.word) : ''
  if (body && readsRows && code === partFailed && answer.status < 400) return body
  if (body && code !== '' && code !== '10000') throw certain(answer, apiError(body, secrets))
  if (body && code === '10000' && answer.status < 400) return body
  throw unreadable(answer, 'its JSON')
}
