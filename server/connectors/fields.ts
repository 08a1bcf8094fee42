import { isRecord, parseJson } from '../lib/json.ts'
import { fenFromYuan, yuanFromFen } from '../lib/money.ts'
import { fromChinaTime, secondMs } from '../lib/time.ts'
import type { Doubt } from './connector.ts'

/**
 * A JSON object that may contain anything, also wrong types and malicious texts. No function here throws. A value that cannot be read
 * becomes '' or null and, if the caller passes `doubts`, a doubt.
 */
export type Fields = { readonly [key: string]: unknown }

/** The values of a trade or refund that could not be read as expected. The document waits until a user accepts the values used instead. */
export type Doubts = Doubt[]

/** Adds a doubt about a value. A second doubt about the same field and line replaces the first, because it has the value that was used. */
export function note(doubts: Doubts, field: string, raw: unknown, { guess = '', line = '' } = {}): void {
  const text = typeof raw === 'string' ? raw : raw === undefined || raw === null ? '' : rawOf(raw)
  const place = doubts.findIndex((one) => one.field === field && one.line === line)
  const noted = { field, line, raw: cleanText(text, longest.word), guess: cleanText(guess, longest.name) }
  if (place >= 0) doubts[place] = noted
  else if (doubts.length < mostDoubts) doubts.push(noted)
}

/** A document has at most this many doubts, because a malicious payload could cause very many. */
const mostDoubts = 50

/** Returns the objects of a list. Other values are left out and become doubts. */
export function fieldsIn(list: readonly unknown[], field: string, doubts: Doubts): Fields[] {
  for (const one of list) if (!isRecord(one)) note(doubts, field, one)
  return list.filter(isRecord)
}

/** Reads a JSON text as `parseJson` does; undefined: it is no object. */
export function fieldsOf(text: string): Fields | undefined {
  try {
    const value = parseJson(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

export { isRecord as isFields }

export function fieldsAt(of: Fields, key: string): Fields {
  const value = of[key]
  return isRecord(value) ? value : nothing
}

const nothing: Fields = Object.freeze({})

/** Returns a list as it is; undefined: the value is no list. For answers that are broken without it. */
export const listIn = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) ? value : undefined

/**
 * Returns the list under `key`. Platforms write it as `{orders:{order:[…]}}`, as `{orders:[…]}`, or as a single object instead of a list
 * with one element.
 */
export function listAt(of: Fields, key: string, inner: string): readonly unknown[] {
  const outer = of[key]
  const value = isRecord(outer) && inner in outer ? outer[inner] : outer
  if (Array.isArray(value)) return value
  return isRecord(value) && Object.keys(value).length > 0 ? [value] : []
}

/** A text of a platform is cut after this many characters, for each kind of text. */
export const longest = {
  word: 64,
  name: 200,
  title: 300,
  address: 500,
  url: 1000,
  text: 2000,
  token: 1000,
} as const

export const isMissing = (value: unknown) => value === undefined || value === null || value === ''

/** Returns text of at most `max` characters, without NUL (PostgreSQL refuses it) and lone surrogates. Numbers become text. */
export function textAt(of: Fields, key: string, max: number): string {
  const value = of[key]
  if (typeof value === 'string') return cleanText(value, max)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

export function cleanText(value: string, max: number): string {
  const cut = value.length > max ? value.slice(0, max) : value
  const clean = cut.includes('\0') ? cut.replaceAll('\0', '') : cut
  return clean.isWellFormed() ? clean : clean.toWellFormed()
}

/** Returns a status or type. Samples of the platform add an explanation, "SUCCESS(退款成功)", which is removed. */
export function wordAt(of: Fields, key: string): string {
  const text = textAt(of, key, longest.word)
  const bracket = text.search(/[(（]/)
  const word = (bracket > 0 ? text.slice(0, bracket) : text).trim()
  return word === 'null' ? '' : word
}

/** Returns an entry of the table itself; undefined: it has none. A malicious key such as "constructor" finds nothing. */
export function entryOf<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined
}

/** Returns a platform id of at most 64 letters, digits, hyphens and underscores; '' for anything else and for 0. */
export function idAt(of: Fields, key: string): string {
  const value = of[key]
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? String(value) : ''
  return typeof value === 'string' && idPattern.test(value) && value !== '0' ? value : ''
}

const idPattern = /^[\w-]{1,64}$/

/** Returns a whole number within [min, max], given as number or as text; otherwise null. */
export function wholeAt(of: Fields, key: string, min: number, max: number): number | null {
  const value = of[key]
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= min && number <= max
    ? number
    : null
}

/** Returns a whole number, or `instead` if it is missing or cannot be read. An unreadable value becomes a doubt. */
export function wholeOrNote(
  of: Fields,
  key: string,
  { min, max, instead, doubts }: { min: number; max: number; instead: number; doubts: Doubts },
): number {
  const value = of[key]
  const number = wholeAt(of, key, min, max)
  if (number === null && !isMissing(value)) note(doubts, key, value, { guess: String(instead) })
  return number ?? instead
}

/** Returns an amount in 分, never negative; 0 if it is missing, and 0 with a doubt if it cannot be read or is negative. */
export function amountAt(of: Fields, key: string, doubts: Doubts = [], line = ''): number {
  const fen = fenAt(of, key, doubts, line) ?? 0
  if (fen < 0) note(doubts, key, of[key], { guess: yuanFromFen(0), line })
  return Math.max(fen, 0)
}

/** Returns an amount in 分 that is given in yuan; null if it is missing, or not an amount up to ten billion yuan. */
export function fenAt(of: Fields, key: string, doubts: Doubts = [], line = ''): number | null {
  const value = of[key]
  if (value === undefined || value === null || value === '') return null
  try {
    const fen = typeof value === 'string' || typeof value === 'number' ? fenFromYuan(value) : Number.NaN
    if (Math.abs(fen) <= largestFen) return fen
  } catch {
    // The code below adds a doubt.
  }
  note(doubts, key, value, { line })
  return null
}

/** Ten billion yuan in 分. A thousand such amounts still sum to a safe integer. */
export const largestFen = 1e12

/** Reads "2026-11-24 14:32:07" at +08:00; null if the time is missing, empty, zero or impossible. */
export function timeAt(of: Fields, key: string, doubts: Doubts = []): Date | null {
  const value = of[key]
  if (value === undefined || value === null || value === '') return null
  try {
    if (typeof value === 'string') {
      const time = fromChinaTime(value)
      if (time.getTime() > 0) return time
    }
  } catch {
    // The code below adds a doubt.
  }
  if (typeof value !== 'string' || !/^[0: -]*$/.test(value)) note(doubts, key, value)
  return null
}

/** True for true, "true", 1 and "1", as platforms write it. */
export function isTrueAt(of: Fields, key: string): boolean {
  const value = of[key]
  return value === true || value === 1 || value === 'true' || value === '1'
}

/** Returns the JSON text of a value, for parking. Only the spacing of the original is lost. */
export function rawOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // The value is nested too deeply.
    return ''
  }
}

/** The document's doubts, and the shared name (`doubtWords`) under which a value is noted. */
export type Doubted = { doubts: Doubts; as: string; line?: string }

/** Reads UNIX seconds; 0 and missing are null. */
export function instantAt(of: Fields, key: string, doubted?: Doubted): Date | null {
  const value = of[key]
  const seconds = wholeAt(of, key, 0, 1e11)
  if (seconds === null && !isMissing(value) && doubted) note(doubted.doubts, doubted.as, value)
  return seconds === null || seconds === 0 ? null : new Date(seconds * secondMs)
}

/** Reads an amount that the platform gives in whole 分; null: missing, or no such amount. */
export function wholeFenAt(of: Fields, key: string, doubted?: Doubted): number | null {
  const value = of[key]
  const fen = wholeAt(of, key, 0, largestFen)
  if (fen === null && !isMissing(value) && doubted)
    note(doubted.doubts, doubted.as, value, { guess: yuanFromFen(0), line: doubted.line ?? '' })
  return fen
}

/** Reads UNIX milliseconds; 0 and missing are null. */
export function instantMsAt(of: Fields, key: string, doubted?: Doubted): Date | null {
  const value = of[key]
  const ms = wholeAt(of, key, 0, 1e14)
  if (ms === null && !isMissing(value) && doubted) note(doubted.doubts, doubted.as, value)
  return ms === null || ms === 0 ? null : new Date(ms)
}

/** Reads an amount in yuan, never negative; null: missing. One that cannot be read is 0 and a doubt if `doubted` is given, else null. */
export function yuanAt(of: Fields, key: string, doubted?: Doubted): number | null {
  const value = of[key]
  const fen = fenAt(of, key)
  if (fen !== null && fen >= 0) return fen
  if (isMissing(value)) return null
  if (doubted) note(doubted.doubts, doubted.as, value, { guess: yuanFromFen(0), line: doubted.line ?? '' })
  return doubted ? 0 : null
}
