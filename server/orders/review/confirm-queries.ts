import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { Cursor } from '../../core/lists/list-table.ts'

export const beforeAll: Cursor = { value: '-infinity', id: '0' }

/** Returns the shop's unconfirmed orders without open problems, those after the cursor, the earliest payment first. */
export async function ordersToJudge(
  db: Database,
  shopId: string,
  after: Cursor,
  limit: number,
): Promise<Cursor[]> {
  const found = await sql<Row<'sales_order', 'id'> & Pick<Cursor, 'value'>>`
    select id, coalesce(paid_at, '-infinity'::timestamptz)::text as value from sales_order
    where shop_id = ${shopId}::bigint and status = 'unconfirmed' and open_problems = 0
      and (coalesce(paid_at, '-infinity'::timestamptz), id) > (${after.value}::timestamptz, ${after.id}::bigint)
    order by shop_id, coalesce(paid_at, '-infinity'::timestamptz), id limit ${limit}`.execute(db)
  return found.rows
}

/** Returns the shop's unconfirmed orders with open problems, those after the stored review position. `last`: there are no more. */
export async function ordersToReview(
  db: Database,
  shopId: string,
  limit: number,
): Promise<{ ids: string[]; last: boolean }> {
  const found = await sql<Row<'sales_order', 'id'>>`
    select id from sales_order
    where shop_id = ${shopId}::bigint and status = 'unconfirmed' and open_problems > 0
      and id > (select looked_to from confirm_rules where shop_id = ${shopId}::bigint)
    order by shop_id, id limit ${limit}`.execute(db)
  return { ids: found.rows.map(({ id }) => id), last: found.rows.length < limit }
}

/** Stores the order after which the next run continues to review orders with problems; 0: at the first order. */
export async function saveReviewPosition(tx: Tx, shopId: string, id: string): Promise<void> {
  await sql`
    update confirm_rules set looked_to = ${id}::bigint
    where shop_id = ${shopId}::bigint and looked_to <> ${id}::bigint`.execute(tx)
}
