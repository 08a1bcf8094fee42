import { setTimeout as sleep } from 'node:timers/promises'
import { type Postgres, type PostgresOptions, runningPort, startPostgres } from './postgres.ts'

const everyMs = 1000

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
