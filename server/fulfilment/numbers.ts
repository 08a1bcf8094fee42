import { sql } from 'kysely'
import type { Actor } from '../core/access/actor.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { enqueueActions } from '../core/outbox/actions.ts'

// 电子面单号: the waybill numbers that were taken from a source for deliveries.

export type WaybillState = 'asked' | 'taken' | 'failed' | 'returning' | 'returned' | 'kept'
export type Number = Row<'waybill', 'id' | 'deliveryId' | 'waybillNo' | 'accountId'> & { state: WaybillState }

/** The kind of platform action that gives a number back; payload `BackPayload`. */
export const backKind = 'waybill.back'
export type BackPayload = { waybillId: string; source: string; courier: string; waybillNo: string }

/** Returns the asked and taken numbers of these deliveries; a delivery has at most one. */
export async function liveNumbers(
  db: Database | Tx,
  deliveryIds: readonly string[],
): Promise<Map<string, Number>> {
  const found = await sql<Number>`
    select id, delivery_id as "deliveryId", waybill_no as "waybillNo", account_id as "accountId", state from waybill
    where delivery_id = any(${[...deliveryIds]}::bigint[]) and state in ('asked', 'taken')`.execute(db)
  return new Map(found.rows.map((row) => [row.deliveryId, row]))
}

/** Returns the taken numbers, by courier, space and number, that belong to other deliveries than these. */
export async function takenElsewhere(
  tx: Tx,
  numbers: readonly { courier: string; waybillNo: string }[],
): Promise<Map<string, string>> {
  const found = await sql<Row<'waybill', 'deliveryId'> & { key: string }>`
    select w.courier || ' ' || w.waybill_no as key, w.delivery_id as "deliveryId" from waybill w
    where w.waybill_no = any(${numbers.map(({ waybillNo }) => waybillNo)}::text[]) and w.state = 'taken'`.execute(
    tx,
  )
  return new Map(found.rows.map(({ key, deliveryId }) => [key, deliveryId]))
}

/**
 * Gives back the numbers of deliveries that no longer bear them: the delivery is cancelled, left its parcel, or has another waybill. A
 * number that is still asked for is given back when it arrives. The caller has locked the orders.
 */
export async function giveBackUnused(tx: Tx, deliveryIds: readonly string[], actor: Actor): Promise<void> {
  const unused = await sql<
    Row<'waybill', 'id' | 'courier' | 'waybillNo'> & { shopId: string; source: string }
  >`
    update waybill w set state = 'returning'
    from delivery d, waybill_account a
    where w.delivery_id = any(${[...deliveryIds]}::bigint[]) and w.state = 'taken' and d.id = w.delivery_id and a.id = w.account_id
      and (d.status = 'cancelled' or (d.courier, d.waybill_no) <> (w.courier, w.waybill_no))
    returning w.id, w.courier, w.waybill_no as "waybillNo", a.shop_id as "shopId", a.source`.execute(tx)
  await askBack(tx, unused.rows, actor)
}

/** Enqueues the actions that give these numbers back; their rows are `returning` already. */
export async function askBack(
  tx: Tx,
  numbers: readonly { id: string; courier: string; waybillNo: string; shopId: string; source: string }[],
  actor: Actor,
): Promise<void> {
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
