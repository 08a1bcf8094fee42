import { sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import type { NotNull, Row } from '../core/db/rows.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { subscriptionScope } from './subscription-queries.ts'

type Failing = NotNull<Row<'webhook_subscription', 'id' | 'name' | 'state'> & Record<'since', Date>> & {
  failure: LocalizedText | null
}

/** Returns the subscriptions that stopped by themselves, and those whose program took nothing for an hour. */
export async function failingSubscriptions(db: Database, scope: Scope): Promise<Failing[]> {
  const found = await sql<Failing>`
    select s.id, s.name, s.state, s.failure, case when s.state = 'stopped' then s.state_at else s.failed_since end as since
    from webhook_subscription s
    where ${subscriptionScope(scope)}
      and (s.state = 'stopped' or (s.state = 'on' and s.failed_since < now() - interval '1 hour'))
    order by s.id limit 20`.execute(db)
  return found.rows
}
