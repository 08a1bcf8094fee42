import type { Scope } from '../core/access/actor.ts'
import { inScope } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import { sharedNow } from '../lib/clock.ts'
import { chinaDay, dayMs, fromChinaTime, hourMs, minuteMs, secondMs } from '../lib/time.ts'
import { dueDays } from '../reports/figures.ts'
import { plusDays } from '../reports/report-rules.ts'
import type { Sales, SalesSums, Week } from './contract.ts'
import { type HourRow, salesByDay, salesByHour, shippedInTime } from './sales-queries.ts'

type Counted = { countedAt: number; shops: ReadonlyMap<string, SalesSums> }
type Kept = { hours: Map<number, Counted>; part: { until: number; rows: readonly HourRow[] } | undefined }

/**
 * The sums of hours, cached for all scopes. A past hour changes only by late downloads, so the count of an older hour is valid longer.
 */
const keptSums = new WeakMap<Database, Kept>()

const none: SalesSums = { count: 0, amountFen: 0, refundFen: 0 }

const standsForMs = (ageMs: number): number => {
  if (ageMs < 0) return 5 * secondMs
  if (ageMs < 2 * hourMs) return 30 * secondMs
  return ageMs < 8 * hourMs ? 2 * minuteMs : 20 * minuteMs
}

/** Returns the payments of today by hour, those of yesterday beside them, and the sums of both until the present minute. */
export async function salesNow(db: Database, scope: Scope, now = sharedNow()): Promise<Sales> {
  const midnight = fromChinaTime(`${chinaDay(now)} 00:00:00`).getTime()
  const kept: Kept = keptSums.get(db) ?? { hours: new Map(), part: undefined }
  keptSums.set(db, kept)
  await recount(db, kept.hours, midnight - dayMs, now.getTime())
  const hour = Math.floor((now.getTime() - midnight) / hourMs)
  const sumsOf = (start: number) =>
    Array.from({ length: 24 }, (_, at) => sumOf(kept.hours.get(start + at * hourMs)?.shops, scope))
  const [today, yesterday] = [sumsOf(midnight), sumsOf(midnight - dayMs)]
  const part = await partOf(db, kept, {
    since: midnight - dayMs + hour * hourMs,
    until: now.getTime() - dayMs,
  })
  return {
    day: chinaDay(now),
    hour,
    today: today.map(({ count }) => count),
    yesterday: yesterday.map(({ count }) => count),
    now: added(today),
    before: added([...yesterday.slice(0, hour), sumOf(byShop(part), scope)]),
  }
}

/** The part of an hour of yesterday until the minute that it is now. */
async function partOf(
  db: Database,
  kept: Kept,
  { since, until }: { since: number; until: number },
): Promise<readonly HourRow[]> {
  const minute = Math.floor(until / minuteMs) * minuteMs
  if (kept.part?.until !== minute)
    kept.part = { until: minute, rows: await salesByHour(db, new Date(since), new Date(minute)) }
  return kept.part.rows
}

/**
 * Returns the sums of the last seven days and of the seven before. The present day is live; the others are the figures of the reports.
 * `due`: a row of the day has changed since its figures were computed.
 */
export async function salesOfWeek(db: Database, scope: Scope, { day: today, now }: Sales): Promise<Week> {
  const days = { from: plusDays(today, -13), to: plusDays(today, -1) }
  const found = await salesByDay(db, scope, days)
  const due = await dueDays(db, days)
  const dayOf = (back: number) => {
    const day = plusDays(today, -back)
    const { count, amountFen, refundFen } = found.find((each) => each.day === day) ?? none
    return { day, count, amountFen, refundFen, due: due.includes(day) }
  }
  const before = [13, 12, 11, 10, 9, 8, 7].map(dayOf)
  return {
    days: [...[6, 5, 4, 3, 2, 1].map(dayOf), { day: today, ...now, due: false }],
    before: before.every(({ count, refundFen }) => count === 0 && refundFen === 0) ? null : added(before),
    ...(await shippedInTime(db, scope, { from: plusDays(today, -6), to: today })),
  }
}

/** Counts the hours whose count is too old, adjacent hours in one query. */
async function recount(db: Database, hours: Map<number, Counted>, from: number, now: number): Promise<void> {
  for (const hour of hours.keys()) if (hour < from) hours.delete(hour)
  for (const [start, end] of stale(hours, from, now)) {
    const rows = await salesByHour(db, new Date(start), new Date(end))
    const byHour = Map.groupBy(rows, (row) => row.hour.getTime())
    for (let hour = start; hour < end; hour += hourMs)
      hours.set(hour, { countedAt: now, shops: byShop(byHour.get(hour) ?? []) })
  }
}

const byShop = (rows: readonly HourRow[]) => new Map(rows.map(({ shopId, ...sums }) => [shopId, sums]))

function stale(hours: ReadonlyMap<number, Counted>, from: number, now: number): [from: number, to: number][] {
  const ranges: [number, number][] = []
  for (let hour = from; hour <= now; hour += hourMs) {
    const countedAt = hours.get(hour)?.countedAt
    if (countedAt !== undefined && now - countedAt < standsForMs(now - hour - hourMs)) continue
    const last = ranges.at(-1)
    if (last?.[1] === hour) last[1] = hour + hourMs
    else ranges.push([hour, hour + hourMs])
  }
  return ranges
}

const sumOf = (shops: ReadonlyMap<string, SalesSums> | undefined, scope: Scope): SalesSums =>
  added([...(shops ?? [])].flatMap(([shopId, sums]) => (inScope(scope, shopId) ? [sums] : [])))

const added = (all: readonly SalesSums[]): SalesSums =>
  all.reduce(
    (sum, each) => ({
      count: sum.count + each.count,
      amountFen: sum.amountFen + each.amountFen,
      refundFen: sum.refundFen + each.refundFen,
    }),
    none,
  )
