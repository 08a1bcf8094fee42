import { PlatformError } from '../../lib/platform-error.ts'
import { type HttpAnswer, sendJson } from '../../wire/http.ts'
import type { Call } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listIn, longest, textAt } from '../fields.ts'
import { needed, objectIn, reported, unreadable } from '../gateway.ts'
import { appOf } from './credentials.ts'
import { apiError, assertDone } from './errors.ts'

/** A version is served for a year at least. After that the platform serves the oldest one that is left. */
const version = '2026-07'

export type Answer = { data: Fields; text: string }
type Variables = Readonly<Record<string, unknown>>

/** Sends an operation, whose name is the method of the reports. @throws {PlatformError} for every failure. */
export function ask(call: Call, query: string, variables: Variables = {}): Promise<Answer> {
  const { shopUrl, clientSecret, fixedToken } = appOf(call.credentials)
  const token = fixedToken || call.session
  return reported(call, nameOf(query), async () => {
    const answer = await sendJson(
      `${shopUrl}/admin/api/${version}/graphql.json`,
      JSON.stringify({ query, variables }),
      call.signal,
      { 'x-shopify-access-token': token },
    )
    return readAnswer(answer, [token, clientSecret])
  })
}

/** Sends a mutation with one field, and returns that field's payload. @throws {PlatformError} also for its `userErrors`. */
export async function change(call: Call, query: string, variables: Variables): Promise<Fields> {
  const { data } = await ask(call, query, variables)
  const [payload] = Object.values(data).filter(isFields)
  assertDone(needed(payload, 'payload'), [call.session])
  return payload ?? {}
}

const nameOf = (query: string): string => /\b(?:query|mutation) (\w+)/.exec(query)?.[1] ?? 'unnamed'

/** Reads an HTTP answer. Nearly every answer has the status 200, also one that is an error. Exported for tests with recorded answers. */
export function readAnswer(answer: HttpAnswer, secrets: readonly string[]): Answer {
  const { status, text } = answer
  if (status >= 300 && status < 400)
    throw new PlatformError('rejected', 'site_moved', 'The address answers with another address.')
  const body = objectIn(text)
  if (body && body.errors !== undefined) throw apiError(body, answer, secrets)
  if (!body || status >= 400) throw unreadable(answer, 'GraphQL JSON')
  if (!isFields(body.data)) throw unreadable({ ...answer, status: 200 }, 'GraphQL JSON')
  return { data: body.data, text }
}

/** POST /admin/oauth/access_token. */
export function askToken(call: Call): Promise<Fields> {
  const { shopUrl, clientId, clientSecret } = appOf(call.credentials)
  const asked = { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' }
  return reported(call, 'token', async () => {
    const answer = await sendJson(`${shopUrl}/admin/oauth/access_token`, JSON.stringify(asked), call.signal)
    const body = objectIn(answer.text)
    const error = body && textAt(body, 'error', longest.word)
    if (error) throw tokenError(error, answer)
    if (!body || answer.status >= 400) throw unreadable(answer, 'JSON')
    return body
  })
}

/** What an answer says of it is not repeated: it might contain the secret. */
function tokenError(error: string, { status }: HttpAnswer): PlatformError {
  if (status >= 500) return new PlatformError('retry', error, 'No token is issued now.')
  return new PlatformError('rejected', 'key_refused', `The client is refused: ${error}.`)
}

/** The rows of a list, and the cursor of the next page; null: there is none. @throws {PlatformError} if the page has lost its rows. */
export function rowsOf(connection: Fields): { rows: readonly unknown[]; next: string | null } {
  const page = fieldsAt(connection, 'pageInfo')
  const rows: readonly unknown[] = needed(listIn(connection.nodes), 'nodes')
  const end = textAt(page, 'endCursor', longest.token)
  if (rows.length === 0 && end !== '')
    throw new PlatformError('retry', 'bad_answer', 'The page should hold rows and has none.')
  return { rows, next: page.hasNextPage === true ? needed(end || null, 'endCursor') : null }
}
