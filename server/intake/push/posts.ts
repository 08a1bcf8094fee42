import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'

/**
 * Notes that a platform has posted to the channel, and that it sends the messages of the shops that were named. Posts of the same seconds
 * write nothing.
 */
export async function notePosted(db: Database | Tx, channel: string): Promise<void> {
  await sql`
    update push_channel set heard_at = now(), opened_at = coalesce(opened_at, now()), silent_since = null, error_code = ''
    where channel = ${channel} and (heard_at is null or heard_at < now() - interval '5 seconds')`.execute(db)
  await sql`
    update push_shop set permitted_at = heard_at
    where channel = ${channel} and permitted_at is null and heard_at is not null`.execute(db)
}
