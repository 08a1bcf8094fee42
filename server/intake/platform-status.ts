import { connectorFor } from '../connectors/index.ts'
import type { Database } from '../core/db/db.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { platformsOf } from '../shops/platforms.ts'

type Listed = { shopId: string; platformStatus: string }

/** Adds the platform's own status in the words of its clerks; null: a new one. */
export async function withPlatformWords<R extends Listed>(
  db: Database,
  rows: readonly R[],
): Promise<(R & { platformWords: LocalizedText | null })[]> {
  const platforms = await platformsOf(
    db,
    rows.map(({ shopId }) => shopId),
  )
  return rows.map((row) => {
    const connector = connectorFor(platforms.get(row.shopId) ?? '')
    return { ...row, platformWords: connector?.trades.statusWords(row.platformStatus) ?? null }
  })
}
