import { say } from './words.ts'

/** What the server answers to a request that it refuses. Codes are permanent; the screen branches on them. */
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

/** Filters and pages of an address; what is empty is left out. */
export type Query = Record<string, string | number | boolean | undefined>

/** One page of a list, and where the next one begins. */
export type Page<Row> = { rows: Row[]; next: string | null }
export type CappedCount = { count: number; capped: boolean }
export type Counts = { tabs: Record<string, CappedCount> }

/** What became of one row of a request over several. */
export type Outcome =
  | { id: string; done: true; ref?: string }
  | {
      id: string
      done: false
      code: string
      reason?: string
      message?: { zh: string; en: string }
      ref?: string
    }

export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(key, String(value))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

export function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return send<T>('GET', withQuery(path, query), undefined, signal)
}

export function post<T>(path: string, body: unknown = {}): Promise<T> {
  return send<T>('POST', path, body)
}

export function patch<T>(path: string, body: unknown): Promise<T> {
  return send<T>('PATCH', path, body)
}

export function put<T>(path: string, body: unknown): Promise<T> {
  return send<T>('PUT', path, body)
}

export function remove<T>(path: string): Promise<T> {
  return send<T>('DELETE', path)
}

async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const isForm = body instanceof FormData
  const response = await fetch(`/api${path}`, {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      'x-requested-with': 'sanyi',
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw unreachable()
  })
  if (!response.ok) throw await refusal(response)
  const text = await response.text()
  return JSON.parse(text === '' ? 'null' : text)
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

/** The session ended: sign in, and come back to the same place. */
function signInAgain(): void {
  const { pathname, search } = location
  if (/^\/(sign-in|setup|password)/.test(pathname)) return
  location.assign(`/sign-in?next=${encodeURIComponent(pathname + search)}`)
}

/** What to tell a person, in their language. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) return say([error.zh, error.en])
  return say(['出错了，再试一次。', 'Something broke. Try again.'])
}
