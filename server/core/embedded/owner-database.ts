import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config.ts'
import { type Postgres, type PostgresOptions, startPostgres } from './postgres.ts'

/**
 * Server settings under which a restore writes. Rows of a table that was emptied in the same transaction then go to the disk once, and not to
 * the log as well; the server's next start has the usual settings again. The log that is kept ends there (`breakLog`).
 */
export const restoreSettings = {
  wal_level: 'minimal',
  archive_mode: 'off',
  max_wal_senders: '0',
  autovacuum: 'off',
}

export const hasEmbeddedDatabase = (dataDir: string): Promise<boolean> =>
  lstat(join(dataDir, 'postgres')).then(
    () => true,
    () => false,
  )

/** Throws if the data folder has no database: a command that was given the wrong folder would make an empty one there. */
export async function assertEmbeddedDatabase(dataDir: string): Promise<void> {
  if (!(await hasEmbeddedDatabase(dataDir)))
    throw new Error(
      `${dataDir} 里没有数据库：DATA_DIR（或 DATABASE_URL）要和启动时一样。\n` +
        `There is no database in ${dataDir}: give the DATA_DIR (or DATABASE_URL) with which Sanyi is started.`,
    )
}

/**
 * Calls `work` with the URL for the owner of the tables. If Sanyi does not run, the embedded database is started meanwhile. `create`: one that is
 * not there is made. `settings` are for a caller that keeps the installation from running: a server that runs nevertheless, such as that of a command
 * that was killed, is started again with them, and is stopped at the end.
 */
export async function withOwnerDatabase<T>(
  { databaseUrl, databaseOwnerUrl, dataDir }: Pick<Config, 'databaseUrl' | 'databaseOwnerUrl' | 'dataDir'>,
  work: (url: string) => Promise<T>,
  { create = false, settings = {} }: { create?: boolean; settings?: Record<string, string> } = {},
): Promise<T> {
  const own = databaseOwnerUrl ?? databaseUrl
  if (own !== undefined) return work(own)
  if (!create) await assertEmbeddedDatabase(dataDir)
  const hasSettings = Object.keys(settings).length > 0
  const options = { dataDir: join(dataDir, 'postgres'), insist: true, settings }
  const embedded = hasSettings ? await startFresh(options) : await startPostgres(options)
  try {
    return await work(embedded.url)
  } finally {
    if (hasSettings || !embedded.adopted) await embedded.stopIfUnused()
  }
}

/** The server closes the connections of a process that was killed within this time. */
const closingMs = 3000

/** A server that others use after `closingMs` is left as it is: `work` refuses it, or can use it. */
async function startFresh(options: PostgresOptions): Promise<Postgres> {
  const found = await startPostgres(options)
  if (!found.adopted) return found
  for (const end = performance.now() + closingMs; !(await found.stopIfUnused()); await sleep(200))
    if (performance.now() > end) return found
  return startPostgres(options)
}
