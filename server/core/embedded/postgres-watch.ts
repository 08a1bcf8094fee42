import { setTimeout as sleep } from 'node:timers/promises'
import { type Postgres, type PostgresOptions, runningPort, startPostgres } from './postgres.ts'

const everyMs = 1000

export type PostgresWatch = {
  /** The server as it was found or started last. */
  server: Postgres
  stop(): Promise<void>
}

type WatchOptions = PostgresOptions & {
  log: (line: string) => void
  /** Somebody else started it on another port: whoever was told the former address has to learn this one. */
  onMoved: (server: Postgres) => void
}

/**
 * Starts the embedded server again when it died, as the other processes are: the system ends the largest process first when
 * memory runs out. It comes back on its port, however long that is held, so that whoever is connected reconnects by himself.
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

/** A folder that was taken away is nobody's to make anew: an empty database would look like a loss of everything. */
const portNow = ({ dataDir }: PostgresOptions, server: Postgres) =>
  runningPort(dataDir).then(
    (port) => (port === 0 ? portOf(server) : port),
    () => portOf(server),
  )
