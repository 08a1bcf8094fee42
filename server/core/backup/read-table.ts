import { createReadStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { type BackupTable, fileOf } from './manifest.ts'
import { measuredStream } from './measured.ts'

type Reader = { stream: Writable; rows: () => number | Promise<number> }
type Difference = { what: 'sha256' | 'bytes' | 'rows'; found: string | number }

/** Reads the rows of a table of the backup into a stream that counts them. Returns in what they differ from the manifest. */
export async function readTable(
  folder: string,
  table: BackupTable,
  into: Reader,
  onBytes?: (bytes: number) => void,
): Promise<Difference[]> {
  const packed = measuredStream({ hashed: true })
  const plain = measuredStream({ onBytes })
  await pipeline(
    createReadStream(fileOf(folder, table), { highWaterMark: 1024 * 1024 }),
    packed.stream,
    createZstdDecompress(),
    plain.stream,
    into.stream,
  )
  const found = { sha256: packed.sha256(), bytes: plain.bytes(), rows: await into.rows() }
  return (['sha256', 'bytes', 'rows'] as const).flatMap((what) =>
    found[what] === table[what] ? [] : [{ what, found: found[what] }],
  )
}
