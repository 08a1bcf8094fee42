import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { openKeyRing } from '../core/access/key-check.ts'
import type { Budget } from '../core/db/connection-budget.ts'
import { type OpenDatabase, openDatabase } from '../core/db/db.ts'
import { migrationGaps } from '../core/db/migrate.ts'
import type { Directory } from '../core/directory/directory.ts'
import {
  applicationUrlOf,
  keyPathOf,
  type Merchant,
  publicUrlOf,
  serverOf,
} from '../core/directory/merchants.ts'
import { startHeartbeats } from '../core/embedded/house-process.ts'
import { logKeys } from '../core/http/http-log.ts'
import { assertSupported, watchSupport } from '../core/upgrade/support.ts'
import { watchKeyFile } from '../lib/key-file.ts'
import { quietly } from '../lib/quiet.ts'
import type { KeyRing } from '../lib/seal.ts'
import { StartError } from '../lib/stopping.ts'
import { sealedPlaces } from '../worker.ts'

/** A merchant's database and keys in this process. Nothing of it is shared with another merchant. */
export type OpenMerchant = OpenDatabase & { config: Config; ring: KeyRing; log: Logger }

export type Place = {
  directory: Directory
  config: Config
  log: Logger
  kind: 'web' | 'worker'
  /** The connections of this process to a server, by its name. */
  budgetOf: (server: string) => Budget
}

/** A new key is used a minute after it was added, so this is soon enough. */
const keysEveryMs = 15_000
/** A program that ends the support of older ones waits a minute and a half for them. */
const supportEveryMs = 30_000

type Opening = {
  /** Most connections. */
  max: number
  statementMs?: number
  /** Called once if a newer program has ended the support of this one in the merchant's database. */
  onOutdated: () => void
}

export async function openMerchant(
  { directory, config, log: processLog, kind, budgetOf }: Place,
  merchant: Merchant,
  { onOutdated, ...limits }: Opening,
): Promise<OpenMerchant> {
  const log = processLog.child({ merchant: merchant.key })
  const warn = quietly(log)
  const server = await serverOf(directory, merchant.server)
  const databaseUrl = applicationUrlOf(directory, merchant, server)
  const sealingKeyPath = keyPathOf(directory, merchant.key)
  const { db, pool, close } = openDatabase(databaseUrl, {
    ...{ ...limits, name: `sanyi ${kind}`, idleMs: idleMs[kind] },
    budget: budgetOf(server.name).join(server.pooler === null ? 0 : poolerMs),
    onError: (error) => warn(error, 'database connection lost'),
  })
  try {
    await assertSupported(pool)
    await assertMigrated(pool, log)
    const ring = await openKeyRing(db, sealingKeyPath, () => sealedPlaces)
    const signs = await startHeartbeats({ db, log, kind, dataDir: config.dataDir })
    const support = watchSupport({ database: pool, log, everyMs: supportEveryMs }, (why) => {
      log.error({ why }, 'this program is too old for the merchant')
      onOutdated()
    })
    const unwatch = watchKeyFile(ring, sealingKeyPath, { ...logKeys(log), everyMs: keysEveryMs })
    return {
      ...{ db, pool, ring, log },
      config: { ...config, databaseUrl, sealingKeyPath, publicUrl: publicUrlOf(config.publicUrl, merchant) },
      async close() {
        unwatch()
        await support.stop()
        await signs.stop()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A merchant whose migration failed is closed until `merchant migrate`, as one installation does not start. */
async function assertMigrated(pool: OpenDatabase['pool'], log: Logger): Promise<void> {
  const { missing } = await migrationGaps(pool)
  if (missing.length === 0) return
  // The message of an error is not logged.
  log.error({ missing }, 'the database of this merchant lacks migrations: npm run merchant -- migrate')
  throw new StartError(
    `这个商家的库还没有升级:缺 ${missing.join(', ')}\nThe database of this merchant lacks ${missing.join(', ')}`,
  )
}

/** An unused connection is given back after this time. A visit uses its own within a second; a user looks at a page for some seconds. */
const idleMs = { web: 20_000, worker: 3000 }
/** A pooler keeps an unused connection for this time: its `server_idle_timeout` of five seconds, and a second until it looks. */
const poolerMs = 6000
