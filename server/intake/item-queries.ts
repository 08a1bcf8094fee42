import { sql } from 'kysely'
import type { Scope } from '../actor.ts'
import type { Database } from '../db.ts'
import { scopeSql } from '../scope.ts'

/** Items whose title or outer code holds the text: some thousands of rows at most, read whole. Up to 200 item ids. */
export async function itemsLike(db: Database, scope: Scope, text: string): Promise<string[]> {
  // Comparing without regard to case takes five times as long, and Chinese has none.
  const like = /\p{Cased}/u.test(text) ? sql`ilike` : sql`like`
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  const found = await sql<{ item_id: string }>`
    select distinct item_id from (
      select item_id from seen_item t
      where (title ${like} ${pattern} or outer_sku_id ${like} ${pattern} or outer_item_id ${like} ${pattern})
        and ${scopeSql(scope, sql.ref('t.shop_id'))}
      limit 1000
    ) t limit 200`.execute(db)
  return found.rows.map((row) => row.item_id)
}
