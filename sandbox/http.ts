import type { IncomingMessage, ServerResponse } from 'node:http'

export type Params = Map<string, string>

export interface Received {
  verb: string
  path: string
  params: Params
  /** The text after the question mark, as it was sent. */
  query: string
  type: string
  /** By their names in small letters. */
  headers: IncomingMessage['headers']
  body: Buffer
}

/** The outcome of a request, which `perform` carries out on the socket. */
export type Outcome =
  | {
      kind: 'answer'
      status: number
      type: string
      body: string | Buffer
      delayMs?: number
      headers?: Record<string, string>
    }
  | { kind: 'stream'; type: string; chunks: Iterable<string> }
  | { kind: 'reset' }
  /** Sends nothing for `ms` milliseconds, then closes the connection. */
  | { kind: 'hang'; ms: number }

export const JSON_TYPE = 'application/json;charset=UTF-8'

export function answer(body: string, type: string = JSON_TYPE, status = 200): Outcome {
  return { kind: 'answer', status, type, body }
}

/** Reads a request body up to 8 MB. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > 8_388_608) request.destroy(new Error('body too large'))
      else chunks.push(chunk)
    })
    request.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    )
    request.on('error', reject)
  })
}

/** Adds the pairs of an url-encoded text to `params`. */
export function decodeForm(text: string, params: Params): void {
  if (text === '') return
  for (const pair of text.split('&')) {
    const cut = pair.indexOf('=')
    if (cut < 0) continue
    params.set(decode(pair.slice(0, cut)), decode(pair.slice(cut + 1)))
  }
}

/** A cache of decoded long values: they repeat from call to call (`fields`), and decoding them took a tenth of a call. */
const decoded = new Map<string, string>()

function decode(text: string): string {
  if (!text.includes('%')) return text.includes('+') ? text.replaceAll('+', ' ') : text
  const known = decoded.get(text)
  if (known !== undefined) return known
  const plain = decodePercent(text.replaceAll('+', ' '))
  if (text.length > 60) {
    if (decoded.size > 200) decoded.clear()
    decoded.set(text, plain)
  }
  return plain
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Adds the text parts of a multipart body to `params` and returns its files by name. */
export function decodeMultipart(body: Buffer, contentType: string, params: Params): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined) return files
  // latin1 keeps one character per byte, so that offsets are byte offsets.
  const parts = body.toString('latin1').split(`--${boundary}`)
  for (const part of parts.slice(1, -1)) {
    const cut = part.indexOf('\r\n\r\n')
    if (cut < 0) continue
    const head = part.slice(0, cut)
    const bytes = Buffer.from(part.slice(cut + 4, -2), 'latin1')
    const name = /[; ]name="([^"]*)"/i.exec(head)?.[1]
    if (name === undefined) continue
    if (/filename="/i.test(head)) files.set(name, bytes)
    else params.set(name, bytes.toString('utf8'))
  }
  return files
}

export function perform(outcome: Outcome, request: IncomingMessage, response: ServerResponse): void {
  if (outcome.kind === 'reset') {
    request.socket.resetAndDestroy()
  } else if (outcome.kind === 'hang') {
    const timer = setTimeout(() => request.socket.destroy(), outcome.ms)
    request.socket.once('close', () => clearTimeout(timer))
  } else if (outcome.kind === 'stream') {
    void stream(outcome.chunks, outcome.type, response)
  } else if (outcome.delayMs !== undefined && outcome.delayMs > 0) {
    setTimeout(() => send(outcome, response), outcome.delayMs)
  } else send(outcome, response)
}

function send(outcome: Extract<Outcome, { kind: 'answer' }>, response: ServerResponse): void {
  // The body is encoded once here: a string would be measured first and encoded again together with the header.
  const body = typeof outcome.body === 'string' ? Buffer.from(outcome.body, 'utf8') : outcome.body
  response.writeHead(outcome.status, {
    'content-type': outcome.type,
    'content-length': body.length,
    ...outcome.headers,
  })
  response.end(body)
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off('drain', go).off('close', go)
      resolve()
    }
    response.on('drain', go).on('close', go)
  })
}

/** Writes chunk by chunk and waits if the client reads more slowly, so that half a million rows do not fill the memory. */
async function stream(chunks: Iterable<string>, type: string, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': type })
  let pending = ''
  for (const chunk of chunks) {
    pending += chunk
    if (pending.length < 65_536) continue
    const flowing = response.write(pending)
    pending = ''
    if (!flowing) await drained(response)
    if (response.destroyed) return
  }
  response.end(pending)
}
