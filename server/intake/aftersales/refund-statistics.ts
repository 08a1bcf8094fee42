import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { type Database, num } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { sharedNow } from '../../lib/clock.ts'
import { dayMs } from '../../lib/time.ts'
import type { Statistics, StatisticsBy, StatisticsQuery } from './desk-contract.ts'

const rowsMax = 200
const usualDays = 30
/**
 * The longest period in days. The database reads all refunds of the period from one index and sums them: a million took one to four seconds
 * on a busy machine. A query over the statement timeout is refused as too slow; partial sums are never returned.
 */
const longestDays = 400

const keys: Record<StatisticsBy, RawBuilder<unknown>> = {
  reason: sql`buyer_reason`,
  shop: sql`shop_id`,
  goods: sql`outer_id`,
  duty: sql`duty`,
  kind: sql`kind`,
  // The start of the day at +08:00 as a timestamp. A text for each of millions of rows would cost ten times as much.
  day: sql`date_bin('1 day', created_on_platform, timestamptz '2000-01-01 00:00+08')`,
}
/** The name of each group: its key as text, made once for each group and not for each refund. */
const names: Record<StatisticsBy, RawBuilder<unknown>> = {
  reason: sql`key`,
  shop: sql`key::text`,
  goods: sql`key`,
  duty: sql`key`,
  kind: sql`key`,
  day: sql`to_char(key at time zone 'Asia/Shanghai', 'YYYY-MM-DD')`,
}

type Sums = Record<'key', string> & {
  count: number
  fen: string
  paid: number
  paidFen: string
  pieces: string
}

/** Returns counts and sums of the refunds of a period, grouped by one dimension and filtered by the others. */
export async function refundStatistics(
  db: Database,
  asked: StatisticsQuery,
  scope: Scope,
  now = sharedNow(),
): Promise<Statistics> {
  const to = asked.createdTo === undefined ? now : new Date(asked.createdTo)
  const from =
    asked.createdFrom === undefined ? new Date(to.getTime() - usualDays * dayMs) : new Date(asked.createdFrom)
  if (to.getTime() - from.getTime() > longestDays * dayMs)
    throw new AppError(
      'invalid_input',
      { detail: { zh: `最多 ${longestDays} 天`, en: `at most ${longestDays} days` } },
      'createdFrom',
    )
  const found = await sql<Sums>`
    with grouped as materialized (
      select ${keys[asked.by]} as key, count(*) as count, sum(amount_fen) as fen, count(*) filter (where status = 'succeeded') as paid,
        coalesce(sum(amount_fen) filter (where status = 'succeeded'), 0) as paid_fen, sum(quantity) as pieces
      from staged_refund
      where created_on_platform >= ${from} and created_on_platform < ${to} and ${conditions(asked, scope)}
      group by 1
    )
    select 0 as place, '' as key, coalesce(sum(count), 0)::int as count, coalesce(sum(fen), 0)::text as fen, coalesce(sum(paid), 0)::int as paid,
      coalesce(sum(paid_fen), 0)::text as "paidFen", coalesce(sum(pieces), 0)::text as pieces
    from grouped
    union all (
      select row_number() over (order by ${asked.by === 'day' ? sql`key desc` : sql`count desc, key`}), ${names[asked.by]}, count::int,
        fen::text, paid::int, paid_fen::text, pieces::text
      from grouped order by 1 limit ${rowsMax}
    )
    order by place`.execute(db)
  const [whole, ...rows] = found.rows.map(toSums)
  const { key: _, ...total } = whole ?? { key: '', ...nothing }
  return { total, rows: asked.by === 'day' ? rows.toReversed() : rows }
}

/** Returns the conditions. They may use only columns of the index from which the refunds are read. */
function conditions(asked: StatisticsQuery, scope: Scope): RawBuilder<unknown> {
  const all = [scopeSql(scope, sql.ref('shop_id'))]
  const where = (condition: RawBuilder<unknown>) => all.push(sql<boolean>`${condition}`)
  if (asked.shop) where(sql`shop_id = any(${asked.shop.split(',')}::bigint[])`)
  if (asked.kind) where(sql`kind = ${asked.kind}`)
  if (asked.duty) where(sql`duty = ${asked.duty === 'none' ? '' : asked.duty}`)
  if (asked.reason) where(sql`buyer_reason = ${asked.reason}`)
  if (asked.outerId) where(sql`outer_id = ${asked.outerId}`)
  return sql.join(all, sql` and `)
}

const nothing = { count: 0, amountFen: 0, paidCount: 0, paidFen: 0, pieces: 0 }

const toSums = ({ key, count, fen, paid, paidFen, pieces }: Sums) => ({
  key,
  count,
  amountFen: num(fen),
  paidCount: paid,
  paidFen: num(paidFen),
  pieces: num(pieces),
})
