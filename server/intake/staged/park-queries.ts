import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import { unnestRows } from '../../lib/unnest.ts'

export type ParkedItem = { id: string | null; reason: string; raw: string; sealed: Uint8Array }

/**
 * Stores each parked document once, with its newest text. A document that is seen again raises the count and is open again. A document
 * without a number is identified by its text.
 */
export async function upsertParked(
  tx: Tx,
  shopId: string,
  kind: 'trade' | 'refund',
  items: readonly ParkedItem[],
): Promise<void> {
  const byFingerprint = new Map(items.map((item) => [fingerprint(item), item]))
  await sql`
    insert into parked_item (shop_id, kind, platform_id, reason, sealed, fingerprint)
    select ${shopId}, ${kind}, platform_id, reason, sealed, fingerprint
    from ${unnestRows(
      'd',
      [...byFingerprint],
      [
        ['fingerprint', 'text', ([key]) => key],
        ['platform_id', 'text', ([, item]) => item.id ?? ''],
        ['reason', 'text', ([, item]) => item.reason],
        ['sealed', 'bytea', ([, item]) => item.sealed],
      ],
    )}
    order by fingerprint
    on conflict (shop_id, kind, fingerprint) do update
      set last_seen = now(), times = parked_item.times + 1, reason = excluded.reason, sealed = excluded.sealed, settled_at = null`.execute(
    tx,
  )
}

function fingerprint({ id, raw }: ParkedItem): string {
  return id ? `number ${id}` : createHash('sha256').update(raw).digest('hex').slice(0, 32)
}
