import type { Actor, By } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import type { Tx } from '../core/db/db.ts'
import { type Answers, answerEach, notFound, type Outcome } from '../core/decide.ts'
import { whyNotExplained, whyNotReopened } from './recon-lifecycle.ts'
import {
  type BillTrade,
  type LockedBillTrade,
  lockBillTrades,
  lockBillTradesInScope,
  writeBillTrades,
  writeExplained,
} from './recon-queries.ts'

/**
 * Computes the sums of the bill and of our settlements for these trades from the present rows, so it may be called at any time and
 * repeatedly.
 */
export async function reconcileTrades(tx: Tx, trades: readonly BillTrade[]): Promise<void> {
  if (trades.length === 0) return
  await lockBillTrades(tx, trades)
  await writeBillTrades(tx, trades)
}

/** 说明差异: records why a difference is right. The explanation ends when a sum of the trade changes, except the fees. */
export function explainTrades(tx: Tx, ids: readonly string[], reason: string, by: By): Promise<Outcome[]> {
  return decide(tx, ids, by, { action: 'bill_trade.explain', reason: reason.trim(), why: whyNotExplained })
}

export function reopenTrades(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  return decide(tx, ids, by, { action: 'bill_trade.reopen', reason: null, why: whyNotReopened })
}

const billTradeAnswers: Answers<LockedBillTrade> = {
  missing: { ...notFound({ zh: '这笔', en: 'It' }), message: { zh: '找不到这笔', en: 'It is not there' } },
  refOf: ({ tid }) => tid,
}

type Decision = { action: string; reason: string | null; why: typeof whyNotExplained }

async function decide(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
  { action, reason, why }: Decision,
): Promise<Outcome[]> {
  const distinct = [...new Set(ids)]
  const held = new Map((await lockBillTradesInScope(tx, distinct, scope)).map((trade) => [trade.id, trade]))
  const moving = [...held.values()].filter(({ standing }) => !why(standing))
  if (moving.length > 0) {
    const by = reason === null ? null : { why: reason, by: actor.name }
    await writeExplained(
      tx,
      moving.map(({ id }) => id),
      by,
    )
    await audit(tx, ...moving.map((trade) => entryOf(trade, { actor, action, reason })))
  }
  return answerEach(distinct, held, billTradeAnswers, (trade) => why(trade.standing))
}

const entryOf = (
  { id, shopId, tid }: LockedBillTrade,
  { actor, action, reason }: { actor: Actor; action: string; reason: string | null },
) => ({
  actor,
  action,
  subject: { type: 'bill_trade', id },
  shopId,
  detail: reason === null ? { tid } : { tid, reason },
})
