import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredBase } from './base-backups.ts'
import type { LogPlace } from './log-place.ts'
import { type Branch, branchesOf, historyName, isHistory, segmentNumberAt, segmentOf } from './segments.ts'
import { logFileOf, storedName, unpack } from './send-log.ts'

export type Timeline = { timeline: number; branches: readonly Branch[] }

/** The log of a place: the newest timeline, or the one that is asked for, and the names of its files without ".zst". */
export type StoredLog = Timeline & { names: ReadonlySet<string> }

export async function readLog(place: LogPlace, scratch: string, wanted?: number): Promise<StoredLog> {
  const names = new Set((await place.list()).flatMap((stored) => logFileOf(stored) ?? []))
  const known = [...names].flatMap((name) =>
    isHistory(name) ? Number.parseInt(name.slice(0, 8), 16) : (segmentOf(name)?.timeline ?? []),
  )
  const timeline = wanted ?? known.reduce((most, one) => Math.max(most, one), 1)
  const history = historyName(timeline)
  if (!names.has(history)) return { timeline, branches: [], names }
  const [packed, file] = [join(scratch, storedName(history)), join(scratch, history)]
  await place.get(storedName(history), packed)
  await unpack(packed, file)
  return { timeline, branches: branchesOf(await readFile(file, 'utf8')), names }
}

/** True if the log of this timeline goes on from the base backup. */
export function leadsTo({ manifest }: StoredBase, { timeline, branches }: Timeline): boolean {
  if (manifest.timeline === timeline) return true
  const branch = branches.find((each) => each.timeline === manifest.timeline)
  return branch !== undefined && segmentNumberAt(manifest.endsAt) <= segmentNumberAt(branch.until)
}
