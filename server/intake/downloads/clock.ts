import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'

/** The moment up to which anything may be called seen: the database's, for of several machines there is always one whose clock is wrong. */
export async function nowOf(db: Database): Promise<Date> {
  const found = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  const now = found.rows[0]?.now
  if (!now) throw new Error('a query without a row')
  return now
}
