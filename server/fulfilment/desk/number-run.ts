import { sql } from 'kysely'
import type { Actor, By } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { withdrawActions } from '../../core/outbox/actions.ts'
import { writeFailed } from '../waybill-states.ts'
import type { NumberRunOut } from './contract.ts'

/**
 * The last run of a person's requests for waybill numbers: those that followed each other without a pause. A bulk action asks in chunks, so
 * the next chunk may begin after the numbers of the former have come. Only the last two hours are read.
 */
const run = (actor: Actor) => sql`
  asked as (
    select w.id, w.delivery_id, w.action_id, w.state, w.error_code, w.error, w.asked_at, w.ended_at,
      max(coalesce(w.ended_at, 'infinity')) over (order by w.asked_at, w.id rows between unbounded preceding and 1 preceding) as busy_to
    from waybill w join platform_action a on a.id = w.action_id
    where w.asked_at > now() - interval '2 hours' and a.created_by ->> 'id' = ${actor.id}
  ), run as (
    select * from asked
    where asked_at >= (select max(asked_at) from asked where busy_to is null or busy_to < asked_at - interval '20 seconds')
  )`

type Counts = Record<'total' | 'open' | 'taken' | 'failed', number> & Record<'startedAt', Date | null>

/** Returns the run and its refusals; null: there is none, or it ended a quarter of an hour ago. */
export async function numberRun(db: Database, actor: Actor): Promise<NumberRunOut['run']> {
  const counted = await sql<Counts>`
    with ${run(actor)}
    select min(asked_at) as "startedAt", count(*)::int as total, (count(*) filter (where state = 'asked'))::int as open,
      (count(*) filter (where state not in ('asked', 'failed')))::int as taken, (count(*) filter (where state = 'failed'))::int as failed
    from run having bool_or(ended_at is null or ended_at > now() - interval '15 minutes')`.execute(db)
  const { startedAt, ...counts } = counted.rows[0] ?? {
    startedAt: null,
    total: 0,
    open: 0,
    taken: 0,
    failed: 0,
  }
  if (startedAt === null) return null
  return { startedAt, ...counts, reasons: counts.failed === 0 ? [] : await reasonsOf(db, actor) }
}

async function reasonsOf(db: Database, actor: Actor) {
  const found = await sql<
    Record<'code' | 'message', string> & Record<'count', number> & Record<'ids', string[]>
  >`
    with ${run(actor)}
    select error_code as code, error as message, count(*)::int as count, (array_agg(delivery_id::text order by delivery_id))[1:100] as ids
    from run where state = 'failed' group by error_code, error order by 3 desc, 1, 2 limit 20`.execute(db)
  return found.rows
}

/**
 * Stops the run: its requests that no call has left for yet are not sent. Returns how many. A request that was sent waits for its next send, and
 * its number may be given already: only its answer finds it.
 */
export async function stopNumberRun(tx: Tx, { actor }: Pick<By, 'actor'>): Promise<number> {
  const open = await sql<Row<'waybill', 'id'> & Record<'action', string>>`
    with ${run(actor)}
    select run.id, a.id as action from run join platform_action a on a.id = run.action_id
    where run.state = 'asked' and a.attempt = 0 and not a.unclear order by a.id for update of a skip locked`.execute(
    tx,
  )
  const { withdrawn } = await withdrawActions(tx, [...new Set(open.rows.map(({ action }) => action))], {
    actor,
    reason: '停止取号',
  })
  const stopped = open.rows.filter(({ action }) => withdrawn.has(action))
  await writeFailed(
    tx,
    stopped.map(({ id }) => ({ id, code: 'stopped', message: '' })),
  )
  return stopped.length
}
