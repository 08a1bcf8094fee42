import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { startPostgres } from './postgres.ts'

/**
 * Calls `work` with the URL for the owner of the tables. If Sanyi does not run, the embedded database is started meanwhile; its first start
 * creates it.
 */
export async function withOwnerDatabase<T>(
  { databaseUrl, databaseOwnerUrl, dataDir }: Pick<Config, 'databaseUrl' | 'databaseOwnerUrl' | 'dataDir'>,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const own = databaseOwnerUrl ?? databaseUrl
  if (own !== undefined) return work(own)
  const embedded = await startPostgres({ dataDir: join(dataDir, 'postgres'), insist: true })
  try {
    return await work(embedded.url)
  } finally {
    if (!embedded.adopted) await embedded.stopIfUnused()
  }
}
