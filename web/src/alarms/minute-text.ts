/** 1320 → 22:00 */
export const minuteText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

/** 22:00, 22：00, 2200 and 22 → 1320; undefined for other texts. */
export function readMinute(text: string): number | undefined {
  const [, hour, minute = '0'] = /^(\d{1,2})(?:[:：]?(\d\d))?$/.exec(text.trim()) ?? []
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined
  return Number(hour) * 60 + Number(minute)
}
