import { Readable, Writable } from 'node:stream'
import type pg from 'pg'

// COPY as streams. Decision 0036 says why no package is used.

/** The messages of COPY that a connection of the driver can send. Its types do not declare them. */
type CopyConnection = pg.Connection & {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

const isCopyConnection = (connection: pg.Connection): connection is CopyConnection =>
  'sendCopyFromChunk' in connection && 'endCopyFrom' in connection && 'sendCopyFail' in connection

type Completed = { text: string }

/** The server sends one message for each row. Rows are collected up to this size, because a stream costs some µs for each chunk. */
const blockBytes = 256 * 1024

/** `rows` settles when the statement has ended, with the number of rows that the server counted. */
export type Copy<Stream> = { stream: Stream; rows: Promise<number> }

/** Runs `copy … to stdout`. */
export function copyOut(client: pg.Client, text: string): Copy<Readable> {
  const { promise, resolve, reject } = rowsPromise()
  let socket: pg.Connection['stream'] | undefined
  let block = Buffer.allocUnsafe(blockBytes)
  let used = 0
  let rows = 0
  const stream = new Readable({
    highWaterMark: 4 * blockBytes,
    read: () => void socket?.resume(),
    destroy(error, done) {
      // The server would send the rest of the table first.
      if (error) socket?.destroy()
      done(error)
    },
  })
  const flush = () => {
    if (used === 0) return
    if (!stream.push(block.subarray(0, used))) socket?.pause()
    block = Buffer.allocUnsafe(blockBytes)
    used = 0
  }
  client.query({
    submit(connection: pg.Connection) {
      socket = connection.stream
      connection.query(text)
    },
    handleCopyData({ chunk }: { chunk: Buffer }) {
      if (used + chunk.length > blockBytes) flush()
      if (chunk.length > blockBytes) {
        // The driver reuses its buffer, so the bytes are copied.
        if (!stream.push(Buffer.from(chunk))) socket?.pause()
        return
      }
      chunk.copy(block, used)
      used += chunk.length
    },
    handleCommandComplete({ text: tag }: Completed) {
      rows = rowsOf(tag)
    },
    handleReadyForQuery() {
      flush()
      stream.push(null)
      // Nothing reads this stream any more that would resume the connection for the next statement.
      socket?.resume()
      resolve(rows)
    },
    handleError(error: Error) {
      stream.destroy(error)
      reject(error)
    },
  })
  return { stream, rows: promise }
}

/** Runs `copy … from stdin`. If the stream is destroyed with an error, the server gives the statement up. */
export function copyIn(client: pg.Client, text: string): Copy<Writable> {
  const { promise, resolve, reject } = rowsPromise()
  const ready = Promise.withResolvers<CopyConnection>()
  // A refused statement is reported by `rows` and by the stream.
  ready.promise.catch(() => {})
  let rows = 0
  let ended = false
  const stream = new Writable({
    highWaterMark: 4 * blockBytes,
    write(chunk: Buffer, _, done) {
      ready.promise.then((connection) => {
        connection.sendCopyFromChunk(chunk)
        if (connection.stream.writableNeedDrain) connection.stream.once('drain', () => done())
        else done()
      }, done)
    },
    final(done) {
      ready.promise.then((connection) => {
        connection.endCopyFrom()
        promise.then(() => done(), done)
      }, done)
    },
    destroy(error, done) {
      if (!error || ended) return done(error)
      ready.promise.then(
        (connection) => {
          connection.sendCopyFail(error.message)
          promise.catch(() => {}).finally(() => done(error))
        },
        () => done(error),
      )
    },
  })
  client.query({
    submit: (connection: pg.Connection) => connection.query(text),
    handleCopyInResponse(connection: pg.Connection) {
      if (isCopyConnection(connection)) ready.resolve(connection)
      else ready.reject(new Error('This driver cannot send rows.'))
    },
    handleCommandComplete({ text: tag }: Completed) {
      rows = rowsOf(tag)
    },
    handleReadyForQuery() {
      ended = true
      resolve(rows)
    },
    handleError(error: Error) {
      ended = true
      ready.reject(error)
      reject(error)
      stream.destroy(error)
    },
  })
  return { stream, rows: promise }
}

function rowsPromise() {
  const made = Promise.withResolvers<number>()
  // The stream reports the same error, and a caller that awaits the stream first must not leave this one unhandled.
  made.promise.catch(() => {})
  return made
}

const rowsOf = (tag: string) => Number(tag.split(' ').at(-1))
