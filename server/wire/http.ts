import { Agent, type Dispatcher, type FormData } from 'undici'
import { PlatformError } from '../lib/platform-error.ts'
import { codeOf } from '../lib/safe-error.ts'
import { assertPublicHost, isThisMachine, NotPublic, publicOnly } from './public-address.ts'

/**
 * Connections to marketplaces are kept open and shared by all shops. A call fails if the marketplace is silent for 20 s, cannot be
 * connected to within 5 s, or sends its answer for longer than a minute.
 */
const limits = { headersTimeout: 20_000, bodyTimeout: 20_000, connections: 64, pipelining: 1 }
const agent = new Agent({ ...limits, connect: { timeout: 5_000, lookup: publicOnly } })
/** For a simulator on this machine. */
const simulatorAgent = new Agent({ ...limits, connect: { timeout: 5_000 } })
const wholeAnswerMs = 60_000
/** An answer of which only the status is wanted. Its connection is used again if the rest is no longer than this, and closed otherwise. */
const briefBytes = 16 * 1024
const largestAnswerBytes = 32 * 1024 * 1024

/** `headers`: by their names in small letters. */
export type HttpAnswer = {
  status: number
  text: string
  retryAfterMs: number
  headers?: Readonly<Record<string, string | string[] | undefined>>
}

/**
 * POSTs a form and returns the answer as text. Redirects are not followed. Transport errors become `PlatformError('retry')`. `unclear`: the
 * request may have arrived.
 */
export function postForm(
  url: string,
  body: URLSearchParams | FormData,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const isPlain = body instanceof URLSearchParams
  const headers = isPlain ? { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' } : {}
  return send(url, { method: 'POST', body: isPlain ? body.toString() : body, headers }, signal)
}

/** POSTs JSON, or GETs if there is none. Everything else is as with `postForm`. */
export function sendJson(
  url: string,
  json: string | undefined,
  signal: AbortSignal | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  if (json === undefined) return send(url, { method: 'GET', body: null, headers }, signal)
  const all = { ...headers, 'content-type': 'application/json' }
  return send(url, { method: 'POST', body: json, headers: all }, signal)
}

/** POSTs JSON and returns the status alone: the rest of the answer is neither read nor waited for. Everything else is as with `postForm`. */
export async function postBriefly(
  url: string,
  json: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const all = { ...headers, 'content-type': 'application/json' }
  const { status } = await send(url, { method: 'POST', body: json, headers: all }, signal, { brief: true })
  return status
}

/** Sends JSON by any verb, or none with it. Everything else is as with `postForm`. */
export function sendJsonBy(
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  { json, headers }: { json?: string | undefined; headers: Readonly<Record<string, string>> },
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const all = json === undefined ? headers : { ...headers, 'content-type': 'application/json' }
  return send(url, { method, body: json ?? null, headers: all }, signal)
}

async function send(
  url: string,
  content: Pick<Dispatcher.DispatchOptions, 'method' | 'body' | 'headers'>,
  signal: AbortSignal | undefined,
  { brief = false } = {},
): Promise<HttpAnswer> {
  if (signal?.aborted) throw new PlatformError('retry', 'aborted', 'The call was stopped before it was sent.')
  try {
    const target = new URL(url)
    const { origin, pathname, search } = target
    const isSimulator = isThisMachine(target)
    if (!isSimulator) {
      if (target.protocol !== 'https:') throw new NotPublic('The address is not https.')
      assertPublicHost(target.hostname)
    }
    const request: Dispatcher.DispatchOptions = { origin, path: pathname + search, ...content }
    return await exchange(isSimulator ? simulatorAgent : agent, request, { signal, brief })
  } catch (error) {
    throw error instanceof PlatformError ? error : transportError(error, signal)
  }
}

/** Uses undici's own events, because its streams cost as much as all other work for a small answer. */
function exchange(
  agent: Agent,
  request: Dispatcher.DispatchOptions,
  { signal, brief }: { signal: AbortSignal | undefined; brief: boolean },
): Promise<HttpAnswer> {
  return new Promise((settle, fail) => {
    const chunks: Uint8Array[] = []
    const answer: HttpAnswer = { status: 0, text: '', retryAfterMs: 0 }
    const started = performance.now()
    const largest = brief ? briefBytes : largestAnswerBytes
    let bytes = 0
    let forget = () => {}
    agent.dispatch(request, {
      onRequestStart(controller) {
        forget = whenAborted(signal, () => controller.abort(new Error('The call was stopped.')))
      },
      onResponseStart(_controller, status, headers) {
        answer.status = status
        answer.retryAfterMs = secondsToMs(headers['retry-after'])
        answer.headers = headers
        if (brief && status >= 200) settle(answer)
      },
      onResponseData(controller, chunk) {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > largest) controller.abort(tooMuch('answer_too_large', 'is too large'))
        else if (performance.now() - started > wholeAnswerMs)
          controller.abort(tooMuch('answer_too_slow', 'took too long'))
      },
      onResponseEnd() {
        forget()
        settle({ ...answer, text: Buffer.concat(chunks).toString('utf8') })
      },
      onResponseError(_controller, error) {
        forget()
        fail(error)
      },
    })
  })
}

function tooMuch(code: string, what: string): PlatformError {
  return new PlatformError('retry', code, `The answer ${what}.`, { unclear: true })
}

/** All calls share one listener on a signal. A run makes thousands of calls, and a listener for each would cost a twentieth of a call. */
const listening = new WeakMap<AbortSignal, Set<() => void>>()

function whenAborted(signal: AbortSignal | undefined, stop: () => void): () => void {
  if (!signal) return () => {}
  if (signal.aborted) stop()
  let stops = listening.get(signal)
  if (!stops) {
    const all = new Set<() => void>()
    signal.addEventListener('abort', () => all.forEach((one) => void one()), { once: true })
    listening.set(signal, all)
    stops = all
  }
  stops.add(stop)
  return () => void stops.delete(stop)
}

function transportError(cause: unknown, signal: AbortSignal | undefined): PlatformError {
  if (signal?.aborted)
    return new PlatformError('retry', 'aborted', 'The call was stopped.', { unclear: true })
  const code = codeOf(cause)
  const unsent = unsentCodes.test(code)
  // All these errors have the same code, so that the person who chose the address learns nothing about ports and hosts of our network.
  return new PlatformError('retry', 'unreachable', 'The platform cannot be reached, or gave no answer.', {
    unclear: !unsent,
    cause,
  })
}

/** Errors before anything was sent: name look-up, connecting, TLS. */
const unsentCodes =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|ERR_INVALID_URL|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/

function secondsToMs(header: string | string[] | undefined): number {
  const seconds = Number(Array.isArray(header) ? header[0] : header)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) * 1000 : 0
}
