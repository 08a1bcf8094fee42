import { XMLParser } from 'fast-xml-parser'
import { FormData } from 'undici'
import { sharedNow } from '../../lib/clock.ts'
import { parseJson } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { toChinaTime } from '../../lib/time.ts'
import { type HttpAnswer, postForm } from '../../wire/http.ts'
import { sign } from '../../wire/sign.ts'
import type { Call } from '../connector.ts'
import { type Fields, fieldsAt, isFields, longest, textAt } from '../fields.ts'
import { appOf } from './credentials.ts'
import { topError } from './errors.ts'

/** `body`: the content of the method's envelope. `text`: the whole answer as it was received. */
export type TopAnswer = { body: Fields; text: string }

/** A picture, sent as multipart. The signature does not cover it. */
export type TopFile = { field: string; bytes: Uint8Array; type: string }

/** Makes one call of TOP. Empty parameters are not sent. @throws {PlatformError} for every failure. */
export async function callTop(
  call: Call,
  method: string,
  params: Readonly<Record<string, string>>,
  file?: TopFile,
): Promise<TopAnswer> {
  const app = appOf(call.credentials)
  const secrets = [app.appSecret, call.session]
  const started = performance.now()
  const report = (outcome: 'ok' | PlatformError['kind'], requestId: string) =>
    call.onRequest?.({
      method,
      ms: Math.round(performance.now() - started),
      outcome,
      ...(requestId ? { requestId } : {}),
    })
  try {
    const form = signedForm(call, method, params, file)
    const answer = readTopAnswer(method, await postForm(app.gatewayUrl, form, call.signal), secrets)
    report('ok', textAt(answer.body, 'request_id', longest.word))
    return answer
  } catch (error) {
    if (error instanceof PlatformError) report(error.kind, error.requestId)
    throw error
  }
}

function signedForm(
  call: Call,
  method: string,
  params: Readonly<Record<string, string>>,
  file: TopFile | undefined,
): URLSearchParams | FormData {
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
  const root = readRoot(answer)
  const error = root ? fieldsAt(root, 'error_response') : {}
  if (Object.keys(error).length > 0) throw topError(error, secrets)
  if (answer.status === 429) {
    throw new PlatformError('rate_limited', 'http_429', 'The gateway answered 429.', {
      waitMs: answer.retryAfterMs || 1000,
    })
  }
  const name = `${method.replace(/^taobao\./, '').replaceAll('.', '_')}_response`
  // With simplify=true, and in some pushed copies, there is no envelope and the root is the body.
  const body = root && (isFields(root[name]) ? root[name] : 'request_id' in root ? root : undefined)
  if (body) return { body, text: answer.text }
  const kind = answer.status >= 400 && answer.status < 500 ? 'rejected' : 'retry'
  const code = answer.status === 200 ? 'bad_answer' : `http_${answer.status}`
  throw new PlatformError(
    kind,
    code,
    `The gateway answered ${answer.status} with something that is not TOP JSON.`,
    { unclear: kind === 'retry' },
  )
}

function readRoot(answer: HttpAnswer): Fields | undefined {
  try {
    const root = parseJson(answer.text)
    return isFields(root) ? root : undefined
  } catch {
    return readXmlError(answer.text)
  }
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
