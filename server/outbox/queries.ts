import { sql } from 'kysely'
import type { Actor, Scope } from '../actor.ts'
import type { Database, Tx } from '../db.ts'
import { unnestRows } from '../lib/unnest.ts'
import { scopeSql } from '../scope.ts'
import type { Action } from './handlers.ts'

export type ActionState =
  | 'pending'
  | 'sending'
  | 'succeeded'
  | 'failed'
  | 'unknown'
  | 'forced'
  | 'manual'
  | 'withdrawn'

/** An action in the hands of this process; `claim` is its fence. */
export type ClaimedAction = Action & {
  claim: number
  looks: number
  state: 'sending' | 'unknown'
  /** What the platform answered before, when our own side could not be written. */
  answer: unknown
}

/** How the engine treats the kinds it knows. */
export type KindTimes = { kind: string; leaseMs: number; lookAfterMs: number; canLook: boolean }

const actionColumns = sql`
  platform_action.id, platform_action.shop_id as "shopId", platform_action.kind,
  platform_action.subject_type as "subjectType", platform_action.subject_id as "subjectId",
  platform_action.idempotency_key as "idempotencyKey", platform_action.payload, platform_action.secret,
  platform_action.attempt, platform_action.created_by as "createdBy", platform_action.created_at as "createdAt"`

/** Sends whose process died: nobody knows whether the platform acted. Looked at, or left to a person. */
export async function endLostSends(db: Database, kinds: readonly KindTimes[]): Promise<string[]> {
  const lost = await sql<{ id: string }>`
    with lost as (
      select id from platform_action where lease_until < now() order by id for update skip locked
    )
    update platform_action set state = 'unknown', worker = null, lease_until = null,
      error_code = case when state = 'sending' then 'lost' else error_code end,
      next_at = case when answer is not null then now()
        when known.can_look then now() + known.look_after * interval '1 millisecond' end
    from lost, ${kindRows(kinds)}
    where platform_action.id = lost.id and known.kind = platform_action.kind
    returning platform_action.id`.execute(db)
  return lost.rows.map((row) => row.id)
}

/**
 * Claims due actions of shops that are neither paused nor banned. An action waits for earlier ones on the same subject.
 * Commits `sending`, with attempt and lease, before anything leaves the house.
 */
export async function claimActions(
  db: Database,
  worker: string,
  kinds: readonly KindTimes[],
  limit: number,
): Promise<ClaimedAction[]> {
  const claimed = await sql<ClaimedAction>`
    with due as (
      select action.id from platform_action action
      left join shop_gate gate on gate.shop_id = action.shop_id and (gate.paused <> '{}' or gate.ban_until > now())
      where action.next_at <= now() and action.lease_until is null and action.state in ('pending', 'unknown')
        and action.kind = any(${kinds.map(({ kind }) => kind)}::text[])
        and (gate.shop_id is null or action.answer is not null)
        and not exists (
          select from platform_action earlier
          where earlier.shop_id = action.shop_id and earlier.subject_type = action.subject_type
            and earlier.subject_id = action.subject_id and earlier.id < action.id
            and earlier.state in ('pending', 'sending', 'unknown'))
      order by action.next_at, action.id
      limit ${limit}
      for update of action skip locked
    )
    update platform_action set claim = claim + 1, worker = ${worker}, next_at = null,
      lease_until = now() + known.lease_ms * interval '1 millisecond',
      attempt = attempt + case when state = 'pending' then 1 else 0 end,
      looks = looks + case when state = 'unknown' and answer is null then 1 else 0 end,
      sent_at = case when state = 'pending' then clock_timestamp() else sent_at end,
      state = case when state = 'pending' then 'sending' else state end
    from due, ${kindRows(kinds)}
    where platform_action.id = due.id and known.kind = platform_action.kind
    returning ${actionColumns}, platform_action.claim, platform_action.looks, platform_action.state,
      platform_action.answer`.execute(db)
  return claimed.rows
}

function kindRows(kinds: readonly KindTimes[]) {
  return unnestRows('known', kinds, [
    ['kind', 'text', ({ kind }) => kind],
    ['lease_ms', 'int4', ({ leaseMs }) => leaseMs],
    ['look_after', 'int4', ({ lookAfterMs }) => lookAfterMs],
    ['can_look', 'bool', ({ canLook }) => canLook],
  ])
}

export type ActionChange = {
  state: 'pending' | 'unknown' | 'succeeded' | 'failed'
  /** Milliseconds until the next step; null: none by itself. */
  nextInMs: number | null
  errorCode: string
  error: string
  result?: unknown
  answer?: unknown
  /** It never left the house, or the platform did not look at it: the attempt does not count. */
  uncounted?: boolean
}

/** Gives an action back. False when another claim was made meanwhile, or a person settled it: then nothing changes. */
export async function changeClaimed(tx: Tx, action: ClaimedAction, change: ActionChange): Promise<boolean> {
  const ended = change.state === 'succeeded' || change.state === 'failed'
  const changed = await sql<{ id: string }>`
    update platform_action set state = ${change.state}, worker = null, lease_until = null,
      next_at = now() + ${change.nextInMs}::float8 * interval '1 millisecond',
      attempt = attempt - ${change.uncounted ? 1 : 0}::int,
      error_code = ${change.errorCode}, error = ${change.error},
      result = coalesce(${json(change.result)}::jsonb, result), answer = ${json(change.answer)}::jsonb,
      ended_at = case when ${ended} then clock_timestamp() end
    where id = ${action.id}::bigint and claim = ${action.claim} and state in ('sending', 'unknown')
    returning id`.execute(tx)
  return changed.rows.length === 1
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value)
}

export type OpenAction = Action & { state: ActionState }

/** Locked in key order. */
export async function lockActions(tx: Tx, ids: readonly string[], scope: Scope): Promise<OpenAction[]> {
  const found = await sql<OpenAction>`
    select ${actionColumns}, platform_action.state from platform_action
    where id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('shop_id'))}
    order by id for update`.execute(tx)
  return found.rows
}

export type Settlement = { actor: Actor; reason: string }

/**
 * Tries again: what is unclear and can be looked at is looked at first. The number of tries starts anew. A look in flight
 * loses its claim, and with it its lease: whose end would otherwise be taken for a lost send.
 */
export async function reopen(tx: Tx, ids: readonly string[], lookKinds: readonly string[], by: Settlement) {
  await sql`
    update platform_action set
      state = case when state = 'unknown' and kind = any(${[...lookKinds]}::text[]) then 'unknown' else 'pending' end,
      claim = claim + 1, attempt = 0, looks = 0, next_at = now(), lease_until = null, worker = null, ended_at = null, error_code = '', error = '',
      settled_by = ${JSON.stringify(by.actor)}::jsonb, settled_reason = ${by.reason}
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

export async function settle(tx: Tx, ids: readonly string[], state: 'forced' | 'manual', by: Settlement) {
  await sql`
    update platform_action set state = ${state}, claim = claim + 1, next_at = null, lease_until = null, worker = null,
      answer = null, ended_at = clock_timestamp(), settled_by = ${JSON.stringify(by.actor)}::jsonb,
      settled_reason = ${by.reason}
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

/**
 * Takes back what has not left the house, or was refused, so that it never will. One that is in somebody's hands at this
 * moment, or whose outcome is unclear, stays: answers the ids of those that are withdrawn. It waits for no lock, so its
 * caller may hold any.
 */
export async function withdraw(tx: Tx, ids: readonly string[], by: Settlement): Promise<string[]> {
  const done = await sql<{ id: string }>`
    with chosen as (
      select id from platform_action
      where id = any(${[...ids]}::bigint[]) and state in ('pending', 'failed', 'manual') and lease_until is null
      order by id for update skip locked
    )
    update platform_action a set state = 'withdrawn', claim = claim + 1, next_at = null,
      ended_at = clock_timestamp(), settled_by = ${JSON.stringify(by.actor)}::jsonb, settled_reason = ${by.reason}
    from chosen where a.id = chosen.id
    returning a.id`.execute(tx)
  return done.rows.map(({ id }) => id)
}

export async function statesOf(db: Database, ids: readonly string[]): Promise<Map<string, ActionState>> {
  const found = await sql<{ id: string; state: ActionState }>`
    select id, state from platform_action where id = any(${[...ids]}::bigint[])`.execute(db)
  return new Map(found.rows.map(({ id, state }) => [id, state]))
}
