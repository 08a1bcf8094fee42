import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'

type Found = Row<'print_job', 'id' | 'printer' | 'reason' | 'createdAt'> &
  Record<'total' | 'printed' | 'waiting' | 'spooled', number>

/** Returns the newest print jobs of this user that have labels left, so that a reloaded page goes on with them. */
export async function openJobs(db: Database, userId: string): Promise<Found[]> {
  const found = await sql<Found>`
    select j.id, j.printer, j.reason, j.created_at as "createdAt", d.* from print_job j
    cross join lateral (
      select count(*)::int as total, (count(*) filter (where state = 'printed'))::int as printed,
        (count(*) filter (where state = 'waiting'))::int as waiting, (count(*) filter (where state = 'spooled'))::int as spooled
      from print_document where job_id = j.id
    ) d
    where j.created_by_id = ${userId}
      and j.id in (select job_id from print_document where state in ('waiting', 'spooled'))
    order by j.id desc limit 10`.execute(db)
  return found.rows
}
