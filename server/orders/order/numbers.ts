import { type RawBuilder, sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'

// Finds orders by trade numbers, including the ones that users give off-platform orders.

export const isOffPlatformSql = sql`o.origin in ('manual', 'import', 'copy', 'reship')`
/**
 * Returns the orders with these trade numbers in these shops. Orders of trades and off-platform orders are read in two parts, because each
 * kind has its own index.
 */
export async function ordersOfNumbers(
  db: Database | Tx,
  numbers: readonly { shopId: string; outerNo: string }[],
): Promise<Row<'sales_order', 'shopId' | 'tid' | 'id' | 'no'>[]> {
  if (numbers.length === 0) return []
  const asked = unnestRows('d', numbers, [
    ['shop_id', 'int8', (row) => row.shopId],
    ['tid', 'text', (row) => row.outerNo],
  ])
  const columns = sql`o.shop_id as "shopId", o.tid, o.id, o.no`
  const found = await sql<Row<'sales_order', 'shopId' | 'tid' | 'id' | 'no'>>`
    select ${columns} from ${asked}
    join sales_order o on o.tid = d.tid and o.shop_id = d.shop_id and o.origin in ('trade', 'record')
    union all
    select ${columns} from ${asked}
    join sales_order o on o.tid = d.tid and o.shop_id = d.shop_id and ${isOffPlatformSql}`.execute(db)
  return found.rows
}
/**
 * SQL condition: the row has one of these trade numbers. It names the origins of orders of trades, child orders and off-platform orders
 * separately, because each of these kinds has its own index.
 */
export const tidIn = (row: string, tids: readonly string[]): RawBuilder<boolean> => {
  const number = sql`${sql.ref(`${row}.tid`)} = any(${[...tids]}::text[])`
  const origin = sql.ref(`${row}.origin`)
  return sql<boolean>`((${number} and ${origin} in ('trade', 'record'))
    or (${number} and ${origin} = 'split')
    or (${number} and ${origin} in ('manual', 'import', 'copy', 'reship')))`
}
export async function isOffPlatformNumber(db: Database | Tx, text: string): Promise<boolean> {
  const found = await sql<{ known: boolean }>`
    select exists (select from sales_order o where o.tid = ${text} and ${isOffPlatformSql}) as known`.execute(
    db,
  )
  return found.rows[0]?.known ?? false
}

export async function liveOffPlatformOrders(
  tx: Tx,
  trades: readonly { shop_id: string; tid: string }[],
): Promise<Row<'sales_order', 'shopId' | 'tid' | 'id' | 'no'>[]> {
  if (trades.length === 0) return []
  const found = await sql<Row<'sales_order', 'shopId' | 'tid' | 'id' | 'no'>>`
    select o.shop_id as "shopId", o.tid, o.id, o.no
    from ${unnestRows('d', trades, [
      ['shop_id', 'int8', (row) => row.shop_id],
      ['tid', 'text', (row) => row.tid],
    ])}
    join sales_order o on o.tid = d.tid and o.shop_id = d.shop_id and ${isOffPlatformSql} and o.status <> 'voided'`.execute(
    tx,
  )
  return found.rows
}
