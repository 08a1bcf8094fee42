import { type Actor, systemActor } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { enqueueOnce, type NewAction } from '../core/outbox/actions.ts'

/** Enqueues an action with a new key and returns its id. */
export async function enqueued(db: Database, action: NewAction, actor: Actor = systemActor): Promise<string> {
  const ids = await db.transaction().execute((tx) => enqueueOnce(tx, [action], actor))
  return ids.get(action.idempotencyKey) ?? ''
}
