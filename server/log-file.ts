import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs'
import { dirname } from 'node:path'
import { Writable } from 'node:stream'

const keptFiles = 5

/**
 * Appends to `path`; every 50 MB it becomes `path.1`, the former `path.1` becomes `path.2`, and so on up to 5.
 * `copy` gets the same bytes, for a terminal or a container's log.
 */
export function openLogFile(
  path: string,
  options: { copy?: Writable | undefined; largestBytes?: number } = {},
) {
  const { copy, largestBytes = 50_000_000 } = options
  mkdirSync(dirname(path), { recursive: true })
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  let file = append(path)
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      copy?.write(chunk)
      size += chunk.length
      file.write(chunk, (error) => {
        if (!error && size > largestBytes) {
          file.end()
          rotate(path)
          file = append(path)
          size = 0
        }
        done(error)
      })
    },
    final(done) {
      file.end(done)
    },
  })
}

function append(path: string): WriteStream {
  return createWriteStream(path, { flags: 'a', mode: 0o600 })
}

function rotate(path: string): void {
  for (let number = keptFiles - 1; number >= 1; number--) {
    if (statSync(`${path}.${number}`, { throwIfNoEntry: false })) {
      renameSync(`${path}.${number}`, `${path}.${number + 1}`)
    }
  }
  renameSync(path, `${path}.1`)
}
