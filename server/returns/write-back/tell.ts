import { sql } from 'kysely'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { enqueueActions } from '../../core/outbox/actions.ts'
import { sharedNow } from '../../lib/clock.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { platformsOf } from '../../shops/platforms.ts'
import type { ReceiptWriteBack } from '../lifecycle.ts'
import { linesOf, type ReturnRow, returnsById } from '../queries.ts'
import { awaitsReceipt, takesReceipts } from './receipts.ts'

export const receiptKind = 'return.receipt'

export type ReceiptPayload = {
  refundId: string
  tid: string
  oid: string
  carrier: string
  waybillNo: string
  receivedAt: string
}

/**
 * Enqueues the write-back of receipts, once for each return. The platform may then pay the buyer at once, so a return with open
 * discrepancies waits until they are resolved. Returns that need no write-back, and those of a platform without such a call, get `none`.
 * Returns the returns as they were before.
 */
export async function writeBackReceipts(
  tx: Tx,
  returnIds: readonly string[],
  actor: Actor,
): Promise<ReturnRow[]> {
  const rows = await returnsById(tx, returnIds)
  const due = rows.filter((row) => row.told === '' && isBack(row))
  const platforms = await platformsOf(
    tx,
    due.map(({ shopId }) => shopId),
  )
  const isToWriteBack = (row: ReturnRow) =>
    awaitsReceipt(row) && takesReceipts(platforms.get(row.shopId) ?? '')
  const told = due.filter((row) => row.openProblems === 0 && isToWriteBack(row))
  const lines = await linesOf(
    tx,
    told.map(({ id }) => id),
  )
  const key = ({ id }: ReturnRow) => `${receiptKind}/${id}`
  const actions = await enqueueActions(
    tx,
    told.map((row) => ({
      shopId: row.shopId,
      kind: receiptKind,
      subject: { type: 'return', id: row.id },
      idempotencyKey: key(row),
      payload: payloadOf(row, lines.get(row.id)?.map(({ oid }) => oid) ?? []),
    })),
    actor,
  )
  await writeTold(
    tx,
    due.flatMap((row): Told[] => {
      const actionId = actions.get(key(row))
      if (actionId !== undefined) return [{ id: row.id, told: 'waiting', actionId }]
      return isToWriteBack(row) ? [] : [{ id: row.id, told: 'none', actionId: null }]
    }),
  )
  return rows
}

const isBack = ({ status }: ReturnRow) => status === 'received' || status === 'settled'
function payloadOf(row: ReturnRow, oids: readonly string[]): ReceiptPayload {
  const { refundNo: refundId, tid, courier: carrier, waybillNo } = row
  const [oid = ''] = oids
  return {
    refundId,
    tid,
    oid: oids.length === 1 ? oid : '',
    carrier,
    waybillNo,
    receivedAt: sharedNow().toISOString(),
  }
}

type Told = { id: string; told: ReceiptWriteBack; actionId: string | null }

async function writeTold(tx: Tx, rows: readonly Told[]): Promise<void> {
  await sql`
    update return_order t set told = d.told, action_id = d.action_id
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['told', 'text', (row) => row.told],
      ['action_id', 'int8', (row) => row.actionId],
    ])}
    where t.id = d.id`.execute(tx)
}
