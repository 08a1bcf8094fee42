import { readdir, rm, stat } from 'node:fs/promises'
import { basename, isAbsolute, join } from 'node:path'
import Type from 'typebox'
import { AppError } from '../../errors.ts'
import { defineInstallationTaskKind } from '../tasks/kinds.ts'
import { backupName } from './backup-name.ts'
import { manifestName, sumOf } from './manifest.ts'
import { backupInto, isBucketPlace, type Kept, removeOldInBucket, type Storage } from './place.ts'
import { BackupRefusal } from './refusal.ts'

export const backupKind = 'backup'

/** Days for which a database can be restored to any second, unless the task says otherwise. */
export const usualDays = 2

/** Only the process that runs the task needs it. */
export type BackupSource = { databaseUrl: string; storage: Storage }

/**
 * 备份: backs up the database into a folder or a bucket, and removes the oldest backups there. A worker of many merchants has no `source`: a
 * merchant's administrator may not name a folder of the operator's machine.
 */
export const backingUp = (source?: BackupSource) =>
  defineInstallationTaskKind({
    kind: backupKind,
    name: { zh: '备份', en: 'Backup' },
    params: Type.Object(
      {
        /** A folder, best on another disk or machine, or `s3://BUCKET/FOLDER`. */
        place: Type.String({ default: '', maxLength: 500 }),
        keep: Type.Integer({ default: 14, minimum: 1, maximum: 1000 }),
        /** Read by the log keeper: for so many days the embedded database can be restored to any second. */
        pointInTimeDays: Type.Integer({ default: usualDays, minimum: 0, maximum: 60 }),
      },
      { additionalProperties: false },
    ),
    defaultSchedule: { cron: '0 4 * * *', timeZone: 'Asia/Shanghai' },
    // A user names a folder first.
    enabled: false,
    timeoutSeconds: 6 * 3600,
    async run({ params: { place, keep }, signal, progress }) {
      if (!source) throw new AppError('backup_refused', { detail: byOperator })
      const { databaseUrl, storage } = source
      if (!isBucketPlace(place) && !isAbsolute(place)) throw new AppError('backup_place_missing')
      const onProgress = ({ bytes, ofBytes }: { bytes: number; ofBytes: number }) =>
        progress({ report: { megabytes: megabytes(bytes), ofMegabytes: megabytes(ofBytes) } })
      const made = await backupInto({ url: databaseUrl, place, onProgress, signal }, storage).catch(refused)
      const { folder, manifest } = made
      const kept = { keep, made: basename(folder) }
      const removed = isBucketPlace(place)
        ? await removeOldInBucket(place, kept, storage).catch(refused)
        : await removeOld(place, kept)
      return {
        seen: sumOf(manifest, 'rows'),
        report: { backup: folder, storedMegabytes: megabytes(sumOf(manifest, 'storedBytes')), removed },
      }
    },
  })

const byOperator = {
  zh: '这里的备份由服务商来做，停用这个任务即可',
  en: 'the operator of this server makes the backups, so this task can be switched off',
}

function refused(error: unknown): never {
  if (!(error instanceof BackupRefusal)) throw error
  const [zh = '', en = zh] = error.message.split('\n')
  throw new AppError('backup_refused', { detail: { zh, en } })
}

/**
 * Removes the oldest backups of a folder but for `keep` and the one that was just made, and the rests of older ones that have no manifest. Their
 * names have their times. Other folders are left alone. Returns the number of backups.
 */
async function removeOld(place: string, { keep, made }: Kept): Promise<number> {
  const names = (await readdir(place)).filter((name) => backupName.test(name)).toSorted()
  const whole: string[] = []
  for (const name of names)
    if (await stat(join(place, name, manifestName)).catch(() => undefined)) whole.push(name)
  const oldest = whole.at(-keep)
  if (oldest === undefined) return 0
  const old = names.filter((name) => name < oldest && name !== made)
  for (const name of old) {
    const folder = join(place, name)
    // Without its manifest a folder is no backup, so one that is half removed is never taken for one.
    await rm(join(folder, manifestName), { force: true })
    await rm(folder, { recursive: true })
  }
  return whole.filter((name) => old.includes(name)).length
}

const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10
