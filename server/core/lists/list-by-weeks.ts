import type { Database } from '../db/db.ts'
import {
  type Chosen,
  chooseFacets,
  comparedCost,
  countLookedUp,
  lookedUpCost,
  lookUp,
} from './list-lookup.ts'
import { estimateRows } from './list-plan.ts'
import { type SubstateRows, substateRowsOf } from './list-statistics.ts'
import {
  type CappedCount,
  type Cursor,
  capped,
  isBare,
  type ListQuery,
  type ListTable,
  otherRanges,
  type Row,
} from './list-table.ts'
import {
  type IndexRange,
  indexRangesAmong,
  keyBases,
  keyWeek,
  type Stretch,
  slicesOf,
  stretchesOf,
  type Weeks,
} from './list-weeks.ts'
import {
  countIndexRanges,
  isCovered,
  readIndexRanges,
  type Sample,
  sampleIndexRanges,
  walkIndexRanges,
} from './list-windows.ts'

// Pages and counts of a table that tells in which weeks its rows lie. Costs are microseconds.

/** What is done at once, whatever else might be cheaper. */
const cheap = 4000
/** A window that is opened in one lane, or a week of keys. */
const openedCost = 20
const keyWeekCost = 60
const weeksMost = 60
/** A statement that reads next to nothing. */
const roundTrip = 2000
/** So many times dearer, the other way is not taken for fear of one window opened in vain. */
const farDearer = 8

/** For a row that is walked past, in the index alone or read from the table. */
export function walkedCost(table: ListTable<string>, query: ListQuery<string>): number {
  if (query.search) return 5
  return isCovered(table, query) ? 0.3 : 3
}

type Way<Answer> = { cost: number; go: () => Promise<Answer> }

const best = <Answer>(ways: readonly Way<Answer>[]) =>
  ways.reduce((one, other) => (other.cost < one.cost ? other : one))

/** Where rows of the query can be in the order of its sort, the nearest first. */
async function indexRangesOf<Sort extends string>(
  db: Database,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
): Promise<IndexRange[]> {
  return indexRangesAmong(await stretchesOf(db, weeks, query, cursor), query, cursor)
}

/** The rows of a page: the nearest windows first, then by the cheapest way. */
export async function firstByWeeks<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
  wanted: number,
): Promise<Row[]> {
  const windows = await indexRangesOf(db, weeks, query, cursor)
  if (windows.length === 0 || isBare(query)) return walkIndexRanges(db, table, query, windows, wanted)
  const [chosen, known] = await Promise.all([chooseFacets(db, table, query), substateRowsOf(db, table)])
  const perRow = walkedCost(table, query)
  const walkCost = (some: readonly IndexRange[]) =>
    some.reduce(
      (sum, window) => sum + rowsIn(table, query, window, known) * perRow + window.lanes.length * openedCost,
      0,
    )
  if (walkCost(windows) < cheap) return walkIndexRanges(db, table, query, windows, wanted)
  const lookFrom = (rest: readonly IndexRange[], from: Cursor | undefined, left: number) =>
    lookUpWay(db, table, query, chosen, known, from, left, rest)
  const ways = [lookFrom(windows, cursor, wanted)]
  for (const range of otherRanges(query))
    ways.push(await rangeWay(db, table, weeks, query, range, cursor, wanted))
  const other = best(ways)
  // If matches lay evenly, as within a range of another time they do not.
  const even = otherRanges(query).length > 0 ? walkCost(windows) : (wanted / chosen.share) * perRow * 2
  if (other.cost < Math.min(Math.max(cheap, walkCost(windows.slice(0, 1))), even)) return other.go()
  // Windows are opened one by one, so a large budget is spent only where the nearest hold little.
  let budget = Math.max(cheap, Math.min(Math.max(even, cheap * 4), other.cost / 2))
  const walked: Row[] = []
  for (let rest: readonly IndexRange[] = windows; ; ) {
    const near = within(rest, walkCost, budget)
    const began = performance.now()
    const found = await walkIndexRanges(db, table, query, rest.slice(0, near), wanted - walked.length)
    walked.push(...found)
    if (walked.length >= wanted || near === rest.length) return walked
    // What was met last tells better than what is common everywhere. A window can be as good as empty, so the clock is asked too.
    const met = Math.min(walkCost(rest.slice(0, near)), (performance.now() - began) * 1000 - roundTrip)
    const usual = perRow / chosen.share
    const rare = (Math.max(0, met) + usual) / (found.length + 1)
    const left = wanted - walked.length
    const expected = expectedCost(rest, near, walkCost, left, { rare, usual })
    rest = rest.slice(near)
    const way = best([lookFrom(rest, beforeAll(rest, query), left), ...ways.slice(1)])
    // There may be no further match: the other way is taken if it costs no more than the next window, or than the walk is expected to cost from here.
    if (way.cost <= Math.max(expected, Math.min(expected * farDearer, walkCost(rest.slice(0, 1)))))
      return merged(walked, await way.go(), wanted)
    budget = Math.max(cheap, Math.min(expected * 2, way.cost))
  }
}

/**
 * What the rest of a walk would cost after the `near` windows, each row being so `rare` there. Rows with the sort's time and those
 * without it are of different kinds: what holds for these need not for those, where a row costs as much as `usual`.
 */
function expectedCost(
  windows: readonly IndexRange[],
  near: number,
  cost: (some: readonly IndexRange[]) => number,
  left: number,
  { rare, usual }: { rare: number; usual: number },
): number {
  const timed = windows[near - 1]?.timed
  const rest = windows.slice(near)
  const alike = cost(rest.filter((window) => window.timed === timed))
  if (left * rare <= alike) return left * rare
  return alike + Math.min(cost(rest.filter((window) => window.timed !== timed)), left * usual * 2)
}

/** How many of these windows are walked for so much; one at least. */
function within(
  windows: readonly IndexRange[],
  cost: (some: readonly IndexRange[]) => number,
  budget: number,
): number {
  let near = 1
  while (near < windows.length && cost(windows.slice(0, near + 1)) < budget) near += 1
  return near
}

function merged(walked: readonly Row[], more: readonly Row[], wanted: number): Row[] {
  const seen = new Set(walked.map(({ id }) => id))
  return [...walked, ...more.filter(({ id }) => !seen.has(id))].slice(0, wanted)
}

/** About how many rows a window holds in the order of a sort. */
function rowsIn<Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  window: IndexRange,
  known: SubstateRows,
): number {
  const rows = window.lanes.reduce((sum, { group, lane, of }) => sum + known.of(group, lane) / of, 0)
  return rows * partWithin(table, query, [window], known) * window.part
}

/** The part of all rows that has the sort's time, or lacks it, as those of the nearest window do. */
function partWithin<Sort extends string>(
  table: ListTable<Sort>,
  { sort }: ListQuery<Sort>,
  [nearest]: readonly IndexRange[],
  known: SubstateRows,
): number {
  const { nullable } = table.sorts[sort]
  const lacking = nullable === undefined ? 0 : known.lacking(nullable)
  return nearest?.timed === false ? lacking : 1 - lacking
}

/** A cursor before the first of these windows. */
function beforeAll(windows: readonly IndexRange[], query: ListQuery<string>): Cursor | undefined {
  const [nearest] = windows
  if (!nearest) return undefined
  const { value, id } = query.descending ? nearest.until : nearest.since
  return { value, id: String(query.descending ? id : id - 1) }
}

function lookUpWay<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  chosen: Chosen,
  known: SubstateRows,
  cursor: Cursor | undefined,
  wanted: number,
  windows: readonly IndexRange[],
): Way<Row[]> {
  const { hits, kept } = hitsOf(query, chosen, known)
  // That of a week's rows which lies where the page begins.
  const part = partWithin(table, query, windows, known)
  const inWeek = nearestWeek(windows).reduce((sum, window) => sum + rowsIn(table, query, window, known), 0)
  // The weeks that fill the page, and two that might hold a row before its last.
  const needed = Math.min(hits, wanted / (kept * part) + 2 * inWeek * (chosen.rows / chosen.total))
  return {
    cost: Number.isFinite(hits) ? needed * lookedUpCost + weeksMost * keyWeekCost : Number.POSITIVE_INFINITY,
    go: () => lookUp(db, table, query, chosen, cursor, wanted),
  }
}

/** The first windows, as far as they make a whole one. */
function nearestWeek(windows: readonly IndexRange[]): readonly IndexRange[] {
  let count = 0
  for (let whole = 0; count < windows.length && whole < 0.99; count += 1) whole += windows[count]?.part ?? 1
  return windows.slice(0, count)
}

/** Rows that a look-up finds in the groups, and the part of them that lies in the lanes and has the other facets. */
function hitsOf(
  query: ListQuery<string>,
  chosen: Chosen,
  known: SubstateRows,
): { hits: number; kept: number } {
  const ofGroups = known.all(query.groups)
  const ofLanes = query.lanes ? known.all(query.groups, query.lanes) : ofGroups
  return {
    hits: chosen.rows * (ofGroups / chosen.total),
    kept: ((chosen.share * chosen.total) / chosen.rows) * Math.max(0.00001, ofLanes / Math.max(1, ofGroups)),
  }
}

/** Every row of another time's range, sorted as the list is. */
async function rangeWay<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
  range: NonNullable<ListQuery<Sort>['ranges']>[number],
  cursor: Cursor | undefined,
  wanted: number,
): Promise<Way<Row[]>> {
  const along: ListQuery<Sort> = { ...query, sort: range.on, descending: false }
  const rows = await estimateRows(db, table, along)
  return {
    cost: rows * (walkedCost(table, query) + 0.2),
    go: async () => {
      const windows = await indexRangesOf(db, weeks, along, undefined)
      return readIndexRanges(db, table, along, windows, query, cursor, wanted)
    },
  }
}

/** What a count may cost that goes on to the cap; a dearer one stops sooner. */
const dear = 4000
const sooner = 1000
const soonest = 100
const short = 2000

/** In the order in which its rows are counted. */
export const countOrder = <Sort extends string>(
  query: ListQuery<Sort>,
  steady: Sort = query.sort,
): ListQuery<Sort> => ({ ...query, sort: query.ranges?.[0]?.on ?? steady })

/**
 * How many rows match, and whether there are more, for counting stops above `most`. It stops sooner, at a thousand or at a
 * hundred, where it would take too long. Exact below that, except that far above `most` a sample tells it. `stretches`: what
 * the table of weeks tells of the query, or of more. `among`: so many match in all lanes, if that is known.
 */
export async function countByWeeks<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
  stretches: readonly Stretch[],
  most: number,
  among = Number.POSITIVE_INFINITY,
): Promise<CappedCount> {
  const windows = indexRangesAmong(stretches, query, undefined)
  const walk = (until: number) => countIndexRanges(db, table, query, windows, until)
  if (windows.length === 0 || isBare(query)) return capped(await walk(most + 1), most)
  const [chosen, known] = await Promise.all([chooseFacets(db, table, query), substateRowsOf(db, table)])
  const rows = windows.reduce((sum, window) => sum + rowsIn(table, query, window, known), 0)
  const perRow = walkedCost(table, query)
  const bases = weeks.columns[query.sort] === keyWeek ? keyBases(weeks, query, stretches) : undefined
  const look = (until: number) => countLookedUp(db, table, query, chosen, until, bases)
  const { hits, kept } = hitsOf(query, chosen, known)
  const met = Math.min(hits, (among * chosen.rows) / (chosen.share * chosen.total))
  const compares = chosen.compares * (known.all(query.groups) / chosen.total) * comparedCost
  const lookCost = Number.isFinite(hits) ? met * lookedUpCost + compares : Number.POSITIVE_INFINITY
  if (rows * perRow < cheap) return capped(await walk(most + 1), most)
  if (lookCost < cheap) return capped(await look(most + 1), most)
  const isAbove = (sample: Sample) => isFarAbove(sample, Math.max(rows, sample.walked), most)
  const sampleOf = (size: number) =>
    sampleIndexRanges(db, table, query, slicesOf(windows, size / rows), Math.ceil(size))
  // A short look tells what is common, a shorter one what is so by far.
  const sampled = Math.min(lookCost, short) / perRow
  const few = fewSampled(rows, chosen.share, most)
  if (few < sampled / 3 && isAbove(await sampleOf(few))) return { count: most, capped: true }
  const sample = await sampleOf(sampled)
  if (isAbove(sample)) return { count: most, capped: true }
  const all = Math.max(rows, sample.walked)
  const matches = ((sample.matches + 3) / Math.max(1, sample.walked)) * all
  const part = (until: number) => Math.min(1, until / matches)
  const ways = (until: number) => [
    { cost: Math.min(lookCost, (matches / kept) * lookedUpCost) * part(until), go: () => look(until + 1) },
    { cost: perRow * all * part(until), go: () => walk(until + 1) },
  ]
  const stop = [most, sooner].find((until) => best(ways(until)).cost < dear) ?? soonest
  return capped(await best(ways(stop)).go(), stop)
}

/** So many rows would show that there are far more than `most`, with some to spare; infinite where there are not. */
function fewSampled(rows: number, share: number, most: number): number {
  const above = 1 - most / (rows * share)
  return above > 0 ? (2 * Math.max(20, (3 / above) ** 2)) / share : Number.POSITIVE_INFINITY
}

/** By three standard deviations. */
const isFarAbove = ({ walked, matches }: Sample, rows: number, most: number) =>
  matches > 20 && ((matches - 3 * Math.sqrt(matches)) / walked) * rows > most
