import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { whyNotSigned } from './signature.ts'

/** An S3-compatible storage on this machine, with buckets in the path. */
export type StorageDouble = AsyncDisposable & {
  endpoint: string
  key: { id: string; secret: string }
  /** The files by bucket and key: `bucket/folder/file`. */
  files: Map<string, Buffer>
  /** Parts of uploads that were begun and not ended. */
  uploads: Map<string, Map<number, Buffer>>
  /** The requests that were answered: `PUT bucket/folder/file`. */
  requests: string[]
  /**
   * The faults of the next requests, in turn: none, a refusal by a code, one under the status 200, or a connection that breaks: before the
   * request is done, before its answer, or in the middle of its answer.
   */
  faults: ('none' | 'SlowDown' | 'InternalError' | 'InternalError under 200' | 'broken' | 'lost' | 'cut')[]
}

/** A list has at most this many keys a page; S3 has 1,000. */
const pageKeys = 7
/** The least size of a part but for the last. */
const leastPart = 5 * 1024 * 1024

type Asked = { path: string; query: URLSearchParams; body: Buffer }
type Answer = { status: number; body?: string | Buffer; headers?: Record<string, string> }

export async function startStorage(...buckets: string[]): Promise<StorageDouble> {
  const key = { id: 'SANDBOXKEY', secret: randomUUID() }
  const storage: Omit<StorageDouble, 'endpoint' | typeof Symbol.asyncDispose> = {
    ...{ key, files: new Map(), uploads: new Map(), requests: [], faults: [] },
  }
  const server = createServer((request, response) => {
    void answer(storage, buckets, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    ...storage,
    endpoint: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

type Books = Pick<StorageDouble, 'key' | 'files' | 'uploads' | 'requests' | 'faults'>

async function answer(
  books: Books,
  buckets: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const fault = books.faults.shift()
  if (fault === 'broken') {
    request.socket.destroy()
    return
  }
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const asked = {
    path: decodeURIComponent(path.slice(1)),
    query: new URLSearchParams(query),
    body: Buffer.concat(chunks),
  }
  if (fault === 'InternalError under 200') {
    response.writeHead(200).end(refusal('InternalError').body)
    return
  }
  const refusing = fault === 'SlowDown' || fault === 'InternalError' ? fault : undefined
  const why = refusing ?? whyRefused(books, buckets, { request, path, query, body: asked.body })
  const { status, body = '', headers = {} } = why ? refusal(why) : act(books, request.method ?? '', asked)
  if (!why) books.requests.push(`${request.method} ${asked.path}`)
  if (fault === 'lost') {
    request.socket.destroy()
    return
  }
  if (fault === 'cut') {
    const half = Buffer.from(body).subarray(0, body.length / 2)
    response.writeHead(status, { ...headers, 'content-length': half.length + 1 })
    response.write(half, () => request.socket.destroy())
    return
  }
  response.writeHead(status, headers).end(body)
}

function whyRefused(
  { key }: Books,
  buckets: readonly string[],
  { request, path, query, body }: { request: IncomingMessage; path: string; query: string; body: Buffer },
): string | undefined {
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  )
  const why = whyNotSigned({ method: request.method ?? '', path, query, headers }, key)
  if (why) return why
  // S3 takes no body whose length is not said first.
  if (headers['transfer-encoding']) return 'MissingContentLength'
  if (headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex'))
    return 'XAmzContentSHA256Mismatch'
  return buckets.includes(path.split('/')[1] ?? '') ? undefined : 'NoSuchBucket'
}

const statusOf: Record<string, number> = {
  SlowDown: 503,
  InternalError: 500,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  MissingContentLength: 411,
  XAmzContentSHA256Mismatch: 400,
  EntityTooSmall: 400,
}
const refusal = (code: string): Answer => ({
  status: statusOf[code] ?? 403,
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`,
})

function act(books: Books, method: string, { path, query, body }: Asked): Answer {
  const uploadId = query.get('uploadId')
  if (method === 'GET' && query.get('list-type') === '2') return list(books, path, query)
  if (method === 'GET') {
    const file = books.files.get(path)
    return file ? { status: 200, body: file } : refusal('NoSuchKey')
  }
  if (method === 'POST' && query.has('uploads')) {
    const id = randomUUID()
    books.uploads.set(id, new Map())
    return {
      status: 200,
      body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    }
  }
  if (uploadId !== null) return onUpload(books, method, { path, query, body }, uploadId)
  if (method === 'PUT') books.files.set(path, body)
  else books.files.delete(path)
  return { status: method === 'PUT' ? 200 : 204 }
}

function onUpload(books: Books, method: string, { path, query, body }: Asked, id: string): Answer {
  const parts = books.uploads.get(id)
  if (!parts) return refusal('NoSuchUpload')
  if (method === 'PUT') {
    parts.set(Number(query.get('partNumber')), body)
    return { status: 200, headers: { etag: tagOf(body) } }
  }
  if (method === 'DELETE') {
    books.uploads.delete(id)
    return { status: 204 }
  }
  const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)]
  const joined = named.map(([, number, tag]) => {
    const part = parts.get(Number(number))
    return part && tagOf(part) === tag ? part : undefined
  })
  if (joined.some((part) => part === undefined)) return refusal('InvalidPart')
  const whole = joined.filter((part) => part !== undefined)
  if (whole.slice(0, -1).some((part) => part.length < leastPart)) return refusal('EntityTooSmall')
  books.files.set(path, Buffer.concat(whole))
  books.uploads.delete(id)
  return { status: 200, body: '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>' }
}

const tagOf = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`

function list({ files }: Books, path: string, query: URLSearchParams): Answer {
  const bucket = path.replace(/\/$/, '')
  const after = query.get('continuation-token') ?? ''
  const keys = [...files.keys()]
    .filter((name) => name.startsWith(`${bucket}/`))
    .map((name) => name.slice(bucket.length + 1))
    .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
    .toSorted()
  const page = keys.slice(0, pageKeys)
  const more = keys.length > pageKeys
  const contents = page.map(
    (key) => `<Contents><Key>${key}</Key><Size>${files.get(`${bucket}/${key}`)?.length}</Size></Contents>`,
  )
  const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
  return {
    status: 200,
    body: `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
  }
}
