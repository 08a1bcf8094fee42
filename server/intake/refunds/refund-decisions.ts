import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { notFound, type Outcome } from '../../core/decide.ts'
import { addRefundEvents } from '../event-queries.ts'
import { type RefundState, refundEvents } from '../lifecycle.ts'
import { noteProcessed } from '../staged/notices.ts'
import {
  lockForDecision,
  type RefundDecision,
  setRefundsProcessed,
  setRefundsStaged,
} from './refund-action-queries.ts'

/** 已处理: marks refunds processed. They stay so until a later version is open again and differs, or a person undoes it. */
export function processRefunds(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  return decide(tx, ids, by, {
    event: 'processed',
    from: refundEvents.process.from,
    write: (chosen) => setRefundsProcessed(tx, chosen, by.actor.name),
  })
}

export function unprocessRefunds(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  return decide(tx, ids, by, {
    event: 'unprocessed',
    from: refundEvents.unprocess.from,
    write: (chosen) => setRefundsStaged(tx, chosen, by.actor.name),
  })
}

async function decide(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
  step: { event: string; from: readonly RefundState[]; write: (ids: string[]) => Promise<void> },
): Promise<Outcome[]> {
  const { event, from, write } = step
  const held = new Map((await lockForDecision(tx, ids, scope)).map((row) => [row.id, row]))
  const chosen = [...held.values()].filter((row) => from.includes(row.state))
  if (chosen.length > 0) await write(chosen.map((row) => row.id))
  const refunds = chosen.map(({ shop_id: shopId, refund_no: refundNo, tid }) => ({ shopId, refundNo, tid }))
  await noteProcessed(tx, refunds, event === 'processed', actor)
  for (const [shopId, rows] of Map.groupBy(chosen, (row) => row.shop_id)) {
    await addRefundEvents(
      tx,
      shopId,
      rows.map((row) => ({ refundNo: row.refund_no, event })),
      actor,
    )
  }
  return ids.map((id) => answer(id, held.get(id), from))
}

function answer(id: string, row: RefundDecision | undefined, from: readonly RefundState[]): Outcome {
  if (!row) return { id, done: false, ...notFound({ zh: '退单', en: 'Refund' }) }
  if (from.includes(row.state)) return { id, done: true }
  return {
    id,
    done: false,
    code: `already_${row.state}`,
    ref: row.state === 'converted' ? row.order_no : row.state_by,
  }
}
