import type { Actor } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import type { Tx } from '../core/db/db.ts'
import type { Outcome, Refusal } from '../core/decide.ts'
import type { StockSyncHeader } from './queries.ts'

/** One answer for each id, in their order. */
export function answerEach(
  ids: readonly string[],
  heads: ReadonlyMap<string, StockSyncHeader>,
  why: (head: StockSyncHeader) => Refusal | undefined,
): Outcome[] {
  return [...new Set(ids)].map((id): Outcome => {
    const head = heads.get(id)
    if (!head) return { id, done: false, ...notFound }
    const refusal = why(head)
    return refusal ? { id, done: false, ...refusal, ref: head.title } : { id, done: true, ref: head.title }
  })
}

const notFound = { code: 'not_found', message: { zh: '找不到平台商品', en: 'Listing not found' } }

export async function auditEach(
  tx: Tx,
  action: string,
  ids: readonly string[],
  heads: ReadonlyMap<string, StockSyncHeader>,
  actor: Actor,
  detail: Record<string, unknown> = {},
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
