import { Writable } from 'node:stream'
import type { BackupTable, Manifest } from './manifest.ts'
import { readTable } from './read-table.ts'

/** Returns the manifest and the findings; an empty list means that the backup is whole. */
export async function checkBackup(
  folder: string,
  manifest: Manifest,
): Promise<{ manifest: Manifest; wrong: string[] }> {
  const wrong: string[] = []
  for (const table of manifest.tables) wrong.push(...(await findingsOf(folder, table)))
  return { manifest, wrong }
}

async function findingsOf(folder: string, table: BackupTable): Promise<string[]> {
  try {
    const differences = await readTable(folder, table, rowCounter())
    return differences.map(({ what, found }) => `${table.name}: ${what} ${found} ≠ ${table[what]}`)
  } catch (error) {
    return [`${table.name}: ${error instanceof Error ? error.message : error}`]
  }
}

/** The bytes before the first row: a signature of 11, flags and the length of an extension, which is empty. */
const headBytes = 19

/**
 * Counts the rows of COPY's binary form, in which a row is the number of its values and, for each, its length and bytes. Fails if the rows
 * do not end with the mark of their end.
 */
function rowCounter() {
  let rows = 0
  let skip = headBytes
  let values = 0
  let ended = false
  let rest: Buffer = Buffer.alloc(0)
  /** Reads as many whole lengths as there are, and returns how many bytes it took. */
  const read = (bytes: Buffer): number => {
    let at = 0
    while (true) {
      const skipped = Math.min(skip, bytes.length - at)
      at += skipped
      skip -= skipped
      if (skip > 0 || ended) return bytes.length
      if (values > 0) {
        if (at + 4 > bytes.length) return at
        skip = Math.max(0, bytes.readInt32BE(at))
        at += 4
        values -= 1
        continue
      }
      if (at + 2 > bytes.length) return at
      values = bytes.readInt16BE(at)
      at += 2
      if (values < 0) ended = true
      else rows += 1
    }
  }
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      rest = bytes.subarray(read(bytes))
      done()
    },
    final: (done) => done(ended ? null : new Error('the rows have no end')),
  })
  return { stream, rows: () => rows }
}
