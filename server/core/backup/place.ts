import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning } from '../embedded/processes.ts'
import { backupName, backupNameOf } from './backup-name.ts'
import { type Bucket, type BucketAccess, openBucket } from './bucket.ts'
import { type BackupRequest, type MadeBackup, makeBackup } from './make-backup.ts'
import {
  assertFiles,
  fileNameOf,
  type Manifest,
  manifestName,
  readManifest,
  readManifestAlone,
  sumOf,
} from './manifest.ts'
import { assertRoom, BackupRefusal } from './refusal.ts'

// A place of backups is a folder, or `s3://BUCKET/PREFIX` of an S3-compatible storage. In a bucket a backup has the same files
// below its name as in a folder, and the manifest comes last.

/** What a backup into a bucket, or a restore from one, needs of this machine. */
export type Storage = {
  bucket: BucketAccess | undefined
  /** A folder for the files on their way. */
  staging: string
}

type InBucket = { bucket: string; prefix: string }

export const isBucketPlace = (place: string) => place.startsWith('s3://')

export function inBucket(place: string): InBucket {
  const [, bucket = '', path = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(place) ?? []
  if (bucket === '')
    throw new BackupRefusal(
      `${place} 不是存储位置:写成 s3://桶/目录。\n${place} is no place in a storage: write s3://BUCKET/FOLDER.`,
    )
  const folder = path.replace(/^\/+|\/+$/g, '')
  return { bucket, prefix: folder === '' ? '' : `${folder}/` }
}

export function opened({ bucket }: Storage, name: string, signal?: AbortSignal): Bucket {
  if (!bucket)
    throw new BackupRefusal(
      '没有设置存储:S3_ENDPOINT、S3_ACCESS_KEY_ID、S3_SECRET_ACCESS_KEY。\n' +
        'No storage is set: S3_ENDPOINT, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY.',
    )
  return openBucket(bucket, name, signal)
}

/** Makes a backup in a place. `folder` of the answer is where it is: a path, or `s3://…`. */
export async function backupInto(request: BackupRequest, storage: Storage): Promise<MadeBackup> {
  if (!isBucketPlace(request.place)) return makeBackup(request)
  const { bucket: name, prefix } = inBucket(request.place)
  const bucket = opened(storage, name, request.signal)
  // A wrong key is found now, and not after an hour.
  await bucket.list(`${prefix}sanyi-`)
  return await withStaging(storage, async (staging) => {
    const made = await makeBackup({ ...request, place: staging })
    const { below, claim } = await freeName(bucket, prefix, made)
    const put = (file: string) => bucket.put(`${below}${file}`, join(made.folder, file))
    for (const table of made.manifest.tables) await put(fileNameOf(table))
    // The files hold the name from now on. A key that may not remove leaves the claim, which is read by no restore.
    await bucket.remove(claim).catch(() => {})
    // Without its manifest it is no backup, so the manifest comes last.
    await put(manifestName)
    return { ...made, folder: `s3://${name}/${below.slice(0, -1)}` }
  })
}

/**
 * Claims a name that no other backup of the same second has. Not every storage can refuse to replace a file, so each process writes a file
 * of its own below the name and looks whether it is alone there: of two, the later one sees the earlier one's, and takes another name.
 */
async function freeName(bucket: Bucket, prefix: string, { folder, manifest }: MadeBackup) {
  const name = `claim-${randomUUID()}`
  await writeFile(join(folder, name), '')
  for (let number = 1; ; number++) {
    const below = `${prefix}${backupNameOf(manifest.takenAt, number)}/`
    const claim = `${below}${name}`
    if ((await bucket.list(below)).length > 0) continue
    await bucket.put(claim, join(folder, name))
    if ((await bucket.list(below)).length === 1) return { below, claim }
    await bucket.remove(claim).catch(() => {})
    // Two that saw each other try again at different times.
    await sleep(Math.random() * 1000)
  }
}

/**
 * Calls `work` with the folder of a backup, whose files are there in full length, and its manifest. One that is in a bucket is downloaded for it, if
 * the disk has room.
 */
export async function withBackup<T>(
  backup: string,
  storage: Storage,
  work: (folder: string, manifest: Manifest) => Promise<T>,
): Promise<T> {
  if (!isBucketPlace(backup)) return work(backup, await readManifest(backup))
  const { bucket: name, prefix } = inBucket(backup)
  const bucket = opened(storage, name)
  const keys = await bucket.list(prefix)
  if (!keys.includes(`${prefix}${manifestName}`)) throw noBackup(backup, wholeOf(keys, prefix))
  return await withStaging(storage, async (staging) => {
    const folder = join(staging, basename(prefix))
    await mkdir(folder, { mode: 0o700 })
    const fetched = (file: string) => bucket.get(`${prefix}${file}`, join(folder, file))
    await fetched(manifestName)
    const manifest = await readManifestAlone(folder)
    await assertRoom(folder, sumOf(manifest, 'storedBytes'), { zh: '下载备份', en: 'download of the backup' })
    for (const table of manifest.tables) await fetched(fileNameOf(table))
    await assertFiles(folder, manifest)
    return work(folder, manifest)
  })
}

function noBackup(place: string, names: readonly string[]): BackupRefusal {
  const last = names.toSorted().slice(-5).join(', ') || '—'
  return new BackupRefusal(
    `${place} 不是备份:没有 ${manifestName}。里面最近的备份:${last}\n` +
      `${place} is no backup: it has no ${manifestName}. The last backups in it: ${last}`,
  )
}

/** The names of the backups below a prefix that have their manifest. */
function wholeOf(keys: readonly string[], prefix: string): string[] {
  return keys.flatMap((key) => {
    const [name = '', file, ...more] = key.slice(prefix.length).split('/')
    return backupName.test(name) && file === manifestName && more.length === 0 ? [name] : []
  })
}

/** `made`: the name of the backup that was just made. After a wrong clock, older ones may have later names. */
export type Kept = { keep: number; made: string }

/**
 * Removes the oldest backups of a bucket but for `keep` and the one that was just made, and the rests of older ones that have no manifest. Other
 * files are left alone. Returns the number of backups.
 */
export async function removeOldInBucket(
  place: string,
  { keep, made }: Kept,
  storage: Storage,
): Promise<number> {
  const { bucket: name, prefix } = inBucket(place)
  const bucket = opened(storage, name)
  const keys = await bucket.list(`${prefix}sanyi-`)
  const whole = wholeOf(keys, prefix).toSorted()
  const oldest = whole.at(-keep)
  if (oldest === undefined) return 0
  const isOld = (one: string) => backupName.test(one) && one < oldest && one !== made
  const old = keys.filter((key) => isOld(key.slice(prefix.length).split('/')[0] ?? ''))
  // Without its manifest a backup is none, so one that is half removed is never taken for one.
  const manifests = old.filter((key) => key.endsWith(`/${manifestName}`))
  for (const key of [...manifests, ...old.filter((one) => !manifests.includes(one))]) await bucket.remove(key)
  return whole.filter(isOld).length
}

/** The staging folders in which this process works. An earlier process, of a container say, may have had our number. */
const ownStages = new Set<string>()

/** Calls `work` with a new folder, which is removed afterwards, as are those of processes that were killed. */
async function withStaging<T>({ staging }: Storage, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(staging, { recursive: true, mode: 0o700 })
  await removeLeft(staging)
  const name = `${process.pid}-${randomUUID()}`
  const folder = join(staging, name)
  ownStages.add(name)
  try {
    await mkdir(folder, { mode: 0o700 })
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
    ownStages.delete(name)
  }
}

async function removeLeft(staging: string): Promise<void> {
  for (const name of await readdir(staging)) {
    const pid = Number(/^(\d+)-/.exec(name)?.[1])
    const isInUse = pid === process.pid ? ownStages.has(name) : isRunning(pid)
    if (Number.isNaN(pid) || isInUse) continue
    await rm(join(staging, name), { recursive: true, force: true })
  }
}
