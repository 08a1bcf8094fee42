import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { hashOf, type LogPlace } from './log-place.ts'
import { isLogFile, segmentOf, whyNotSegment } from './segments.ts'

export const storedName = (name: string): string => `${name}.zst`
/** Returns the name of the log's file that is stored under this name; undefined if it is another file. */
export function logFileOf(stored: string): string | undefined {
  const name = stored.endsWith('.zst') ? stored.slice(0, -4) : ''
  return isLogFile(name) ? name : undefined
}

export type Sending = {
  place: LogPlace
  systemId: string
  /** The folder of complete segments, and one for compressed files. */
  kept: string
  scratch: string
}

/** Returns the files that wait to be sent, the oldest first: a history comes before the segments of its timeline. */
export async function waitingFiles(kept: string): Promise<string[]> {
  const names = await readdir(kept).catch(() => [])
  return names.filter(isLogFile).toSorted()
}

/**
 * Compresses a file of the log into its place, and removes it here once it is there. A file that the place has already must be the same one:
 * it is never overwritten. Throws with a message for a person otherwise.
 */
export async function sendFile(sending: Sending, name: string): Promise<void> {
  const { place, systemId, kept, scratch } = sending
  const file = join(kept, name)
  const stored = storedName(name)
  const why = segmentOf(name) && whyNotSegment(name, (await readFile(file)).subarray(0, 40), systemId)
  if (why) throw new Error(`${file}: ${why}.`)
  const packed = join(scratch, stored)
  await pipeline(
    createReadStream(file, { highWaterMark: 1024 * 1024 }),
    // With a checksum of its content, a damaged file is found when it is read.
    createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
    createWriteStream(packed, { mode: 0o600 }),
  )
  if (!(await place.put(stored, packed))) await assertSame(sending, name)
  await rm(packed, { force: true })
  await rm(file)
}

/** Throws if the file that the place has under this name is not the one that waits here. */
async function assertSame({ place, kept, scratch }: Sending, name: string): Promise<void> {
  const stored = storedName(name)
  const [packed, unpacked] = [join(scratch, stored), join(scratch, name)]
  await place.get(stored, packed)
  await unpack(packed, unpacked)
  const isSame = (await hashOf(unpacked)) === (await hashOf(join(kept, name)))
  await rm(unpacked)
  if (!isSame) throw new OtherFile(place.words, stored)
}

/** The place has another file of this name: two databases with one past write into it. */
export class OtherFile extends Error {
  constructor(place: string, stored: string) {
    super(
      `${place} 里已有另一个 ${stored}:两套三易在用同一个备份位置,给其中一套换一个位置。\n` +
        `${place} has another ${stored}: two installations write into this place. Give one of them another place.`,
    )
  }
}

export async function unpack(packed: string, file: string): Promise<void> {
  await pipeline(
    createReadStream(packed, { highWaterMark: 1024 * 1024 }),
    createZstdDecompress(),
    createWriteStream(file, { mode: 0o600 }),
  )
}
