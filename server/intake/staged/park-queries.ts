import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { erasedAmong } from '../../shops/erased.ts'

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

/** Returns the numbers among these of documents whose buyer is erased. */
export async function erasedDocuments(
  tx: Tx,
  shopId: string,
  kind: 'trade' | 'refund',
  numbers: readonly string[],
): Promise<ReadonlySet<string>> {
  if (kind === 'trade') return erasedAmong(tx, shopId, numbers)
  const found = await sql<Row<'staged_refund', 'refundNo'>>`
    select r.refund_no as "refundNo" from staged_refund r join erased_trade e on e.tid = r.tid and e.shop_id = r.shop_id
    where r.refund_no = any(${[...numbers]}::text[]) and r.shop_id = ${shopId}`.execute(tx)
  return new Set(found.rows.map(({ refundNo }) => refundNo))
}

function fingerprint({ id, raw }: ParkedItem): string {
  return id ? `number ${id}` : createHash('sha256').update(raw).digest('hex').slice(0, 32)
}
