import Format from 'typebox/format'

const day = /^(?!0000)\d{4}-\d\d-\d\d$/
const instant =
  /^(?!0000)\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:0\d|1[0-4]):?[0-5]\d)$/

/** `format: date`: an existing day from the year 1 on, the first that PostgreSQL accepts. */
export function isDay(text: string): boolean {
  return day.test(text) && isReal(text)
}

/**
 * `format: date-time`: a time that JavaScript and PostgreSQL read in the same way. RFC 3339 also allows the year 0 and the leap second 60,
 * which one of the two refuses.
 */
export function isInstant(text: string): boolean {
  return instant.test(text) && isReal(text.slice(0, 10)) && !Number.isNaN(Date.parse(text))
}

// TypeBox uses these formats when it checks filters of bulk actions and parameters of tasks.
Format.Set('date', isDay)
Format.Set('date-time', isInstant)

/** True if the day exists. JavaScript reads 30 February as 2 March. */
function isReal(text: string): boolean {
  const at = new Date(text)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}
