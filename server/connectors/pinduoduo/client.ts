import { sharedNow } from '../../lib/clock.ts'
import { secondMs } from '../../lib/time.ts'
import { type HttpAnswer, postForm } from '../../wire/http.ts'
import { sign } from '../../wire/sign.ts'
import type { Call } from '../connector.ts'
import { type Fields, fieldsAt, isFields, longest, textAt } from '../fields.ts'
import { certain, objectIn, reported, unreadable } from '../gateway.ts'
import type { Send, UnsignedRequest } from '../relayed.ts'
import { appOf } from './credentials.ts'
import { popError } from './errors.ts'

/** `body` is the whole answer, because the name of POP's root element cannot be derived from the method. */
export type PopAnswer = { body: Fields; text: string }

/** Makes one call of POP. Empty parameters are not sent. @throws {PlatformError} for every failure. */
export function callPop(
  call: Call,
  type: string,
  params: Readonly<Record<string, string>>,
): Promise<PopAnswer> {
  const app = appOf(call.credentials)
  const secrets = [app.clientSecret, call.session, params.code ?? '', params.refresh_token ?? '']
  return reported(
    call,
    type,
    async () => readPopAnswer(await (call.transport ?? sendPop)(call, { method: type, params }), secrets),
    ({ body }) => requestIdOf(body),
  )
}

/** Signs a request and sends it to the gateway. */
export const sendPop: Send = (call, request) =>
  postForm(appOf(call.credentials).gatewayUrl, signedForm(call, request), call.signal)

function signedForm(call: Call, { method: type, params }: UnsignedRequest): URLSearchParams {
  const app = appOf(call.credentials)
  const all: Record<string, string> = {
    type,
    client_id: app.clientId,
    timestamp: String(Math.floor((call.now?.() ?? sharedNow()).getTime() / secondMs)),
    data_type: 'JSON',
    version: 'V1',
  }
  if (call.session !== '') all.access_token = call.session
  for (const [name, value] of Object.entries(params)) if (value !== '') all[name] = value
  return new URLSearchParams({ ...all, sign: sign(all, app.clientSecret, 'md5') })
}

/** Parses an HTTP answer. Exported for tests with recorded answers. */
export function readPopAnswer(answer: HttpAnswer, secrets: readonly string[]): PopAnswer {
  const body = objectIn(answer.text)
  const error = body ? fieldsAt(body, 'error_response') : {}
  if (Object.keys(error).length > 0) throw certain(answer, popError(error, secrets))
  if (body && answer.status < 400) return { body, text: answer.text }
  throw unreadable(answer, 'POP JSON')
}

function requestIdOf(body: Fields): string {
  const root = Object.values(body).find(isFields)
  return root ? textAt(root, 'request_id', longest.word) : ''
}
