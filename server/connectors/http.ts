import { Agent, type FormData, request } from 'undici'
import { PlatformError } from './connector.ts'

/**
 * Connections to marketplaces are kept and shared by all shops. A marketplace that is silent is given up after 20 s,
 * one that cannot be reached after 5 s, one that drips after a minute.
 */
const agent = new Agent({
  connect: { timeout: 5_000 },
  headersTimeout: 20_000,
  bodyTimeout: 20_000,
  connections: 64,
  pipelining: 1,
})
const wholeAnswerMs = 60_000
const largestAnswerBytes = 32 * 1024 * 1024

export type HttpAnswer = { status: number; text: string; retryAfterMs: number }

/**
 * POSTs a form and reads the answer as text. Redirects are not followed. Transport failures become
 * `PlatformError('retry')`; `unclear` says that the request may have arrived.
 */
export async function postForm(
  url: string,
  body: URLSearchParams | FormData,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  if (signal?.aborted) throw new PlatformError('retry', 'aborted', 'The call was stopped before it was sent.')
  const isPlain = body instanceof URLSearchParams
  try {
    const answer = await request(url, {
      method: 'POST',
      dispatcher: agent,
      body: isPlain ? body.toString() : body,
      headers: isPlain ? { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' } : {},
      ...(signal ? { signal } : {}),
    })
    return {
      status: answer.statusCode,
      text: await readText(answer.body),
      retryAfterMs: secondsToMs(answer.headers['retry-after']),
    }
  } catch (error) {
    throw error instanceof PlatformError ? error : transportError(error, signal)
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const start = Date.now()
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > largestAnswerBytes)
      throw new PlatformError('retry', 'answer_too_large', 'The answer is too large.', { unclear: true })
    if (Date.now() - start > wholeAnswerMs)
      throw new PlatformError('retry', 'answer_too_slow', 'The answer took too long.', { unclear: true })
  }
  return Buffer.concat(chunks).toString('utf8')
}

function transportError(cause: unknown, signal: AbortSignal | undefined): PlatformError {
  if (signal?.aborted)
    return new PlatformError('retry', 'aborted', 'The call was stopped.', { unclear: true })
  const code = codeOf(cause)
  const unsent = unsentCodes.test(code)
  const message = unsent ? 'The platform cannot be reached' : 'The connection broke before an answer came'
  return new PlatformError('retry', code || 'transport', `${message} (${code || 'unknown'}).`, {
    unclear: !unsent,
    cause,
  })
}

/** Failures before anything was sent: name look-up, connecting, TLS. */
const unsentCodes =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|ERR_INVALID_URL|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/

function codeOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string'
    ? cause.code
    : ''
}

function secondsToMs(header: string | string[] | undefined): number {
  const seconds = Number(Array.isArray(header) ? header[0] : header)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) * 1000 : 0
}
