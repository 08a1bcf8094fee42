import { type RawBuilder, sql } from 'kysely'
import { unnestRows } from '../../lib/unnest.ts'
import type { Actor, By, Scope } from '../access/actor.ts'
import { type AuditEntry, audit } from '../access/audit.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Row, Rows } from '../db/rows.ts'
import type { Outcome, Refusal } from '../decide.ts'
import type { ActionHandler, Claimed } from './handlers.ts'
import {
  type ActionState,
  actionsOfSubjects,
  kindsOf,
  lockActions,
  type ManualEnding,
  type OpenAction,
  reopen,
  shopsOf,
  statesOf,
  withdraw,
  withdrawOwn,
  writeManualEnding,
} from './queries.ts'

export type NewAction = {
  shopId: string
  kind: string
  subject: { type: string; id: string }
  /** The idempotency key: one for each intent. An action with a known key is not added again. */
  idempotencyKey: string
  /** Must not contain personal data. */
  payload: unknown
  /**
   * A text of the call that must not be readable in the table, such as a message to the buyer or a proof. The caller seals it for the shop.
   */
  secret?: Buffer
  /** The earliest deadline is sent first; null or undefined: after all actions with a deadline. */
  deadline?: Date | null
}

/**
 * Enqueues actions in the transaction that makes them necessary; they are sent after the commit. Returns their ids by key. Each key must be
 * new.
 */
export function enqueueActions(
  tx: Tx,
  actions: readonly NewAction[],
  actor: Actor,
): Promise<Map<string, string>> {
  return insertActions(tx, actions, actor, sql``)
}

/** Enqueues the actions whose key is new, and returns their ids by key. Existing actions are not changed. */
export function enqueueOnce(
  tx: Tx,
  actions: readonly NewAction[],
  actor: Actor,
): Promise<Map<string, string>> {
  // A known key is skipped without trying to insert it: the insert would wait for a transaction that ends that action, and that transaction
  // may wait for rows that our caller has locked.
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
  actions: readonly NewAction[],
  actor: Actor,
  whenKnown: RawBuilder<unknown>,
): Promise<Map<string, string>> {
  if (actions.length === 0) return new Map()
  const made = await sql<Row<'platform_action', 'id'> & { key: Rows['platform_action']['idempotencyKey'] }>`
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

/** Withdraws pending, failed and `manual` actions. `standing`: the states of the actions that could not be withdrawn. */
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

/** Withdraws the pending and failed actions of a kind for these subjects, and returns the withdrawn ones. */
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

/** Returns the actions of a kind in these states for these subjects, the oldest first. */
export const ofSubjects = (
  db: Database | Tx,
  kind: string,
  subjects: Subjects,
  states: readonly ActionState[],
): Promise<{ subjectId: string; payload: unknown; state: string }[]> =>
  actionsOfSubjects(db, [kind], subjects, states)

/** Returns the number of actions of a kind in these states for each subject; a subject without any is missing. */
export async function countOfSubjects(
  db: Database | Tx,
  kind: string,
  subjects: Subjects,
  states: readonly ActionState[],
): Promise<ReadonlyMap<string, number>> {
  const found = await actionsOfSubjects(db, [kind], subjects, states)
  return new Map([...Map.groupBy(found, ({ subjectId }) => subjectId)].map(([id, some]) => [id, some.length]))
}

/**
 * Returns the actions of a kind that reached the platform or may reach it: all that are neither failed nor withdrawn, and those with a send
 * whose effect is unclear.
 */
export async function mayHaveArrived(
  db: Database | Tx,
  kind: string,
  { type, ids }: Subjects,
): Promise<{ subjectId: string; payload: unknown }[]> {
  const found = await sql<Row<'platform_action', 'subjectId' | 'payload'>>`
    select subject_id as "subjectId", payload from platform_action
    where subject_type = ${type} and subject_id = any(${[...ids]}::text[]) and kind = ${kind}
      and (unclear or state not in ('failed', 'withdrawn')) order by id`.execute(db)
  return found.rows
}

/** Withdraws actions that this process has claimed. Returns the ids of the withdrawn ones. */
export async function withdrawClaimed(
  tx: Tx,
  actions: readonly Claimed[],
  by: ManualEnding,
): Promise<ReadonlySet<string>> {
  return new Set(actions.length === 0 ? [] : await withdrawOwn(tx, actions, by))
}

/** Writes an audit row for each action that a person retried or ended. */
export async function auditActions(
  tx: Tx,
  verb: 'retry' | 'force' | 'manual',
  outcomes: readonly Outcome[],
  { actor, request }: Pick<AuditEntry, 'actor' | 'request'>,
): Promise<void> {
  const shops = await shopsOf(
    tx,
    outcomes.filter(({ done }) => done).map(({ id }) => id),
  )
  const entry = { actor, action: `action.${verb}`, request }
  await audit(
    tx,
    ...shops.map(({ id, shopId }) => ({ ...entry, shopId, subject: { type: 'platform_action', id } })),
  )
}

/**
 * Runs `work` for the actions of each kind in a transaction of its own, as the worker does, and returns one outcome for each id. Kinds lock different
 * documents, each in one order; one after the other in one transaction they would lock them in none.
 */
export async function eachKind(
  db: Database,
  ids: readonly string[],
  work: (tx: Tx, ids: readonly string[]) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const distinct = [...new Set(ids)]
  const kinds = await kindsOf(db, distinct)
  const outcomes = new Map<string, Outcome>()
  for (const some of Map.groupBy(distinct, (id) => kinds.get(id)).values())
    for (const one of await db.transaction().execute((tx) => work(tx, some))) outcomes.set(one.id, one)
  return distinct.flatMap((id) => outcomes.get(id) ?? [])
}

const retryable: readonly ActionState[] = ['failed', 'unknown', 'manual']
const takeable: readonly ActionState[] = ['pending', 'failed', 'unknown']
/** What a person took over is done once the platform shows it, or the person says so. */
const endableByHand = { manual: takeable, forced: [...takeable, 'manual'] } as const

/** Tries actions again for a user who gives a reason. An action with an unclear effect is verified first if its kind can be verified. */
export async function retryActions<Shop>(
  tx: Tx,
  handlers: readonly ActionHandler<Shop>[],
  { ids, reason }: { ids: readonly string[]; reason: string },
  { actor, scope }: By,
): Promise<Outcome[]> {
  const found = await lockActions(tx, ids, scope)
  const open = found.filter(({ state }) => retryable.includes(state))
  const refused = new Map<string, Refusal>()
  for (const { kind, whyNotAgain } of handlers) {
    const some = open.filter((action) => action.kind === kind)
    if (!whyNotAgain || some.length === 0) continue
    for (const [id, why] of await whyNotAgain(tx, some)) refused.set(id, why)
  }
  const chosen = open.filter(({ id }) => !refused.has(id))
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
  return answers(ids, found, chosen, refused)
}

/** Locks these actions for a caller that locks more before it ends them, since actions are locked first. Returns those in the scope. */
export async function lockFirst(tx: Tx, ids: readonly string[], scope: Scope): Promise<ReadonlySet<string>> {
  return new Set((await lockActions(tx, ids, scope)).map(({ id }) => id))
}

/** Ends actions by hand. `forced`: it is done on the platform already. `manual`: the user does it there without us. */
export async function endActionsByHand<Shop>(
  tx: Tx,
  handlers: readonly ActionHandler<Shop>[],
  { ids, state, reason }: { ids: readonly string[]; state: 'forced' | 'manual'; reason: string },
  { actor, scope }: By,
): Promise<Outcome[]> {
  const found = await lockActions(tx, ids, scope)
  const chosen = found.filter((action) => endableByHand[state].some((each) => each === action.state))
  await writeManualEnding(
    tx,
    chosen.map(({ id }) => id),
    state,
    { actor, reason },
  )
  // The order of the handlers is the lock order: trades, refunds, orders.
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
  refused: ReadonlyMap<string, Refusal> = new Map(),
): Outcome[] {
  return ids.map((id) => {
    if (chosen.some((action) => action.id === id)) return { id, done: true }
    const why = refused.get(id)
    if (why) return { id, done: false, ...why }
    const action = found.find((one) => one.id === id)
    return { id, done: false, code: action ? `action_${action.state}` : 'not_found' }
  })
}
