import { sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Rows } from '../core/db/rows.ts'
import { containsText } from './text.ts'

/** Returns the platform item ids of goods whose title, spec or codes contain the text, at most 200; for the filters of other lists. */
export async function goodsLike(db: Database, scope: Scope, text: string): Promise<string[]> {
  const found = await sql<{ item_id: Rows['listing']['itemId'] }>`
    select distinct item_id from (
      select item_id from listing t
      where ${containsText(text)} and ${scopeSql(scope, sql.ref('t.shop_id'))}
      limit 1000
    ) t limit 200`.execute(db)
  return found.rows.map((row) => row.item_id)
}
