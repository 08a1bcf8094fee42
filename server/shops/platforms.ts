import { sql } from 'kysely'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'

/** Returns the name of each of these shops. */
export async function namesOfShops(
  db: Database | Tx,
  shopIds: readonly string[],
): Promise<Map<string, string>> {
  const found = await sql<Row<'shop', 'id' | 'name'>>`
    select id, name from shop where id = any(${[...new Set(shopIds)]}::bigint[])`.execute(db)
  return new Map(found.rows.map(({ id, name }) => [id, name]))
}

/** Returns the platform of each of these shops. */
export async function platformsOf(
  db: Database | Tx,
  shopIds: readonly string[],
): Promise<Map<string, string>> {
  const found = await sql<Row<'shop', 'id' | 'platform'>>`
    select id, platform from shop where id = any(${[...new Set(shopIds)]}::bigint[])`.execute(db)
  return new Map(found.rows.map(({ id, platform }) => [id, platform]))
}
