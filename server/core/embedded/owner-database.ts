import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { startPostgres } from './postgres.ts'

/**
 * Server settings under which a restore writes. Rows of a table that was emptied in the same transaction then go to the disk once, and not to
 * the log as well; the server's next start has the usual settings again.
 */
export const restoreSettings = {
  wal_level: 'minimal',
  archive_mode: 'off',
  max_wal_senders: '0',
  autovacuum: 'off',
}

/**
 * Calls `work` with the URL for the owner of the tables. If Sanyi does not run, the embedded database is started meanwhile; its first start
 * creates it. `settings` are for a server that is started here.
 */
export async function withOwnerDatabase<T>(
  { databaseUrl, databaseOwnerUrl, dataDir }: Pick<Config, 'databaseUrl' | 'databaseOwnerUrl' | 'dataDir'>,
  work: (url: string) => Promise<T>,
  settings: Record<string, string> = {},
): Promise<T> {
  const own = databaseOwnerUrl ?? databaseUrl
  if (own !== undefined) return work(own)
  const embedded = await startPostgres({ dataDir: join(dataDir, 'postgres'), insist: true, settings })
  try {
    return await work(embedded.url)
  } finally {
    if (!embedded.adopted) await embedded.stopIfUnused()
  }
}
