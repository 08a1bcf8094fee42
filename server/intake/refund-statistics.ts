import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../actor.ts'
import { type Database, num } from '../db.ts'
import { AppError } from '../errors.ts'
import { dayMs } from '../lib/time.ts'
import { scopeSql } from '../scope.ts'
import type { Statistics, StatisticsBy, StatisticsQuery } from './desk-contract.ts'

/** Refunds of a period that are read, from their index alone. */
const windowMax = 200_000
const rowsMax = 200
const usualDays = 30
const longestDays = 400

const keys: Record<StatisticsBy, RawBuilder<unknown>> = {
  reason: sql`buyer_reason`,
  shop: sql`shop_id`,
  goods: sql`outer_id`,
  duty: sql`duty`,
  kind: sql`kind`,
  // In days since 1970 at +08:00: a number for each of half a million rows costs a tenth of a text.
  day: sql`(floor((extract(epoch from created_on_platform) + 28800) / 86400))`,
}
/** As a text, once for each group. */
const names: Record<StatisticsBy, RawBuilder<unknown>> = {
  reason: sql`key`,
  shop: sql`key::text`,
  goods: sql`key`,
  duty: sql`key`,
  kind: sql`key`,
  day: sql`to_char(date '1970-01-01' + key::int, 'YYYY-MM-DD')`,
}

type Sums = {
  key: string
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
  if (await isTooLong(db, from, to)) return { capped: true, total: nothing, rows: [] }
  const found = await sql<Sums>`
    select coalesce(${names[asked.by]}, '') as key, count, fen, paid, "paidFen", pieces from (
      select ${keys[asked.by]} as key, grouping(${keys[asked.by]}) as whole, count(*)::int as count,
        coalesce(sum(amount_fen), 0)::text as fen, count(*) filter (where status = 'succeeded')::int as paid,
        coalesce(sum(amount_fen) filter (where status = 'succeeded'), 0)::text as "paidFen",
        coalesce(sum(quantity), 0)::int as pieces
      from staged_refund
      where created_on_platform >= ${from} and created_on_platform < ${to} and ${conditions(asked, scope)}
      group by grouping sets ((${keys[asked.by]}), ())
    ) sums
    order by whole desc, ${asked.by === 'day' ? sql`key desc` : sql`count desc, key`}
    limit ${rowsMax + 1}`.execute(db)
  const [whole, ...rows] = found.rows.map(toSums)
  const { key: _, ...total } = whole ?? { key: '', ...nothing }
  return { capped: false, total, rows: asked.by === 'day' ? rows.toReversed() : rows }
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

const nothing = { count: 0, amountFen: 0, paidCount: 0, paidFen: 0, pieces: 0 }

const toSums = ({ key, count, fen, paid, paidFen, pieces }: Sums) => ({
  key,
  count,
  amountFen: num(fen),
  paidCount: paid,
  paidFen: num(paidFen),
  pieces,
})
