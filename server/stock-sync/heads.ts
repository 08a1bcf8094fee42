import type { Actor } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import type { Tx } from '../core/db/db.ts'
import { type Answers, notFound } from '../core/decide.ts'
import type { StockSyncHeader } from './queries.ts'

export const listingAnswers: Answers<StockSyncHeader> = {
  missing: notFound({ zh: '平台商品', en: 'Listing' }),
  refOf: ({ title }) => title,
}

export async function auditEach(
  tx: Tx,
  { action, detail = {} }: { action: string; detail?: Record<string, unknown> },
  { ids, heads }: { ids: readonly string[]; heads: ReadonlyMap<string, StockSyncHeader> },
  actor: Actor,
): Promise<void> {
  await audit(
    tx,
    ...ids.map((id) => ({
      actor,
      action,
      subject: { type: 'listing', id },
      shopId: heads.get(id)?.shopId,
      detail,
    })),
  )
}
