import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { Alarm } from '../contract.ts'
import type { Notice } from './message.ts'

/** Seconds after which another process takes over from one that was killed while it had the turn. Longer than any send takes. */
const leaseSeconds = 30

/**
 * Takes the turn for this process, unless another one has it or had it within the last `restMs`. Only the process with the turn looks at the
 * alarms and sends.
 */
export async function takeTurn(db: Database, worker: string, restMs: number): Promise<boolean> {
  const taken = await sql`
    insert into alarm_turn as t (worker, leased_until, looked_at)
    values (${worker}, now() + ${leaseSeconds} * interval '1 second', now())
    on conflict (one) do update set worker = excluded.worker, leased_until = excluded.leased_until, looked_at = excluded.looked_at
    where coalesce(t.leased_until < now(), true) and t.looked_at <= now() - ${restMs}::float8 * interval '1 millisecond'`.execute(
    db,
  )
  return Number(taken.numAffectedRows ?? 0) > 0
}

/**
 * Renews the turn, and locks it until the end of the transaction. Returns false if another process has taken it over, because this one was slow
 * or stopped for a while.
 */
export async function keepTurn(tx: Tx, worker: string): Promise<boolean> {
  const kept = await sql`
    update alarm_turn set leased_until = now() + ${leaseSeconds} * interval '1 second' where worker = ${worker}`.execute(
    tx,
  )
  return Number(kept.numAffectedRows ?? 0) > 0
}

export async function endTurn(db: Database, worker: string): Promise<void> {
  await sql`update alarm_turn set leased_until = null where worker = ${worker}`.execute(db)
}

/** Writes the present alarms: new ones begin, known ones get their latest words. */
export async function writeAlarms(tx: Tx, alarms: readonly Alarm[]): Promise<void> {
  const rows = alarms.map(({ id, kind, tone, title, detail, to, count, shopId }) => ({
    ...{ alarm_id: id, kind, tone, title, detail, page: to, documents: count, shop_id: shopId },
  }))
  await sql`
    insert into alarm_record as r (alarm_id, kind, tone, title, detail, page, documents, shop_id)
    select distinct on (alarm_id) alarm_id, kind, tone, title, detail, page, documents, shop_id
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as a (
      alarm_id text, kind text, tone text, title jsonb, detail jsonb, page text, documents integer, shop_id bigint)
    order by alarm_id
    on conflict (alarm_id) where ended_at is null do update set tone = excluded.tone, title = excluded.title,
      detail = excluded.detail, page = excluded.page, documents = excluded.documents, absent_since = null
    where r.absent_since is not null
      or (r.tone, r.title, r.detail, r.page, r.documents) is distinct from
        (excluded.tone, excluded.title, excluded.detail, excluded.page, excluded.documents)`.execute(tx)
}

/** Ends the alarms that were not seen for `absentMs`. Returns the ids of their records. */
export async function endAbsent(tx: Tx, present: readonly Alarm[], absentMs: number): Promise<string[]> {
  const changed = await sql<Row<'alarm_record', 'id'> & { ended: boolean }>`
    update alarm_record set absent_since = coalesce(absent_since, now()),
      ended_at = case when absent_since <= now() - ${absentMs}::float8 * interval '1 millisecond' then now() end
    where ended_at is null and not alarm_id = any(${present.map(({ id }) => id)}::text[])
    returning id, ended_at is not null as ended`.execute(tx)
  return changed.rows.flatMap(({ id, ended }) => (ended ? [id] : []))
}

/**
 * Adds the notices that the channels are to get: each alarm once, once more if it becomes severe, and its end if its beginning was sent.
 * A notice that was not sent before its alarm ended, or became severe, is dropped.
 */
export async function addNotices(tx: Tx, ended: readonly string[]): Promise<void> {
  await sql`
    insert into alarm_notice (channel_id, record_id, what)
    select c.id, r.id, r.tone from alarm_channel c cross join alarm_record r
    where c.enabled and r.ended_at is null and r.absent_since is null
      and (c.kinds = '{}' or r.kind = any(c.kinds)) and (c.least_tone = 'warn' or r.tone = 'bad')
      and not exists (select from alarm_notice n where n.channel_id = c.id and n.record_id = r.id and n.what = 'bad')
    on conflict do nothing`.execute(tx)
  await sql`
    insert into alarm_notice (channel_id, record_id, what)
    select distinct n.channel_id, n.record_id, 'ended' from alarm_notice n join alarm_channel c on c.id = n.channel_id
    where n.record_id = any(${[...ended]}::bigint[]) and n.sent_at is not null and c.enabled and c.sends_end
    on conflict do nothing`.execute(tx)
  await sql`
    delete from alarm_notice n using alarm_record r
    where r.id = n.record_id and n.sent_at is null
      and ((n.what <> 'ended' and r.ended_at is not null) or (n.what = 'warn' and exists (
        select from alarm_notice worse where worse.channel_id = n.channel_id and worse.record_id = n.record_id and worse.what = 'bad')))`.execute(
    tx,
  )
}

export type DueNotice = Notice & Row<'alarm_notice', 'channelId'>

/** Returns the notices of the channels whose next attempt is due; the longest waiting channels first, at most 5000 notices. */
export async function dueNotices(tx: Tx): Promise<DueNotice[]> {
  const found = await sql<DueNotice>`
    select n.channel_id as "channelId", n.record_id as "recordId", n.what, r.alarm_id as "alarmId", r.kind, r.tone, r.title, r.detail,
      r.page, r.documents, r.shop_id as "shopId", r.began_at as "beganAt", r.ended_at as "endedAt"
    from alarm_notice n join alarm_channel c on c.id = n.channel_id join alarm_record r on r.id = n.record_id
    where n.sent_at is null and c.enabled and c.next_try_at <= now() and (n.what = 'ended' or r.absent_since is null)
    order by c.next_try_at, n.channel_id, r.began_at, r.id limit 5000`.execute(tx)
  return found.rows
}

export async function markSent(tx: Tx, sent: readonly DueNotice[]): Promise<void> {
  const rows = sent.map(({ channelId, recordId, what }) => ({ channelId, recordId, what }))
  await sql`
    update alarm_notice n set sent_at = now()
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as s ("channelId" bigint, "recordId" bigint, what text)
    where n.channel_id = s."channelId" and n.record_id = s."recordId" and n.what = s.what and n.sent_at is null`.execute(
    tx,
  )
}
