import { sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { grantedSql, scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { isOwn, isOwnPayment, paidOrders, paidTrades, succeededRefunds } from '../reports/sources.ts'

type Sums = Record<'count' | 'amountFen' | 'refundFen', number>
export type HourRow = Row<'staged_trade', 'shopId'> & Record<'hour', Date> & Sums

/** Sums payments and refunds by hour and shop in [since, until), of the rows that the report of shops by day counts. */
export async function salesByHour(db: Database, since: Date, until: Date): Promise<HourRow[]> {
  const times = { since: since.toISOString(), until: until.toISOString() }
  const found = await sql<HourRow>`
    select date_trunc('hour', x.at, 'Asia/Shanghai') as hour, x.shop_id as "shopId", sum(x.n)::int as count, sum(x.fen)::float8 as "amountFen",
      sum(x.back)::float8 as "refundFen"
    from (
      select t.paid_at as at, t.shop_id, 1 as n, t.payment_fen as fen, 0 as back from ${paidTrades(times)}
      union all
      select o.paid_at, o.shop_id, ${isOwnPayment}::int, o.payment_fen, 0 from sales_order o where ${paidOrders(times)} and ${isOwn}
      union all
      select f.modified_at, f.shop_id, 0, 0, f.amount_fen from staged_refund f where ${succeededRefunds(times)}
    ) x
    group by 1, 2`.execute(db)
  return found.rows
}

/** Returns the sums of each of these days from the figures that are kept by the day. */
export async function salesByDay(
  db: Database,
  scope: Scope,
  { from, to }: { from: string; to: string },
): Promise<(Record<'day', string> & Sums)[]> {
  const found = await sql<Record<'day', string> & Sums>`
    select day::text as day, sum(trade_count + own_count)::int as count, sum(trade_fen + own_order_fen)::float8 as "amountFen",
      sum(refund_fen)::float8 as "refundFen"
    from report_sales where day between ${from}::date and ${to}::date and ${scopeSql(scope, sql.ref('shop_id'))}
    group by 1`.execute(db)
  return found.rows
}

/** Returns how many deliveries of these days left in time and late. Those without a deadline are left out. */
export async function shippedInTime(
  db: Database,
  scope: Scope,
  { from, to }: { from: string; to: string },
): Promise<{ onTime: number; late: number }> {
  const found = await sql<Record<'onTime' | 'late', number>>`
    select coalesce(sum(on_time_count), 0)::int as "onTime", coalesce(sum(late_count), 0)::int as late
    from report_shipping where day between ${from}::date and ${to}::date and ${grantedSql(scope)}`.execute(db)
  return found.rows[0] ?? { onTime: 0, late: 0 }
}
