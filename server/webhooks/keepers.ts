import { sql } from 'kysely'
import type { Actor } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { presentRights } from '../users/current-rights.ts'
import { isWithin, type Rights } from '../users/rights.ts'
import { documentOf, readsOf } from './lifecycle.ts'
import { type SubscriptionRow, stopForRights } from './subscription-queries.ts'

// The keeper of a subscription is the person or program that made it, or changed it or let it go on later, as the audit log has it.

/** Returns the rights without which these settings can be neither asked for nor kept. */
export function rightsFor({
  kinds,
  shops,
  warehouses,
}: Pick<SubscriptionRow, 'kinds' | 'shops' | 'warehouses'>): Rights {
  const documents = new Set(kinds.map(documentOf))
  const reads = Object.entries(readsOf).flatMap(([document, read]) => (documents.has(document) ? [read] : []))
  return {
    permissions: new Set(reads),
    scope: { shops: shops ?? 'all', warehouses: warehouses ?? 'all' },
  }
}

type Kept = Pick<SubscriptionRow, 'id' | 'kinds' | 'shops' | 'warehouses'> &
  Row<'audit_log', 'actorId'> & { actorKind: Actor['kind'] }

/** Stops the subscriptions whose keeper may no longer read the documents that they send, and returns their ids. */
export async function stopUngranted(db: Database): Promise<string[]> {
  const found = await sql<Kept>`
    select distinct on (s.id) s.id, s.kinds, s.shop_ids as shops, s.warehouse_ids as warehouses, a.actor_kind as "actorKind",
      a.actor_id as "actorId"
    from webhook_subscription s
    join audit_log a on a.subject_type = 'webhook' and a.subject_id = s.id::text
      and a.action in ('webhook.create', 'webhook.change', 'webhook.resume')
    where s.state = 'on' order by s.id, a.id desc`.execute(db)
  const keeperOf = ({ actorKind, actorId }: Kept) => ({ kind: actorKind, id: actorId })
  const rights = await presentRights(db, found.rows.map(keeperOf))
  const lost = found.rows.filter((row) => !covers(rights(keeperOf(row)), rightsFor(row))).map(({ id }) => id)
  return lost.length === 0 ? [] : await stopForRights(db, lost)
}

const covers = (held: Rights | undefined, needed: Rights) =>
  held !== undefined &&
  [...needed.permissions].every((name) => held.permissions.has(name)) &&
  isWithin(held.scope, needed.scope)
