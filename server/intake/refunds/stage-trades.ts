import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { type IngestCounts, ingestTrades } from '../trades/ingest.ts'
import { applyToOriginals } from './convert-refunds.ts'

/** Writes details as `ingestTrades` does. Then applies the versions of converted refunds that came while their trade was not here. */
export async function stageTrades(
  tx: Tx,
  ring: KeyRing,
  details: Parameters<typeof ingestTrades>[2],
  actor: Actor,
): Promise<IngestCounts> {
  const { unapplied, ...counts } = await ingestTrades(tx, ring, details, actor)
  await applyToOriginals(tx, unapplied, actor)
  return counts
}
