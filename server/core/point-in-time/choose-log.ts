import { toChinaTime } from '../../lib/time.ts'
import type { Storage } from '../backup/place.ts'
import { BackupRefusal } from '../backup/refusal.ts'
import { basesIn, type StoredBase } from './base-backups.ts'
import { type LogPlace, logFoldersIn, openLogPlace } from './log-place.ts'
import { leadsTo, readLog, type StoredLog } from './timelines.ts'

export type Chosen = StoredLog & { base: StoredBase; log: LogPlace }

type Wanted = {
  place: string
  at: Date | undefined
  timeline: number | undefined
  storage: Storage
  stage: string
}

/**
 * Chooses the log of a place, and the newest base backup that was complete before a second. If the place has logs of several databases, the one
 * with the newest such base backup is taken.
 */
export async function chooseLog({ place, at, timeline, storage, stage }: Wanted): Promise<Chosen> {
  const fitting: Chosen[] = []
  let earliest: string | undefined
  const folders = await logFoldersIn(place, storage)
  for (const folder of folders) {
    const log = openLogPlace(place, folder, storage)
    const stored = await readLog(log, stage, timeline)
    for (const base of (await basesIn(log, stage)).filter((one) => leadsTo(one, stored))) {
      const { endedAt } = base.manifest
      if (earliest === undefined || endedAt < earliest) earliest = endedAt
      if (at === undefined || new Date(endedAt) <= at) fitting.push({ ...stored, base, log })
    }
  }
  const ended = (chosen: Chosen) => chosen.base.manifest.endedAt
  const [newest] = fitting.toSorted((one, other) => ended(other).localeCompare(ended(one)))
  if (newest) return newest
  throw earliest === undefined ? nothingIn(place) : tooEarly(place, earliest)
}

function nothingIn(place: string): BackupRefusal {
  return new BackupRefusal(
    `${place} 里没有可恢复到某一秒的基础备份。每晚的备份用它的名字恢复,不加 --at。\n` +
      `${place} has no base backup from which a second can be restored. A nightly backup is restored by its name, without --at.`,
  )
}

function tooEarly(place: string, earliest: string): BackupRefusal {
  const from = toChinaTime(new Date(Math.ceil(new Date(earliest).getTime() / 1000) * 1000))
  return new BackupRefusal(
    `${place} 最早能恢复到 ${from}。\nThe first second that ${place} can restore is ${from} (China).`,
  )
}
