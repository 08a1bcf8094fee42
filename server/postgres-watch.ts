import { setTimeout as sleep } from 'node:timers/promises'
import { isPostgresUp, type PostgresOptions, startPostgres } from './postgres.ts'

const everyMs = 1000

/**
 * Starts the embedded server again when it died, as the other processes are: the system ends the largest process first when
 * memory runs out. Whoever is connected reconnects by himself, on the same port.
 */
export function keepPostgres(options: PostgresOptions & { log: (line: string) => void }): {
  stop(): Promise<void>
} {
  const stopping = new AbortController()
  const { signal } = stopping
  const ended = watch(options, signal)
  return {
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

async function watch(
  options: PostgresOptions & { log: (line: string) => void },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => {})
    if (signal.aborted || (await isUp(options))) continue
    options.log('数据库意外停止,正在重新启动 · The database ended unexpectedly; starting it again')
    await startPostgres(options).catch((error: unknown) =>
      options.log(error instanceof Error ? error.message : String(error)),
    )
  }
}

/** A folder that was taken away is nobody's to make anew: an empty database would look like a loss of everything. */
const isUp = ({ dataDir }: PostgresOptions) => isPostgresUp(dataDir).catch(() => true)
