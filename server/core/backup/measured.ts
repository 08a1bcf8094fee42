import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'

/** A stream that passes bytes on, counts them, and hashes them if it is asked to. */
export function measuredStream({ hashed = false, onBytes = (_: number) => {} } = {}) {
  const hash = hashed ? createHash('sha256') : undefined
  let bytes = 0
  const stream = new Transform({
    highWaterMark: 1024 * 1024,
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      hash?.update(chunk)
      onBytes(chunk.length)
      done(null, chunk)
    },
  })
  return { stream, bytes: () => bytes, sha256: () => hash?.digest('hex') ?? '' }
}
