import { sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import type { IngestCounts } from '../trades/ingest.ts'
import type { ClaimedHint } from './messages.ts'

/** Adds the documents that push brought to the shop to the counts of today (`push_today`). Those that changed nothing do not count. */
export async function addToToday(
  tx: Tx,
  { shopId, kind }: { shopId: string; kind: ClaimedHint['kind'] },
  { created, updated }: Pick<IngestCounts, 'created' | 'updated'>,
): Promise<void> {
  if (created + updated === 0) return
  await sql`
    insert into push_today as t (shop_id, kind, day, created, updated)
    values (${shopId}, ${kind}, china_day(now()), ${created}, ${updated})
    on conflict (shop_id, kind) do update set day = excluded.day,
      created = excluded.created + case when t.day = excluded.day then t.created else 0 end,
      updated = excluded.updated + case when t.day = excluded.day then t.updated else 0 end`.execute(tx)
}
