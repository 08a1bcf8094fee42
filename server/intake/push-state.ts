import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { minuteMs } from '../lib/time.ts'
import { troubleWords } from '../lib/trouble-words.ts'

/** A channel without a sign of the platform for this number of seconds is silent. Its holder asks for a sign every few seconds. */
export const silentSeconds = 30
/** Seconds between two list runs of a shop whose push works. It is also the longest time for which a lost message delays a trade. */
export const restSeconds = 60
/** Seconds without a list run that showed a trade which push left out, before lists are read more rarely again. */
export const trustSeconds = 600
/** A list that shows a new trade, while no message of the shop came for this number of seconds, shows that push does not work. */
const missedSeconds = 300
/** A channel that is silent for this time raises an alarm. */
export const silentAlarmMs = 5 * minuteMs

/** `c`: the channel. True if it is open and the platform gave a sign lately, or posts messages: quiet hours then have no sign. */
export const isLive = sql<boolean>`(c.opened_at is not null and (c.posted or c.heard_at > now() - make_interval(secs => ${silentSeconds})))`
/** `p`: the shop. True unless a list showed something that push did not, and nothing came since. */
const isComplete = sql<boolean>`(p.missed_at is null or p.heard_at > p.missed_at)`

/** A trade that changed this number of seconds ago should be here by push. */
const overdueSeconds = 10
/** True for a new trade of a list that push should have brought: the platform had agreed to send messages when it changed. */
export const isOverdue = (shopId: string, modifiedAt: RawBuilder<unknown>) =>
  sql<boolean>`(${modifiedAt} < now() - make_interval(secs => ${overdueSeconds})
    and ${modifiedAt} > coalesce((select permitted_at from push_shop where shop_id = ${shopId}::bigint), 'infinity'))`

/** True if push brings the trades and refunds of the shop now, so that its lists may be read more rarely. */
export async function pushServes(db: Database, shopId: string): Promise<boolean> {
  const found = await sql`
    select from push_shop p join push_channel c on c.channel = p.channel
    where p.shop_id = ${shopId}::bigint and ${isLive} and p.permitted_at is not null and ${isComplete}`.execute(
    db,
  )
  return found.rows.length > 0
}

/**
 * Notes that a list showed new trades that push should have brought, so that push does not count as working. Writes nothing if a message of
 * the shop came in the last minutes.
 */
export async function notePushMissed(db: Database, shopId: string): Promise<void> {
  await sql`
    update push_shop set missed_at = now()
    where shop_id = ${shopId}::bigint
      and coalesce(heard_at, permitted_at) < now() - make_interval(secs => ${missedSeconds})`.execute(db)
}

type PushCode = 'live' | 'waiting' | 'silent' | 'not_permitted' | 'missing' | 'not_set_up'

/** The state of push of a shop, for users. Shops without a row have none. */
export type PushState = Row<'push_shop', 'shopId' | 'channel'> & {
  shopName: Rows['shop']['name']
  code: PushCode
  /** Since when it has been so; null: unknown. */
  since: Rows['push_channel']['silentSince']
  /** Why it does not work; empty: nothing is known of it. */
  errorCode: Rows['push_channel']['errorCode']
}

/**
 * Returns the state of push of each shop in the scope that has it: `waiting` in the first minute without a connection and until the
 * permission, `not_set_up` until the first post, `missing` if lists show a trade without a message.
 */
export async function pushStates(db: Database, scope: Scope): Promise<PushState[]> {
  const found = await sql<PushState>`
    select x."shopId", x.channel, x."shopName", x.code,
      case x.code when 'silent' then x.silent_since when 'missing' then x.missing_since when 'live' then x.opened_at end as since,
      case when x.code = 'not_permitted' then x.permit_error_code when x.code in ('silent', 'waiting') then x.error_code else '' end
        as "errorCode"
    from (
      select p.shop_id as "shopId", p.channel, s.name as "shopName", c.opened_at, c.error_code, p.permit_error_code,
        coalesce(p.heard_at, p.permitted_at) as missing_since, coalesce(c.silent_since, c.heard_at) as silent_since,
        case when c.posted and p.permitted_at is null then 'not_set_up'
          when p.permit_error_code <> '' and p.permitted_at is null then 'not_permitted'
          when not ${isLive} then case when c.heard_at is null and c.silent_since > now() - interval '1 minute' then 'waiting' else 'silent' end
          when p.permitted_at is null then 'waiting'
          when not coalesce(${isComplete}, false) then 'missing'
          else 'live' end as code
      from push_shop p join push_channel c on c.channel = p.channel join shop s on s.id = p.shop_id
      where ${scopeSql(scope, sql.ref('p.shop_id'))}
    ) x order by x."shopId"`.execute(db)
  return found.rows
}

const codeWords: Record<PushCode, LocalizedText> = {
  live: { zh: '推送在线', en: 'Push is on' },
  waiting: { zh: '推送连接中', en: 'Push is being connected' },
  silent: { zh: '推送中断', en: 'Push is silent' },
  not_permitted: { zh: '推送没开通', en: 'Push is not permitted' },
  missing: { zh: '推送没有消息', en: 'Push sends nothing' },
  not_set_up: { zh: '推送还没开通', en: 'Push is not set up' },
}

/** Returns the words of a state, with the reason if one is known. */
export function pushWords({ code, errorCode }: Pick<PushState, 'code' | 'errorCode'>): LocalizedText {
  const words = codeWords[code]
  if (errorCode === '') return words
  const why = troubleWords(errorCode)
  return { zh: `${words.zh}：${why.zh}`, en: `${words.en}: ${why.en}` }
}
