import type { LocalizedText } from '../../lib/localized-text.ts'
import { megabytes, roomAt } from '../db/disk.ts'

/** A backup or restore was refused: the message is for a person, a line in Chinese and one in English. */
export class BackupRefusal extends Error {}

/** Refuses `work` if the disk of a folder has less room than it needs. */
export async function assertRoom(folder: string, needed: number, work: LocalizedText): Promise<void> {
  const room = await roomAt(folder)
  if (!room || room.freeBytes >= needed) return
  const [left, wanted] = [megabytes(room.freeBytes), megabytes(needed)]
  throw new BackupRefusal(
    `${folder} 只剩 ${left},${work.zh}约需 ${wanted}。\n${folder} has ${left} left, and the ${work.en} needs about ${wanted}.`,
  )
}
