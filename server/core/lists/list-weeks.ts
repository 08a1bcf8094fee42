import { type RawBuilder, sql } from 'kysely'
import { dayMs } from '../../lib/time.ts'
import { type Database, preparedStatement } from '../db/db.ts'
import { allOf, type Cursor, type ListQuery, type ListTable, ownRanges, type Range } from './list-table.ts'

// A list's table of weeks tells in which weeks, by each of its times, the rows of a lane lie: every combination that
// exists, and some that once did. What it excludes need not be read.

export type Weeks<Sort extends string> = NonNullable<ListTable<Sort>['weeks']>

export const weekMs = 7 * dayMs
// A time that is infinite lies in week 32,767, or -1: before and after these.
const first = 0
const last = 32_766
/** Ids of a block, as the table of weeks counts them. */
const blockSize = 65_536

/** Weeks since 1970, as the SQL function `list_week` counts them. */
export function listWeek(at: Date): number {
  return Math.max(first, Math.min(last, Math.floor(at.getTime() / weekMs)))
}

/**
 * A stretch of a sort's index, by value and id, from `since` on and before `until`, in the lanes that have rows there: a
 * week, or of rows without the value a block of ids (then it is not `timed`). `part` is how much of a week or block it is.
 */
export type IndexRange = {
  since: Point
  until: Point
  lanes: readonly Substate[]
  part: number
  timed: boolean
}
export type Point = { value: string; id: number }
/** `of`: in how many weeks, or blocks, the lane has rows. */
export type Substate = { group: string; lane: number; of: number }

/** A week or block with the lanes that have rows in it; `at`: the cursor's value in milliseconds. */
export type Stretch = { week: number; block: number; lanes: readonly Substate[]; at: number | null }

/** What the table of weeks tells of a query, the nearest in the order of its sort first. */
export async function stretchesOf<Sort extends string>(
  db: Database,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
): Promise<Stretch[]> {
  const own = sql.ref(`w.${weeks.columns[query.sort]}`)
  type Found = Omit<Stretch, 'lanes'> & { groups: string[]; lanes: number[]; meant: boolean[] }
  const found = await sql<Found>`${preparedStatement}
    select week, block, array_agg(place) as groups, array_agg(lane) as lanes, array_agg(meant) as meant,
      ${cursor ? sql`extract(epoch from ${cursor.value}::timestamptz)::float8 * 1000` : sql`null::float8`} as at
    from (
      select ${sql.ref(`w.${weeks.group}`)} as place, w.lane, ${own} as week,
        case when ${isTimed(own)} then 0 else w.id_block end as block, bool_or(${meant(weeks, query.ranges ?? [])}) as meant
      from ${sql.table(weeks.table)} w where ${inSubstates(weeks, query)} group by 1, 2, 3, 4
    ) p group by week, block`.execute(db)
  // Sorted and counted here: for the server that was two of six milliseconds.
  const lanes = found.rows.flatMap((row) =>
    row.groups.map((group, at) => substateKey(row, group, row.lanes[at])),
  )
  const ofs = Map.groupBy(lanes, (key) => key)
  const sign = query.descending ? -1 : 1
  return found.rows
    .map((row) => ({
      ...row,
      lanes: row.groups.flatMap((group, at) => {
        const lane = row.lanes[at] ?? 0
        const of = ofs.get(substateKey(row, group, lane))?.length ?? 1
        return row.meant[at] ? [{ group, lane, of }] : []
      }),
    }))
    .filter((row) => row.lanes.length > 0)
    .sort((a, b) => sign * (a.week - b.week || a.block - b.block))
}

const substateKey = ({ week }: Pick<Stretch, 'week'>, group: string, lane: number | undefined) =>
  `${group} ${lane} ${week >= first && week <= last}`

/** Those windows of a query in which its groups and lanes have rows; the nearest are small. */
export function indexRangesAmong<Sort extends string>(
  stretches: readonly Stretch[],
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
): IndexRange[] {
  const at = stretches[0]?.at ?? 0
  return stretches
    .map((stretch) => ({ ...stretch, lanes: substatesIn(stretch, query) }))
    .filter(({ lanes }) => lanes.length > 0)
    .map(indexRangeOf)
    .flatMap((window) => within(window, ownRanges(query)))
    .flatMap((window) => (cursor ? behind(window, { ...cursor, at }, query.descending) : window))
    .flatMap((window, nth) => (nth < finely ? partsOf(window, query.descending) : window))
}

const substatesIn = ({ lanes }: Stretch, query: ListQuery<string>): readonly Substate[] =>
  lanes.filter(({ group, lane }) => query.groups.includes(group) && (query.lanes?.includes(lane) ?? true))

function indexRangeOf({ week, block, lanes }: Stretch): IndexRange {
  const alike = { lanes, part: 1 }
  if (week < first || week > last) {
    const value = week < first ? '-infinity' : 'infinity'
    const pointAt = (id: number) => ({ value, id })
    return {
      ...alike,
      since: pointAt(block * blockSize),
      until: pointAt((block + 1) * blockSize),
      timed: false,
    }
  }
  return {
    ...alike,
    since: week === first ? { value: '0001-01-01T00:00:00.000Z', id: 0 } : momentAt(week * weekMs),
    until: week === last ? { value: '9999-12-31T00:00:00.000Z', id: 0 } : momentAt((week + 1) * weekMs),
    timed: true,
  }
}

const momentAt = (ms: number): Point => ({ value: new Date(ms).toISOString(), id: 0 })
const msAt = (point: Point) => Date.parse(point.value)

/** What of a window lies between these points of its own, the whole of it being as long as it is told. */
function cut(
  window: IndexRange,
  { since = window.since, until = window.until }: Partial<IndexRange>,
): IndexRange {
  const length = ({ since, until }: Pick<IndexRange, 'since' | 'until'>) =>
    window.timed ? msAt(until) - msAt(since) : until.id - since.id
  const share = length({ since, until }) / Math.max(1, length(window))
  // Of years before our era the length is not known, and nothing lies there.
  return { ...window, since, until, part: window.part * (Number.isFinite(share) ? share : 1) }
}

/** The nearest so many windows are walked in smaller steps. */
const finely = 3
const parts = 7

function partsOf(window: IndexRange, descending: boolean): IndexRange[] {
  const { since, until, timed } = window
  const from = timed ? msAt(since) : since.id
  const step = ((timed ? msAt(until) : until.id) - from) / parts
  if (!(step >= 1)) return [window]
  const edges = Array.from({ length: parts - 1 }, (_, at) => Math.round(from + (at + 1) * step)).map(
    (edge) => (timed ? momentAt(edge) : { value: since.value, id: edge }),
  )
  const windows = [since, ...edges].map((point, at) =>
    cut(window, { since: point, until: edges[at] ?? until }),
  )
  return descending ? windows.reverse() : windows
}

/** What of a window lies in the ranges of its own time. */
function within<Sort extends string>(window: IndexRange, ranges: readonly Range<Sort>[]): IndexRange[] {
  let { since, until } = window
  for (const { from, to } of ranges) {
    if (from !== undefined && Date.parse(from) > msAt(since)) since = { value: from, id: 0 }
    if (to !== undefined && Date.parse(to) < msAt(until)) until = { value: to, id: 0 }
  }
  return msAt(since) < msAt(until) || since.value === until.value ? [cut(window, { since, until })] : []
}

/** What of a window lies behind the cursor; `at` is the cursor's value in milliseconds. */
function behind(window: IndexRange, cursor: Cursor & { at: number }, descending: boolean): IndexRange[] {
  const place = (point: Point) =>
    point.value.endsWith('infinity') ? Number(point.value.replace('i', 'I')) : Date.parse(point.value)
  const id = Number(cursor.id)
  const from = place(window.since)
  const isTied = from === cursor.at && !Number.isFinite(from)
  if (descending) {
    if (isTied ? id <= window.since.id : cursor.at < from) return []
    const isInside = isTied ? id < window.until.id : cursor.at < place(window.until)
    return isInside ? [cut(window, { until: { value: cursor.value, id } })] : [window]
  }
  const until = place(window.until)
  if (isTied ? id + 1 >= window.until.id : cursor.at >= until) return []
  const isInside = isTied ? id >= window.since.id : cursor.at >= from
  return isInside ? [cut(window, { since: { value: cursor.value, id: id + 1 } })] : [window]
}

function inSubstates<Sort extends string>(weeks: Weeks<Sort>, query: ListQuery<Sort>): RawBuilder<unknown> {
  return allOf([
    sql`${sql.ref(`w.${weeks.group}`)} = any(${[...query.groups]}::text[])`,
    ...(query.lanes ? [sql`w.lane = any(${[...query.lanes]}::smallint[])`] : []),
  ])
}

function meant<Sort extends string>(weeks: Weeks<Sort>, ranges: readonly Range<Sort>[]): RawBuilder<unknown> {
  return allOf(
    ranges.map(({ on, from, to }) => {
      const low = from === undefined ? first : listWeek(new Date(from))
      const high = to === undefined ? last : listWeek(new Date(to))
      return sql`${sql.ref(`w.${weeks.columns[on]}`)} between ${low}::smallint and ${high}::smallint`
    }),
  )
}

/** A place in the order of a sort, as coarse as the table of weeks tells it: week, or block of ids within a tie. */
export function coarsely(week: RawBuilder<unknown>, block: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(${week}::bigint * 4294967296 + case when ${isTimed(week)} then 0 else ${block} end)::float8`
}

const isTimed = (week: RawBuilder<unknown>) => sql`${week} between ${first}::smallint and ${last}::smallint`

/**
 * A week behind which keys of a group stand: of its rows those that have the sort's time, or those that lack it, since these
 * lie far from each other. `near` is the nearest place in the order of the sort where one of them can be.
 */
export type KeyWeek = { group: string; week: number; timed: boolean; near: number }

/** The weeks in whose keys rows of the query can be, the nearest in its order first, without those before the cursor. */
export async function keyWeeksOf<Sort extends string>(
  db: Database,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
): Promise<KeyWeek[]> {
  const own = sql.ref(`w.${weeks.columns[query.sort]}`)
  const direction = query.descending ? sql`desc` : sql`asc`
  const place = coarsely(own, sql`w.id_block`)
  const near = query.descending ? sql`max` : sql`min`
  const after = cursor
    ? sql`${place} ${query.descending ? sql`<=` : sql`>=`} ${coarsely(sql`list_week(${cursor.value}::timestamptz)`, sql`(${cursor.id}::bigint >> 16)`)}`
    : sql`true`
  const found = await sql<KeyWeek>`
    select ${sql.ref(`w.${weeks.group}`)} as "group", ${sql.ref(`w.${keyWeek}`)} as week, ${isTimed(own)} as timed, ${near}(${place}) as near
    from ${sql.table(weeks.table)} w
    where ${inSubstates(weeks, query)} and ${meant(weeks, query.ranges ?? [])} and ${after} group by 1, 2, 3
    order by 4 ${direction}, 2 ${direction}`.execute(db)
  return found.rows
}

/** The column of the week that stands in front of keys. */
export const keyWeek = 'key_week'

/** What stands in front of the keys of rows in these stretches, which are of the week of keys. */
export function keyBases(
  weeks: Weeks<string>,
  query: ListQuery<string>,
  stretches: readonly Stretch[],
): number[] {
  const all = stretches.flatMap((stretch) =>
    substatesIn(stretch, query).map(({ group }) => weeks.base(group, stretch.week)),
  )
  return [...new Set(all)]
}

/** Windows spread evenly over all, each cut so that together they hold `share` of the rows. */
export function slicesOf(windows: readonly IndexRange[], share: number): IndexRange[] {
  const whole = windows.reduce((sum, { part }) => sum + part, 0)
  const step = Math.max(1, whole / sampleSlices)
  let next = 0
  let passed = 0
  const chosen: IndexRange[] = []
  for (const window of windows) {
    passed += window.part
    if (passed <= next) continue
    next += step
    chosen.push(cutIndexRange(window, Math.min(1, (share * step) / window.part), chosen.length))
  }
  return chosen
}

const sampleSlices = 24

function cutIndexRange(window: IndexRange, part: number, turn: number): IndexRange {
  if (part >= 1) return window
  // Not always the same hour of the week.
  const from = ((turn * 0.618) % 1) * (1 - part)
  const { since, until } = window
  if (since.value === until.value) {
    const ids = until.id - since.id
    const id = Math.floor(since.id + from * ids)
    return { ...window, since: { ...since, id }, until: { ...until, id: id + Math.ceil(part * ids) } }
  }
  const began = Date.parse(since.value)
  const ms = Date.parse(until.value) - began
  const value = new Date(began + from * ms)
  return {
    ...window,
    since: { value: value.toISOString(), id: 0 },
    until: { value: new Date(value.getTime() + part * ms).toISOString(), id: 0 },
  }
}
