import { hostname } from 'node:os'
import { sql } from 'kysely'
import type { Database } from '../db.ts'
import { minuteMs } from '../lib/time.ts'

/** A difference beyond this is somebody's to mend: platforms refuse what is signed with such a time. */
export const skewMs = 5 * minuteMs

/**
 * The moment up to which anything may be called seen: the database's now, or our own where that is earlier. A machine whose clock is
 * wrong is noted for the alarm.
 */
export async function nowOf(db: Database, own: () => number = Date.now): Promise<Date> {
  const found = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  const now = found.rows[0]?.now
  if (!now) throw new Error('a query without a row')
  const aheadMs = own() - now.getTime()
  if (Math.abs(aheadMs) > skewMs) await noteSkew(db, Math.round(aheadMs))
  return aheadMs < 0 ? new Date(now.getTime() + aheadMs) : now
}

async function noteSkew(db: Database, aheadMs: number): Promise<void> {
  await sql`
    insert into clock_skew (machine, ahead_ms) values (${hostname()}, ${aheadMs})
    on conflict (machine) do update set ahead_ms = excluded.ahead_ms, seen_at = now()`.execute(db)
}
