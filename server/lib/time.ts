/** Platform and shop time is China Standard Time, +08:00 without daylight saving since 1992. */
const chinaOffsetMs = 8 * 3_600_000

/** "2026-11-24 14:32:07" at +08:00 → Date. Throws RangeError on any other shape or an impossible date. */
export function fromChinaTime(text: string): Date {
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)$/.exec(text)
  if (!match) throw new RangeError('not a time like 2026-11-24 14:32:07')
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number)
  const ms = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second)
  const date = new Date(ms - chinaOffsetMs)
  if (toChinaTime(date) !== text.replace('T', ' ')) throw new RangeError('not a possible time')
  return date
}

/** Date → "2026-11-24 14:32:07" at +08:00, cut to the second. */
export function toChinaTime(date: Date): string {
  return new Date(date.getTime() + chinaOffsetMs).toISOString().slice(0, 19).replace('T', ' ')
}

/** Date → "2026-11-24" at +08:00. */
export function chinaDay(date: Date): string {
  return toChinaTime(date).slice(0, 10)
}

export const secondMs = 1000
export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs = 86_400_000
