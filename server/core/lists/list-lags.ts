import { sql } from 'kysely'
import { hourMs } from '../../lib/time.ts'
import type { Database } from '../db/db.ts'
import { type ListQuery, otherRanges, type Range } from './list-table.ts'
import { type Reach, type Span, type Weeks, weekMs, weeksEnd } from './list-weeks.ts'

// Times of one row lie near each other: it is paid minutes before it is made, and due two days after. The table of lags tells how near, so
// a range of one time is also a range of the others.

/** Of rows whose key week is `week`: how long after its time their others lie, in milliseconds; null where they have none. */
type Lags = { week: number; of: (sort: string) => Span | null }

/** Where rows of the query can lie; undefined where nothing tells more than the table of weeks does. */
export async function reachOf<Sort extends string>(
  db: Database,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
): Promise<Reach | undefined> {
  if (!weeks.lags || otherRanges(query).length === 0) return undefined
  const spans: Span[] = []
  let untimed = false
  for (const lags of await lagsOf(db, weeks.lags)) {
    const made = madeWithin(lags, query.ranges ?? [])
    if (made.since >= made.until) continue
    const lag = lags.of(query.sort)
    if (lag) spans.push({ since: made.since + lag.since, until: made.until + lag.until })
    else untimed = true
  }
  return { spans, untimed }
}

/** When rows of these lags were made, if their times lie within the ranges. */
function madeWithin<Sort extends string>({ week, of }: Lags, ranges: readonly Range<Sort>[]): Span {
  let { since, until } = weekSpan(week)
  for (const { on, from, to } of ranges) {
    const lag = of(on)
    if (!lag) return { since: 0, until: 0 }
    if (from !== undefined) since = Math.max(since, Date.parse(from) - lag.until)
    // A moment may be told to the microsecond.
    if (to !== undefined) until = Math.min(until, Date.parse(to) + 1 - lag.since)
  }
  return { since, until }
}

/** The first week and the last hold all that lies before and after. */
const weekSpan = (week: number): Span => ({
  since: week <= 0 ? Number.NEGATIVE_INFINITY : week * weekMs,
  until: week >= weeksEnd ? Number.POSITIVE_INFINITY : (week + 1) * weekMs,
})

async function lagsOf<Sort extends string>(
  db: Database,
  { table, on, columns }: NonNullable<Weeks<Sort>['lags']>,
): Promise<Lags[]> {
  const sorts = Object.entries<string | undefined>(columns)
  const names = sorts.map(([, column]) => sql.ref(`l.${column}`))
  const found = await sql<{
    week: number
    lags: number[]
    since: (number | null)[]
    until: (number | null)[]
  }>`
    select l.key_week as week, array[${sql.join(names)}] as lags,
      array[${sql.join(names.map((name) => sql`s.steps[${name}]`))}] as since,
      array[${sql.join(names.map((name) => sql`s.steps[${name} + 1]`))}] as until
    from ${sql.table(table)} l, (select list_lag_steps() as steps offset 0) s`.execute(db)
  return found.rows.map(({ week, lags, since, until }) => {
    const known = new Map<string, Span | null>([[on, { since: 0, until: 0 }]])
    for (const [at, [sort]] of sorts.entries())
      known.set(
        sort,
        lags[at] === -1
          ? null
          : {
              since: (since[at] ?? Number.NEGATIVE_INFINITY) * hourMs,
              until: (until[at] ?? Number.POSITIVE_INFINITY) * hourMs,
            },
      )
    return { week, of: (sort) => known.get(sort) ?? null }
  })
}
