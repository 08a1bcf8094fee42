import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { restoreSettings } from './owner-database.ts'
import { type Postgres, type PostgresOptions, runningPort, startPostgres } from './postgres.ts'

const everyMs = 1000

/**
 * Starts the server of an installation, whose locks the caller has. A restore that was killed leaves its server running without autovacuum and without
 * keeping the log (`restoreSettings`), so such a server is stopped first.
 */
export async function startToKeep(options: PostgresOptions): Promise<Postgres> {
  const server = await startPostgres(options)
  if (!server.adopted || !(await isForRestore(server.url))) return server
  await server.stop()
  return startPostgres(options)
}

/** True if the server was started with settings that only a restore gives; a person may set them in the files of the server. */
async function isForRestore(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, application_name: 'sanyi start' })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query<{ found: boolean }>(
      `select exists (select from pg_settings where source = 'command line' and name = $1 and setting = $2) as found`,
      ['wal_level', restoreSettings.wal_level],
    )
    return rows[0]?.found ?? false
  } finally {
    await client.end()
  }
}

export type PostgresWatch = {
  server: Postgres
  stop(): Promise<void>
}

type WatchOptions = PostgresOptions & {
  log: (line: string) => void
  /** Called if another process started the server on another port. Processes that use the former address must get the new one. */
  onMoved: (server: Postgres) => void
}

/**
 * Starts the embedded server again when it has died; if memory runs out, the operating system kills the largest process first. The server
 * gets the same port again and waits until the port is free, so that connected processes can reconnect.
 */
export function keepPostgres(server: Postgres, options: WatchOptions): PostgresWatch {
  const stopping = new AbortController()
  const kept = { server, async stop() {} }
  const ended = watch(kept, options, stopping.signal)
  kept.stop = async () => {
    stopping.abort()
    await ended
  }
  return kept
}

async function watch(kept: PostgresWatch, options: WatchOptions, signal: AbortSignal): Promise<void> {
  let said = ''
  const sayOnce = (line: string) => {
    const [first = ''] = line.split('\n')
    if (first !== said) options.log(line)
    said = first
  }
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => {})
    const port = await portNow(options, kept.server)
    if (signal.aborted || port === portOf(kept.server)) {
      said = ''
      continue
    }
    if (port === undefined)
      sayOnce('数据库意外停止,正在重新启动 · The database ended unexpectedly; starting it again')
    try {
      const before = kept.server.url
      kept.server = await startPostgres({ ...options, insist: true, signal })
      if (kept.server.url !== before) options.onMoved(kept.server)
    } catch (error) {
      if (!signal.aborted) sayOnce(error instanceof Error ? error.message : String(error))
    }
  }
}

const portOf = ({ url }: Postgres) => Number(new URL(url).port)

/**
 * Returns the port of the running server; undefined if it does not run. If its folder cannot be read, the server counts as running:
 * restarting would create an empty database in place of a folder that was removed.
 */
const portNow = ({ dataDir }: PostgresOptions, server: Postgres) =>
  runningPort(dataDir).then(
    (port) => (port === 0 ? portOf(server) : port),
    () => portOf(server),
  )
