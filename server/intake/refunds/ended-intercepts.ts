import { sql } from 'kysely'
import type { Actor } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Rows } from '../../core/db/rows.ts'
import { lockOrdersById } from '../../orders/holds/shipping.ts'
import { orderRefunds } from '../../orders/order/relations.ts'
import { createReturnsOfMissed, syncReturnsOfIntercepts } from '../../returns/following/intercepted.ts'
import { type RefundParcelFacts, toParcel } from './convert-refunds.ts'

/** Creates or voids returns after intercepts of these orders have ended (returns/following/intercepted.ts). */
export async function syncAfterIntercepts(
  db: Database,
  orderIds: readonly string[],
  by: Actor,
): Promise<void> {
  await syncReturnsOfIntercepts(db, orderIds, by)
  await db.transaction().execute(async (tx) => {
    await lockOrdersById(tx, await sharing(tx, orderIds))
    // Read after locking: a transaction with a newer refund version takes the same locks.
    await createReturnsOfMissed(tx, orderIds, (await refundsOf(tx, orderIds)).map(toParcel), by)
  })
}

/** Returns these orders and all other orders that share a refund with one of them. */
async function sharing(tx: Tx, orderIds: readonly string[]): Promise<string[]> {
  const found = await sql<{ id: Rows['order_refund']['orderId'] }>`
    select distinct other.order_id as id from ${orderRefunds} as own
    join ${orderRefunds} as other on other.shop_id = own.shop_id and other.refund_no = own.refund_no
    where own.order_id = any(${[...orderIds]}::bigint[])`.execute(tx)
  return [...new Set([...orderIds, ...found.rows.map(({ id }) => id)])]
}

async function refundsOf(tx: Tx, orderIds: readonly string[]): Promise<RefundParcelFacts[]> {
  const found = await sql<RefundParcelFacts>`
    select r.shop_id, r.refund_no, r.carrier, r.waybill_no, r.buyer_reason, r.deadline from staged_refund r
    where r.state = 'converted' and (r.refund_no, r.shop_id) in (
      select own.refund_no, own.shop_id from ${orderRefunds} as own where own.order_id = any(${[...orderIds]}::bigint[]))
    order by r.id`.execute(tx)
  return found.rows
}
