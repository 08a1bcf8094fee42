import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'
import type { NotNull, Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'

export type NewCall = Row<'relay_call', 'number' | 'relayId' | 'shopId' | 'request'> & { beginMs: number }

export async function writeCall(db: Database, call: NewCall): Promise<void> {
  await sql`
    insert into relay_call (number, relay_id, shop_id, request, begin_until)
    values (${call.number}, ${call.relayId}::bigint, ${call.shopId}::bigint, ${call.request},
      now() + ${call.beginMs}::int * interval '1 millisecond')`.execute(db)
}

/** Takes the answers of these calls away. */
export async function collectAnswers(
  db: Database,
  numbers: readonly string[],
): Promise<NotNull<Row<'relay_call', 'number' | 'answer'>>[]> {
  const found = await sql<NotNull<Row<'relay_call', 'number' | 'answer'>>>`
    delete from relay_call where number = any(${[...numbers]}::text[]) and answer is not null
    returning number, answer`.execute(db)
  return found.rows
}

/** Deletes a call that no relay has taken, so that none ever makes it. Returns false if one has taken it. */
export async function takeBack(db: Database, number: string): Promise<boolean> {
  const done = await sql`
    delete from relay_call where number = ${number} and taken_at is null returning number`.execute(db)
  return done.rows.length === 1
}

/** Deletes a call whose caller has given up. */
export async function giveUp(db: Database, number: string): Promise<void> {
  await sql`delete from relay_call where number = ${number}`.execute(db)
}

/** The most calls that are handed out together. */
const mostCalls = 50
/** Seconds after which a call is handed out again, because its hand-over may have been lost. */
const againSeconds = 3
/** Seconds after which no process waits for a call: the one that did has ended. */
const oldSeconds = 300

export type TakenCall = Row<'relay_call', 'number' | 'request'> & { leftMs: number }

/**
 * Hands out the calls of the relay that have no answer, the oldest first. A call goes to one memory only: another one, such as that of a
 * second relay with the same key, does not know whether it was made.
 */
export async function takeCalls(db: Database, relayId: string, memory: string): Promise<TakenCall[]> {
  const taken = await sql<TakenCall>`
    with due as (
      select number from relay_call
      where relay_id = ${relayId}::bigint and answer is null
        and (taken_by is null or (taken_by = ${memory} and taken_at < now() - make_interval(secs => ${againSeconds})))
      order by created_at limit ${mostCalls} for update skip locked
    )
    update relay_call c set taken_by = ${memory}, taken_at = now() from due where c.number = due.number
    returning c.number, c.request, (extract(epoch from c.begin_until - now()) * 1000)::float8 as "leftMs"`.execute(
    db,
  )
  return taken.rows
}

/** Writes the answers of the relay's calls. One whose caller has given up is left out. Returns how many were written. */
export async function writeAnswers(
  db: Database,
  relayId: string,
  answers: readonly { number: string; answer: Buffer }[],
): Promise<number> {
  const done = await sql`
    update relay_call c set answer = d.answer
    from ${unnestRows('d', answers, [
      ['number', 'text', (row) => row.number],
      ['answer', 'bytea', (row) => row.answer],
    ])}
    where c.number = d.number and c.relay_id = ${relayId}::bigint and c.answer is null
    returning c.number`.execute(db)
  return done.rows.length
}

/** Notes that the relay asked for work, and forgets the calls of processes that have ended. */
export async function noteHeard(db: Database, relayId: string): Promise<void> {
  await sql`
    with heard as (
      update relay set heard_at = now() where id = ${relayId}::bigint
        and (heard_at is null or heard_at < now() - interval '5 seconds') returning id
    )
    delete from relay_call where relay_id in (select id from heard)
      and created_at < now() - make_interval(secs => ${oldSeconds})`.execute(db)
}
