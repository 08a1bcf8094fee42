import { sql } from 'kysely'
import Type from 'typebox'
import { type Actor, systemActor } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { defineInstallationTaskKind } from '../../core/tasks/kinds.ts'
import { advanceBacklog, postLooseFacts, takeBacklog } from '../../finance/backlog.ts'
import { lockAndUpdateSettlements } from './settlements.ts'

const batchSize = 500

/**
 * 补记结算单: creates the settlements of orders that existed before the installation had settlements. When all are done, a run finds nothing.
 */
export const postingBacklog = defineInstallationTaskKind({
  kind: 'post_settlements',
  name: { zh: '补记结算单', en: 'Post earlier settlements' },
  params: Type.Object({}, { additionalProperties: false }),
  defaultSchedule: { everySeconds: 600 },
  run: ({ db, signal, progress, actor }) => postBacklog(db, { signal, actor, progress }),
})

/** Works in batches until no order is left; a repeated batch creates nothing twice. */
export async function postBacklog(
  db: Database,
  run: { signal: AbortSignal; actor: Actor; progress: (counts: { seen: number }) => void },
): Promise<{ seen: number }> {
  for (let seen = 0; ; ) {
    run.signal.throwIfAborted()
    const done = await db.transaction().execute((tx) => postOneBatch(tx, run.actor))
    if (done === 0) return { seen }
    seen += done
    run.progress({ seen })
  }
}

async function postOneBatch(tx: Tx, actor: Actor = systemActor): Promise<number> {
  const { doneTo, lastOrder } = await takeBacklog(tx)
  const ids = BigInt(doneTo) < BigInt(lastOrder) ? await ordersBetween(tx, doneTo, lastOrder) : []
  if (ids.length === 0) return postLooseFacts(tx, batchSize, actor.name)
  await lockAndUpdateSettlements(tx, ids, actor)
  await advanceBacklog(tx, ids, ids.at(-1) ?? lastOrder)
  return ids.length
}

async function ordersBetween(tx: Tx, after: string, upTo: string): Promise<string[]> {
  const found = await sql<Row<'sales_order', 'id'>>`
    select id from sales_order where id > ${after}::bigint and id <= ${upTo}::bigint order by id limit ${batchSize}`.execute(
    tx,
  )
  return found.rows.map(({ id }) => id)
}
