import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Columns } from './columns.ts'

type Kept = { columns: Columns }

/** Returns the layout that was used last in the shop. */
export async function lastLayout(db: Database, shopId: string): Promise<Columns | undefined> {
  const found = await sql<Kept>`
    select columns from sheet_layout where shop_id = ${shopId}::bigint order by used_at desc limit 1`.execute(
    db,
  )
  return found.rows[0]?.columns
}

/** Returns the layout that was kept for sheets with this head. */
export async function layoutOf(db: Database, shopId: string, head: string): Promise<Columns | undefined> {
  const found = await sql<Kept>`
    select columns from sheet_layout where shop_id = ${shopId}::bigint and head = ${head}`.execute(db)
  return found.rows[0]?.columns
}

/** Keeps which column is which for this head, and that it was used now. */
export async function keepLayout(
  tx: Tx,
  { shopId, head, columns, by }: { shopId: string; head: string; columns: Columns; by: string },
): Promise<void> {
  await sql`
    insert into sheet_layout (shop_id, head, columns, used_at, used_by)
    values (${shopId}::bigint, ${head}, ${JSON.stringify(columns)}::jsonb, clock_timestamp(), ${by})
    on conflict (shop_id, head) do update set columns = excluded.columns, used_at = excluded.used_at, used_by = excluded.used_by`.execute(
    tx,
  )
}
