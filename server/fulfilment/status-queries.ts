import { sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'
import { notPacked } from './ship-steps.ts'
import { beginTracking } from './track-queries.ts'

// This file is the only place that writes a delivery's status. The caller has locked the order, which changes in the same transaction.

/** Removes the steps that were done for a parcel. A hold and an undone shipping keep them. */
const noWork = sql`printed_at = null, printed_by = null, ${notPacked}`

export async function cancelPending(tx: Tx, orderIds: readonly string[], by: string): Promise<string[]> {
  const gone = await sql<Row<'delivery', 'id'>>`
    update delivery set status = 'cancelled', cancelled_at = now(), cancelled_by = ${by}, ${noWork}
    where order_id = any(${orderIds}::bigint[]) and status = 'pending'
    returning id`.execute(tx)
  return gone.rows.map(({ id }) => id)
}

/** `actionId` null: an off-platform order, which is not written back. */
export async function writeShipped(
  tx: Tx,
  rows: readonly { id: string; actionId: string | null }[],
  by: string,
): Promise<void> {
  await sql`
    update delivery t set status = 'shipped', shipped_at = now(), shipped_by = ${by}, round = round + 1,
      write_back = case when d.action_id is null then 'none' else 'waiting' end, error_code = '', action_id = d.action_id
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['action_id', 'int8', (row) => row.actionId],
    ])}
    where t.id = d.id`.execute(tx)
  await beginTracking(
    tx,
    rows.map(({ id }) => id),
  )
}

/**
 * Courier and waybill stay, since usually only one of them is corrected. The steps become those that the warehouse requires now: it is locked,
 * so that a change of them waits, and then finds the delivery pending.
 */
export async function writeUnshipped(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    select from warehouse where id in (select warehouse_id from delivery where id = any(${ids}::bigint[])) order by id for share`.execute(
    tx,
  )
  await sql`
    update delivery set status = 'pending', shipped_at = null, shipped_by = null, write_back = '', error_code = '', platform_waybill = '',
      action_id = null, ship_steps = coalesce((select w.ship_steps from warehouse w where w.id = delivery.warehouse_id), ship_steps)
    where id = any(${ids}::bigint[])`.execute(tx)
}
