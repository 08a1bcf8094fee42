import { type RawBuilder, sql } from 'kysely'
import { unnestRows } from '../../lib/unnest.ts'
import type { Actor, By } from '../access/actor.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Outcome } from '../decide.ts'
import type { ActionHandler, Claimed } from './handlers.ts'
import {
  type ActionState,
  actionsOfSubjects,
  lockActions,
  type ManualEnding,
  type OpenAction,
  reopen,
  statesOf,
  withdraw,
  withdrawOwn,
  writeManualEnding,
} from './queries.ts'

export type NewAction = {
  shopId: string
  kind: string
  subject: { type: string; id: string }
  /** One for each intent. A second action with the same key is the same action. */
  idempotencyKey: string
  /** No personal data. */
  payload: unknown
  /** Sealed for the shop by the caller: a message to the buyer, a proof … */
  secret?: Buffer
  notBefore?: Date
  /** Of one kind, what is due soonest leaves first. Absent: after all that have one. */
  deadline?: Date | null
}

/**
 * Orders an action in the transaction that makes it necessary; it leaves the house after the commit. Answers its id,
 * and whether it is new: a repeated key gives the action that stands, as it is.
 */
export async function enqueueAction(
  tx: Tx,
  action: NewAction,
  actor: Actor,
): Promise<{ id: string; isNew: boolean }> {
  const made = await sql<{ id: string }>`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, secret, state,
      next_at, deadline, created_by)
    select ${action.shopId}::bigint, ${action.kind}, ${action.subject.type}, ${action.subject.id},
      ${action.idempotencyKey}, ${JSON.stringify(action.payload)}::jsonb, ${action.secret ?? null}::bytea, 'pending',
      coalesce(${action.notBefore ?? null}::timestamptz, now()),
      coalesce(${action.deadline ?? null}::timestamptz, 'infinity'), ${JSON.stringify(actor)}::jsonb
    -- As in \`enqueueOnce\`: nobody waits for a row that is being ended.
    where not exists (select from platform_action where idempotency_key = ${action.idempotencyKey})
    on conflict (idempotency_key) do nothing
    returning id`.execute(tx)
  const [row] = made.rows
  if (row) return { id: row.id, isNew: true }
  const found = await sql<{ id: string }>`
    select id from platform_action where idempotency_key = ${action.idempotencyKey}`.execute(tx)
  const [standing] = found.rows
  if (!standing) throw new Error('An action with this key was neither inserted nor found.')
  return { id: standing.id, isNew: false }
}

/** Many new actions in one statement, by key; each key must be new. */
export function enqueueActions(
  tx: Tx,
  actions: readonly Omit<NewAction, 'notBefore'>[],
  actor: Actor,
): Promise<Map<string, string>> {
  return insertActions(tx, actions, actor, sql``)
}

/** The same where a key may have been ordered before: that action stands as it is. Answers the new ones. */
export function enqueueOnce(
  tx: Tx,
  actions: readonly Omit<NewAction, 'notBefore'>[],
  actor: Actor,
): Promise<Map<string, string>> {
  // An existing key is skipped without an insert: a transaction that ends that action holds its row, and may wait for rows that our caller has locked.
  return insertActions(
    tx,
    actions,
    actor,
    sql`where not exists (select from platform_action known where known.idempotency_key = key)
      order by key on conflict (idempotency_key) do nothing`,
  )
}

async function insertActions(
  tx: Tx,
  actions: readonly Omit<NewAction, 'notBefore'>[],
  actor: Actor,
  whenKnown: RawBuilder<unknown>,
): Promise<Map<string, string>> {
  if (actions.length === 0) return new Map()
  const made = await sql<{ id: string; key: string }>`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, secret, state, next_at, deadline,
      created_by)
    select shop_id, kind, subject_type, subject_id, key, payload, secret, 'pending', now(), coalesce(deadline, 'infinity'),
      ${JSON.stringify(actor)}::jsonb
    from ${unnestRows('d', actions, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['kind', 'text', (row) => row.kind],
      ['subject_type', 'text', (row) => row.subject.type],
      ['subject_id', 'text', (row) => row.subject.id],
      ['key', 'text', (row) => row.idempotencyKey],
      ['payload', 'jsonb', (row) => JSON.stringify(row.payload)],
      ['secret', 'bytea', (row) => row.secret ?? null],
      ['deadline', 'timestamptz', (row) => row.deadline ?? null],
    ])}
    ${whenKnown}
    returning id, idempotency_key as key`.execute(tx)
  return new Map(made.rows.map(({ id, key }) => [key, id]))
}

/** Takes actions back before they leave. Of those that stay, their state says why. */
export async function withdrawActions(
  tx: Tx,
  ids: readonly string[],
  by: ManualEnding,
): Promise<{ withdrawn: Set<string>; standing: Map<string, ActionState> }> {
  const withdrawn = new Set(await withdraw(tx, ids, by))
  const standing = await statesOf(
    tx,
    ids.filter((id) => !withdrawn.has(id)),
  )
  return { withdrawn, standing }
}

type Subjects = { type: string; ids: readonly string[] }

/** Takes back what of a kind waits for these subjects, or was refused, and answers it. */
export async function withdrawOfSubjects(
  tx: Tx,
  kind: string,
  subjects: Subjects,
  by: ManualEnding,
): Promise<{ subjectId: string; payload: unknown }[]> {
  const unsent = await actionsOfSubjects(tx, [kind], subjects, ['pending', 'failed'])
  if (unsent.length === 0) return []
  const { withdrawn } = await withdrawActions(
    tx,
    unsent.map(({ id }) => id),
    by,
  )
  return unsent.filter(({ id }) => withdrawn.has(id))
}

/** How many of a kind are in these states, for each of the subjects that has any. */
export async function countOfSubjects(
  db: Database | Tx,
  kind: string,
  subjects: Subjects,
  states: readonly ActionState[],
): Promise<ReadonlyMap<string, number>> {
  const found = await actionsOfSubjects(db, [kind], subjects, states)
  return new Map([...Map.groupBy(found, ({ subjectId }) => subjectId)].map(([id, some]) => [id, some.length]))
}

/** What of a kind may have reached its platform, or still may: all but what was withdrawn or refused with every send of it answered. */
export async function mayHaveArrived(
  db: Database | Tx,
  kind: string,
  { type, ids }: Subjects,
): Promise<{ subjectId: string; payload: unknown }[]> {
  const found = await sql<{ subjectId: string; payload: unknown }>`
    select subject_id as "subjectId", payload from platform_action
    where subject_type = ${type} and subject_id = any(${[...ids]}::text[]) and kind = ${kind}
      and (unclear or state not in ('failed', 'withdrawn')) order by id`.execute(db)
  return found.rows
}

/** Takes back what this process was about to send. Answers the ids of those that will not leave. */
export async function withdrawClaimed(
  tx: Tx,
  actions: readonly Claimed[],
  by: ManualEnding,
): Promise<ReadonlySet<string>> {
  return new Set(actions.length === 0 ? [] : await withdrawOwn(tx, actions, by))
}

const retryable: readonly ActionState[] = ['failed', 'unknown', 'manual']
const endableByHand: readonly ActionState[] = ['pending', 'failed', 'unknown']

/** A person has it tried again, and says why. What is unclear is looked at first where that is possible. */
export async function retryActions<Shop>(
  tx: Tx,
  handlers: readonly ActionHandler<Shop>[],
  ids: readonly string[],
  reason: string,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const found = await lockActions(tx, ids, scope)
  const chosen = found.filter(({ state }) => retryable.includes(state))
  const looks = handlers.filter(({ look }) => look).map(({ kind }) => kind)
  await reopen(
    tx,
    chosen.map(({ id }) => id),
    looks,
    { actor, reason },
  )
  for (const { kind, beforeRetry } of handlers) {
    const again = chosen.filter((action) => action.kind === kind)
    if (beforeRetry && again.length > 0) await beforeRetry(tx, again, actor)
  }
  return answers(ids, found, chosen)
}

/** A person ends it: `forced` says that it is done on the platform, `manual` that they take it over. */
export async function endActionsByHand<Shop>(
  tx: Tx,
  handlers: readonly ActionHandler<Shop>[],
  ids: readonly string[],
  state: 'forced' | 'manual',
  reason: string,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const found = await lockActions(tx, ids, scope)
  const chosen = found.filter((action) => endableByHand.includes(action.state))
  await writeManualEnding(
    tx,
    chosen.map(({ id }) => id),
    state,
    { actor, reason },
  )
  // In the order of the handlers, which is that of the locks: trades, refunds, orders.
  for (const handler of handlers) {
    const ended = chosen
      .filter(({ kind }) => kind === handler.kind)
      .map((action) => ({ action, outcome: { state, actor, reason } }))
    if (ended.length > 0) await handler.onResults(tx, ended)
  }
  return answers(ids, found, chosen)
}

function answers(
  ids: readonly string[],
  found: readonly OpenAction[],
  chosen: readonly OpenAction[],
): Outcome[] {
  return ids.map((id) => {
    if (chosen.some((action) => action.id === id)) return { id, done: true }
    const action = found.find((one) => one.id === id)
    return { id, done: false, code: action ? `action_${action.state}` : 'not_found' }
  })
}
