import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, normalize, sep } from 'node:path'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'

const blockBytes = 512

type Entry = { path: string; kind: string; size: number }

/**
 * A stream that writes the entries of a tar archive, as PostgreSQL makes it, into a folder: files and folders, names of at most 100 bytes. Any
 * other entry is refused. `each` is called for every file and folder with its path.
 */
export function untar(folder: string, each: (path: string) => Promise<void>): Writable {
  let rest: Buffer = Buffer.alloc(0)
  let file: ReturnType<typeof createWriteStream> | undefined
  let failure: Error | undefined
  let path = ''
  let left = 0
  let filler = 0
  const endFile = async () => {
    const ending = file
    file = undefined
    if (!ending) return
    ending.end()
    await finished(ending)
    await each(path)
  }
  const begin = async (entry: Entry) => {
    path = pathIn(folder, entry.path)
    if (entry.kind === '5') {
      await mkdir(path, { recursive: true, mode: 0o700 })
      return each(path)
    }
    if (entry.kind !== '0' && entry.kind !== '\0')
      throw new Error(`The archive has an entry of another kind: ${entry.path}`)
    file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
    // A disk that is full fails between two chunks, when no other listener is there.
    file.on('error', (error) => {
      failure ??= error
    })
    left = entry.size
    filler = (blockBytes - (entry.size % blockBytes)) % blockBytes
    if (left === 0) await endFile()
  }
  const take = async (bytes: Buffer): Promise<Buffer> => {
    let at = 0
    while (at < bytes.length) {
      if (file) {
        const part = bytes.subarray(at, at + left)
        at += part.length
        left -= part.length
        if (failure) throw failure
        if (!file.write(part)) await once(file, 'drain')
        if (left === 0) await endFile()
      } else if (filler > 0) {
        const skipped = Math.min(filler, bytes.length - at)
        at += skipped
        filler -= skipped
      } else {
        if (at + blockBytes > bytes.length) break
        const entry = entryOf(bytes.subarray(at, at + blockBytes))
        at += blockBytes
        if (entry) await begin(entry)
      }
    }
    return bytes.subarray(at)
  }
  return new Writable({
    write(chunk: Buffer, _, done) {
      take(rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk).then((left) => {
        // The reader of the stream may reuse its buffer.
        rest = Buffer.from(left)
        done()
      }, done)
    },
    final: (done) => done(file || filler > 0 ? new Error('The archive has no end.') : null),
  })
}

/** Returns undefined for a block of zeros, of which two end an archive. */
function entryOf(block: Buffer): Entry | undefined {
  if (block.every((byte) => byte === 0)) return undefined
  const text = (from: number, length: number) =>
    block.toString('utf8', from, from + length).split('\0')[0] ?? ''
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  if (sum !== Number.parseInt(text(148, 8), 8)) throw new Error('The archive is damaged.')
  return {
    path: text(0, 100),
    kind: String.fromCharCode(block[156] ?? 0),
    size: Number.parseInt(text(124, 12), 8),
  }
}

function pathIn(folder: string, name: string): string {
  const path = normalize(join(folder, name))
  if (path !== folder && !path.startsWith(folder + sep))
    throw new Error(`The archive has a path outside: ${name}`)
  return path
}
