import { sharedNow } from '../../lib/clock.ts'
import { toChinaTime } from '../../lib/time.ts'
import { canonicalJson, type JsonValue } from '../../wire/canonical-json.ts'
import { postForm } from '../../wire/http.ts'
import { sign } from '../../wire/sign.ts'
import type { Call } from '../connector.ts'
import { entryOf, type Fields, fieldsAt, isFields, isTrueAt } from '../fields.ts'
import { objectIn, reported, unreadable } from '../gateway.ts'
import { appOf } from './credentials.ts'
import { businessError, gatewayError, type Refused } from './errors.ts'

export type Params = Readonly<Record<string, JsonValue | undefined>>
/** `result`: the business object. `text`: the whole answer as it was received. */
export type Answer = { result: Fields; text: string }

/** For a method without a business object: its fields are in the root itself, whose name is of an older form. */
export const wholeRoot = ''
const oldRoots: Readonly<Record<string, string>> = {
  '360buy.get.vender.all.delivery.company': 'vender_delivery_all_company_response',
}

/**
 * Makes one call of JOS. `name`: of the business object, which differs from method to method. The parameters of the system are in the address, those
 * of the method in a form, as the platform's own client sends them. @throws {PlatformError} for every failure.
 */
export function askJd(call: Call, method: string, params: Params, name: string): Promise<Answer> {
  const app = appOf(call.credentials)
  return reported(call, method, async () => {
    const at = call.now?.() ?? sharedNow()
    const { query, form } = signedCall(call, method, { params, at })
    const url = `${app.gatewayUrl}?${new URLSearchParams(query)}`
    const answer = await postForm(url, new URLSearchParams(form), call.signal)
    const refused = { answer, at, secrets: [app.appSecret, call.session] }
    return { result: readAnswer(method, name, refused), text: answer.text }
  })
}

/** Signs a call. Exported for the platform's own example. */
export function signedCall(
  { credentials, session }: Pick<Call, 'credentials' | 'session'>,
  method: string,
  { params, at }: { params: Params; at: Date },
): { query: Record<string, string>; form: Record<string, string> } {
  const { appKey, appSecret } = appOf(credentials)
  const query: Record<string, string> = {
    method,
    app_key: appKey,
    access_token: session,
    timestamp: stamp(at),
    v: '2.0',
  }
  const form = { '360buy_param_json': canonicalJson(params) }
  return { query: { ...query, sign: sign({ ...query, ...form }, appSecret, 'md5') }, form }
}

const stamp = (at: Date): string =>
  `${toChinaTime(at)}.${String(at.getUTCMilliseconds()).padStart(3, '0')}+0800`

/** Returns the business object of an HTTP answer. Exported for tests with recorded answers. */
export function readAnswer(method: string, name: string, refused: Refused): Fields {
  const { answer } = refused
  const body = objectIn(answer.text)
  if (body && isFields(body.error_response)) throw gatewayError(body.error_response, refused)
  const rootName = entryOf(oldRoots, method) ?? `${method.replaceAll('.', '_')}_responce`
  const root = body && isFields(body[rootName]) ? body[rootName] : undefined
  const result = name === wholeRoot ? root : root?.[name]
  if (root && isFields(result)) {
    const refusal = [result, fieldsAt(result, 'apiResult'), fieldsAt(result, 'api_jos_result')].find(
      isRefusal,
    )
    if (refusal) throw businessError(refusal, refused)
    if (answer.status < 400) return result
  }
  if (root && 'code' in root && root.code !== '0' && root.code !== 0) throw businessError(root, refused)
  throw unreadable(answer, 'JOS JSON')
}

/** `success` is a truth value or a text. */
const isRefusal = (of: Fields): boolean => 'success' in of && !isTrueAt(of, 'success')
