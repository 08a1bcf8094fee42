import { sql } from 'kysely'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { afterFailure, afterKill, mostTries, type Sent } from './sending.ts'

export type SubscriptionRow = Row<
  'report_subscription',
  | 'id'
  | 'userId'
  | 'report'
  | 'rowKind'
  | 'measure'
  | 'shopId'
  | 'channelId'
  | 'every'
  | 'hour'
  | 'language'
  | 'enabled'
>

const columns = sql`
  s.id, s.user_id as "userId", s.report, s.row_kind as "rowKind", s.measure, s.shop_id as "shopId", s.channel_id as "channelId", s.every, s.hour, s.language, s.enabled`

type Last = Record<'period' | 'state' | 'error', string> & { again: string | null }
type WithLast = SubscriptionRow & Record<'last', Last | null>

/** Returns the subscriptions of a user, each with its last mail. */
export async function subscriptionsOf(db: Database, userId: string): Promise<WithLast[]> {
  const found = await sql<WithLast>`
    select ${columns}, (select jsonb_build_object('period', m.period, 'state', m.state, 'error', m.error, 'again', m.again_at) from report_mail m
      where m.subscription_id = s.id order by m.period desc limit 1) as last
    from report_subscription s where s.user_id = ${userId}::bigint order by s.id limit 200`.execute(db)
  return found.rows
}

/** `made`: it is new. `resumed`: the user had the same one, which was off and is on again. Neither: it was there and on. */
export type Subscribed = { id: string; made: boolean; resumed: boolean }

/** Adds a subscription, or switches on the one that the user has already. */
export async function insertSubscription(
  tx: Tx,
  row: Omit<SubscriptionRow, 'id' | 'enabled'>,
): Promise<Subscribed> {
  const { userId, report, rowKind, measure, shopId, channelId, every, hour, language } = row
  const off = await sql<Row<'report_subscription', 'id'>>`
    update report_subscription set enabled = true
    where user_id = ${userId}::bigint and report = ${report} and row_kind = ${rowKind} and measure = ${measure}
      and coalesce(shop_id, 0) = coalesce(${shopId}::bigint, 0) and every = ${every} and hour = ${hour} and language = ${language}
      and channel_id is not distinct from ${channelId}::bigint and (single or channel_id is not null) and not enabled returning id`.execute(
    tx,
  )
  const [resumed] = off.rows
  if (resumed) return { id: resumed.id, made: false, resumed: true }
  const found = await sql<Row<'report_subscription', 'id'> & Record<'made', boolean>>`
    insert into report_subscription (user_id, report, row_kind, measure, shop_id, channel_id, every, hour, language, single)
    values (${userId}::bigint, ${report}, ${rowKind}, ${measure}, ${shopId}::bigint, ${channelId}::bigint, ${every}, ${hour}, ${language},
      ${channelId === null ? true : null}::boolean)
    on conflict (user_id, report, row_kind, measure, coalesce(shop_id, 0), every, hour, language${channelId === null ? sql`` : sql`, channel_id`})
      where ${channelId === null ? sql`single` : sql`channel_id is not null`} do update set enabled = true
    returning id, xmax = 0 as made`.execute(tx)
  const [only] = found.rows
  if (only === undefined) throw new Error('The database returned no subscription.')
  return { ...only, resumed: false }
}

/** Switches the user's own subscriptions on or off, and returns the ids of those that are the user's. */
export async function switchSubscriptions(
  tx: Tx,
  ids: readonly string[],
  { userId, enabled }: { userId: string; enabled: boolean },
): Promise<string[]> {
  const found = await sql<Row<'report_subscription', 'id'>>`
    update report_subscription set enabled = ${enabled} where id = any(${[...ids]}::bigint[]) and user_id = ${userId}::bigint returning id`.execute(
    tx,
  )
  return found.rows.map(({ id }) => id)
}

/** Returns the subscription whose mail has this link; undefined: no mail has it. */
export async function subscriptionByHash(
  db: Database,
  hash: Buffer,
): Promise<Pick<SubscriptionRow, 'report' | 'enabled'> | undefined> {
  const found = await sql<Row<'report_subscription', 'report' | 'enabled'>>`
    select s.report, s.enabled from report_mail m join report_subscription s on s.id = m.subscription_id
    where m.stop_hash = ${hash}`.execute(db)
  return found.rows[0]
}

/** Ends the subscription whose mail has this link. Returns its id; undefined: no mail has it. */
export async function stopByHash(tx: Tx, hash: Buffer): Promise<string | undefined> {
  const found = await sql<Row<'report_subscription', 'id'>>`
    update report_subscription s set enabled = false from report_mail m
    where m.stop_hash = ${hash} and s.id = m.subscription_id returning s.id`.execute(tx)
  return found.rows[0]?.id
}

export type DueMail = SubscriptionRow & Record<'period', string> & Row<'app_user', 'email'>

/**
 * Begins one mail that is due, of a user who may sign in; undefined: none is. The period of a mail is the day on which it is due. A mail whose hour was
 * before the subscription is left out, and of several periods only the last one is due. A mail waits at most an hour until its days are computed. A
 * mail that failed, or whose process ended, is begun again when its time has come.
 */
export async function beginDueMail(tx: Tx, stopHash: Buffer): Promise<DueMail | undefined> {
  const found = await sql<DueMail>`
    with due as (
      select s.id, date_trunc(s.every, now() at time zone 'Asia/Shanghai')::date as period, s.every, s.hour, s.created_at
      from report_subscription s join app_user u on u.id = s.user_id and u.disabled_at is null where s.enabled
    ), begun as (
      insert into report_mail (subscription_id, period, state, stop_hash, again_at)
      select d.id, d.period, 'sending', ${stopHash}, ${afterKill} from due d
      left join report_mail m on m.subscription_id = d.id and m.period = d.period
      cross join lateral (select (d.period + make_interval(hours => d.hour)) at time zone 'Asia/Shanghai' as at) begins
      where begins.at between d.created_at and now()
        and (begins.at < now() - interval '1 hour' or not exists (
          select from report_due r where r.day >= d.period - ('1 ' || d.every)::interval and r.day < d.period))
        and (m.subscription_id is null or m.again_at <= now())
      order by d.id limit 1
      on conflict (subscription_id, period) do update
        set state = 'sending', error = '', begun_at = now(), stop_hash = excluded.stop_hash, tries = report_mail.tries + 1,
          again_at = case when report_mail.tries + 1 < ${mostTries} then ${afterKill} end
        where report_mail.again_at <= now()
      returning subscription_id, period
    )
    select ${columns}, b.period::text as period, u.email from begun b join report_subscription s on s.id = b.subscription_id
    join app_user u on u.id = s.user_id`.execute(tx)
  return found.rows[0]
}

/** Ends a sending. `error`: why it failed; empty: it was sent. `again`: it may succeed later, so it is due again by itself. */
export async function endMail(
  db: Database,
  { id, period }: Pick<DueMail, 'id' | 'period'>,
  { error, again }: Sent,
): Promise<void> {
  await sql`
    update report_mail set state = ${error === '' ? 'sent' : 'failed'}, error = ${error}, ended_at = now(), again_at = ${afterFailure(again)}
    where subscription_id = ${id}::bigint and period = ${period}::date and state = 'sending'`.execute(db)
}

/** Takes back the last mails of these subscriptions that were not sent, so that they are due again. Returns the subscriptions. */
export async function takeBackMails(tx: Tx, ids: readonly string[], userId: string): Promise<string[]> {
  const found = await sql<Row<'report_mail', 'subscriptionId'>>`
    delete from report_mail m using report_subscription s
    where s.id = any(${[...ids]}::bigint[]) and s.user_id = ${userId}::bigint and m.subscription_id = s.id
      and (m.state = 'failed' or m.state = 'sending' and m.begun_at < now() - interval '10 minutes')
      and m.period = (select max(period) from report_mail n where n.subscription_id = s.id)
    returning m.subscription_id as "subscriptionId"`.execute(tx)
  return found.rows.map(({ subscriptionId }) => subscriptionId)
}
