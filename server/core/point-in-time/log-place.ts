import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { inBucket, isBucketPlace, opened, type Storage } from '../backup/place.ts'

/**
 * Files of the log and base backups, below a folder of the place of backups, or a bucket. A name may have folders. `put` writes a file, whose name
 * appears when it is complete. If the name is taken, it changes nothing and returns false.
 */
export type LogPlace = {
  words: string
  list(): Promise<string[]>
  put(name: string, file: string): Promise<boolean>
  get(name: string, file: string): Promise<void>
  remove(name: string): Promise<void>
}

/** The folder in a place of the database with this identifier. */
export const logFolder = (systemId: string): string => `log-${systemId}`
const logFolderName = /^log-\d+$/

/** Opens a folder of a place. */
export function openLogPlace(place: string, folder: string, storage: Storage): LogPlace {
  return isBucketPlace(place) ? inStorage(place, folder, storage) : inFolder(join(resolve(place), folder))
}

/** Returns the folders of a place that have a log. */
export async function logFoldersIn(place: string, storage: Storage): Promise<string[]> {
  const names = isBucketPlace(place)
    ? (await inStorage(place, '', storage).list()).map((name) => name.split('/')[0] ?? '')
    : await readdir(resolve(place)).catch(() => [])
  return [...new Set(names.filter((name) => logFolderName.test(name)))].toSorted()
}

const draftPrefix = '.draft-'

function inFolder(root: string): LogPlace {
  return {
    words: root,
    async list() {
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(noFolder)
      return entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith(draftPrefix))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
        .toSorted()
    },
    async put(name, file) {
      const path = join(root, name)
      const draft = join(dirname(path), `${draftPrefix}${name.split('/').at(-1)}`)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await rm(draft, { force: true })
      await copyFile(file, draft)
      await synced(draft)
      if ((await hashOf(draft)) !== (await hashOf(file)))
        throw new Error(`${draft} was not written as it should be.`)
      if (await stat(path).catch(() => undefined)) {
        await rm(draft)
        return false
      }
      await rename(draft, path)
      await synced(dirname(path))
      return true
    },
    get: (name, file) => copyFile(join(root, name), file),
    remove: (name) => rm(join(root, name), { force: true }),
  }
}

function inStorage(place: string, folder: string, storage: Storage): LogPlace {
  const { bucket: name, prefix } = inBucket(place)
  const bucket = opened(storage, name)
  const below = folder === '' ? prefix : `${prefix}${folder}/`
  return {
    words: `s3://${name}/${below}`,
    list: async () => (await bucket.list(below)).map((key) => key.slice(below.length)).toSorted(),
    async put(path, file) {
      const key = `${below}${path}`
      // Not every storage can refuse to replace a file, so it is looked for before.
      if ((await bucket.list(key)).includes(key)) return false
      await bucket.put(key, file)
      return true
    },
    get: (path, file) => bucket.get(`${below}${path}`, file),
    remove: (path) => bucket.remove(`${below}${path}`),
  }
}

function noFolder(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw error
}

export async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(chunk)
  return hash.digest('hex')
}

/** Writes a file, or the names in a folder, through to the disk. Windows cannot open a folder, and needs nothing. */
async function synced(path: string): Promise<void> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
