import { fenFromYuan, yuanFromFen } from '../lib/money.ts'
import { fromChinaTime } from '../lib/time.ts'
import type { Doubt } from './connector.ts'

/**
 * Reads fields of payloads that may hold anything: a wrong type, a missing key, a hostile string. Nothing here throws.
 * What cannot be read is '' or null, and where the reader passes `doubts`, it is noted there.
 */
export type Fields = { readonly [key: string]: unknown }

/** What could not be read as it should; the trade or refund waits until a person has taken what we took for it. */
export type Doubts = Doubt[]

/** Notes a value in doubt; of two notes of one place the later says what was taken. */
export function note(doubts: Doubts, field: string, raw: unknown, { guess = '', line = '' } = {}): void {
  const text = typeof raw === 'string' ? raw : raw === undefined || raw === null ? '' : rawOf(raw)
  const place = doubts.findIndex((one) => one.field === field && one.line === line)
  const noted = { field, line, raw: cleanText(text, longest.word), guess: cleanText(guess, longest.name) }
  if (place >= 0) doubts[place] = noted
  else if (doubts.length < mostDoubts) doubts.push(noted)
}

/** Of a hostile payload no more is shown. */
const mostDoubts = 50

/** The objects of a list; what is no object is left out, and noted. */
export function fieldsIn(list: readonly unknown[], field: string, doubts: Doubts): Fields[] {
  for (const one of list) if (!isFields(one)) note(doubts, field, one)
  return list.filter(isFields)
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object under `key`, or an empty one. */
export function fieldsAt(of: Fields, key: string): Fields {
  const value = of[key]
  return isFields(value) ? value : nothing
}

const nothing: Fields = Object.freeze({})

/**
 * The list under `key`, whichever way it is wrapped: `{orders:{order:[…]}}`, the simplified `{orders:[…]}`, or one
 * object where a list of one was meant.
 */
export function listAt(of: Fields, key: string, inner: string): readonly unknown[] {
  const outer = of[key]
  const value = isFields(outer) && inner in outer ? outer[inner] : outer
  if (Array.isArray(value)) return value
  return isFields(value) && Object.keys(value).length > 0 ? [value] : []
}

/** How many characters of each kind of text are kept. */
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

/** Text without NUL (PostgreSQL refuses it) and lone surrogates, at most `max` characters. Numbers become text. */
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

/** A status or type; official samples write some with their meaning behind them: "SUCCESS(退款成功)". */
export function wordAt(of: Fields, key: string): string {
  const text = textAt(of, key, longest.word)
  const bracket = text.search(/[(（]/)
  const word = (bracket > 0 ? text.slice(0, bracket) : text).trim()
  return word === 'null' ? '' : word
}

/** The table's own entry: a hostile word such as "constructor" finds nothing. */
export function entryOf<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined
}

/** A platform id: letters, digits, hyphens, underscores, at most 64; '' for anything else and for 0. */
export function idAt(of: Fields, key: string): string {
  const value = of[key]
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? String(value) : ''
  return typeof value === 'string' && idPattern.test(value) && value !== '0' ? value : ''
}

const idPattern = /^[\w-]{1,64}$/

/** A whole number from a number or its text, within [min, max]; else null. */
export function wholeAt(of: Fields, key: string, min: number, max: number): number | null {
  const value = of[key]
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= min && number <= max
    ? number
    : null
}

/** The same of a number that may be missing; what is there and cannot be read is noted. */
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

/** An amount that is never negative: 0 when it is missing. */
export function amountAt(of: Fields, key: string, doubts: Doubts = [], line = ''): number {
  const fen = fenAt(of, key, doubts, line) ?? 0
  if (fen < 0) note(doubts, key, of[key], { guess: yuanFromFen(0), line })
  return Math.max(fen, 0)
}

/** Yuan → 分; null when it is missing, empty or not an amount below ten billion yuan. */
export function fenAt(of: Fields, key: string, doubts: Doubts = [], line = ''): number | null {
  const value = of[key]
  if (value === undefined || value === null || value === '') return null
  try {
    const fen = typeof value === 'string' || typeof value === 'number' ? fenFromYuan(value) : Number.NaN
    if (Math.abs(fen) <= largestFen) return fen
  } catch {
    // Falls through to the doubt: the amount is not readable.
  }
  note(doubts, key, value, { line })
  return null
}

/** Keeps every sum of one trade a safe integer: ten billion yuan, times a thousand lines. */
export const largestFen = 1e12

/** "2026-11-24 14:32:07" at +08:00; null for a missing, empty, zero or impossible time. */
export function timeAt(of: Fields, key: string, doubts: Doubts = []): Date | null {
  const value = of[key]
  if (value === undefined || value === null || value === '') return null
  try {
    if (typeof value === 'string') {
      const time = fromChinaTime(value)
      if (time.getTime() > 0) return time
    }
  } catch {
    // Falls through to the doubt.
  }
  if (typeof value !== 'string' || !/^[0: -]*$/.test(value)) note(doubts, key, value)
  return null
}

/** Platforms write truth as true, "true", 1 and "1". */
export function isTrueAt(of: Fields, key: string): boolean {
  const value = of[key]
  return value === true || value === 1 || value === 'true' || value === '1'
}

/** A value as text again, for parking. Text that was parsed loses its spacing, nothing else. */
export function rawOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // Nested too deeply to be written out again.
    return ''
  }
}
