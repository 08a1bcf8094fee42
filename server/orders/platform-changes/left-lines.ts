import { sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'

/** Returns the platform line numbers on these orders and their child orders, refunded lines included. */
export async function linesOnOrders(
  tx: Tx,
  orderIds: readonly string[],
): Promise<Map<string, ReadonlySet<string>>> {
  if (orderIds.length === 0) return new Map()
  const found = await sql<Row<'sales_order', 'id'> & { oids: string[] }>`
    select coalesce(o.split_from, o.id) as id, array_agg(l.oid) as oids
    from sales_order o join order_line l on l.order_id = o.id
    where o.id = any(${[...orderIds]}::bigint[]) or o.split_from = any(${[...orderIds]}::bigint[])
    group by 1`.execute(tx)
  return new Map(found.rows.map(({ id, oids }) => [id, new Set(oids)]))
}
