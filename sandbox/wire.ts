/** The platforms' text forms of amounts (yuan), times (+08:00) and JSON. JSON is written by hand, so that ids keep all digits. */

/** `1234` fen as a quoted yuan string: `"12.34"`. */
export function yuan(fen: number): string {
  return `"${plainYuan(fen)}"`
}

/** `1234` fen as `12.34`, which is also a JSON number. */
export function plainYuan(fen: number): string {
  const whole = Math.trunc(Math.abs(fen) / 100)
  const rest = Math.abs(fen) % 100
  return `${fen < 0 ? '-' : ''}${whole}.${rest < 10 ? '0' : ''}${rest}`
}

const DAY = 86_400
const CHINA = 8 * 3600
const days = new Map<number, string>()

/** Epoch seconds as `yyyy-MM-dd HH:mm:ss` at +08:00. */
export function platformTime(seconds: number): string {
  const local = seconds + CHINA
  const day = Math.floor(local / DAY)
  let date = days.get(day)
  if (date === undefined) {
    if (days.size > 5000) days.clear()
    date = new Date(day * DAY * 1000).toISOString().slice(0, 10)
    days.set(day, date)
  }
  const rest = local - day * DAY
  const h = Math.floor(rest / 3600)
  const m = Math.floor((rest % 3600) / 60)
  const s = rest % 60
  return `${date} ${h < 10 ? '0' : ''}${h}:${m < 10 ? '0' : ''}${m}:${s < 10 ? '0' : ''}${s}`
}

/** Returns the time of `platformTime`, quoted for JSON. */
export function quotedTime(seconds: number): string {
  return `"${platformTime(seconds)}"`
}

/** Reads `yyyy-MM-dd HH:mm:ss` (+08:00) to epoch seconds; undefined when the text is not exactly that. */
export function readPlatformTime(text: string): number | undefined {
  const m = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text)
  if (m === null) return undefined
  const [year, month, day, hour, minute, second] = m.slice(1).map(Number)
  if (
    year === undefined ||
    month === undefined ||
    day === undefined ||
    hour === undefined ||
    minute === undefined ||
    second === undefined
  )
    return undefined
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59)
    return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - CHINA
}

export function quote(text: string): string {
  return JSON.stringify(text)
}

/** An id or a code, which needs no escaping, as JSON text. */
export function quoteId(id: string): string {
  return `"${id}"`
}

let requestCounter = 0
/** Returns a request id in TOP's form: 12 or 13 characters of base 36. */
export function requestId(): string {
  requestCounter = (requestCounter + 1) % 60_466_176
  return `s${(Date.now() % 2_176_782_336).toString(36)}${requestCounter.toString(36).padStart(5, '0')}`
}
