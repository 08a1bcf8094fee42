import { sql } from 'kysely'
import type { Actor } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { transition } from '../status/transition.ts'

const batchSize = 500

/**
 * 完成自建订单: completes off-platform orders `days` days after shipping, since no platform reports that the buyer has received them. Returns the
 * number of completed orders.
 */
export async function completeOwn(
  db: Database,
  { days, actor, signal }: { days: number; actor: Actor; signal: AbortSignal },
): Promise<number> {
  for (let done = 0; ; ) {
    signal.throwIfAborted()
    const ids = await shippedLongAgo(db, days)
    if (ids.length === 0) return done
    const outcomes = await db.transaction().execute((tx) => transition(tx, ids, { event: 'complete' }, actor))
    done += outcomes.filter((outcome) => outcome.done).length
  }
}

async function shippedLongAgo(db: Database, days: number): Promise<string[]> {
  const found = await sql<Row<'sales_order', 'id'>>`
    select o.id from sales_order o
    where o.status = 'shipped' and o.origin in ('manual', 'import', 'copy', 'reship')
      and (select max(e.at) from order_event e where e.order_id = o.id and e.event = 'ship')
        < now() - make_interval(days => ${days}::int)
    order by o.id limit ${batchSize}`.execute(db)
  return found.rows.map(({ id }) => id)
}
