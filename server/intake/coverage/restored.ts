import { sql } from 'kysely'
import type { Logger } from 'pino'
import { openRestoredShops } from '../../core/access/shop-gate.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { type Running, repeat } from '../../core/jobs/engine.ts'
import { coverageOf } from './coverage.ts'

const everyMs = 2000

/**
 * Opens the shops of a restored database: each when everything that the platform changed up to the restore is here with its details. Ends
 * when no shop is left, since a database is restored only while no worker runs.
 */
export function startOpeningRestored({ db, log }: { db: Database; log: Logger }): Running {
  const stopping = new AbortController()
  const opening = repeat(log, { name: 'restored shops', signal: stopping.signal, everyMs }, async () => {
    const { opened, left } = await openReadShops(db)
    if (opened.length > 0) log.info({ shops: opened }, 'shops were read again since the restore')
    if (left === 0) stopping.abort()
  })
  return {
    async stop() {
      stopping.abort()
      await opening
    },
  }
}

/** Opens the shops that are complete to the restore. `left`: the number of shops that are not. */
export async function openReadShops(db: Database): Promise<{ opened: string[]; left: number }> {
  const closed = await sql<Row<'shop_gate', 'shopId'>>`
    select shop_id as "shopId" from shop_gate where restored_at is not null`.execute(db)
  if (closed.rows.length === 0) return { opened: [], left: 0 }
  const coverage = await coverageOf(
    db,
    closed.rows.map(({ shopId }) => shopId),
  )
  const read = [...coverage].flatMap(([shopId, { completeTo }]) =>
    completeTo ? [{ shopId, readTo: completeTo }] : [],
  )
  const opened = await openRestoredShops(db, read)
  return { opened, left: closed.rows.length - opened.length }
}
