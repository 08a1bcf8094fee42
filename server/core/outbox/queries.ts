import { sql } from 'kysely'
import { unnestRows } from '../../lib/unnest.ts'
import type { Actor, Scope } from '../access/actor.ts'
import { scopeSql } from '../access/scope.ts'
import { type Database, preparedStatement, type Tx } from '../db/db.ts'
import type { Row } from '../db/rows.ts'
import type { Action, Claimed } from './handlers.ts'

export type ActionState =
  | 'pending'
  | 'sending'
  | 'succeeded'
  | 'failed'
  | 'unknown'
  | 'forced'
  | 'manual'
  | 'withdrawn'

export type ClaimedAction = Claimed &
  Row<
    'platform_action',
    | 'looks'
    /** The platform's answer to an earlier send, if storing its effect in our documents failed; null: there is none. */
    | 'answer'
  > & {
    state: 'sending' | 'unknown'
    /** True if the action is the probe of a shop whose platform is away. */
    probe: boolean
  }

export const actionColumns = sql`
  platform_action.id, platform_action.shop_id as "shopId", platform_action.kind,
  platform_action.subject_type as "subjectType", platform_action.subject_id as "subjectId",
  platform_action.idempotency_key as "idempotencyKey", platform_action.payload, platform_action.secret,
  platform_action.attempt, platform_action.unclear, platform_action.created_by as "createdBy", platform_action.created_at as "createdAt"`

export type ActionChange = {
  state: 'pending' | 'unknown' | 'succeeded' | 'failed'
  /** Milliseconds until the next step; null: nothing more happens automatically. */
  nextInMs: number | null
  errorCode: string
  error: string
  result?: unknown
  answer?: unknown
  /** True if the attempt is not counted: nothing was sent, or the platform refused the call unread. */
  uncounted?: boolean
  /** True if the action waits for the platform to answer again. */
  away?: boolean
}

export type ChangedAction = { action: ClaimedAction; change: ActionChange }

/**
 * Writes the results of claimed actions and returns the actions that were written. An action that another process has claimed since, or
 * that a user has ended, is not changed. An uncounted step takes back what its claim counted, also if the action counts as lost since. The list may contain an action twice, with an old and a new claim.
 */
export async function changeClaimed(tx: Tx, changed: readonly ChangedAction[]): Promise<Set<ClaimedAction>> {
  const done = await sql<Row<'platform_action', 'id' | 'claim'>>`
    with given as materialized (
      select * from ${unnestRows('d', changed, [
        ['id', 'int8', ({ action }) => action.id],
        ['claim', 'int4', ({ action }) => action.claim],
        ['was', 'text', ({ action }) => action.state],
        ['to_state', 'text', ({ change }) => change.state],
        [
          'next_in_ms',
          'int4',
          ({ change }) => (change.nextInMs === null ? null : Math.round(change.nextInMs)),
        ],
        ['uncounted', 'bool', ({ change }) => change.uncounted ?? false],
        ['away', 'bool', ({ change }) => change.away ?? false],
        ['error_code', 'text', ({ change }) => change.errorCode],
        ['error', 'text', ({ change }) => change.error],
        ['result', 'jsonb', ({ change }) => json(change.result)],
        ['answer', 'jsonb', ({ change }) => json(change.answer)],
      ])}
    ), ours as (
      select a.id, a.claim from given join platform_action a on a.id = given.id and a.claim = given.claim
      where a.state in ('sending', 'unknown') order by a.id for update of a
    )
    update platform_action a set state = given.to_state, unclear = a.unclear or given.to_state = 'unknown', worker = null, lease_until = null,
      next_at = now() + given.next_in_ms * interval '1 millisecond', away = given.away,
      attempt = a.attempt - case when given.uncounted and given.was = 'sending' then 1 else 0 end,
      looks = a.looks - case when given.uncounted and given.was = 'unknown' and a.answer is null then 1 else 0 end,
      error_code = given.error_code, error = given.error, result = coalesce(given.result, a.result), answer = given.answer,
      ended_at = case when given.to_state in ('succeeded', 'failed') then clock_timestamp() end
    from given join ours using (id, claim) where a.id = ours.id
    returning a.id, a.claim`.execute(tx)
  const ours = new Map(done.rows.map(({ id, claim }) => [id, claim]))
  return new Set(changed.map(({ action }) => action).filter(({ id, claim }) => ours.get(id) === claim))
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value)
}

export type OpenAction = Action & { state: ActionState }

export async function lockActions(tx: Tx, ids: readonly string[], scope: Scope): Promise<OpenAction[]> {
  const found = await sql<OpenAction>`
    select ${actionColumns}, platform_action.state from platform_action
    where id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('shop_id'))}
    order by id for update`.execute(tx)
  return found.rows
}

/** Returns the kind of each of these actions by id; unknown ids are missing. */
export async function kindsOf(
  db: Database | Tx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = await sql<Row<'platform_action', 'id' | 'kind'>>`
    select id, kind from platform_action where id = any(${[...ids]}::bigint[])`.execute(db)
  return new Map(found.rows.map(({ id, kind }) => [id, kind]))
}

export async function shopsOf(
  tx: Tx,
  ids: readonly string[],
): Promise<Row<'platform_action', 'id' | 'shopId'>[]> {
  const found = await sql<Row<'platform_action', 'id' | 'shopId'>>`
    select id, shop_id as "shopId" from platform_action where id = any(${[...ids]}::bigint[]) order by id`.execute(
    tx,
  )
  return found.rows
}

export async function actionsOfSubjects(
  db: Database | Tx,
  kinds: readonly string[],
  subject: { type: string; ids: readonly string[] },
  states: readonly ActionState[],
): Promise<Row<'platform_action', 'id' | 'subjectId' | 'payload' | 'kind' | 'state'>[]> {
  const found = await sql<
    Row<'platform_action', 'id' | 'subjectId' | 'payload' | 'kind' | 'state'>
  >`${preparedStatement}
    select id, kind, subject_id as "subjectId", payload, state from platform_action
    where subject_type = ${subject.type} and subject_id = any(${[...subject.ids]}::text[])
      and kind = any(${[...kinds]}::text[]) and state = any(${[...states]}::text[]) order by id`.execute(db)
  return found.rows
}

export type ManualEnding = { actor: Actor; reason: string }

/**
 * Makes failed, unclear and `manual` actions due again and sets their number of attempts to zero. `unclear` stays: a kind that looks up
 * before it sends again reads it. An unclear action of one of `lookKinds`, also one that a person took over, is verified first. A step under way loses its claim; its lease is removed too, because an expired lease would count as a lost send.
 */
export async function reopen(tx: Tx, ids: readonly string[], lookKinds: readonly string[], by: ManualEnding) {
  await sql`
    update platform_action set
      state = case when (state = 'unknown' or state = 'manual' and unclear) and kind = any(${[...lookKinds]}::text[]) then 'unknown' else 'pending' end,
      claim = claim + 1, attempt = 0, looks = 0, next_at = now(), away = false, lease_until = null, worker = null, ended_at = null, error_code = '', error = '',
      settled_by = ${JSON.stringify(by.actor)}::jsonb, settled_reason = ${by.reason}
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

export async function writeManualEnding(
  tx: Tx,
  ids: readonly string[],
  state: 'forced' | 'manual',
  by: ManualEnding,
) {
  await sql`
    update platform_action set state = ${state}, claim = claim + 1, next_at = null, away = false, lease_until = null, worker = null,
      answer = null, ended_at = clock_timestamp(), settled_by = ${JSON.stringify(by.actor)}::jsonb,
      settled_reason = ${by.reason}
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

/**
 * Withdraws pending, failed and `manual` actions, so that they are never sent, and returns their ids. An action that a worker has claimed
 * is not changed. The statement skips locked rows, so the caller may have locked any rows before.
 */
export async function withdraw(tx: Tx, ids: readonly string[], by: ManualEnding): Promise<string[]> {
  const done = await sql<Row<'platform_action', 'id'>>`
    with chosen as (
      select id from platform_action
      where id = any(${[...ids]}::bigint[]) and state in ('pending', 'failed', 'manual') and lease_until is null
      order by id for update skip locked
    )
    update platform_action a set state = 'withdrawn', claim = claim + 1, next_at = null, away = false,
      ended_at = clock_timestamp(), settled_by = ${JSON.stringify(by.actor)}::jsonb, settled_reason = ${by.reason}
    from chosen where a.id = chosen.id
    returning a.id`.execute(tx)
  return done.rows.map(({ id }) => id)
}

/**
 * Withdraws actions that this process has claimed and not sent yet. It skips locked rows: a transaction that has locked one is taking it
 * from this process.
 */
export async function withdrawOwn(tx: Tx, actions: readonly Claimed[], by: ManualEnding): Promise<string[]> {
  const done = await sql<Row<'platform_action', 'id'>>`${preparedStatement}
    with chosen as (
      select a.id from ${unnestRows('d', actions, [
        ['id', 'int8', ({ id }) => id],
        ['claim', 'int4', ({ claim }) => claim],
      ])}
      join platform_action a on a.id = d.id and a.claim = d.claim
      where a.state = 'sending' order by a.id for update of a skip locked
    )
    update platform_action a set state = 'withdrawn', claim = claim + 1, attempt = a.attempt - 1, worker = null, lease_until = null,
      next_at = null, away = false, ended_at = clock_timestamp(), settled_by = ${JSON.stringify(by.actor)}::jsonb,
      settled_reason = ${by.reason}
    from chosen where a.id = chosen.id
    returning a.id`.execute(tx)
  return done.rows.map(({ id }) => id)
}

/** Returns the ids of the actions that this process has claimed and that still count as being sent. */
export async function stillClaimed(tx: Tx, actions: readonly Claimed[]): Promise<ReadonlySet<string>> {
  const found = await sql<Row<'platform_action', 'id'>>`${preparedStatement}
    select a.id from ${unnestRows('d', actions, [
      ['id', 'int8', ({ id }) => id],
      ['claim', 'int4', ({ claim }) => claim],
    ])}
    join platform_action a on a.id = d.id and a.claim = d.claim where a.state = 'sending'`.execute(tx)
  return new Set(found.rows.map(({ id }) => id))
}

export async function statesOf(db: Database, ids: readonly string[]): Promise<Map<string, ActionState>> {
  const found = await sql<Row<'platform_action', 'id' | 'state'>>`${preparedStatement}
    select id, state from platform_action where id = any(${[...ids]}::bigint[])`.execute(db)
  return new Map(found.rows.map(({ id, state }) => [id, state]))
}
