import { parseJson } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type HttpAnswer, sendJsonBy } from '../../wire/http.ts'
import type { Call } from '../connector.ts'
import { type Fields, isFields, textAt, wholeAt } from '../fields.ts'
import { reported, unreadable } from '../gateway.ts'
import { siteOf } from './credentials.ts'
import { apiError, type Refused } from './errors.ts'

/** `rows`: of an answer that is a list. `total`: the rows of the whole list, of which the answer is a page. `text`: the answer as JSON. */
export type Answer = { data: Fields; rows: readonly unknown[]; total: number | null; text: string }
type Sent = { params?: Readonly<Record<string, string>>; body?: object }

/** Asks the REST API of the shop's site, below /wp-json/wc/v3/. @throws {PlatformError} for every failure. */
export const getWoo = (call: Call, path: string, params: Readonly<Record<string, string>> = {}) =>
  ask(call, 'GET', path, { params })

export const sendWoo = (call: Call, verb: 'POST' | 'PUT', path: string, body: object) =>
  ask(call, verb, path, { body })

/** GET /wp-json/ says what the site is called. */
export const getSite = (call: Call) => ask(call, 'GET', '', { params: { _fields: 'name' } })

function ask(
  call: Call,
  verb: 'GET' | 'POST' | 'PUT',
  path: string,
  { params, body }: Sent,
): Promise<Answer> {
  const { siteUrl, consumerKey, consumerSecret } = siteOf(call.credentials)
  const basic = Buffer.from(`${consumerKey}:${consumerSecret}`, 'utf8').toString('base64')
  const query = params && Object.keys(params).length > 0 ? `?${new URLSearchParams(params)}` : ''
  const url = `${siteUrl}/wp-json/${path === '' ? '' : `wc/v3/${path}`}${query}`
  const sent = { json: body && JSON.stringify(body), headers: { authorization: `Basic ${basic}` } }
  return reported(call, `${verb} ${path.replaceAll(/(?<=\/)\d+/g, 'n') || 'site'}`, async () => {
    const answer = await sendJsonBy(verb, url, sent, call.signal)
    return readAnswer(answer, { secrets: [consumerSecret, basic], isRead: verb === 'GET' })
  })
}

/** Reads an HTTP answer. Exported for tests with recorded answers. */
export function readAnswer(answer: HttpAnswer, of: Omit<Refused, 'answer'>): Answer {
  const { status, text, headers } = answer
  if (status >= 300 && status < 400)
    throw new PlatformError('rejected', 'site_moved', 'The address answers with another address.')
  const found = jsonIn(text)
  if (found && status >= 400 && isFields(found.value) && textAt(found.value, 'code', 1) !== '')
    throw apiError(found.value, { ...of, answer })
  if (!found || status >= 400) throw unreadable(answer, 'its JSON')
  return {
    data: isFields(found.value) ? found.value : {},
    rows: Array.isArray(found.value) ? found.value : [],
    total: wholeAt({ total: headers?.['x-wp-total'] }, 'total', 0, Number.MAX_SAFE_INTEGER),
    text: found.text,
  }
}

/** Finds the JSON of an answer, also behind notices that a plugin of the site has let out before it. */
function jsonIn(text: string): { value: object; text: string } | undefined {
  const begin = text.search(/^[[{]/m)
  if (begin < 0) return undefined
  try {
    const json = text.slice(begin)
    const value = parseJson(json)
    return typeof value === 'object' && value !== null ? { value, text: json } : undefined
  } catch {
    return undefined
  }
}
