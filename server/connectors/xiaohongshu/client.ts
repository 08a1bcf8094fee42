import { createHash } from 'node:crypto'
import { sharedNow } from '../../lib/clock.ts'
import { secondMs } from '../../lib/time.ts'
import { canonicalJson, type JsonValue } from '../../wire/canonical-json.ts'
import { sendJson } from '../../wire/http.ts'
import type { Call } from '../connector.ts'
import { type Fields, isFields } from '../fields.ts'
import { objectIn, reported, unreadable } from '../gateway.ts'
import { appOf } from './credentials.ts'
import { apiError, type Refused } from './errors.ts'
import { tokenIn } from './session.ts'

export type Params = Readonly<Record<string, JsonValue | undefined>>
/** `data`: of the innermost envelope, an object unless a method answers something else. `text`: the whole answer. */
export type Answer = { data: Fields; list: readonly unknown[]; text: string }

/**
 * Makes one call. All methods have one address; the parameters of the system and of the method are beside each other in one JSON body.
 * @throws {PlatformError} for every failure.
 */
export function askXiaohongshu(call: Call, method: string, params: Params): Promise<Answer> {
  const { appId, appSecret, gatewayUrl } = appOf(call.credentials)
  return reported(call, method, async () => {
    const at = call.now?.() ?? sharedNow()
    const system = { appId, method, timestamp: String(Math.floor(at.getTime() / secondMs)), version: '2.0' }
    const accessToken = tokenIn(call.session) || undefined
    const body = canonicalJson({ ...params, ...system, sign: signature(system, appSecret), accessToken })
    const answer = await sendJson(gatewayUrl, body, call.signal)
    const secrets = [appSecret, call.session, accessToken ?? ''].filter(Boolean)
    const data = readAnswer({ answer, secrets })
    return { data: isFields(data) ? data : {}, list: Array.isArray(data) ? data : [], text: answer.text }
  })
}

/** Only the parameters of the system are signed; those of the method and the token are not. */
export function signature(
  { method, appId, timestamp, version }: Record<'method' | 'appId' | 'timestamp' | 'version', string>,
  appSecret: string,
): string {
  const text = `${method}?appId=${appId}&timestamp=${timestamp}&version=${version}${appSecret}`
  return createHash('md5').update(text, 'utf8').digest('hex')
}

/** Returns the content of the envelope of an HTTP answer. Exported for tests with recorded answers. */
export function readAnswer(refused: Refused): unknown {
  const { answer } = refused
  const body = objectIn(answer.text)
  if (!body || !('success' in body || 'error_code' in body)) throw unreadable(answer, 'its JSON')
  if (!isGood(body, 'error_code')) throw apiError(body, refused)
  if (answer.status >= 400) throw unreadable(answer, 'its JSON')
  const { data } = body
  // A newer family of methods has an envelope of its own inside, with other names.
  if (!isFields(data) || typeof data.success !== 'boolean' || !('code' in data)) return data
  if (!isGood(data, 'code')) throw apiError(data, refused)
  return data.data
}

/** Some refusals say `success`, and have a number. */
const isGood = (of: Fields, numbered: 'code' | 'error_code'): boolean =>
  of.success === true && [undefined, null, 0, '0'].some((good) => of[numbered] === good)
