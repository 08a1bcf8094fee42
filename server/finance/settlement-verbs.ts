import type { Actor, By } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import type { Tx } from '../core/db/db.ts'
import { answerEach, numbered, type Outcome } from '../core/decide.ts'
import { type SettlementEvent, whyNotSettlement } from './lifecycle.ts'
import {
  correctedSettlements,
  type LockedSettlement,
  lockSettlements,
  writeSettlementStatus,
} from './settlement-rows.ts'

/**
 * Moves each settlement one step, or returns why not. `reason` is stored on voided ones. After a revival the caller must update the
 * settlements of the order to the amounts that it owes now.
 */
export async function moveSettlements(
  tx: Tx,
  ids: readonly string[],
  { event, reason = '' }: { event: SettlementEvent; reason?: string },
  { actor, scope }: By,
): Promise<Outcome[]> {
  const distinct = [...new Set(ids)]
  const held = new Map((await lockSettlements(tx, distinct, scope)).map((row) => [row.id, row]))
  const corrected =
    event === 'unapprove' || event === 'revive' ? await correctedSettlements(tx, distinct) : null
  const outcomes = answerEach(distinct, held, numbered({ zh: '结算单', en: 'Settlement' }), (row) =>
    corrected?.has(row.id) ? isCorrected : whyNotSettlement(row, event),
  )
  const moving = outcomes.filter(({ done }) => done).flatMap(({ id }) => held.get(id) ?? [])
  if (moving.length === 0) return outcomes
  await writeSettlementStatus(
    tx,
    moving.map(({ id }) => id),
    { event, reason },
    actor,
  )
  if (event === 'unapprove' || event === 'revive')
    await audit(tx, ...moving.map((row) => entryOf(row, event, actor)))
  return outcomes
}

/** The row loses the name of the person whose step is taken back, so the audit log keeps it. */
const entryOf = (row: LockedSettlement, event: 'unapprove' | 'revive', actor: Actor) => ({
  actor,
  action: `settlement.${event}`,
  subject: { type: 'settlement', id: row.id },
  shopId: row.shopId,
  detail: {
    no: row.no,
    ...(event === 'revive' ? { voidedBy: row.voidedBy } : { approvedBy: row.approvedBy }),
  },
})

/**
 * Refuses `unapprove` and `revive` for a settlement that has a later version. Both versions could then be drafts of one source, and each
 * would be adjusted to the amount owed.
 */
const isCorrected = {
  code: 'corrected',
  message: { zh: '已有更正的结算单，请处理那一张', en: 'A later settlement corrects it; act on that one' },
}
