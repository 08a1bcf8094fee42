import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import type { Database } from '../db/db.ts'
import type { Row } from '../db/rows.ts'
import { type AuditEntry, audit } from './audit.ts'

/** A hook for routes that reveal personal data: a request without a body counts as a request without a reason. */
export const bodyless = async (request: FastifyRequest) => {
  request.body ??= {}
}

export const revealErrors = ['not_found', 'too_many_reveals', 'reason_needed'] as const

/**
 * Counts a reveal of a buyer's data and writes its audit row. Call it before the data is shown. Above the limit per minute it throws
 * `too_many_reveals`; above the limit per day it throws `reason_needed` unless a reason is given. The time at which a limit was exceeded is
 * stored, and an alarm shows it. Reveals by an API key count for the user who created the key.
 */
export async function noteReveal(
  db: Database,
  limits: Config['reveals'],
  entry: AuditEntry,
  reason?: string,
): Promise<void> {
  const refusal = await db.transaction().execute(async (tx) => {
    const { kind, id, name } = entry.actor
    const { rows } = await sql<Row<'reveal_count', 'actor' | 'inMinute' | 'inDay'>>`
      insert into reveal_count as c (actor, actor_name, minute, day)
      select coalesce('user:' || u.id, ${`${kind}:${id}`}), coalesce(u.name, ${name}), date_trunc('minute', now()), now()::date
      from (select) one left join api_key k on ${kind} = 'api_key' and k.id::text = ${id}
      left join app_user u on u.id = k.created_by
      on conflict (actor) do update set actor_name = excluded.actor_name,
        in_minute = case when c.minute = excluded.minute then c.in_minute else 0 end, minute = excluded.minute,
        in_day = case when c.day = excluded.day then c.in_day else 0 end, day = excluded.day
      returning actor, in_minute as "inMinute", in_day as "inDay"`.execute(tx)
    const { actor = '', inMinute = 0, inDay = 0 } = rows[0] ?? {}
    const isOver = inDay >= limits.perDay
    const refused =
      inMinute >= limits.perMinute ? 'too_many_reveals' : isOver && !reason ? 'reason_needed' : undefined
    await sql`
      update reveal_count set in_minute = in_minute + ${refused ? 0 : 1}, in_day = in_day + ${refused ? 0 : 1},
        over_at = case when ${refused !== undefined || isOver} then now() else over_at end
      where actor = ${actor}`.execute(tx)
    if (!refused) await audit(tx, reason ? { ...entry, detail: { ...entry.detail, reason } } : entry)
    return refused
  })
  if (refusal)
    throw new AppError(refusal, { max: refusal === 'reason_needed' ? limits.perDay : limits.perMinute })
}
