import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import { type CappedCount, capped, countCap } from '../core/lists/list-table.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { notAskedFor, rightsLost, type SubscriptionState } from './lifecycle.ts'

export type SubscriptionRow = Omit<
  Row<
    'webhook_subscription',
    | ('id' | 'name' | 'credentials' | 'kinds' | 'state' | 'stateAt')
    | ('createdAt' | 'createdBy' | 'lastSentAt' | 'failedSince')
  >,
  'state'
> & { state: SubscriptionState; failure: LocalizedText | null } & Record<
    'shops' | 'warehouses',
    Rows['webhook_subscription']['shopIds']
  >

const columns = sql`
  s.id, s.name, s.credentials, s.kinds, s.shop_ids as shops, s.warehouse_ids as warehouses, s.state, s.state_at as "stateAt",
  s.created_at as "createdAt", s.created_by as "createdBy", s.last_sent_at as "lastSentAt", s.failed_since as "failedSince", s.failure`

/** Condition for subscriptions that a person of this scope may see and change: all that they send is within it. */
export function subscriptionScope({ shops, warehouses }: Scope): RawBuilder<unknown> {
  const within = (granted: Scope['shops'], column: string) =>
    granted === 'all' ? sql`true` : sql`${sql.ref(`s.${column}`)} <@ ${[...granted]}::bigint[]`
  return sql`${within(shops, 'shop_ids')} and ${within(warehouses, 'warehouse_ids')}`
}

/** Over `webhook_message m` and its `webhook_subscription s`: the subscription asks for such messages now, as its triggers decide. */
export const askedFor = sql<boolean>`(s.kinds && array[m.kind, split_part(m.kind, '.', 1) || '.*']
  and (s.shop_ids is null or m.shop_id is null or m.shop_id = any(s.shop_ids))
  and (s.warehouse_ids is null or m.warehouse_id is null or m.warehouse_id = any(s.warehouse_ids)))`

export type CountedSubscription = SubscriptionRow & Record<'waiting' | 'givenUp', CappedCount>

/**
 * Returns the subscriptions within the scope, with the number of messages that wait and were given up, each counted up to `countCap` from an
 * index. There are a few subscriptions in an installation.
 */
export async function allSubscriptions(db: Database, scope: Scope): Promise<CountedSubscription[]> {
  const counted = (state: string) => sql`(select count(*)::int from (
    select from webhook_message m where m.subscription_id = s.id and m.state = ${state} limit ${countCap + 1}) first)`
  const found = await sql<SubscriptionRow & Record<'waiting' | 'givenUp', number>>`
    select ${columns}, ${counted('waiting')} as waiting, ${counted('given_up')} as "givenUp"
    from webhook_subscription s where ${subscriptionScope(scope)} order by s.id limit 200`.execute(db)
  return found.rows.map((row) => ({ ...row, waiting: capped(row.waiting), givenUp: capped(row.givenUp) }))
}

export async function subscriptionById(
  db: Database | Tx,
  id: string,
  scope: Scope,
  locked = false,
): Promise<SubscriptionRow | undefined> {
  const found = await sql<SubscriptionRow>`
    select ${columns} from webhook_subscription s where s.id = ${id}::bigint and ${subscriptionScope(scope)}
    ${locked ? sql`for update` : sql``}`.execute(db)
  return found.rows[0]
}

type Written = Pick<SubscriptionRow, 'name' | 'credentials' | 'kinds' | 'shops' | 'warehouses'>

export async function insertSubscription(tx: Tx, row: Written, by: string): Promise<string> {
  const { name, credentials, kinds, shops, warehouses } = row
  const made = await sql<Row<'webhook_subscription', 'id'>>`
    insert into webhook_subscription (name, credentials, kinds, shop_ids, warehouse_ids, created_by)
    values (${name}, ${credentials}, ${kinds}::text[], ${shops}::bigint[], ${warehouses}::bigint[], ${by}) returning id`.execute(
    tx,
  )
  return made.rows[0]?.id ?? ''
}

/** Waiting messages that the new settings do not ask for are given up: the person who keeps it now may not be allowed to read them. */
export async function updateSubscription(tx: Tx, id: string, row: Written): Promise<void> {
  const { name, credentials, kinds, shops, warehouses } = row
  await sql`
    update webhook_subscription set name = ${name}, credentials = ${credentials}, kinds = ${kinds}::text[],
      shop_ids = ${shops}::bigint[], warehouse_ids = ${warehouses}::bigint[]
    where id = ${id}::bigint`.execute(tx)
  await sql`
    update webhook_message m set state = 'given_up', claim = m.claim + 1, failure = ${JSON.stringify(notAskedFor)}::jsonb
    from webhook_subscription s
    where s.id = ${id}::bigint and m.subscription_id = s.id and m.state = 'waiting' and not ${askedFor}`.execute(
    tx,
  )
}

/** Writes the state. One that is on again starts afresh: its failures are forgotten, and waiting messages are tried at once. */
export async function writeState(tx: Tx, id: string, state: 'on' | 'paused'): Promise<void> {
  await sql`
    update webhook_subscription set state = ${state}, state_at = now(),
      failed_since = case when ${state} = 'on' then null else failed_since end,
      failures = case when ${state} = 'on' then 0 else failures end
    where id = ${id}::bigint`.execute(tx)
  if (state === 'on')
    await sql`
      update webhook_message set due_at = now(), attempts = 0, claim = claim + 1
      where subscription_id = ${id}::bigint and state = 'waiting' and due_at > now() and attempts > 0`.execute(
      tx,
    )
}

/** Stops those of these subscriptions that are on. No failure of their program is the reason, so `failed_since` is empty. */
export async function stopForRights(db: Database, ids: readonly string[]): Promise<string[]> {
  const stopped = await sql<Row<'webhook_subscription', 'id'>>`
    update webhook_subscription set state = 'stopped', state_at = now(), failed_since = null, failures = 0,
      failure = ${JSON.stringify(rightsLost)}::jsonb
    where id = any(${[...ids]}::bigint[]) and state = 'on' returning id`.execute(db)
  return stopped.rows.map(({ id }) => id)
}

export async function writeCredentials(tx: Tx, id: string, credentials: Buffer): Promise<void> {
  await sql`update webhook_subscription set credentials = ${credentials} where id = ${id}::bigint`.execute(tx)
}

/** The messages are trimmed later, because there may be millions. */
export async function deleteSubscription(tx: Tx, id: string): Promise<void> {
  await sql`delete from webhook_subscription where id = ${id}::bigint`.execute(tx)
}
