import { sharedNow } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type HttpAnswer, sendJson } from '../../wire/http.ts'
import type { Call } from '../connector.ts'
import { type Fields, longest, textAt } from '../fields.ts'
import { certain, objectIn, reported, unreadable } from '../gateway.ts'
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
  return ask(call, method, `/channels/ec/${method}?${token}`, params && written(params))
}

/** JSON in which a bigint is a number with all its digits: some ids are numbers in requests. */
const written = (params: object): string =>
  JSON.stringify(params, (_, value: unknown) => (typeof value === 'bigint' ? `\0${value}` : value)).replace(
    /"\\u0000(\d+)"/g,
    '$1',
  )

/** POST /cgi-bin/stable_token, the only call without a token. */
export const askToken = (call: Call, params: Readonly<Record<string, unknown>>): Promise<ApiAnswer> =>
  ask(call, 'stable_token', '/cgi-bin/stable_token', JSON.stringify(params))

function ask(call: Call, method: string, path: string, json: string | undefined): Promise<ApiAnswer> {
  const { appSecret, apiUrl } = appOf(call.credentials)
  return reported(call, method, async () => {
    const at = call.now?.() ?? sharedNow()
    const answer = await sendJson(new URL(path, apiUrl).href, json, call.signal)
    const body = readAnswer(answer, at, [appSecret, call.session])
    return { body, text: answer.text, at }
  })
}

/** A courier's own reason is beside the platform's. */
const wordsOf = (body: Fields): string =>
  ['errmsg', 'delivery_error_msg']
    .map((key) => textAt(body, key, longest.text))
    .filter((words) => words !== '')
    .join(' · ')

/** Reads an HTTP answer. Exported for tests with recorded answers. */
export function readAnswer(answer: HttpAnswer, at: Date, secrets: readonly string[]): Fields {
  const body = objectIn(answer.text)
  const code = body ? textAt(body, 'errcode', longest.word) : ''
  if (body && code !== '' && code !== '0') throw certain(answer, apiError(code, wordsOf(body), at, secrets))
  // An address that is not on the shop's list of servers is refused by the HTTP status alone.
  if (answer.status === 403)
    throw new PlatformError(
      'rejected',
      'address_not_allowed',
      'The server’s address is not on the platform’s list.',
    )
  if (body && answer.status < 400) return body
  throw unreadable(answer, 'its JSON')
}
