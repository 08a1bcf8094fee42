import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'
import pg from 'pg'
import packageJson from '../../../package.json' with { type: 'json' }
import { measuredStream } from '../backup/measured.ts'
import type { BaseManifest } from './base-manifest.ts'
import { segmentBytes } from './segments.ts'

export type BaseRequest = {
  /** For the owner of the embedded server, who may replicate. */
  url: string
  /** The file to write. */
  file: string
  /** Begins with a checkpoint at once. Otherwise the server spreads it over minutes. */
  fast: boolean
  signal?: AbortSignal
}

type Fields = (string | null)[]
type Answers = { sets: Fields[][]; ended: Promise<void> }

/**
 * Writes the files of the running database into one compressed archive, by the command of the replication protocol: the server itself leaves
 * out files that a restore does not need, and checks each page. It ends when the log that belongs to it was kept.
 */
export async function makeBase({ url, file, fast, signal }: BaseRequest): Promise<BaseManifest> {
  // The name of the database in the address is not used by this protocol.
  const client = new pg.Client({
    ...{ connectionString: url, application_name: 'sanyi base backup', keepAlive: true },
    ...{ replication: 'true' },
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { tar, sets, ended } = archiveOf(client, fast)
    const plain = measuredStream()
    const packed = measuredStream({ hashed: true })
    const output = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true })
    await pipeline(tar, plain.stream, createZstdCompress(), packed.stream, output, { signal })
    await ended
    const [start, , end] = sets
    const head = await describe(url)
    return {
      format: 1,
      systemId: head.id,
      endedAt: head.now.toISOString(),
      timeline: Number(end?.[0]?.[1]),
      startsAt: start?.[0]?.[0] ?? '',
      endsAt: end?.[0]?.[0] ?? '',
      version: packageJson.version,
      serverVersion: head.version,
      bytes: plain.bytes(),
      storedBytes: packed.bytes(),
      sha256: packed.sha256(),
    }
  } finally {
    await client.end().catch(() => {})
  }
}

/** `sets`: the rows of its answers: where the log begins, the folders, and where the log ends. */
function archiveOf(client: pg.Client, fast: boolean): { tar: Readable } & Answers {
  const sets: Fields[][] = []
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  ended.catch(() => {})
  let socket: pg.Connection['stream'] | undefined
  const tar = new Readable({
    highWaterMark: 4 * 1024 * 1024,
    read: () => void socket?.resume(),
    destroy(error, done) {
      if (error) socket?.destroy()
      done(error)
    },
  })
  client.query({
    submit(connection: pg.Connection) {
      socket = connection.stream
      connection.query(
        `BASE_BACKUP (label 'sanyi', checkpoint '${fast ? 'fast' : 'spread'}', wait true, manifest 'no')`,
      )
    },
    handleRowDescription: () => void sets.push([]),
    handleDataRow: ({ fields }: { fields: Fields }) => void sets.at(-1)?.push([...fields]),
    handleCommandComplete() {},
    handleCopyData({ chunk }: { chunk: Buffer }) {
      // Each message begins with its kind; only `d` has bytes of the archive. The driver reuses its buffer, so they are copied.
      if (chunk[0] !== 0x64) return
      if (!tar.push(Buffer.from(chunk.subarray(1)))) socket?.pause()
    },
    handleReadyForQuery() {
      tar.push(null)
      socket?.resume()
      resolve()
    },
    handleError(error: Error) {
      tar.destroy(error)
      reject(error)
    },
  })
  return { tar, sets, ended }
}

async function describe(url: string): Promise<{ now: Date; version: string; id: string }> {
  const client = new pg.Client({ connectionString: url, application_name: 'sanyi base backup' })
  await client.connect()
  try {
    const { rows } = await client.query<{ now: Date; version: string; id: string; bytes: number }>(`
      select clock_timestamp() as now, current_setting('server_version') as version,
        (select system_identifier::text from pg_control_system()) as id,
        pg_size_bytes(current_setting('wal_segment_size'))::int as bytes`)
    const [row] = rows
    if (row?.bytes !== segmentBytes) throw new Error(`Segments of the log have ${row?.bytes} bytes.`)
    return row
  } finally {
    await client.end()
  }
}
