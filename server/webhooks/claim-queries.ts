import { sql } from 'kysely'
import { type Database, preparedStatement } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { failuresToProbe, stopAfterMs, waitsMs } from './lifecycle.ts'
import type { Attempt } from './send.ts'

/** A message that this worker sends now. Until `due_at` no other worker takes it; then its claim is lost. */
export type Claimed = Row<
  'webhook_message',
  'id' | 'subscriptionId' | 'kind' | 'createdAt' | 'data' | 'attempts' | 'claim'
>

const claimed = sql`m.id, m.subscription_id as "subscriptionId", m.kind, m.created_at as "createdAt", m.data, m.attempts, m.claim`

export type Active = Row<'webhook_subscription', 'id' | 'credentials' | 'failures'>

/** Returns the subscriptions that are on. There are a few of them in an installation. */
export async function activeSubscriptions(db: Database): Promise<Active[]> {
  const found = await sql<Active>`${preparedStatement}
    select id, credentials, failures from webhook_subscription where state = 'on' order by id limit 200`.execute(
    db,
  )
  return found.rows
}

/**
 * Claims the first waiting message of documents, where it is due, for each subscription at most as many as its number of slots. A later
 * message of the same document is not claimed before the first was delivered or given up.
 */
export async function claimFirst(
  db: Database,
  slots: readonly { id: string; free: number }[],
  leaseMs: number,
): Promise<Claimed[]> {
  const found = await sql<Claimed>`${preparedStatement}
    with due as (
      select first.id
      from unnest(${slots.map(({ id }) => id)}::bigint[], ${slots.map(({ free }) => free)}::int[]) s (id, free)
      cross join lateral (
        select d.id from webhook_message d
        where d.subscription_id = s.id and d.state = 'waiting' and d.due_at <= now()
          and not exists (
            select from webhook_message earlier
            where earlier.subscription_id = d.subscription_id and earlier.document = d.document and earlier.state = 'waiting'
              and earlier.id < d.id)
        order by d.due_at, d.id limit s.free for update skip locked
      ) first
    )
    update webhook_message m set claim = m.claim + 1, due_at = now() + ${leaseMs}::float8 * interval '1 millisecond'
    from due where m.id = due.id
    returning ${claimed}`.execute(db)
  return found.rows
}

/**
 * Records a delivery, and claims the next message of the document if it is due, or if it only waited for this one and was never claimed. Returns undefined if there is none, or if the claim was
 * lost to another worker.
 */
export async function recordDelivered(
  db: Database,
  { id, claim }: Claimed,
  { status, answerMs }: Attempt,
  leaseMs: number,
): Promise<Claimed | undefined> {
  const found = await sql<Claimed>`${preparedStatement}
    with done as (
      update webhook_message set state = 'delivered', attempts = attempts + 1, tried_at = now(), answer_status = ${status},
        answer_ms = ${answerMs}, failure = null
      where id = ${id}::bigint and claim = ${claim} and state = 'waiting'
      returning id, subscription_id, document
    ), next as (
      select d.id from webhook_message d join done on d.subscription_id = done.subscription_id and d.document = done.document
      where d.state = 'waiting' and d.id <> done.id
      order by d.id limit 1
    ), following as (
      -- Locked after it is chosen: if another worker has the next message, the one behind it must not go first.
      select d.id, d.due_at, d.claim from webhook_message d join next on next.id = d.id where d.state = 'waiting' for update of d skip locked
    )
    update webhook_message m set claim = m.claim + 1, due_at = now() + ${leaseMs}::float8 * interval '1 millisecond'
    from following f join webhook_subscription s on s.state = 'on'
    where m.id = f.id and (f.due_at <= now() or f.claim = 0) and s.id = m.subscription_id
    returning ${claimed}`.execute(db)
  return found.rows[0]
}

/**
 * Records a failed attempt: the message waits for the next one, or is given up after the last. The later messages of its document that were
 * never claimed wait as long, so that they do not stay at the head of those that are due. Nothing is recorded if the claim was lost.
 */
export async function recordFailed(
  db: Database,
  { id, claim, attempts }: Claimed,
  { status, answerMs, failure }: Attempt,
): Promise<void> {
  const waitMs = waitsMs[attempts]
  await sql`${preparedStatement}
    with failed as (
      update webhook_message set attempts = attempts + 1, tried_at = now(), answer_status = ${status}, answer_ms = ${answerMs},
        failure = ${JSON.stringify(failure)}::jsonb, state = ${waitMs === undefined ? 'given_up' : 'waiting'},
        due_at = now() + ${waitMs ?? 0}::float8 * interval '1 millisecond'
      where id = ${id}::bigint and claim = ${claim} and state = 'waiting'
      returning id, subscription_id, document, due_at
    ), later as (
      select d.id, failed.due_at from webhook_message d join failed on d.subscription_id = failed.subscription_id and d.document = failed.document
      where d.state = 'waiting' and d.id > failed.id and d.claim = 0 order by d.id for update of d skip locked
    )
    update webhook_message m set due_at = later.due_at from later where m.id = later.id`.execute(db)
}

/** Gives a claimed message back that was not sent. */
export async function giveBack(db: Database, { id, claim }: Claimed): Promise<void> {
  await sql`update webhook_message set due_at = now() where id = ${id}::bigint and claim = ${claim} and state = 'waiting'`.execute(
    db,
  )
}

/** Notes that a program took a message. It is written at most once a minute, so that many deliveries do not wait for one row. */
export async function noteSuccess(db: Database, id: string): Promise<void> {
  await sql`${preparedStatement}
    update webhook_subscription set last_sent_at = now(), failed_since = null, failures = 0, failure = null
    where id = ${id}::bigint and (failures > 0 or last_sent_at is null or last_sent_at < now() - interval '1 minute')`.execute(
    db,
  )
}

/**
 * Notes that a program did not take a message. The subscription stops by itself if the program is gone (410), or took nothing for days.
 */
export async function noteFailure(db: Database, id: string, { failure, status }: Attempt): Promise<void> {
  await sql`${preparedStatement}
    with counted as (
      select id, ${status === 410} or (failures >= ${failuresToProbe}::int
        and failed_since < now() - ${stopAfterMs}::float8 * interval '1 millisecond') as stops
      from webhook_subscription where id = ${id}::bigint
    )
    update webhook_subscription s set failures = s.failures + 1, failed_since = coalesce(s.failed_since, now()),
      failure = ${JSON.stringify(failure)}::jsonb,
      state = case when c.stops and s.state = 'on' then 'stopped' else s.state end,
      state_at = case when c.stops and s.state = 'on' then now() else s.state_at end
    from counted c where s.id = c.id`.execute(db)
}
