import { sql } from 'kysely'
import { systemActor } from '../access/actor.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Row } from '../db/rows.ts'
import { withdrawClaimed } from './actions.ts'
import type { Claimed, SendGuard } from './handlers.ts'

/** For kinds of which each action replaces those before it: an action is not sent if its subject has a newer one, because that may have arrived. */
export const onlyNewest: SendGuard = {
  doubt: replaced,
  async withhold(tx, actions) {
    const old = await replaced(tx, actions)
    return withdrawClaimed(
      tx,
      actions.filter(({ id }) => old.has(id)),
      { actor: systemActor, reason: '之后又改了' },
    )
  },
}

async function replaced(db: Database | Tx, actions: readonly Claimed[]): Promise<ReadonlySet<string>> {
  const found = await sql<Row<'platform_action', 'id'>>`
    select a.id from platform_action a
    where a.id = any(${actions.map(({ id }) => id)}::bigint[]) and exists (
      select from platform_action newer
      where newer.subject_type = a.subject_type and newer.subject_id = a.subject_id and newer.kind = a.kind and newer.id > a.id)`.execute(
    db,
  )
  return new Set(found.rows.map(({ id }) => id))
}
