import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Action, ActionHandler, ActionOutcome, Ended } from '../../core/outbox/handlers.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { callShop, type OpenedShop } from '../../shops/calls.ts'
import type { ReceiptWriteBack } from '../lifecycle.ts'
import { addReturnEvents } from '../queries.ts'
import { lockReturns } from '../transition.ts'
import { type ReceiptPayload, receiptKind } from './tell.ts'

/** 退货入仓回写: writes back that the goods of a refund were received, so that the platform pays the buyer. */
export const receiptAction: ActionHandler<OpenedShop> = {
  kind: receiptKind,
  name: { zh: '退货入仓', en: 'Return received' },
  rank: 0,
  async send(shop, action, signal) {
    const { receivedAt, ...payload } = payloadOf(action)
    await callShop(
      shop,
      (connector, call) => {
        const { reportReturn } = connector.actions
        if (!reportReturn)
          throw new PlatformError('rejected', 'unsupported', 'This platform hears of no receipts.')
        return reportReturn(call, { ...payload, receivedAt: new Date(receivedAt) })
      },
      { effect: 'write', signal, tries: 1 },
    )
    return null
  },
  // Sending twice has the same effect as once, so an unclear send is repeated.
  look: async () => 'repeat',
  onResults: writeResults,
}

const toldOf: Record<ActionOutcome['state'], ReceiptWriteBack> = {
  succeeded: 'done',
  failed: 'failed',
  forced: 'forced',
  manual: 'manual',
}

/**
 * Writes the results of ended actions to their returns. The actions are locked before the orders. That cannot deadlock, since a transaction
 * that has locked an order never waits for an action.
 */
async function writeResults(tx: Tx, ended: readonly Ended[]): Promise<void> {
  const ids = ended.map(({ action }) => action.subjectId)
  const held = new Map((await lockReturns(tx, ids, wholeScope)).map((one) => [one.id, one]))
  const results = ended.flatMap(({ action, outcome }) =>
    held.get(action.subjectId)?.actionId === action.id
      ? [{ returnId: action.subjectId, told: toldOf[outcome.state], outcome }]
      : [],
  )
  await sql`
    update return_order t set told = d.told, error_code = d.error_code
    from ${unnestRows('d', results, [
      ['id', 'int8', (row) => row.returnId],
      ['told', 'text', (row) => row.told],
      ['error_code', 'text', ({ outcome }) => (outcome.state === 'failed' ? outcome.code : '')],
    ])}
    where t.id = d.id`.execute(tx)
  // Each result is recorded under the user who ended the action by hand; if there is none, under the system.
  const byPerson = Map.groupBy(results, ({ outcome }) => ('actor' in outcome ? outcome.actor : systemActor))
  for (const [actor, some] of byPerson) {
    const events = some.map(({ returnId, told, outcome }) => ({
      returnId,
      event: `told_${told}`,
      detail: outcome.state === 'failed' ? { failure: outcome.code } : {},
    }))
    await addReturnEvents(tx, events, actor)
  }
}

function payloadOf(action: Action): ReceiptPayload {
  const { payload } = action
  if (!isReceipt(payload)) throw new Error(`Action ${action.id} carries no receipt.`)
  return payload
}

function isReceipt(payload: unknown): payload is ReceiptPayload {
  return typeof payload === 'object' && payload !== null && 'refundId' in payload && 'receivedAt' in payload
}
