import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../core/db/db.ts'
import { type Running, repeat } from '../core/jobs/engine.ts'
import { changedSkus, markProcessed } from '../inventory/changes.ts'
import { calculateStockSync } from './calculate.ts'
import { anyShopOn, listingsSelling } from './queries.ts'

const batchSize = 300

export type StockSyncLoop = { db: Database; log: Logger; everyMs?: number }

/** Calculates the quantities of listings whose stock has changed, every second. */
export function startStockSync({ db, log, everyMs = 1000 }: StockSyncLoop): Running {
  const stopping = new AbortController()
  const turn = async () => {
    if (!(await anyShopOn(db))) return
    while (!stopping.signal.aborted && (await processStockChanges(db)));
  }
  const uploading = repeat(log, { name: 'stock upload', signal: stopping.signal, everyMs }, turn)
  return {
    async stop() {
      stopping.abort()
      await uploading
    },
  }
}

/** Processes one batch of changed SKUs. False: there are no more, or another process is working on them. */
export function processStockChanges(db: Database): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const mine = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended('stock upload of ' || current_schema(), 0)) as mine`.execute(
      tx,
    )
    if (!mine.rows[0]?.mine) return false
    const changed = await changedSkus(tx, batchSize)
    if (changed.length === 0) return false
    const listings = await listingsSelling(
      tx,
      changed.map(({ skuId }) => skuId),
    )
    if (listings.length > 0) await calculateStockSync(tx, listings)
    await markProcessed(tx, changed)
    return true
  })
}
