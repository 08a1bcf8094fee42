import { sharedNow } from '../../lib/clock.ts'
import { secondMs } from '../../lib/time.ts'
import { type HttpAnswer, postForm } from '../../wire/http.ts'
import type { Call } from '../connector.ts'
import { type Fields, longest, textAt } from '../fields.ts'
import { certain, objectIn, reported, unreadable } from '../gateway.ts'
import { appOf } from './credentials.ts'
import { apiError } from './errors.ts'
import { signatureOf } from './sign.ts'

/** The fields of an answer are beside `errorCode`. */
export type Answer = { body: Fields; text: string }

/**
 * Makes one call, such as `deal/getDealDetail`. Empty parameters are not sent, because clients differ in whether they are signed.
 * @throws {PlatformError} for every failure.
 */
export function callPaipai(
  call: Call,
  method: string,
  params: Readonly<Record<string, string>>,
): Promise<Answer> {
  const app = appOf(call.credentials)
  const path = `/${method}.xhtml`
  return reported(call, method, async () => {
    const all = allParams(call, params)
    const form = new URLSearchParams({ ...all, sign: signatureOf('POST', path, all, app.oauthSecret) })
    const answer = await postForm(new URL(path, app.apiUrl).href, form, call.signal)
    return { body: readAnswer(answer, [app.oauthSecret, app.accessToken]), text: answer.text }
  })
}

/** The common parameters, and those of the call. `pureData`: JSON alone, without the assignment to a variable around it. */
function allParams(call: Call, params: Readonly<Record<string, string>>): Record<string, string> {
  const { uin, appOAuthID, accessToken } = appOf(call.credentials)
  const ms = (call.now?.() ?? sharedNow()).getTime()
  const all: Record<string, string> = {
    appOAuthID,
    accessToken,
    uin,
    timeStamp: String(Math.floor(ms / secondMs)),
    randomValue: String(10_000 + (ms % 9_990_000)),
    charset: 'utf-8',
    format: 'json',
    pureData: '1',
  }
  for (const [name, value] of Object.entries(params)) if (value !== '') all[name] = value
  return all
}

/** The seller, as calls for deals and goods name it; calls for refunds name it `userUin`. */
export const sellerOf = (call: Call): { sellerUin: string } => ({ sellerUin: appOf(call.credentials).uin })
export const userOf = (call: Call): { userUin: string } => ({ userUin: appOf(call.credentials).uin })

/** Reads an HTTP answer. Exported for tests with recorded answers. */
export function readAnswer(answer: HttpAnswer, secrets: readonly string[]): Fields {
  const body = objectIn(answer.text)
  const code = body ? textAt(body, 'errorCode', longest.word) : ''
  if (body && code !== '' && code !== '0')
    throw certain(answer, apiError(code, textAt(body, 'errorMessage', longest.text), secrets))
  if (body && code === '0' && answer.status < 400) return body
  throw unreadable(answer, 'its JSON')
}
