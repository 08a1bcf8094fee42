import { searchHeaders } from '../../server/core/http/search-contract.ts'
import type { Outcome } from '../../server/core/lists/list-contract.ts'
import type { RowRefusal } from '../../server/core/sheets/sheet-contract.ts'
import type {
  Answer,
  Body,
  Method,
  PagePath,
  Params,
  Path,
  QueryOf,
  SheetPath,
  VerbPath,
} from './api-routes.ts'
import { say } from './words.ts'

/** The server's answer to a refused request. Codes never change, so pages may branch on them. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly zh: string
  readonly en: string
  readonly field: string | undefined
  readonly requestId: string

  constructor(status: number, body: ErrorBody) {
    super(body.messageEn)
    this.name = 'ApiError'
    this.status = status
    this.code = body.code
    this.zh = body.message
    this.en = body.messageEn
    this.field = body.field
    this.requestId = body.requestId
  }
}

type ErrorBody = { code: string; message: string; messageEn: string; field?: string; requestId: string }

/** The query of a request. Empty values are not sent. */
export type Query = Record<string, string | number | boolean | undefined>

/** One page of a list. `next`: the cursor of the next page; null: there is none. */
export type Page<Row> = { rows: Row[]; next: string | null }
export type CappedCount = { count: number; capped: boolean }
export type Counts = { tabs: Record<string, CappedCount> }

export type { Outcome }

export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(key, String(value))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** The argument of a request. It is optional if the request has no required field. */
type Maybe<T> =
  T extends Record<string, never> ? [given?: T] : Partial<T> extends T ? [given?: T] : [given: T]

type Given<P extends Path<'GET'>> = keyof (QueryOf<P> & Params<P>) extends never
  ? [nothing?: undefined]
  : Maybe<QueryOf<P> & Params<P>>

/** Sends a GET request. Path parameters (`:id`) and query fields are in one object. */
export function get<P extends Path<'GET'>>(
  path: P,
  ...asked: [...Given<P>, signal?: AbortSignal]
): Promise<Answer<'GET', P>>
export function get(path: string, given: object = {}, signal?: AbortSignal): Promise<unknown> {
  const { filled, rest } = fill(path, given)
  return send('GET', withQuery(filled, rest), undefined, signal)
}

export function post<P extends Path<'POST'>>(path: P, ...sent: Sent<'POST', P>) {
  return write('POST', path, sent)
}

export function patch<P extends Path<'PATCH'>>(path: P, ...sent: Sent<'PATCH', P>) {
  return write('PATCH', path, sent)
}

export function put<P extends Path<'PUT'>>(path: P, ...sent: Sent<'PUT', P>) {
  return write('PUT', path, sent)
}

export function remove<P extends Path<'DELETE'>>(
  path: P,
  ...[params]: Maybe<Params<P>>
): Promise<Answer<'DELETE', P>> {
  return send('DELETE', fill(path, params ?? {}).filled)
}

export function getPage<Row>(path: PagePath<Row>, query: Query, signal?: AbortSignal): Promise<Page<Row>> {
  const { filled, rest } = fill(path, query)
  return send('GET', withQuery(filled, rest), undefined, signal)
}

export function getCounts(path: string, query: Query = {}): Promise<Counts> {
  return send('GET', withQuery(`${path}/counts`, query))
}

export function getExactly(path: string, query: Query): Promise<{ count: number }> {
  return send('GET', withQuery(`${path}/count`, query))
}

/** Counts the rows up to `most`, for a figure that a page shows again and again. */
export function getUpTo(path: string, query: Query, most: number): Promise<CappedCount> {
  return send('GET', withQuery(`${path}/count`, { ...query, most }))
}

/** Returns a list's rows as a sheet, with the file name that the server gives. */
export async function getSheet(list: string, query: Query): Promise<{ name: string; file: Blob }> {
  return fileOf(await ask('GET', withQuery(`/exports/${list}.xlsx`, query)), `${list}.xlsx`)
}

/** Returns the file of a path whose answer is no JSON. */
export async function getFile<P extends Path<'GET'>>(
  path: P,
  params: Params<P>,
): Promise<{ name: string; file: Blob }> {
  return fileOf(await ask('GET', fill(path, params).filled), 'file')
}

/** Sends a request whose answer is a file. */
export async function postFile<P extends Path<'POST'>>(
  path: P,
  body: Body<'POST', P>,
): Promise<{ name: string; file: Blob }> {
  return fileOf(await ask('POST', path, body), 'file')
}

async function fileOf(response: Response, otherwise: string): Promise<{ name: string; file: Blob }> {
  const named = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1]
  return { name: decodeURIComponent(named ?? otherwise), file: await response.blob() }
}

/** Sends a verb over rows. The declaration of the verb defines the body. */
export function postVerb(path: VerbPath, body: object): Promise<{ results: Outcome[] }> {
  return send('POST', path, body)
}

export function postSheet<P extends SheetPath>(
  path: P,
  file: string,
  more: object = {},
): Promise<Answer<'POST', P> & { refused: RowRefusal[] }> {
  return send('POST', path, { ...more, file })
}

type Sent<M extends Method, P extends Path<M>> =
  Partial<Params<P>> extends Params<P> ? Maybe<Body<M, P>> : [body: Body<M, P>, params: Params<P>]

function write<M extends Method, P extends Path<M>>(
  method: M,
  path: P,
  [body, params]: readonly [body?: unknown, params?: object],
): Promise<Answer<M, P>> {
  return send(method, fill(path, params ?? {}).filled, body ?? {})
}

/** Fills the path's parameters. The other fields remain for the query. */
function fill(path: string, given: object): { filled: string; rest: Query } {
  const rest = { ...given } as Record<string, string>
  const filled = path.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const value = rest[name] ?? ''
    delete rest[name]
    return encodeURIComponent(value)
  })
  return { filled, rest }
}

/** Moves the search text from the address to a header, because it may be a buyer's name or phone. */
function searchApart(path: string): { address: string; headers: Record<string, string> } {
  const [bare = '', query = ''] = path.split('?')
  const params = new URLSearchParams(query)
  const headers: Record<string, string> = {}
  for (const [key, header] of Object.entries(searchHeaders)) {
    const text = params.get(key) ?? ''
    if (text !== '') headers[header] = encodeURIComponent(text)
    params.delete(key)
  }
  const rest = params.toString()
  return { address: rest === '' ? bare : `${bare}?${rest}`, headers }
}

async function send<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const text = await (await ask(method, path, body, signal)).text()
  return JSON.parse(text === '' ? 'null' : text)
}

async function ask(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const { address, headers } = searchApart(path)
  const response = await fetch(`/api${address}`, {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      'x-requested-with': 'sanyi',
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw unreachable()
  })
  if (!response.ok) throw await refusal(response)
  return response
}

async function refusal(response: Response): Promise<ApiError> {
  const error = await response.json().then(
    (body: ErrorBody) => new ApiError(response.status, body),
    () => unreachable(response.status),
  )
  if (error.code === 'not_signed_in') signInAgain()
  return error
}

function unreachable(status = 0): ApiError {
  return new ApiError(status, {
    code: 'unreachable',
    message: '连不上服务器。检查网络，服务器恢复后会自动继续。',
    messageEn: 'The server cannot be reached. Check the network; work goes on once it is back.',
    requestId: '',
  })
}

/** Opens the sign-in page after the session has ended. The page returns to the present address. */
function signInAgain(): void {
  const { pathname, search } = location
  if (/^\/(sign-in|setup|password)/.test(pathname)) return
  location.assign(`/sign-in?next=${encodeURIComponent(pathname + search)}`)
}

export function errorText(error: unknown): string {
  if (error instanceof ApiError) return say([error.zh, error.en])
  return say(['出错了，再试一次。', 'Something broke. Try again.'])
}
