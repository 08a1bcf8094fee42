import { useSyncExternalStore } from 'react'
import { say } from '../../words.ts'

/**
 * Days and hours are those of China in every browser: +08:00 without summer time since 1991. They are read from the UTC fields of a time
 * that is shifted by 8 hours.
 */
const shiftMs = 8 * 3600_000

type Fields = {
  year: number
  month: string
  day: string
  hour: string
  minute: string
  second: string
  weekday: number
}

function fields(at: number): Fields {
  const shifted = new Date(at + shiftMs)
  const two = (value: number) => String(value).padStart(2, '0')
  return {
    year: shifted.getUTCFullYear(),
    month: two(shifted.getUTCMonth() + 1),
    day: two(shifted.getUTCDate()),
    hour: two(shifted.getUTCHours()),
    minute: two(shifted.getUTCMinutes()),
    second: two(shifted.getUTCSeconds()),
    weekday: shifted.getUTCDay(),
  }
}

const weekdays = [
  ['周日', 'Sun'],
  ['周一', 'Mon'],
  ['周二', 'Tue'],
  ['周三', 'Wed'],
  ['周四', 'Thu'],
  ['周五', 'Fri'],
  ['周六', 'Sat'],
] as const

/** "14:32" */
export function clock(at: number | string): string {
  const { hour, minute } = fields(toMs(at))
  return `${hour}:${minute}`
}

/** "14:32:07" */
export function clockSeconds(at: number | string): string {
  return `${clock(at)}:${fields(toMs(at)).second}`
}

/** "11-22 13:30", with the year if it is not the present one. */
export function shortTime(at: number | string): string {
  const { year, month, day, hour, minute } = fields(toMs(at))
  const short = `${month}-${day} ${hour}:${minute}`
  return year === fields(Date.now()).year ? short : `${year}-${short}`
}

/** "今天 11:05" for a time of today; otherwise the short form. */
export function nearTime(at: number | string): string {
  return dayStart(toMs(at)) === dayStart(Date.now())
    ? `${say(['今天', 'today'])} ${clock(at)}`
    : shortTime(at)
}

/**
 * "12:41 至 13:11" for today, "11-22 12:41 至 13:11" for another day, and both dates for different days. One of today that is within a
 * minute has its seconds: "12:41:10 至 12:41:40".
 */
export function stretch(from: number | string, to: number | string): string {
  const [first, last] = [dayStart(toMs(from)), dayStart(toMs(to))]
  const isToday = first === last && first === dayStart(Date.now())
  if (isToday && clock(from) === clock(to))
    return `${clockSeconds(from)} ${say(['至', 'to'])} ${clockSeconds(to)}`
  const begins = isToday ? clock(from) : shortTime(from)
  return `${begins} ${say(['至', 'to'])} ${first === last ? clock(to) : shortTime(to)}`
}

/** "11-24 周二 14:34" */
export function longDay(at: number): string {
  const { month, day, weekday } = fields(at)
  return `${month}-${day} ${say(weekdays[weekday] ?? weekdays[0])} ${clock(at)}`
}

/** "2026-11-22" */
export function dateOf(at: number | string): string {
  const { year, month, day } = fields(toMs(at))
  return `${year}-${month}-${day}`
}

/** "2026-11-22 13:30:05" in Beijing time, for the hover text. */
export function fullTime(at: number | string): string {
  return `${dateOf(at)} ${clockSeconds(at)}`
}

/** "2026-11-25 00:00" in Beijing time → ISO time; undefined if it cannot be read. */
export function readBeijing(text: string): string | undefined {
  const found = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::\d{2})?)?$/.exec(text.trim())
  if (!found) return undefined
  const at = Date.parse(`${found[1]}T${found[2] ?? '00:00'}:00+08:00`)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

export function dayStart(at: number): number {
  return Math.floor((at + shiftMs) / 86_400_000) * 86_400_000 - shiftMs
}

/** A duration such as "32 分", "3 小时" or "2 天". */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return say(['{n} 秒', '{n} s'], { n: seconds })
  if (seconds < 7200) return say(['{n} 分', '{n} min'], { n: Math.floor(seconds / 60) })
  if (seconds < 172_800) return say(['{n} 小时', '{n} h'], { n: Math.floor(seconds / 3600) })
  return say(['{n} 天', '{n} d'], { n: Math.floor(seconds / 86_400) })
}

function toMs(at: number | string): number {
  return typeof at === 'number' ? at : Date.parse(at)
}

// The whole page uses one clock, so that countdowns are equal and the clock can stop while the page is hidden.
let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
const tickMs = 10_000

function tick(): void {
  if (document.hidden) return
  now = Date.now()
  for (const each of listeners) each()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) {
    timer = setInterval(tick, tickMs)
    document.addEventListener('visibilitychange', tick)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
    document.removeEventListener('visibilitychange', tick)
  }
}

/** While no component uses the clock it does not tick, so that the first one sets it. */
function read(): number {
  if (timer === undefined && Date.now() - now >= tickMs) now = Date.now()
  return now
}

export const pageClock = { subscribe, read }

export function useNow(): number {
  return useSyncExternalStore(subscribe, read)
}
