import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql, warehouseSql } from '../core/access/scope.ts'
import type { WalkFrom } from '../core/batches/batch.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import type { FilterOf } from '../core/lists/declare-contract.ts'
import { hasOneOf } from '../core/lists/define-query.ts'
import { countOf } from '../core/lists/list-read.ts'
import { type CappedCount, capped, countCap } from '../core/lists/list-table.ts'
import type { MessageAnswer } from './contract.ts'
import type { MessageState } from './lifecycle.ts'
import { messageList } from './lists-contract.ts'
import { askedFor, subscriptionScope } from './subscription-queries.ts'

type MessageFilter = FilterOf<typeof messageList>

type Listed = Omit<
  Row<
    'webhook_message',
    | (
        | 'id'
        | 'subscriptionId'
        | 'kind'
        | 'document'
        | 'no'
        | 'shopId'
        | 'warehouseId'
        | 'createdAt'
        | 'state'
      )
    | ('attempts' | 'triedAt' | 'answerStatus' | 'answerMs')
  >,
  'kind' | 'state'
> &
  Pick<MessageAnswer, 'kind' | 'state' | 'failure' | 'subscription'> & {
    dueAt: Rows['webhook_message']['dueAt'] | null
  }

const columns = sql`
  m.id, m.subscription_id as "subscriptionId", s.name as subscription, m.kind, m.document, m.no, m.shop_id as "shopId",
  m.warehouse_id as "warehouseId", m.created_at as "createdAt", m.state, m.attempts,
  case when m.state = 'waiting' and s.state = 'on' then m.due_at end as "dueAt", m.tried_at as "triedAt", m.answer_status as "answerStatus",
  m.answer_ms as "answerMs", m.failure`

const from = sql`webhook_message m join webhook_subscription s on s.id = m.subscription_id`

export async function messageRows(
  db: Database,
  filter: MessageFilter,
  scope: Scope,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<Listed[]> {
  const found = await sql<Listed>`
    select ${columns} from ${from}
    where ${matched(filter, scope)} and (${after ?? null}::bigint is null or m.id < ${after ?? null}::bigint)
    order by m.id desc limit ${limit}`.execute(db)
  return found.rows
}

export type WholeMessage = Listed & Row<'webhook_message', 'data'>

export async function messageById(db: Database, id: string, scope: Scope): Promise<WholeMessage | undefined> {
  const found = await sql<WholeMessage>`
    select ${columns}, m.data from ${from} where m.id = ${id}::bigint and ${seenIn(scope)}`.execute(db)
  return found.rows[0]
}

/** Returns the number of messages in each state, at most `countCap` for a state. */
export async function countMessages(
  db: Database,
  filter: MessageFilter,
  scope: Scope,
): Promise<Record<string, CappedCount>> {
  const found = await sql<Row<'webhook_message', 'state'> & { count: number }>`
    select states.state, counted.count from unnest(${Object.keys(messageList.tabs)}::text[]) with ordinality states (state, place)
    cross join lateral (
      select count(*)::int as count from (
        select from ${from} where m.state = states.state and ${conditions(filter, scope)} limit ${countCap + 1}) first
    ) counted order by place`.execute(db)
  return Object.fromEntries(found.rows.map(({ state, count }) => [state, capped(count)]))
}

/** Returns the number of rows; with `most` the counting stops at one more. */
export async function countMatching(
  db: Database,
  filter: MessageFilter,
  scope: Scope,
  most?: number,
): Promise<number> {
  if (most === undefined) return (await extentOfMessages(db, filter, scope)).total
  return countOf(db, sql`${from} where ${matched(filter, scope)}`, most)
}

export async function extentOfMessages(
  db: Database | Tx,
  filter: MessageFilter,
  scope: Scope,
): Promise<{ total: number; upTo: string | null }> {
  const found = await sql<Record<'total', number> & { upTo: Rows['webhook_message']['id'] | null }>`
    select count(*)::int as total, max(m.id) as "upTo" from ${from} where ${matched(filter, scope)}`.execute(
    db,
  )
  return found.rows[0] ?? { total: 0, upTo: null }
}

export async function matchingMessages(
  tx: Tx,
  filter: MessageFilter,
  scope: Scope,
  { cap, after }: WalkFrom,
): Promise<string[]> {
  const found = await sql<Row<'webhook_message', 'id'>>`
    select m.id from ${from} where ${matched(filter, scope)} and m.id > coalesce(${after}::bigint, 0)
    order by m.id limit ${cap}`.execute(tx)
  return found.rows.map(({ id }) => id)
}

/** `isAsked`: its subscription asks for such messages now. */
export type LockedMessage = Row<'webhook_message', 'id' | 'no'> & { state: MessageState; isAsked: boolean }

export async function lockMessages(tx: Tx, ids: readonly string[], scope: Scope): Promise<LockedMessage[]> {
  const found = await sql<LockedMessage>`
    select m.id, m.no, m.state, ${askedFor} as "isAsked" from ${from}
    where m.id = any(${[...ids]}::bigint[]) and ${seenIn(scope)}
    order by m.id for update of m for share of s`.execute(tx)
  return found.rows
}

export async function writeReplayed(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    update webhook_message set state = 'waiting', attempts = 0, due_at = now(), claim = claim + 1
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

export async function numbersOfMessages(db: Database, ids: readonly string[]): Promise<Map<string, string>> {
  const found = await sql<Row<'webhook_message', 'id' | 'no'>>`
    select id, no from webhook_message where id = any(${[...ids]}::bigint[])`.execute(db)
  return new Map(found.rows.map(({ id, no }) => [id, no]))
}

/**
 * Over `from`: the scope has all that the subscription sends, and the message's own shop and warehouse, since the subscription may have sent
 * more before.
 */
function seenIn(scope: Scope): RawBuilder<unknown> {
  return sql`${subscriptionScope(scope)} and (m.shop_id is null or ${scopeSql(scope, sql.ref('m.shop_id'))})
    and (m.warehouse_id is null or ${warehouseSql(scope, sql.ref('m.warehouse_id'))})`
}

function matched(filter: MessageFilter, scope: Scope): RawBuilder<unknown> {
  return sql`${conditions(filter, scope)} and ${hasOneOf(sql.ref('m.state'), filter.state)}`
}

function conditions(filter: MessageFilter, scope: Scope): RawBuilder<unknown> {
  const { subscription = null, createdFrom = null, createdTo = null, no = null } = filter
  return sql`${seenIn(scope)} and ${hasOneOf(sql.ref('m.kind'), filter.kind)}
    and (${subscription}::bigint is null or m.subscription_id = ${subscription}::bigint)
    and (${createdFrom}::timestamptz is null or m.created_at >= ${createdFrom}::timestamptz)
    and (${createdTo}::timestamptz is null or m.created_at < ${createdTo}::timestamptz)
    and (${no}::text is null or m.no = ${no}::text)`
}
