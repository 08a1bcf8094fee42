import { sql } from 'kysely'
import type { Scope } from '../actor.ts'
import type { Database } from '../db.ts'
import { scopeSql } from '../scope.ts'

/** Items whose title or outer code holds the text: some thousands of rows at most, read whole. Up to 200 item ids. */
export async function itemsLike(db: Database, scope: Scope, text: string): Promise<string[]> {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  const found = await sql<{ item_id: string }>`
    select distinct item_id from (
      select item_id from seen_item t
      where (title ilike ${pattern} or outer_sku_id ilike ${pattern} or outer_item_id ilike ${pattern})
        and ${scopeSql(scope, sql.ref('t.shop_id'))}
      limit 1000
    ) t limit 200`.execute(db)
  return found.rows.map((row) => row.item_id)
}
