import { hash } from 'node:crypto'

/** The longest pack_id; letters, digits and underscores. */
const longest = 15

/**
 * The pack_id of a request, which keeps the requests of one order apart: our own key where it is short enough, otherwise 72 bits of its hash. An
 * underscore begins these, and no key of ours, so that no hash is another request's key.
 */
export function packIdOf(key: string): string {
  if (/^[A-Za-z0-9]\w*$/.test(key) && key.length <= longest) return key
  const bits = BigInt(`0x${hash('sha256', key, 'hex').slice(0, 18)}`)
  return `_${bits.toString(36).padStart(14, '0')}`
}
