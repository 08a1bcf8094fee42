import { createHmac, hash } from 'node:crypto'
import type { Params } from '../http.ts'

/**
 * Returns the text that TOP signs: the names in byte order, each followed by its value, without `sign`, empty names and empty values (doc
 * 101617).
 */
export function signBase(params: Params): string {
  const names: string[] = []
  for (const [name, value] of params) if (name !== 'sign' && name !== '' && value !== '') names.push(name)
  names.sort(byBytes)
  let base = ''
  for (const name of names) base += name + (params.get(name) ?? '')
  return base
}

/** Returns the upper-case signature; undefined for a method that TOP does not support. */
export function topSign(params: Params, secret: string, method: string): string | undefined {
  const base = signBase(params)
  if (method === 'md5') return hash('md5', secret + base + secret, 'hex').toUpperCase()
  if (method === 'hmac') return createHmac('md5', secret).update(base, 'utf8').digest('hex').toUpperCase()
  if (method === 'hmac-sha256')
    return createHmac('sha256', secret).update(base, 'utf8').digest('hex').toUpperCase()
  return undefined
}

/** Compares parameter names in byte order. They are ASCII, so comparing code units is enough. */
export function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
