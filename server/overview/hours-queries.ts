import { sql } from 'kysely'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'

/** Counts paid trades by hour and shop in [from, to), in one pass over the index on payment time. */
export async function paidByHour(
  db: Database,
  from: Date,
  to: Date,
): Promise<{ hour: Date; shopId: string; count: number }[]> {
  const found = await sql<Row<'staged_trade', 'shopId'> & { hour: Date; count: number }>`
    select date_trunc('hour', paid_at, 'Asia/Shanghai') as hour, shop_id as "shopId", count(*)::int as count
    from staged_trade
    where paid_at >= ${from.toISOString()}::timestamptz and paid_at < ${to.toISOString()}::timestamptz
    group by 1, 2`.execute(db)
  return found.rows
}
