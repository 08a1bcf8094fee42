import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { Alarm } from '../contract.ts'
import type { ChannelKind } from './contract.ts'

export type ChannelRow = Omit<
  Row<
    'alarm_channel',
    | (
        | 'id'
        | 'name'
        | 'kind'
        | 'credentials'
        | 'kinds'
        | 'leastTone'
        | 'quietFrom'
        | 'quietTo'
        | 'quietPassesBad'
      )
    | (
        | 'sendsEnd'
        | 'language'
        | 'enabled'
        | 'createdBy'
        | 'createdAt'
        | 'lastSentAt'
        | 'failedSince'
        | 'attempts'
      )
  >,
  'kind' | 'kinds'
> & { kind: ChannelKind; kinds: Alarm['kind'][]; failure: LocalizedText | null }

const columns = sql`
  c.id, c.name, c.kind, c.credentials, c.kinds, c.least_tone as "leastTone", c.quiet_from as "quietFrom", c.quiet_to as "quietTo",
  c.quiet_passes_bad as "quietPassesBad", c.sends_end as "sendsEnd", c.language, c.enabled, c.created_by as "createdBy",
  c.created_at as "createdAt", c.last_sent_at as "lastSentAt", c.failed_since as "failedSince", c.failure, c.attempts`

/** Returns all channels with the number of notices that are still to be sent. There are a few of them in an installation. */
export async function allChannels(db: Database): Promise<(ChannelRow & { unsent: number })[]> {
  const found = await sql<ChannelRow & { unsent: number }>`
    select ${columns},
      (select count(*)::int from alarm_notice n where n.channel_id = c.id and n.sent_at is null) as unsent
    from alarm_channel c order by c.id limit 200`.execute(db)
  return found.rows
}

export async function channelsById(db: Database | Tx, ids: readonly string[]): Promise<ChannelRow[]> {
  const found = await sql<ChannelRow>`
    select ${columns} from alarm_channel c where c.id = any(${[...ids]}::bigint[]) order by c.id`.execute(db)
  return found.rows
}

export async function lockChannel(tx: Tx, id: string): Promise<ChannelRow | undefined> {
  const found = await sql<ChannelRow>`
    select ${columns} from alarm_channel c where c.id = ${id}::bigint for update`.execute(tx)
  return found.rows[0]
}

export async function hasChannels(db: Database): Promise<boolean> {
  const found = await sql<{ has: boolean }>`
    select exists (select from alarm_channel where enabled) as has`.execute(db)
  return found.rows[0]?.has ?? false
}

type Written = Pick<
  ChannelRow,
  | ('name' | 'kind' | 'credentials' | 'kinds' | 'leastTone' | 'quietFrom' | 'quietTo' | 'quietPassesBad')
  | ('sendsEnd' | 'language' | 'enabled')
>

export async function insertChannel(tx: Tx, channel: Written, by: string): Promise<string> {
  const { name, kind, credentials, kinds, leastTone, quietFrom, quietTo, quietPassesBad } = channel
  const { sendsEnd, language, enabled } = channel
  const made = await sql<Row<'alarm_channel', 'id'>>`
    insert into alarm_channel (name, kind, credentials, kinds, least_tone, quiet_from, quiet_to, quiet_passes_bad, sends_end,
      language, enabled, created_by)
    values (${name}, ${kind}, ${credentials}, ${[...kinds]}::text[], ${leastTone}, ${quietFrom}, ${quietTo}, ${quietPassesBad},
      ${sendsEnd}, ${language}, ${enabled}, ${by}) returning id`.execute(tx)
  return made.rows[0]?.id ?? ''
}

/** A changed channel is tried at once, also after failures. */
export async function updateChannel(tx: Tx, id: string, channel: Omit<Written, 'kind'>): Promise<void> {
  const { name, credentials, kinds, leastTone, quietFrom, quietTo, quietPassesBad } = channel
  const { sendsEnd, language, enabled } = channel
  await sql`
    update alarm_channel set name = ${name}, credentials = ${credentials}, kinds = ${[...kinds]}::text[], least_tone = ${leastTone},
      quiet_from = ${quietFrom}, quiet_to = ${quietTo}, quiet_passes_bad = ${quietPassesBad}, sends_end = ${sendsEnd},
      language = ${language}, enabled = ${enabled}, next_try_at = now(), attempts = 0
    where id = ${id}::bigint`.execute(tx)
}

export async function deleteChannel(tx: Tx, id: string): Promise<void> {
  await sql`delete from alarm_channel where id = ${id}::bigint`.execute(tx)
}

export type SendResult = { channelId: string; failure: LocalizedText | null; waitMs: number }

/** Writes how the attempts ended. */
export async function writeResults(db: Database | Tx, results: readonly SendResult[]): Promise<void> {
  await sql`
    update alarm_channel c set
      last_sent_at = case when r.failure is null then now() else c.last_sent_at end,
      failed_since = case when r.failure is not null then coalesce(c.failed_since, now()) end,
      failure = r.failure,
      attempts = case when r.failure is null then 0 else c.attempts + 1 end,
      next_try_at = now() + r."waitMs" * interval '1 millisecond'
    from jsonb_to_recordset(${JSON.stringify(results)}::jsonb) as r ("channelId" bigint, failure jsonb, "waitMs" float8)
    where c.id = r."channelId"`.execute(db)
}
