import { closeSync, mkdirSync, openSync, renameSync, statSync, write } from 'node:fs'
import { dirname } from 'node:path'
import { Writable } from 'node:stream'

const keptFiles = 5
const newline = Buffer.from('\n')

type LogFileOptions = {
  /** A second stream that gets the same bytes, such as the terminal. */
  copy?: Writable | undefined
  largestBytes?: number
  /** Called once when the file can no longer be written, and once when it can be written again. */
  onTrouble?: (line: string) => void
}

/**
 * Opens a log file for appending. Every 50 MB `path` becomes `path.1`, the former `path.1` becomes `path.2`, and so on up to 5. Lines that
 * cannot be written, because the disk is full for example, are dropped; the process goes on and each write tries again.
 */
export function openLogFile(path: string, options: LogFileOptions = {}): Writable {
  const { copy, largestBytes = 50_000_000, onTrouble = () => {} } = options
  let file: number | undefined
  let size = 0
  let dropped = 0
  const close = () => {
    const former = file
    file = undefined
    if (former !== undefined) closeSync(former)
  }
  const open = () => {
    mkdirSync(dirname(path), { recursive: true })
    size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    file = openSync(path, 'a', 0o600)
    return file
  }
  const lose = (chunk: Buffer, error: unknown) => {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'error'
    if (dropped === 0)
      onTrouble(
        `日志写不进 ${path}(${why}),先丢弃 · ${path} cannot be written (${why}); its lines are dropped`,
      )
    dropped += linesOf(chunk)
    // The next write opens the file again, because the folder may have been replaced.
    close()
  }
  const kept = (chunk: Buffer) => {
    size += chunk.length
    if (dropped > 0)
      onTrouble(`日志又能写了,丢了 ${dropped} 行 · ${path} is written again; ${dropped} lines were dropped`)
    dropped = 0
    if (size <= largestBytes) return
    close()
    rotate(path)
  }
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      copy?.write(chunk)
      const settle = (error: unknown) => {
        try {
          if (error) lose(chunk, error)
          else kept(chunk)
        } catch (failed) {
          onTrouble(`${path}: ${failed instanceof Error ? failed.message : String(failed)}`)
        }
        done()
      }
      try {
        // The last line before dropped output may be incomplete, so a line break is written first.
        appendAll(file ?? open(), dropped > 0 ? Buffer.concat([newline, chunk]) : chunk, settle)
      } catch (error) {
        settle(error)
      }
    },
    final(done) {
      close()
      done()
    },
  })
}

/** Writes the whole chunk. On a disk that is nearly full, one call may write only a part. */
function appendAll(file: number, chunk: Buffer, settle: (error: unknown) => void): void {
  write(file, chunk, (error, written) => {
    if (error || written >= chunk.length) return settle(error)
    appendAll(file, chunk.subarray(written), settle)
  })
}

function linesOf(chunk: Buffer): number {
  let lines = 0
  for (const byte of chunk) if (byte === 10) lines += 1
  return lines
}

function rotate(path: string): void {
  for (let number = keptFiles - 1; number >= 1; number--) {
    if (statSync(`${path}.${number}`, { throwIfNoEntry: false })) {
      renameSync(`${path}.${number}`, `${path}.${number + 1}`)
    }
  }
  renameSync(path, `${path}.1`)
}
