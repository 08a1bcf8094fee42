import Format from 'typebox/format'

const day = /^(?!0000)\d{4}-\d\d-\d\d$/
const instant =
  /^(?!0000)\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:0\d|1[0-4]):?[0-5]\d)$/

/** `format: date`: a day of the calendar that PostgreSQL knows too, which begins with the year 1. */
export function isDay(text: string): boolean {
  return day.test(text) && isReal(text)
}

/**
 * `format: date-time`: an instant that JavaScript and PostgreSQL read alike. RFC 3339 also allows the year 0 and the leap
 * second 60, of which one or the other makes nothing.
 */
export function isInstant(text: string): boolean {
  return instant.test(text) && isReal(text.slice(0, 10)) && !Number.isNaN(Date.parse(text))
}

// What TypeBox checks by itself: filters of bulk work, parameters of tasks.
Format.Set('date', isDay)
Format.Set('date-time', isInstant)

/** 30 February is a date to a pattern, and to JavaScript the 2nd of March. */
function isReal(text: string): boolean {
  const at = new Date(text)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}
