import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Columns } from './columns.ts'

/** Returns the layout of the head, and the one that was used last in the shop. */
export async function layoutsOf(
  db: Database | Tx,
  shopId: string,
  heads: readonly string[],
): Promise<{ same: Columns | undefined; last: Columns | undefined }> {
  const found = await sql<Record<'same', boolean> & { columns: Columns }>`
    (select true as same, columns from sheet_layout where shop_id = ${shopId}::bigint and head = any(${[...heads]}::text[]) limit 1)
    union all
    (select false, columns from sheet_layout where shop_id = ${shopId}::bigint order by used_at desc limit 1)`.execute(
    db,
  )
  const of = (same: boolean) => found.rows.find((row) => row.same === same)?.columns
  return { same: of(true), last: of(false) }
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
