/** Times of platforms and shops are China Standard Time, +08:00, without daylight saving since 1992. */
const chinaOffsetMs = 8 * 3_600_000

/** "2026-11-24 14:32:07" at +08:00 → Date. Throws RangeError for any other form or an impossible date. */
export function fromChinaTime(text: string): Date {
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)$/.exec(text)
  if (!match) throw new RangeError('not a time like 2026-11-24 14:32:07')
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // Date.UTC carries too large values over into the next unit, and reads years below 100 as 19xx.
  const isPossible =
    local.getUTCFullYear() === year &&
    local.getUTCMonth() === month - 1 &&
    local.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60
  if (!isPossible) throw new RangeError('not a possible time')
  return new Date(local.getTime() - chinaOffsetMs)
}

/** Date → "2026-11-24 14:32:07" at +08:00, cut to the second. */
export function toChinaTime(date: Date): string {
  return new Date(date.getTime() + chinaOffsetMs).toISOString().slice(0, 19).replace('T', ' ')
}

/** Date → "11-24 14:32" at +08:00, for messages of days near now. */
export const chinaMinute = (date: Date): string => toChinaTime(date).slice(5, 16)

export function chinaDay(date: Date): string {
  return toChinaTime(date).slice(0, 10)
}

/** Returns the midnight at +08:00 with which the day of this time begins. */
export function startOfChinaDay(date: Date): Date {
  return fromChinaTime(`${chinaDay(date)} 00:00:00`)
}

export const secondMs = 1000
export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs = 86_400_000
