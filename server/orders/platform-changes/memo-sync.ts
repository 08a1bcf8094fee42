import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { RunContext, RunCounts } from '../../core/tasks/kinds.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { resolvePlatformChanges } from './differences.ts'

/** Orders of one transaction. */
const batchSize = 500

/**
 * 同步备注: memo and flag that the platform changed after we last wrote ours come to the order; what we wrote later stays,
 * and is on its way to the shop. Taking over writes nothing back, and the echo of our own writing is no difference, so the
 * two sides never chase each other. Orders that a person has locked wait.
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

/** When a person here wrote memo or flag. Platforms count whole seconds: what they saw in that second may be older. */
const lastWritten = sql`coalesce(
  (select max(e.at) from order_event e where e.order_id = d.order_id and e.event = 'memo'), '-infinity'::timestamptz)`
