import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'

/** Returns the database's time. Fetch times and the ends of download windows use it, because the clocks of several machines may differ. */
export async function nowOf(db: Database): Promise<Date> {
  const found = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  const now = found.rows[0]?.now
  if (!now) throw new Error('a query without a row')
  return now
}
