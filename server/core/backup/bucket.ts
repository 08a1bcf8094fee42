import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { AwsClient } from 'aws4fetch'
import { XMLParser } from 'fast-xml-parser'
import { BackupRefusal } from './refusal.ts'

/** Where S3-compatible storage is, and as whom we come. `pathStyle`: the bucket is named in the path and not in the host's name. */
export type BucketAccess = {
  endpoint: string
  region: string
  keyId: string
  secret: string
  pathStyle: boolean
}

/** Files in a bucket. A key is the whole path of a file below it. */
export type Bucket = {
  put(key: string, file: string): Promise<void>
  /** The keys that begin with `prefix`, in their order. */
  list(prefix: string): Promise<string[]>
  get(key: string, file: string): Promise<void>
  /** Removing a missing file is no error. */
  remove(key: string): Promise<void>
}

// S3 takes 10,000 parts, of at least 5 MiB but for the last, so a file may have 320 GB.
const partBytes = 32 * 1024 * 1024
/** For one request: a slow line moves a part in this time. */
const requestMs = 300_000
/** For a whole file, which may be the largest table: the limit of the nightly task. */
const fileMs = 6 * 3_600_000
const tries = 5

const xml = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'Contents' })

export function openBucket(access: BucketAccess, name: string, signal?: AbortSignal): Bucket {
  const { region, keyId, secret } = access
  const client = new AwsClient({
    ...{ accessKeyId: keyId, secretAccessKey: secret, region, service: 's3' },
    // We try again ourselves, also when a connection breaks.
    retries: 0,
  })
  const root = rootOf(access, name)
  const ask = (key: string, options: Asking) =>
    // A stop must leave no parts behind, so files and parts are removed after it too.
    request(
      client,
      urlIn(root, key, options.query),
      options,
      options.method === 'DELETE' ? undefined : signal,
    )
  return {
    put: (key, file) => putFile(ask, key, file),
    list: (prefix) => listKeys(ask, prefix),
    get: async (key, file) => {
      const { body } = await ask(key, { method: 'GET', isFile: true, withinMs: fileMs })
      if (!body) throw new Error(`${key} has no content.`)
      await pipeline(body, createWriteStream(file, { mode: 0o600 }), { signal })
    },
    remove: async (key) => void (await ask(key, { method: 'DELETE' })),
  }
}

type Asking = {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  query?: Record<string, string>
  body?: Buffer<ArrayBuffer>
  /** The answer is a file, which the caller reads. Every other answer is read here. */
  isFile?: boolean
  /** For the whole answer. */
  withinMs?: number
}
type Ask = (key: string, options: Asking) => Promise<Response>

function rootOf({ endpoint, pathStyle }: BucketAccess, name: string): URL {
  const root = new URL(endpoint)
  if (pathStyle) root.pathname = `/${name}/`
  else root.hostname = `${name}.${root.hostname}`
  return root
}

function urlIn(root: URL, key: string, query: Record<string, string> = {}): URL {
  const url = new URL(root)
  url.pathname += key.split('/').map(encodeURIComponent).join('/')
  for (const [field, value] of Object.entries(query)) url.searchParams.set(field, value)
  return url
}

/** Asks up to five times, because a night's backup of an hour must not end with one broken connection. */
async function request(
  client: AwsClient,
  url: URL,
  { method, body, isFile = false, withinMs = requestMs }: Asking,
  signal: AbortSignal | undefined,
): Promise<Response> {
  // The storage compares the checksum, so a body that was damaged on the way is not taken.
  const headers = {
    'x-amz-content-sha256': createHash('sha256')
      .update(body ?? '')
      .digest('hex'),
  }
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    const limit = AbortSignal.timeout(withinMs)
    const answer = await client
      .fetch(url.href, {
        ...{ method, headers, redirect: 'manual' },
        ...(body === undefined ? {} : { body }),
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      })
      .then((found) => (isFile ? found : whole(found)))
      .catch((error: unknown) => unreachable(url, error))
    if (answer instanceof Response && answer.ok) return answer
    const mayTry = !(answer instanceof Response) || answer.status >= 500 || answer.status === 429
    if (!mayTry || attempt === tries) throw answer instanceof Response ? await refused(url, answer) : answer
    await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt))
  }
}

/** Reads the answer to its end, because a connection may break in the middle of it. */
async function whole(answer: Response): Promise<Response> {
  const text = await answer.text()
  // The answer to the end of an upload begins before the parts are joined, so it may be an error under the status 200.
  const status = answer.ok && codeOf(text) !== '' ? 500 : answer.status
  return new Response(text || null, { status, headers: answer.headers })
}

function unreachable({ host }: URL, error: unknown): BackupRefusal {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new BackupRefusal(
    `连不上存储 ${host}:${detail}。\nThe storage ${host} cannot be reached: ${detail}.`,
    {
      cause: error,
    },
  )
}

/** The cause of the refusal is the storage's code. */
async function refused({ host, pathname }: URL, answer: Response): Promise<BackupRefusal> {
  const code = codeOf(await answer.text().catch(() => '')) || answer.status
  return new BackupRefusal(
    `存储 ${host} 拒绝了 ${pathname}(${code})。核对 S3_ENDPOINT、S3_REGION、密钥和桶名。\n` +
      `The storage ${host} refused ${pathname} (${code}). Check S3_ENDPOINT, S3_REGION, the key and the bucket's name.`,
    { cause: code },
  )
}

const codeOf = (text: string): string => /<Code>([A-Za-z0-9]+)<\/Code>/.exec(text)?.[1] ?? ''

async function putFile(ask: Ask, key: string, file: string): Promise<void> {
  const { size } = await stat(file)
  if (size <= partBytes) {
    await ask(key, { method: 'PUT', body: await readFile(file) })
    return
  }
  const started = xml.parse(await (await ask(key, { method: 'POST', query: { uploads: '' } })).text())
  const uploadId: string = started.InitiateMultipartUploadResult.UploadId
  try {
    const tags = await putParts(ask, key, file, uploadId)
    await joinParts(ask, key, uploadId, tags)
  } catch (error) {
    // Parts that are never joined would be paid for.
    await ask(key, { method: 'DELETE', query: { uploadId } }).catch(() => {})
    throw error
  }
}

async function putParts(ask: Ask, key: string, file: string, uploadId: string): Promise<string[]> {
  const tags: string[] = []
  for await (const part of partsOf(file)) {
    const query = { partNumber: String(tags.length + 1), uploadId }
    const answer = await ask(key, { method: 'PUT', query, body: part })
    tags.push(answer.headers.get('etag') ?? '')
  }
  return tags
}

async function joinParts(ask: Ask, key: string, uploadId: string, tags: readonly string[]): Promise<void> {
  const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`)
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`)
  try {
    await ask(key, { method: 'POST', query: { uploadId }, body })
  } catch (error) {
    // The first try joined them, and its answer was lost.
    const isEnded = error instanceof BackupRefusal && error.cause === 'NoSuchUpload'
    if (!isEnded || !(await listKeys(ask, key)).includes(key)) throw error
  }
}

async function* partsOf(file: string): AsyncGenerator<Buffer<ArrayBuffer>> {
  let chunks: Buffer[] = []
  let bytes = 0
  // The size of a chunk divides that of a part.
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes < partBytes) continue
    yield Buffer.concat(chunks)
    chunks = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(chunks)
}

async function listKeys(ask: Ask, prefix: string): Promise<string[]> {
  const keys: string[] = []
  let token: string | undefined
  do {
    const query = {
      'list-type': '2',
      prefix,
      ...(token === undefined ? {} : { 'continuation-token': token }),
    }
    const { ListBucketResult: page } = xml.parse(await (await ask('', { method: 'GET', query })).text())
    for (const { Key } of page.Contents ?? []) keys.push(Key)
    token = page.IsTruncated === 'true' ? page.NextContinuationToken : undefined
  } while (token !== undefined)
  return keys
}
