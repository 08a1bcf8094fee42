import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { RunContext, RunCounts } from '../../core/tasks/kinds.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { resolvePlatformChanges } from './differences.ts'

const batchSize = 500

/**
 * 同步备注: applies memo and flag changes that are newer than our last write. Our later values stay and are being sent. Applying writes
 * nothing back, and our own write is not seen as a platform change, so the two sides do not repeat each other's changes. Orders with an
 * edit lock wait.
 */
export async function syncMemos({
  db,
  shop,
  actor,
  signal,
  progress,
}: RunContext<object> & { shop: Pick<OpenedShop['shop'], 'id'> }): Promise<Partial<RunCounts>> {
  const counts = { seen: 0, updated: 0 }
  for (let after = '0'; ; ) {
    signal.throwIfAborted()
    const found = await newerOnPlatform(db, shop.id, after)
    const orderIds = [...new Set(found.map(({ orderId }) => orderId))]
    after = orderIds.at(-1) ?? after
    if (orderIds.length === 0) return counts
    const differenceIds = found.map(({ id }) => id)
    const outcomes = await db
      .transaction()
      .execute((tx) =>
        resolvePlatformChanges(tx, orderIds, { how: 'apply', differenceIds }, { actor, scope: wholeScope }),
      )
    counts.seen += outcomes.length
    counts.updated += outcomes.filter(({ done }) => done).length
    progress(counts)
  }
}

async function newerOnPlatform(
  db: Database,
  shopId: string,
  after: string,
): Promise<Row<'order_difference', 'id' | 'orderId'>[]> {
  const found = await sql<Row<'order_difference', 'id' | 'orderId'>>`
    select d.id, d.order_id as "orderId"
    from (
      select distinct d.order_id
      from order_difference d join sales_order o on o.id = d.order_id
      where d.settled_at is null and d.kind in ('memo', 'flag') and o.shop_id = ${shopId}::bigint
        and o.locked_by is null and d.order_id > ${after}::bigint
        and d.trade_version > ${lastWritten}
      order by d.order_id limit ${batchSize}
    ) newer
    join order_difference d on d.order_id = newer.order_id
    where d.settled_at is null and d.kind in ('memo', 'flag') and d.trade_version > ${lastWritten}
    order by d.order_id, d.id`.execute(db)
  return found.rows
}

/** The time of our last memo event. A platform time of the same second counts as older, because platforms count in seconds. */
const lastWritten = sql`coalesce(
  (select max(e.at) from order_event e where e.order_id = d.order_id and e.event = 'memo'), '-infinity'::timestamptz)`
