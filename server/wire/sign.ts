import { createHash, createHmac } from 'node:crypto'

export const signMethods = ['md5', 'hmac', 'hmac-sha256'] as const
export type SignMethod = (typeof signMethods)[number]

/**
 * Returns the signature of the open platforms: each parameter's name and value without separators, in byte order of the names; upper-case
 * hex. Empty values and files are left out. Sources: TOP's doc 101617 and its official .NET SDK (TopUtils); POP's 调用指南, which has only MD5.
 */
export function sign(params: Readonly<Record<string, string>>, secret: string, method: SignMethod): string {
  const base = Object.keys(params)
    .filter((name) => name !== 'sign' && name !== '' && params[name] !== '')
    .sort()
    .map((name) => `${name}${params[name]}`)
    .join('')
  return digest(base, secret, method).toUpperCase()
}

/**
 * Returns the signature of platforms that frame the sorted names and values by the secret and are keyed by it too; lower-case hex. Source: the
 * official Go SDK of 抖店 (`utils.Sign`).
 */
export function signFramed(params: Readonly<Record<string, string>>, secret: string): string {
  const names = Object.keys(params).sort()
  const base = names.map((name) => `${name}${params[name]}`).join('')
  return digest(`${secret}${base}${secret}`, secret, 'hmac-sha256')
}

/** Returns the signature of the events that we post to programs of the merchant: hexadecimal HMAC-SHA256 of the time and the body as sent. */
export const eventSignature = (secret: string, timestamp: string, body: string): string =>
  createHmac('sha256', secret).update(`${timestamp}.${body}`, 'utf8').digest('hex')

/**
 * Returns the signature of a message to a program by the rules of Standard Webhooks (github.com/standard-webhooks, version 1): base64 of
 * HMAC-SHA256 over id, time and body, keyed by the bytes behind `whsec_`.
 */
export function webhookSignature(
  secret: string,
  { id, timestamp, body }: { id: string; timestamp: string; body: string },
): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8').digest('base64')}`
}

function digest(base: string, secret: string, method: SignMethod): string {
  switch (method) {
    case 'md5':
      return createHash('md5').update(`${secret}${base}${secret}`, 'utf8').digest('hex')
    case 'hmac':
      return createHmac('md5', secret).update(base, 'utf8').digest('hex')
    case 'hmac-sha256':
      return createHmac('sha256', secret).update(base, 'utf8').digest('hex')
  }
}
