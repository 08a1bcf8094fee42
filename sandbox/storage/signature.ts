import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

// Signature version 4 as the storage checks it, from "Authenticating Requests: Using the Authorization Header" of Amazon S3's API reference.

export type Signed = {
  method: string
  /** As the request line has it. */
  path: string
  query: string
  /** By their names in small letters. */
  headers: Record<string, string | undefined>
}

const header =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/

/** Returns the code with which S3 refuses the request; undefined if it is signed with this key. */
export function whyNotSigned(request: Signed, key: { id: string; secret: string }): string | undefined {
  const [, id, day = '', region = '', names = '', signature = ''] =
    header.exec(request.headers['authorization'] ?? '') ?? []
  if (id === undefined) return 'AccessDenied'
  if (id !== key.id) return 'InvalidAccessKeyId'
  const signedNames = names.split(';')
  // A header that is not signed could be changed on the way.
  const needed = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))]
  if (needed.some((name) => !signedNames.includes(name))) return 'AccessDenied'
  const scope = `${day}/${region}/s3/aws4_request`
  const text = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'],
    scope,
    createHash('sha256').update(canonical(request, signedNames)).digest('hex'),
  ].join('\n')
  const signingKey = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(
    (made, part) => createHmac('sha256', made).update(part).digest(),
    `AWS4${key.secret}`,
  )
  const wanted = createHmac('sha256', signingKey).update(text).digest()
  return timingSafeEqual(wanted, Buffer.from(signature, 'hex')) ? undefined : 'SignatureDoesNotMatch'
}

function canonical({ method, path, query, headers }: Signed, names: readonly string[]): string {
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${encode(name)}=${encode(value)}`)
  return [
    method,
    path,
    pairs.toSorted().join('&'),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    '',
    names.join(';'),
    headers['x-amz-content-sha256'],
  ].join('\n')
}

const encode = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
