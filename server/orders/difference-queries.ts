import { sql } from 'kysely'
import type { Tx } from '../db.ts'

/** Settles the open `closed` differences of orders that are voided, with their holds; answers the orders that had one. */
export async function settleCloses(tx: Tx, orderIds: readonly string[], by: string): Promise<string[]> {
  const settled = await sql<{ orderId: string }>`
    with settled as (
      update order_difference set settled_at = now(), settled_by = ${by}, settled_how = 'applied'
      where order_id = any(${orderIds}::bigint[]) and kind = 'closed' and settled_at is null
      returning order_id
    ), released as (
      update order_hold set released_at = now(), released_by = ${by}
      where order_id = any(${orderIds}::bigint[]) and reason = 'platform_closed' and released_at is null
      returning order_id
    )
    select order_id as "orderId" from settled union select order_id from released`.execute(tx)
  return settled.rows.map((row) => row.orderId)
}
