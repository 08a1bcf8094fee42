import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toChinaTime } from '../../lib/time.ts'
import { makeBase } from './base-backup.ts'
import {
  type BaseManifest,
  baseFileName,
  baseManifestName,
  baseName,
  readBase,
  writtenBase,
} from './base-manifest.ts'
import type { LogPlace } from './log-place.ts'
import { segmentNumberAt, segmentOf } from './segments.ts'
import { logFileOf, OtherFile } from './send-log.ts'

export type StoredBase = { name: string; manifest: BaseManifest }

/** Returns the base backups of a place that have their manifest, the oldest first. One whose manifest is damaged is left out. */
export async function basesIn(place: LogPlace, scratch: string): Promise<StoredBase[]> {
  const found: StoredBase[] = []
  for (const path of await place.list()) {
    const [name = '', file] = path.split('/')
    if (!baseName.test(name) || file !== baseManifestName) continue
    const local = join(scratch, `${name}.json`)
    await place.get(path, local)
    const manifest = readBase(await readFile(local, 'utf8'))
    await rm(local)
    if (manifest) found.push({ name, manifest })
  }
  return found.toSorted((one, other) => one.manifest.endedAt.localeCompare(other.manifest.endedAt))
}

type NewBase = { url: string; place: LogPlace; scratch: string; fast: boolean; signal?: AbortSignal }

/** Makes a base backup in a place. It is one when its manifest has arrived, which comes last. */
export async function addBase({ url, place, scratch, fast, signal }: NewBase): Promise<StoredBase> {
  const file = join(scratch, baseFileName)
  await rm(file, { force: true })
  try {
    const manifest = await makeBase({ url, file, fast, ...(signal ? { signal } : {}) })
    const name = `base-${toChinaTime(new Date(manifest.endedAt)).replaceAll(/[-:]/g, '').replace(' ', '-')}`
    await putNew(place, `${name}/${baseFileName}`, file)
    const written = join(scratch, baseManifestName)
    await writeFile(written, writtenBase(manifest), { mode: 0o600 })
    await putNew(place, `${name}/${baseManifestName}`, written)
    return { name, manifest }
  } finally {
    await rm(file, { force: true })
  }
}

async function putNew(place: LogPlace, name: string, file: string): Promise<void> {
  if (!(await place.put(name, file))) throw new OtherFile(place.words, name)
}

/**
 * Removes the files that no second since `from` needs: base backups older than the newest one that was complete by then, and the log before it. Histories of
 * timelines stay. Removes the rests of base backups that never got their manifest as well. Returns the oldest base backup that is left.
 */
export async function removeUnneeded(
  place: LogPlace,
  bases: readonly StoredBase[],
  from: Date,
): Promise<StoredBase | undefined> {
  const oldest = bases.findLast(({ manifest }) => new Date(manifest.endedAt) <= from) ?? bases[0]
  if (!oldest) return undefined
  const first = segmentNumberAt(oldest.manifest.startsAt)
  const names = await place.list()
  const isOld = (path: string) => {
    const [name = ''] = path.split('/')
    if (baseName.test(name)) return name < oldest.name
    const segment = segmentOf(logFileOf(name)?.slice(0, 24) ?? '')
    return segment !== undefined && segment.number < first
  }
  const old = names.filter(isOld)
  // Without its manifest a base backup is none, so one that is half removed is never taken for one.
  const manifests = old.filter((path) => path.endsWith(`/${baseManifestName}`))
  for (const path of [...manifests, ...old.filter((one) => !manifests.includes(one))])
    await place.remove(path)
  return oldest
}
