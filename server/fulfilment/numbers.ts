import { sql } from 'kysely'
import type { Actor } from '../core/access/actor.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { enqueueActions } from '../core/outbox/actions.ts'
import { type ReturningNumber, writeReturning, writeUnwanted } from './waybill-states.ts'

// 电子面单号: the waybill numbers that were taken from a source for deliveries.

type LiveNumber = Row<'waybill', 'deliveryId' | 'state'>

/** The kind of platform action that gives a number back; payload `BackPayload`. */
export const backKind = 'waybill.back'
export type BackPayload = { waybillId: string; source: string; courier: string; waybillNo: string }

/**
 * Returns by delivery id the state of the delivery's waybill number, `asked` or `taken`. Deliveries without such a number are missing; a
 * delivery has at most one that it wants.
 */
export async function liveNumbers(
  db: Database | Tx,
  deliveryIds: readonly string[],
): Promise<Map<string, LiveNumber['state']>> {
  const found = await sql<LiveNumber>`
    select delivery_id as "deliveryId", state from waybill
    where delivery_id = any(${[...deliveryIds]}::bigint[]) and state in ('asked', 'taken') and wanted`.execute(
    db,
  )
  return new Map(found.rows.map(({ deliveryId, state }) => [deliveryId, state]))
}

/**
 * Returns which deliveries have these waybill numbers. Only numbers that were taken from a source are found. The key of the result is the
 * courier, a space and the number; the value is the delivery's id.
 */
export async function takenElsewhere(
  tx: Tx,
  numbers: readonly { courier: string; waybillNo: string }[],
): Promise<Map<string, string>> {
  const found = await sql<Row<'waybill', 'deliveryId'> & Record<'key', string>>`
    select w.courier || ' ' || w.waybill_no as key, w.delivery_id as "deliveryId" from waybill w
    where w.waybill_no = any(${numbers.map(({ waybillNo }) => waybillNo)}::text[]) and w.state = 'taken'`.execute(
    tx,
  )
  return new Map(found.rows.map(({ key, deliveryId }) => [key, deliveryId]))
}

/**
 * Gives back (退号) the waybill numbers of deliveries that no longer have them: the delivery is cancelled, left its parcel, or has another
 * waybill. A number that is still asked for is given back when it arrives. The caller has locked the orders.
 */
export async function giveBackUnused(tx: Tx, deliveryIds: readonly string[], actor: Actor): Promise<void> {
  const unused = await writeReturning(tx, deliveryIds)
  if (unused.length > 0) await askBack(tx, unused, actor)
}

/**
 * Takes the numbers of a source from these pending deliveries, which must be whole parcels: they lose the waybill, and the number is given
 * back, now or when it arrives. Typed waybills stay. Returns the deliveries by which the numbers were asked for. The caller has locked the
 * orders.
 */
export async function giveUpNumbers(
  tx: Tx,
  deliveryIds: readonly string[],
  actor: Actor,
): Promise<Set<string>> {
  if (deliveryIds.length === 0) return new Set()
  const ids = [...deliveryIds]
  await sql`
    update delivery d set courier = '', waybill_no = '', labelled = false, printed_at = null, printed_by = null from waybill w
    where d.id = any(${ids}::bigint[]) and d.status = 'pending' and w.delivery_id = any(${ids}::bigint[]) and w.state = 'taken'
      and (w.courier, w.waybill_no) = (d.courier, d.waybill_no)`.execute(tx)
  const coming = await writeUnwanted(tx, ids)
  const unused = await writeReturning(tx, ids)
  if (unused.length > 0) await askBack(tx, unused, actor)
  return new Set([...coming, ...unused.map(({ deliveryId }) => deliveryId)])
}

/** Enqueues the platform actions that give these waybill numbers back; their rows are `returning` already. */
export async function askBack(tx: Tx, numbers: readonly ReturningNumber[], actor: Actor): Promise<void> {
  const actions = numbers.map(({ id, courier, waybillNo, shopId, source }) => ({
    shopId,
    kind: backKind,
    subject: { type: 'waybill', id },
    idempotencyKey: `${backKind}/${id}`,
    payload: { waybillId: id, source, courier, waybillNo } satisfies BackPayload,
  }))
  const made = await enqueueActions(tx, actions, actor)
  await sql`
    update waybill w set action_id = d.action_id from unnest(${[...numbers.map(({ id }) => id)]}::bigint[],
      ${numbers.map(({ id }) => made.get(`${backKind}/${id}`) ?? null)}::bigint[]) d (id, action_id)
    where w.id = d.id`.execute(tx)
}
