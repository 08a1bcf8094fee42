import { XMLParser } from 'fast-xml-parser'
import { FormData } from 'undici'
import { sharedNow } from '../../lib/clock.ts'
import { toChinaTime } from '../../lib/time.ts'
import { type HttpAnswer, postForm } from '../../wire/http.ts'
import { sign } from '../../wire/sign.ts'
import type { Call } from '../connector.ts'
import { type Fields, fieldsAt, isFields, longest, textAt } from '../fields.ts'
import { certain, objectIn, reported, unreadable } from '../gateway.ts'
import type { Send, UnsignedRequest } from '../relayed.ts'
import { appOf } from './credentials.ts'
import { topError } from './errors.ts'

/** `body`: the content of the method's envelope. `text`: the whole answer as it was received. */
export type TopAnswer = { body: Fields; text: string }

/** A picture, sent as multipart. The signature does not cover it. */
export type TopFile = NonNullable<UnsignedRequest['file']>

/** Makes one call of TOP. Empty parameters are not sent. @throws {PlatformError} for every failure. */
export function callTop(
  call: Call,
  method: string,
  params: Readonly<Record<string, string>>,
  file?: TopFile,
): Promise<TopAnswer> {
  const app = appOf(call.credentials)
  const secrets = [app.appSecret, call.session]
  return reported(
    call,
    method,
    async () => {
      const send = call.transport ?? sendTop
      const request = file ? { method, params, file } : { method, params }
      return readTopAnswer(method, await send(call, request), secrets)
    },
    ({ body }) => textAt(body, 'request_id', longest.word),
  )
}

/** Signs a request and sends it to the gateway. */
export const sendTop: Send = (call, request) =>
  postForm(appOf(call.credentials).gatewayUrl, signedForm(call, request), call.signal)

function signedForm(call: Call, { method, params, file }: UnsignedRequest): URLSearchParams | FormData {
  const app = appOf(call.credentials)
  const all: Record<string, string> = {
    method,
    app_key: app.appKey,
    session: call.session,
    timestamp: toChinaTime(call.now?.() ?? sharedNow()),
    format: 'json',
    v: '2.0',
    sign_method: app.signMethod,
  }
  for (const [name, value] of Object.entries(params)) if (value !== '') all[name] = value
  if (call.session === '') delete all.session
  all.sign = sign(all, app.appSecret, app.signMethod)
  if (!file) return new URLSearchParams(all)
  const form = new FormData()
  for (const [name, value] of Object.entries(all)) form.set(name, value)
  form.set(
    file.field,
    new Blob([Uint8Array.from(file.bytes)], { type: file.type }),
    `proof.${file.type.split('/')[1] ?? 'jpg'}`,
  )
  return form
}

/** Returns the content of the envelope of an HTTP answer. Exported for tests with recorded answers. */
export function readTopAnswer(method: string, answer: HttpAnswer, secrets: readonly string[]): TopAnswer {
  const root = objectIn(answer.text) ?? readXmlError(answer.text)
  const error = root ? fieldsAt(root, 'error_response') : {}
  if (Object.keys(error).length > 0) throw certain(answer, topError(error, secrets))
  if (answer.status === 429) throw unreadable(answer, 'TOP JSON')
  const name = `${method.replace(/^taobao\./, '').replaceAll('.', '_')}_response`
  // With simplify=true, and in some pushed copies, there is no envelope and the root is the body.
  const body = root && (isFields(root[name]) ? root[name] : 'request_id' in root ? root : undefined)
  if (body) return { body, text: answer.text }
  throw unreadable(answer, 'TOP JSON')
}

/** Reads an error in XML; undefined for any other text. The gateway answers in XML if it could not read our `format`. */
function readXmlError(text: string): Fields | undefined {
  if (!/^\s*(<\?xml[^>]*>\s*)?<error_response>/.test(text) || text.length > 10_000) return undefined
  try {
    const root: unknown = new XMLParser({ parseTagValue: false, processEntities: false }).parse(text)
    return isFields(root) ? root : undefined
  } catch {
    return undefined
  }
}
