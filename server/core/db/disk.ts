import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalizedText } from '../../lib/localized-text.ts'

export type Disk = { freeBytes: number; sizeBytes: number }

/** An alarm is raised if the free space is below this share of the disk, or below the number of bytes that are written on a busy day. */
const lowShare = 0.1
const lowBytes = 1_000_000_000
/** With less free bytes than this, the disk counts as full, because new data cannot be written. */
const fullBytes = 16_000_000

/** Returns the fuller of two disks: that of the data folder and that of the embedded database. Undefined if none can be read. */
export async function readDisk(dataDir: string): Promise<Disk | undefined> {
  const found = await Promise.all([dataDir, join(dataDir, 'postgres')].map(roomAt))
  return found
    .filter((disk) => disk !== undefined)
    .toSorted((one, other) => one.freeBytes - other.freeBytes)[0]
}

/** Undefined: the folder's disk cannot be read. */
export async function roomAt(folder: string): Promise<Disk | undefined> {
  const found = await statfs(folder).catch(() => undefined)
  return found && { freeBytes: found.bavail * found.bsize, sizeBytes: found.blocks * found.bsize }
}

export function roomOf({ freeBytes, sizeBytes }: Disk): 'enough' | 'low' | 'full' {
  if (freeBytes < fullBytes) return 'full'
  return freeBytes < lowBytes || freeBytes < sizeBytes * lowShare ? 'low' : 'enough'
}

export function diskWords(disk: Disk): LocalizedText | undefined {
  const left = `${megabytes(disk.freeBytes)} / ${megabytes(disk.sizeBytes)}`
  const room = roomOf(disk)
  if (room === 'enough') return undefined
  if (room === 'full')
    return {
      zh: `磁盘满了（剩 ${left}），新数据写不进；腾出空间后自动继续，不会丢`,
      en: `The disk is full (${left} left) and nothing new can be written; it goes on automatically once space is freed, and nothing is lost`,
    }
  return { zh: `磁盘快满了，剩 ${left}`, en: `The disk is nearly full: ${left} left` }
}

/**
 * Checks the disk every ten seconds and prints a line when space becomes low or enough again. Returns the function that stops the checks.
 */
export function watchDisk(dataDir: string, say: (line: string) => void): () => void {
  let told = 'enough'
  const look = async () => {
    const disk = await readDisk(dataDir)
    const room = disk ? roomOf(disk) : told
    if (!disk || room === told) return
    told = room
    const words = diskWords(disk)
    say(words ? `${words.zh} · ${words.en}` : '磁盘又有空间了 · There is room on the disk again')
  }
  const timer = setInterval(() => void look(), 10_000)
  timer.unref()
  void look()
  return () => clearInterval(timer)
}

export const megabytes = (bytes: number) =>
  bytes < 10e9 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e9)} GB`
