import type { LocalizedText } from '../../../../server/lib/localized-text.ts'
import { yuan } from '../../../../server/lib/money-text.ts'
import type { Query } from '../../api.ts'
import type { LocalizedPair, Say } from '../../words.ts'
import { dayStart, readBeijing, shortTime } from '../base/time.ts'
import { listWords } from './list-words.ts'
import type { Search } from './search-params.ts'

export type Option = { value: string; label: LocalizedPair | LocalizedText }

/**
 * One filter of a list. Its key is the API's name and is used in the address. `linked`: only links from other pages set the filter; users
 * do not know its values, so it is not offered.
 */
export type Field = { key: string; label: LocalizedPair; linked?: boolean } & (
  | { kind: 'shops' }
  /** It has tabs of its own (`PlatformTabs`) instead of a chip. */
  | { kind: 'platforms' }
  /** `from`: the options come from the server. */
  | { kind: 'options'; options: readonly Option[]; from?: 'warehouses' }
  | { kind: 'sku' }
  /** "3d", "today" or "2026-11-01 00:00~2026-11-03 00:00". It is sent as `…From` and `…To`. */
  | { kind: 'period' }
  | { kind: 'text'; hint?: LocalizedPair }
  /** A time as the API takes it. Only rows whose time is earlier stay. */
  | { kind: 'until' }
  | { kind: 'numbers' }
  /** "1000~50000" in fen. It is sent as `…FromFen` and `…ToFen`. */
  | { kind: 'money' }
)

/** A filter with a chip and an editor. */
export type ChipField = Exclude<Field, { kind: 'platforms' }>

export const days = ['1', '3', '7', '30'] as const

/** Returns the query of the API for the filters in the address. Presets begin at midnight, so that the query stays the same for a day. */
export function toQuery(fields: readonly Field[], search: Search): Query {
  const query: Query = {}
  for (const field of fields) {
    const value = search[field.key]
    if (value === undefined || value === '') continue
    if (field.kind === 'period') Object.assign(query, periodQuery(field.key, value))
    else if (field.kind === 'money') {
      const [from, to] = value.split('~')
      query[`${field.key}FromFen`] = from
      query[`${field.key}ToFen`] = to
    } else query[field.key] = value
  }
  return query
}

function periodQuery(key: string, value: string): Query {
  const today = dayStart(Date.now())
  if (value === 'today') return { [`${key}From`]: new Date(today).toISOString() }
  const preset = /^(\d+)d$/.exec(value)
  if (preset) return { [`${key}From`]: new Date(today - (Number(preset[1]) - 1) * 86_400_000).toISOString() }
  const [from = '', to = ''] = value.split('~')
  return { [`${key}From`]: readBeijing(from), [`${key}To`]: readBeijing(to) }
}

export function valueText(
  field: Field,
  value: string,
  say: Say,
  shopName: (id: string) => string | undefined,
): string {
  const several = value.split(',')
  if (field.kind === 'options') {
    return several.map((each) => labelOf(field.options, each, say)).join(say(['、', ', ']))
  }
  if (field.kind === 'shops') {
    return several.length === 1 ? (shopName(value) ?? value) : say(listWords.shopCount, { n: several.length })
  }
  if (field.kind === 'numbers')
    return several.length === 1 ? value : say(listWords.numberCount, { n: several.length })
  if (field.kind === 'money') {
    const [from = '', to = ''] = value.split('~')
    return [from && `≥ ${yuan(Number(from))}`, to && `≤ ${yuan(Number(to))}`].filter(Boolean).join(' ')
  }
  if (field.kind === 'period') return periodText(value, say)
  if (field.kind === 'until') return shortTime(value)
  return value
}

function periodText(value: string, say: Say): string {
  if (value === 'today') return say(listWords.today)
  const preset = /^(\d+)d$/.exec(value)
  if (preset) return say(listWords.lastDays, { n: preset[1] ?? '' })
  const [from = '', to = ''] = value.split('~')
  return `${from.slice(5)} ${say(['至', 'to'])} ${to.slice(5)}`
}

function labelOf(options: readonly Option[], value: string, say: Say): string {
  const found = options.find((option) => option.value === value)
  return found ? say(found.label) : value
}

/** Reads pasted numbers, separated by white space, commas, semicolons or quotes. Returns the first 500 different ones, in their order. */
export function readNumbers(text: string): string[] {
  return tokens(text).filter(isNumber).slice(0, 500)
}

/** Returns the pasted words that are no numbers, such as a column head. */
export function notNumbers(text: string): string[] {
  return tokens(text).filter((each) => !isNumber(each))
}

const tokens = (text: string) => [...new Set(text.split(/[\s,，;；、"']+/).filter((each) => each !== ''))]
// Every document number, of platforms and of ours, contains a digit.
const isNumber = (text: string) => /^[\w-]{1,64}$/.test(text) && /\d/.test(text)
