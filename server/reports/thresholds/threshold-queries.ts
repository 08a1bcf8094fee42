import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { afterFailure, afterKill, mostTries, type Sent } from '../sending.ts'

export type ThresholdRow = Row<
  'report_threshold',
  | 'id'
  | 'userId'
  | 'figure'
  | 'bound'
  | 'leastCount'
  | 'hour'
  | 'shopId'
  | 'channelId'
  | 'language'
  | 'enabled'
>
type NoticeRow = Row<'report_threshold_notice', 'shopId' | 'value' | 'counted'>

const columns = sql`
  t.id, t.user_id as "userId", t.figure, t.bound, t.least_count as "leastCount", t.hour, t.shop_id as "shopId", t.channel_id as "channelId",
  t.language, t.enabled`

type WithLast = ThresholdRow &
  Record<
    'last',
    (Record<'period' | 'state' | 'error', string> & { shops: number; again: string | null }) | null
  >

/** Returns the thresholds of a user, each with its last day on which a shop was beyond it. */
export async function thresholdsOf(db: Database, userId: string): Promise<WithLast[]> {
  const found = await sql<WithLast>`
    select ${columns}, (
      select jsonb_build_object('period', n.day, 'shops', count(*), 'error', max(n.error), 'again', min(n.again_at),
        'state', case when bool_or(n.state = 'failed') then 'failed' when bool_and(n.state = 'sent') then 'sent' else 'sending' end)
      from report_threshold_notice n where n.threshold_id = t.id group by n.day order by n.day desc limit 1) as last
    from report_threshold t where t.user_id = ${userId}::bigint order by t.id limit 200`.execute(db)
  return found.rows
}

/** Adds a threshold, or switches on the one that the user has already. `made`: it is new. */
export async function insertThreshold(
  tx: Tx,
  row: Omit<ThresholdRow, 'id' | 'enabled'>,
): Promise<{ id: string; made: boolean }> {
  const { userId, figure, bound, leastCount, hour, shopId, channelId, language } = row
  const found = await sql<Row<'report_threshold', 'id'> & Record<'made', boolean>>`
    insert into report_threshold (user_id, figure, bound, least_count, hour, shop_id, channel_id, language)
    values (${userId}::bigint, ${figure}, ${bound}, ${leastCount}, ${hour}, ${shopId}::bigint, ${channelId}::bigint, ${language})
    on conflict (user_id, figure, bound, least_count, hour, coalesce(shop_id, 0), coalesce(channel_id, 0), language) do update set enabled = true
    returning id, xmax = 0 as made`.execute(tx)
  const [only] = found.rows
  if (only === undefined) throw new Error('The database returned no threshold.')
  return only
}

/** Switches the user's own thresholds on or off, and returns the ids of those that are the user's. */
export async function switchThresholds(
  tx: Tx,
  ids: readonly string[],
  { userId, enabled }: { userId: string; enabled: boolean },
): Promise<string[]> {
  const found = await sql<Row<'report_threshold', 'id'>>`
    update report_threshold set enabled = ${enabled} where id = any(${[...ids]}::bigint[]) and user_id = ${userId}::bigint returning id`.execute(
    tx,
  )
  return found.rows.map(({ id }) => id)
}

/** Returns the threshold whose mail has this link; undefined: no mail has it. */
export async function thresholdByHash(
  db: Database,
  hash: Buffer,
): Promise<Pick<ThresholdRow, 'figure' | 'bound' | 'enabled'> | undefined> {
  const found = await sql<Row<'report_threshold', 'figure' | 'bound' | 'enabled'>>`
    select t.figure, t.bound, t.enabled from report_threshold_notice n join report_threshold t on t.id = n.threshold_id
    where n.stop_hash = ${hash} limit 1`.execute(db)
  return found.rows[0]
}

/** Switches the threshold off whose mail has this link. Returns its id; undefined: no mail has it. */
export async function stopThresholdByHash(tx: Tx, hash: Buffer): Promise<string | undefined> {
  const found = await sql<Row<'report_threshold', 'id'>>`
    update report_threshold set enabled = false
    where id in (select threshold_id from report_threshold_notice where stop_hash = ${hash}) returning id`.execute(
    tx,
  )
  return found.rows[0]?.id
}

export type DueThreshold = ThresholdRow & Record<'day', string>

/**
 * Takes one threshold that was not looked at in this hour, of a user who may sign in; undefined: there is none. While the figures of today are more
 * than an hour old nothing is due, because a shop might only seem to have sold little.
 */
export async function takeDueThreshold(tx: Tx): Promise<DueThreshold | undefined> {
  const found = await sql<DueThreshold>`
    with china as (select now() at time zone 'Asia/Shanghai' as at), due as (
      select t.id from china c, report_threshold t join app_user u on u.id = t.user_id and u.disabled_at is null
      where t.enabled and (t.looked_at is null or t.looked_at < date_trunc('hour', now())) and t.hour <= extract(hour from c.at)
        and (not exists (select from report_due d where d.day = c.at::date)
          or exists (select from report_day d where d.day = c.at::date and d.computed_at > now() - interval '1 hour'))
      order by t.id limit 1 for update of t skip locked
    )
    update report_threshold t set looked_at = now() from due, china c where t.id = due.id
    returning ${columns}, c.at::date::text as day`.execute(tx)
  return found.rows[0]
}

/** Adds the shops that are beyond the bound. One that was found before on this day stays as it is: it goes once a day. */
export async function insertNotices(
  tx: Tx,
  { id, day }: Pick<DueThreshold, 'id' | 'day'>,
  found: readonly NoticeRow[],
): Promise<void> {
  await sql`
    insert into report_threshold_notice (threshold_id, day, shop_id, state, value, counted)
    select ${id}::bigint, ${day}::date, shop_id, 'due', value, counted
    from unnest(${found.map(({ shopId }) => shopId)}::bigint[], ${found.map(({ value }) => value)}::float8[],
      ${found.map(({ counted }) => counted)}::int[]) x (shop_id, value, counted)
    on conflict do nothing`.execute(tx)
}

export type DueNotices = ThresholdRow &
  Record<'day', string> &
  Row<'app_user', 'email'> & { shops: NoticeRow[] }

/** A notice is sent on its day or the next: an older one is news to no one. */
const isDue = sql`(n.state = 'due' or n.again_at <= now()) and n.day >= china_day(now()) - 1`

/**
 * Begins to send the due notices of one threshold that is on, and of one day, as one message; undefined: none is due. `stopHash`: of the word in
 * the message's link that switches the threshold off.
 */
export async function beginDueNotices(tx: Tx, stopHash: Buffer): Promise<DueNotices | undefined> {
  const found = await sql<DueNotices>`
    with one as (
      select t.id, (select min(n.day) from report_threshold_notice n where n.threshold_id = t.id and ${isDue}) as day
      from report_threshold t where t.enabled and exists (select from report_threshold_notice n where n.threshold_id = t.id and ${isDue})
      order by t.id limit 1 for update of t skip locked
    ), begun as (
      update report_threshold_notice n set state = 'sending', error = '', begun_at = now(), stop_hash = ${stopHash}, tries = n.tries + 1,
        again_at = case when n.tries + 1 < ${mostTries} then ${afterKill} end
      from one where n.threshold_id = one.id and n.day = one.day and ${isDue}
      returning n.threshold_id, n.day, n.shop_id, n.value, n.counted
    ), message as (
      select threshold_id, day,
        jsonb_agg(jsonb_build_object('shopId', shop_id::text, 'value', value, 'counted', counted) order by shop_id) as shops
      from begun group by 1, 2
    )
    select ${columns}, m.day::text as day, m.shops, u.email from message m join report_threshold t on t.id = m.threshold_id
    join app_user u on u.id = t.user_id`.execute(tx)
  return found.rows[0]
}

export async function endNotices(
  db: Database,
  { id, day, shops }: Pick<DueNotices, 'id' | 'day' | 'shops'>,
  { error, again }: Sent,
): Promise<void> {
  await sql`
    update report_threshold_notice set state = ${error === '' ? 'sent' : 'failed'}, error = ${error}, ended_at = now(),
      again_at = ${afterFailure(again)}
    where threshold_id = ${id}::bigint and day = ${day}::date and shop_id = any(${shops.map(({ shopId }) => shopId)}::bigint[])
      and state = 'sending'`.execute(db)
}

/** Makes the notices of the last day due again that were not sent. Returns the thresholds. */
export async function noticesAgain(tx: Tx, ids: readonly string[], userId: string): Promise<string[]> {
  const found = await sql<Row<'report_threshold_notice', 'thresholdId'>>`
    with again as (
      update report_threshold_notice n set state = 'due', error = '', tries = 0, again_at = null from report_threshold t
      where t.id = any(${[...ids]}::bigint[]) and t.user_id = ${userId}::bigint and n.threshold_id = t.id
        and (n.state = 'failed' or n.state = 'sending' and n.begun_at < now() - interval '10 minutes')
        and n.day = (select max(day) from report_threshold_notice m where m.threshold_id = t.id)
      returning n.threshold_id
    )
    select distinct threshold_id as "thresholdId" from again`.execute(tx)
  return found.rows.map(({ thresholdId }) => thresholdId)
}
