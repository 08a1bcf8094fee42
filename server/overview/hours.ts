import type { Scope } from '../core/access/actor.ts'
import { inScope } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import { sharedNow } from '../lib/clock.ts'
import { chinaDay, dayMs, fromChinaTime, hourMs, minuteMs, secondMs } from '../lib/time.ts'
import type { Hours } from './contract.ts'
import { paidByHour } from './hours-queries.ts'

type Counted = { countedAt: number; shops: ReadonlyMap<string, number> }

/**
 * The counts of hours, cached for all scopes. A past hour changes only by late downloads, so the count of an older hour is valid longer.
 */
const countedHours = new WeakMap<Database, Map<number, Counted>>()

const standsForMs = (ageMs: number): number => {
  if (ageMs < 0) return 5 * secondMs
  if (ageMs < 2 * hourMs) return 30 * secondMs
  return ageMs < 8 * hourMs ? 2 * minuteMs : 20 * minuteMs
}

export async function paidHours(db: Database, scope: Scope, now = sharedNow()): Promise<Hours> {
  const midnight = fromChinaTime(`${chinaDay(now)} 00:00:00`).getTime()
  const hours = countedHours.get(db) ?? new Map<number, Counted>()
  countedHours.set(db, hours)
  await recount(db, hours, midnight - dayMs, now.getTime())
  const figures = (start: number) =>
    Array.from({ length: 24 }, (_, hour) => sumOf(hours.get(start + hour * hourMs), scope))
  return {
    today: figures(midnight),
    yesterday: figures(midnight - dayMs),
    hour: Math.floor((now.getTime() - midnight) / hourMs),
  }
}

/** Counts the hours whose count is too old, adjacent hours in one query. */
async function recount(db: Database, hours: Map<number, Counted>, from: number, now: number): Promise<void> {
  for (const hour of hours.keys()) if (hour < from) hours.delete(hour)
  for (const [start, end] of stale(hours, from, now)) {
    const rows = await paidByHour(db, new Date(start), new Date(end))
    const byHour = Map.groupBy(rows, (row) => row.hour.getTime())
    for (let hour = start; hour < end; hour += hourMs) {
      const shops = new Map((byHour.get(hour) ?? []).map(({ shopId, count }) => [shopId, count]))
      hours.set(hour, { countedAt: now, shops })
    }
  }
}

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

function sumOf(counted: Counted | undefined, scope: Scope): number {
  if (!counted) return 0
  return [...counted.shops].reduce((sum, [shopId, count]) => (inScope(scope, shopId) ? sum + count : sum), 0)
}
