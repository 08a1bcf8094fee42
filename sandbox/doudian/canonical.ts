import { type Json, readJson } from '../json-parts.ts'

/** Whole numbers of 16 digits and more, which a JavaScript number could not hold; a mark keeps them apart from texts. */
const LONG = /([:[,])(-?\d{16,20})(?=[,}\]])/g
const MARK = '\u0001'

/**
 * Reads a param_json. Undefined if it is not written as the signature wants it: an object with sorted keys at every level, without spaces,
 * HTML escapes and superfluous digits. Long numbers become texts of digits.
 */
export function readCanonical(text: string): Json | undefined {
  const body = readJson(text.replace(LONG, `$1"${JSON.stringify(MARK).slice(1, -1)}$2"`))
  if (body === undefined || canonical(body) !== text) return undefined
  return unmarked(body)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'string' && value.startsWith(MARK)) return value.slice(1)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`
}

function unmarked(body: Json): Json {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain)
    if (typeof value === 'string') return value.startsWith(MARK) ? value.slice(1) : value
    return typeof value === 'object' && value !== null ? unmarked({ ...value }) : value
  }
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, plain(value)]))
}
