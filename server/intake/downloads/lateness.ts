import type { ListLimits, Window } from '../../connectors/lists.ts'
import type { StreamLateness } from '../../core/tasks/cursors.ts'
import { minuteMs, secondMs } from '../../lib/time.ts'

// Platforms announce that their lists are late in peak hours, up to ten minutes. How late a list is shows itself: a change appears for a
// time that was read before, or a list that is never still shows nothing new. A list in time costs nothing more: a window then begins where
// the last one ended, less the usual overlap.

/** What a run saw in its windows. */
export type Sighting = {
  /** The end of the time that was read before this run. A change before it that is new to us was shown late. */
  readTo: Date
  /** True if the list was late when it was read before. */
  isLate: boolean
  newestBefore: Date | null
  newestAt: Date | null
  /** How many rows are newer than the newest before. */
  newer: number
  /** The earliest of the changes that were new to us, although their time had been read before; null: none. */
  earliestLate: Date | null
}

/** The most that platforms announce. A shop with few changes is read back this far each time, because that costs no further page. */
const announcedMs = 10 * minuteMs
/** A list that shows nothing for longer is a shop in which nothing happens. */
const longestMs = 20 * minuteMs
/** A change that the last catch-up did not see is at most this old; an older one was missing for another reason. */
const missedWithinMs = 45 * minuteMs
/** Shorter delays are within the overlap of windows, and are left out. */
const shortestMs = 45 * secondMs
/** If changes come at random, one in 160,000 gaps is longer than this multiple of the usual one. */
const stillGaps = 12
/** A busy list that has to be read back over many pages is read so no more often. */
const deepEveryMs = 30 * secondMs

export const newSighting = (
  readTo: Date,
  { newestAt, lateMs }: Pick<StreamLateness, 'newestAt' | 'lateMs'>,
): Sighting => ({
  readTo,
  isLate: lateMs > 0,
  newestBefore: newestAt,
  newestAt,
  newer: 0,
  earliestLate: null,
})

/** Notes the times of rows that a list has shown. */
export function noteShown(sighting: Sighting | undefined, times: readonly Date[]): void {
  if (!sighting) return
  for (const at of times) {
    if (sighting.newestBefore && at > sighting.newestBefore) sighting.newer += 1
    if (!sighting.newestAt || at > sighting.newestAt) sighting.newestAt = at
  }
}

/** True if this time had been read before, so that a change of it which is new to us was shown late. */
export const wasRead = (sighting: Sighting | undefined, at: Date): boolean =>
  sighting !== undefined && at.getTime() <= sighting.readTo.getTime() - shortestMs

/** Notes a change that was new to us. It was shown late if its time had been read before. */
export function noteFresh(sighting: Sighting | undefined, at: Date | null): void {
  if (!sighting || !at || !wasRead(sighting, at)) return
  if (!sighting.earliestLate || at < sighting.earliestLate) sighting.earliestLate = at
}

/** True if a late list may have begun to show these rows only now: all of them are of the last minutes, as far as the list says. */
export function mayBeLate(sighting: Sighting | undefined, rows: readonly { modifiedAt?: Date }[]): boolean {
  if (!sighting) return false
  const since = sighting.readTo.getTime() - longestMs
  return rows.every(({ modifiedAt }) => !modifiedAt || modifiedAt.getTime() >= since)
}

/** `from`: where the stream began. Returns how far before the cursor a run begins to read, and whether this reaches all that the list may show late. */
export function lookBack(
  known: StreamLateness,
  { completeTo, now, list, from }: { completeTo: Date; now: Date; list: ListLimits; from: Date },
): { ms: number; isDeep: boolean } {
  const { newestAt, gapMs, lateMs, deepAt } = known
  const most = Math.min(longestMs, list.windowMs - minuteMs) - list.overlapMs
  if (most <= 0) return { ms: list.overlapMs, isDeep: true }
  // A list that has shown nothing yet, such as that of a new shop in peak hours, may be late too, for what changed since the stream began.
  const readMs = Math.max(0, completeTo.getTime() - from.getTime())
  if (!newestAt) return { ms: Math.min(most, announcedMs, readMs) + list.overlapMs, isDeep: true }
  const stillMs = Math.max(0, completeTo.getTime() - newestAt.getTime())
  // A list without changes may show its changes later, all of them after the newest that it has shown.
  const shallow = stillMs <= most ? stillMs : 0
  const isSlow = !list.numbersOnly && (gapMs === null || gapMs * list.pageSize >= announcedMs)
  const deep = Math.min(most, Math.max(shallow, lateMs, isSlow ? announcedMs : 0))
  const pages = gapMs === null ? 0 : (deep - shallow) / gapMs / list.pageSize
  const isDue = pages <= 2 || !deepAt || now.getTime() - deepAt.getTime() >= deepEveryMs
  return { ms: (isDue ? deep : shallow) + list.overlapMs, isDeep: isDue }
}

/** A piece of the time that is read again in a list that names only numbers. A detail that came after its end is not fetched again. */
const pieceMs = minuteMs

/** Returns the windows in which a run looks back, before the one that begins at the usual overlap. */
export function piecesBack(
  { ms }: { ms: number },
  { completeTo, list }: { completeTo: Date; list: ListLimits },
): { pieces: Window[]; firstOverlapMs: number } {
  if (!list.numbersOnly) return { pieces: [], firstOverlapMs: ms }
  const pieces: Window[] = []
  const end = completeTo.getTime() - list.overlapMs
  for (let from = completeTo.getTime() - ms; from < end; from += pieceMs)
    pieces.push({ from: new Date(from), to: new Date(Math.min(end, from + pieceMs)) })
  return { pieces, firstOverlapMs: list.overlapMs }
}

/** Returns the lateness as it is known after a run that read the list up to `readTo`. */
export function afterReading(
  known: StreamLateness,
  seen: Sighting,
  { readTo, isDeep, now }: { readTo: Date; isDeep: boolean; now: Date },
): StreamLateness {
  const gapMs = gapAfter(known, seen)
  const next = { ...known, newestAt: seen.newestAt, gapMs, deepAt: isDeep ? now : known.deepAt }
  const late = seen.earliestLate ? readTo.getTime() - seen.earliestLate.getTime() : 0
  return ageLateness(next, Math.max(late, stillMsOf(next, { readTo, before: seen.readTo })), now)
}

/** How late the list is in which a catch-up found a missed change. How much is unknown, so the most that platforms announce. 0: not. */
export function missedLateMs(seen: Sighting | undefined, now: Date): number {
  const at = seen?.earliestLate
  return at && now.getTime() - at.getTime() < missedWithinMs ? announcedMs : 0
}

function gapAfter({ gapMs, newestAt }: StreamLateness, seen: Sighting): number | null {
  if (!newestAt || !seen.newestAt || seen.newer === 0) return gapMs
  const gap = Math.max(1, (seen.newestAt.getTime() - newestAt.getTime()) / seen.newer)
  return Math.round(Math.min(24 * 60 * minuteMs, gapMs === null ? gap : 0.7 * gapMs + 0.3 * gap))
}

/**
 * For how long a list that is never still has shown nothing; 0: it moves, or it is often still. It must have been still at the reading
 * before (`before`), too: after a pause of ours, in which the shop may have rested, one reading says nothing.
 */
function stillMsOf(
  { newestAt, gapMs }: StreamLateness,
  { readTo, before }: Record<'readTo' | 'before', Date>,
): number {
  if (!newestAt || gapMs === null) return 0
  const stillMs = readTo.getTime() - newestAt.getTime()
  const wasStill = before.getTime() - newestAt.getTime() > stillGaps * gapMs
  return wasStill && stillMs <= longestMs ? stillMs : 0
}

/** A greater lateness counts at once. A smaller one counts after a while in which the list was never as late as before. */
function ageLateness(known: StreamLateness, seenMs: number, now: Date): StreamLateness {
  const seen = seenMs < shortestMs ? 0 : Math.min(seenMs, longestMs)
  const { lateMs, lateAt, nextLateMs } = known
  if (seen > 0 && seen >= 0.8 * lateMs)
    return { ...known, lateMs: Math.max(seen, lateMs), lateAt: now, nextLateMs: 0 }
  const greatest = Math.max(nextLateMs, seen)
  // In a shop with few changes, several must have come in time.
  const holdMs = Math.max(minuteMs, lateMs / 4, Math.min(longestMs, 6 * (known.gapMs ?? 0)))
  if (lateMs > 0 && lateAt && now.getTime() - lateAt.getTime() < holdMs)
    return { ...known, nextLateMs: greatest }
  return { ...known, lateMs: greatest, lateAt: greatest > 0 ? now : null, nextLateMs: 0 }
}
