import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../actor.ts'
import { type Database, num } from '../db.ts'
import { AppError } from '../errors.ts'
import { dayMs } from '../lib/time.ts'
import { scopeSql } from '../scope.ts'
import type { Statistics, StatisticsBy, StatisticsQuery } from './desk-contract.ts'

/** Refunds of a period that are read, from their index alone: so many in half a second. */
const windowMax = 500_000
const rowsMax = 200
const usualDays = 30
const longestDays = 400

const keys: Record<StatisticsBy, RawBuilder<string>> = {
  reason: sql<string>`buyer_reason`,
  shop: sql<string>`shop_id::text`,
  goods: sql<string>`outer_id`,
  duty: sql<string>`duty`,
  kind: sql<string>`kind`,
  day: sql<string>`to_char(created_on_platform at time zone 'Asia/Shanghai', 'YYYY-MM-DD')`,
}

type Sums = {
  key: string
  all: number
  count: number
  fen: string
  paid: number
  paidFen: string
  pieces: number
}

/** What buyers wanted their money back for: counts and sums of a period by one of its sides, narrowed by the others. */
export async function refundStatistics(
  db: Database,
  asked: StatisticsQuery,
  scope: Scope,
  now = new Date(),
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
    with span as materialized (
      select shop_id, kind, status, amount_fen, quantity, duty, buyer_reason, outer_id, created_on_platform
      from staged_refund where created_on_platform >= ${from} and created_on_platform < ${to}
      order by created_on_platform, id limit ${windowMax + 1}
    ), chosen as (
      select ${keys[asked.by]} as key, status, amount_fen, quantity from span where ${conditions(asked, scope)}
    )
    select coalesce(key, '') as key, grouping(key) as "all", count(*)::int as count,
      coalesce(sum(amount_fen), 0)::text as fen, count(*) filter (where status = 'succeeded')::int as paid,
      coalesce(sum(amount_fen) filter (where status = 'succeeded'), 0)::text as "paidFen",
      coalesce(sum(quantity), 0)::int as pieces
    from chosen where (select count(*) from span) <= ${windowMax}
    group by grouping sets ((key), ())
    order by grouping(key) desc, ${asked.by === 'day' ? sql`key desc` : sql`count(*) desc, key`}
    limit ${rowsMax + 1}`.execute(db)
  const [whole, ...rows] = found.rows.map(toSums)
  const { key: _, ...total } = whole ?? nothing
  const capped = total.count === 0 && (await isTooLong(db, from, to))
  return { capped, total, rows: asked.by === 'day' ? rows.toReversed() : rows }
}

/** As far as the index that they are read from knows. */
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

async function isTooLong(db: Database, from: Date, to: Date): Promise<boolean> {
  const found = await sql`
    select from staged_refund where created_on_platform >= ${from} and created_on_platform < ${to}
    order by created_on_platform, id offset ${windowMax} limit 1`.execute(db)
  return found.rows.length > 0
}

const nothing = { key: '', count: 0, amountFen: 0, paidCount: 0, paidFen: 0, pieces: 0 }

const toSums = ({ key, count, fen, paid, paidFen, pieces }: Sums) => ({
  key,
  count,
  amountFen: num(fen),
  paidCount: paid,
  paidFen: num(paidFen),
  pieces,
})
