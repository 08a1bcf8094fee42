import { type RawBuilder, sql } from 'kysely'
import type { Database } from './db.ts'
import { allOf, type Cursor, type ListQuery, type ListTable, ownRanges, type Range } from './list-table.ts'

// A list's table of weeks tells in which weeks, by each of its times, the rows of a lane lie: every combination that
// exists, and some that once did. What it excludes need not be read.

export type Weeks<Sort extends string> = NonNullable<ListTable<Sort>['weeks']>

const weekMs = 7 * 86_400_000
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
export type Window = { since: Point; until: Point; lanes: readonly Lane[]; part: number; timed: boolean }
export type Point = { value: string; id: number }
/** `of`: in how many weeks, or blocks, the lane has rows. */
export type Lane = { group: string; lane: number; of: number }

/** A week or block with the lanes that have rows in it; `at`: the cursor's value in milliseconds. */
export type Stretch = {
  week: number
  block: number
  groups: string[]
  lanes: number[]
  ofs: number[]
  at: number | null
}

/** Where rows of the query can be in the order of its sort, the nearest first. */
export async function windowsOf<Sort extends string>(
  db: Database,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
): Promise<Window[]> {
  return windowsAmong(await stretchesOf(db, weeks, query, cursor), query, cursor)
}

/** What the table of weeks tells of a query, the nearest in the order of its sort first. */
export async function stretchesOf<Sort extends string>(
  db: Database,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
): Promise<Stretch[]> {
  const own = sql.ref(`w.${weeks.columns[query.sort]}`)
  const group = sql.ref(`w.${weeks.group}`)
  const direction = query.descending ? sql`desc` : sql`asc`
  const found = await sql<Stretch>`
    with place as (
      select distinct ${group} as place, w.lane, ${own} as week,
        case when ${isTimed(own)} then 0 else w.id_block end as block, ${meant(weeks, query.ranges ?? [])} as meant
      from ${sql.table(weeks.table)} w where ${inLanes(weeks, query)}
    )
    select week, block, array_agg(place order by place, lane) as groups, array_agg(lane order by place, lane) as lanes,
      array_agg(of_lane order by place, lane) as ofs,
      ${cursor ? sql`extract(epoch from ${cursor.value}::timestamptz)::float8 * 1000` : sql`null::float8`} as at
    from (select *, (count(*) over (partition by place, lane, ${isTimed(sql`week`)}))::int as of_lane from place) place where meant ${cursor ? sql`and week ${query.descending ? sql`<=` : sql`>=`} list_week(${cursor.value}::timestamptz)` : sql``}
    group by week, block order by week ${direction}, block ${direction}`.execute(db)
  return found.rows
}

/** Those windows of a query in which its groups and lanes have rows. */
export function windowsAmong<Sort extends string>(
  stretches: readonly Stretch[],
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
): Window[] {
  return stretches
    .map((stretch) => ({ ...stretch, lanes: lanesIn(stretch, query) }))
    .filter(({ lanes }) => lanes.length > 0)
    .flatMap((stretch, at) => windowsIn(stretch, at < finely, query.descending))
    .flatMap((window) => within(window, ownRanges(query)))
    .flatMap((window) =>
      cursor ? behind(window, { ...cursor, at: stretches[0]?.at ?? 0 }, query.descending) : window,
    )
}

function lanesIn({ groups, lanes, ofs }: Stretch, query: ListQuery<string>): Lane[] {
  return groups
    .map((group, at) => ({ group, lane: lanes[at] ?? 0, of: ofs[at] ?? 1 }))
    .filter(({ group, lane }) => query.groups.includes(group) && (query.lanes?.includes(lane) ?? true))
}

/** The nearest so many weeks and blocks are walked in smaller steps. */
const finely = 3
const parts = 7

function windowsIn(
  { week, block, lanes }: Pick<Stretch, 'week' | 'block'> & { lanes: readonly Lane[] },
  small: boolean,
  descending: boolean,
): Window[] {
  const count = small ? parts : 1
  const timed = week >= first && week <= last
  const pointAt = (at: number): Point =>
    !timed
      ? { value: week < first ? '-infinity' : 'infinity', id: Math.round((block + at / count) * blockSize) }
      : {
          value:
            week === first && at === 0
              ? '0001-01-01T00:00:00.000Z'
              : week === last && at === count
                ? '9999-12-31T00:00:00.000Z'
                : new Date(week * weekMs + Math.round((at / count) * weekMs)).toISOString(),
          id: 0,
        }
  const windows = Array.from({ length: count }, (_, at) => ({
    since: pointAt(at),
    until: pointAt(at + 1),
    lanes,
    part: 1 / count,
    timed,
  }))
  return descending ? windows.reverse() : windows
}

/** What of a window lies in the ranges of its own time. */
function within<Sort extends string>(window: Window, ranges: readonly Range<Sort>[]): Window[] {
  let { since, until } = window
  for (const { from, to } of ranges) {
    if (from !== undefined && Date.parse(from) > Date.parse(since.value)) since = { value: from, id: 0 }
    if (to !== undefined && Date.parse(to) < Date.parse(until.value)) until = { value: to, id: 0 }
  }
  return Date.parse(since.value) < Date.parse(until.value) || since.value === until.value
    ? [{ ...window, since, until }]
    : []
}

/** What of a window lies behind the cursor; `at` is the cursor's value in milliseconds. */
function behind(window: Window, cursor: Cursor & { at: number }, descending: boolean): Window[] {
  const place = (point: Point) =>
    point.value.endsWith('infinity') ? Number(point.value.replace('i', 'I')) : Date.parse(point.value)
  const id = Number(cursor.id)
  const from = place(window.since)
  const isTied = from === cursor.at && !Number.isFinite(from)
  if (descending) {
    if (isTied ? id <= window.since.id : cursor.at < from) return []
    const isInside = isTied ? id < window.until.id : cursor.at < place(window.until)
    return isInside ? [{ ...window, until: { value: cursor.value, id } }] : [window]
  }
  const until = place(window.until)
  if (isTied ? id + 1 >= window.until.id : cursor.at >= until) return []
  const isInside = isTied ? id >= window.since.id : cursor.at >= from
  return isInside ? [{ ...window, since: { value: cursor.value, id: id + 1 } }] : [window]
}

function inLanes<Sort extends string>(weeks: Weeks<Sort>, query: ListQuery<Sort>): RawBuilder<unknown> {
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
    where ${inLanes(weeks, query)} and ${meant(weeks, query.ranges ?? [])} and ${after} group by 1, 2, 3
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
    lanesIn(stretch, query).map(({ group }) => weeks.base(group, stretch.week)),
  )
  return [...new Set(all)]
}

/** Windows spread evenly over all, each cut so that together they hold `share` of the rows. */
export function slicesOf(windows: readonly Window[], share: number): Window[] {
  const whole = windows.reduce((sum, { part }) => sum + part, 0)
  const step = Math.max(1, whole / sampleSlices)
  let next = 0
  let passed = 0
  const chosen: Window[] = []
  for (const window of windows) {
    passed += window.part
    if (passed <= next) continue
    next += step
    chosen.push(cutWindow(window, Math.min(1, (share * step) / window.part), chosen.length))
  }
  return chosen
}

const sampleSlices = 24

function cutWindow(window: Window, part: number, turn: number): Window {
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
