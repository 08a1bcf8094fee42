import { dateOf, dayStart, readBeijing } from '../base/time.ts'

/** A range of Beijing time, as in addresses: "2026-11-01 00:00~2026-11-03 24:00". An empty side has no limit. */
export type Bounds = readonly [from: string, to: string]
export type Side = 0 | 1

/** A day without a time means the whole day, from 00:00 to 24:00. */
const wholeDay = ['00:00', '24:00'] as const
const dayMs = 86_400_000
const near: Record<string, number> = {
  今天: 0,
  昨天: -1,
  前天: -2,
  明天: 1,
  today: 0,
  yesterday: -1,
  tomorrow: 1,
}

export function boundsOf(value: string): Bounds {
  const [from = '', to = ''] = value.includes('~') ? value.split('~') : []
  return [from, to]
}

export function rangeOf([from, to]: Bounds): string {
  return from === '' && to === '' ? '' : `${from}~${to}`
}

export function withBound(bounds: Bounds, side: Side, text: string): Bounds {
  return side === 0 ? [text, bounds[1]] : [bounds[0], text]
}

export function wholeDays(first: string, last: string): Bounds {
  return [`${first} ${wholeDay[0]}`, `${last} ${wholeDay[1]}`]
}

/** Returns a typed or pasted time in the form of addresses; undefined if it cannot be read. */
export function readMoment(text: string, side: Side): string | undefined {
  const found = /^(.+?)(?:(?:[\sT]+|(?<=日))(\d{1,2})[:：](\d{2})(?:[:：]\d{2}(?:\.\d+)?)?)?$/.exec(
    text.trim(),
  )
  const day = readDay(found?.[1] ?? '')
  if (!found || day === undefined) return undefined
  const time = found[2] ? `${found[2].padStart(2, '0')}:${found[3]}` : wholeDay[side]
  const moment = `${day} ${time}`
  return readBeijing(moment) === undefined ? undefined : moment
}

/** Reads a range from one text, as copied from a sheet or a message; undefined if the text is not two times. */
export function readRange(text: string): Bounds | undefined {
  const parts = text.trim().split(/\s*(?:~|～|至|到|—+|–|\t|\n|\s-\s|\sto\s)\s*/)
  if (parts.length !== 2) return undefined
  const [from, to] = [readMoment(parts[0] ?? '', 0), readMoment(parts[1] ?? '', 1)]
  return from === undefined || to === undefined ? undefined : [from, to]
}

function readDay(text: string): string | undefined {
  const shift = near[text.toLowerCase()]
  if (shift !== undefined) return dateOf(dayStart(Date.now()) + shift * dayMs)
  const found =
    /^(\d{4})(\d{2})(\d{2})$/.exec(text) ??
    /^(?:(\d{4})\s?[-/.年]\s?)?(\d{1,2})\s?[-/.月]\s?(\d{1,2})日?$/.exec(text)
  if (!found) return undefined
  const two = (part = '') => part.padStart(2, '0')
  const day = `${found[1] ?? dateOf(Date.now()).slice(0, 4)}-${two(found[2])}-${two(found[3])}`
  // JavaScript reads 30 February as 2 March; such a day is refused.
  const at = readBeijing(day)
  return at !== undefined && dateOf(at) === day ? day : undefined
}
