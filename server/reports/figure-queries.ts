import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { grantedSql, scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Dimension, Measure, Report, Step } from './report-rules.ts'
import type { Days } from './sources.ts'

/** A question about one report. `shops`: null for all of the scope. */
export type Asked = {
  report: Report
  days: Days
  shops: readonly string[] | null
  scope: Scope
  dimension: Dimension
  step: Step
}

const keyOf: Record<Dimension, RawBuilder<unknown>> = {
  shop: sql`shop_id::text`,
  sku: sql`sku_id::text`,
  province: sql`province`,
  courier: sql`courier`,
  goods: sql`outer_id`,
  cause: sql`buyer_reason`,
  person: sql`person_name`,
}

/** Tables whose rows belong to a warehouse too. */
const ofWarehouses = new Set(['report_shipping', 'report_people'])

function where({ report, shops, scope }: Asked, { from, to }: Days): RawBuilder<unknown> {
  const granted = ofWarehouses.has(report.table) ? grantedSql(scope) : scopeSql(scope, sql.ref('shop_id'))
  return sql`day between ${from}::date and ${to}::date and ${granted}
    and (${shops === null} or shop_id = any(${shops ?? []}::bigint[]))`
}

const sumsOf = ({ columns }: Report) =>
  sql.join(columns.map((column) => sql`coalesce(sum(${sql.ref(column)}), 0)::float8`))

const added = (columns: readonly string[] = []) =>
  columns.length === 0
    ? sql`0`
    : sql.join(
        columns.map((column) => sql`coalesce(sum(${sql.ref(column)}), 0)`),
        sql` + `,
      )

/** The rows that are shown are those with the most of the measure. */
const rank = ({ sum, less }: Measure) => sql`(${added(sum)}) - (${added(less)})`

/** The sums of a row in a period. A row without a key is the sum of those that are not shown. */
export type FigureRow = Record<'key', string | null> & Record<'period', string> & Record<'sums', number[]>

/** Returns the sums by row and period. Rows beyond `most` are summed up as one without a key, and counted. */
export async function readFigures(
  db: Database,
  asked: Asked,
  by: Measure,
  most: number,
): Promise<{ rows: FigureRow[]; keys: string[]; others: number }> {
  const { report, dimension, step } = asked
  const table = sql.table(report.table)
  const ranked = await sql<Record<'keys', string[]> & Record<'found', number>>`
    with ranked as (select ${keyOf[dimension]} as key, ${rank(by)} as rank from ${table} where ${where(asked, asked.days)} group by 1)
    select coalesce(array_agg(key order by rank desc, key) filter (where place <= ${most}), '{}') as keys, count(*)::int as found
    from (select key, rank, row_number() over (order by rank desc, key) as place from ranked) r`.execute(db)
  const { keys = [], found = 0 } = ranked.rows[0] ?? {}
  const rows = await sql<FigureRow>`
    select case when ${keyOf[dimension]} = any(${keys}::text[]) then ${keyOf[dimension]} end as key,
      to_char(date_trunc(${step}, day), 'YYYY-MM-DD') as period, array[${sumsOf(report)}] as sums
    from ${table} where ${where(asked, asked.days)}
    group by 1, 2`.execute(db)
  return { rows: rows.rows, keys, others: Math.max(0, found - keys.length) }
}

/** Returns the sums of some days; null: there is nothing. */
export async function readTotal(db: Database, asked: Asked, days: Days): Promise<number[] | null> {
  const found = await sql<{ sums: number[] | null }>`
    select case when count(*) > 0 then array[${sumsOf(asked.report)}] end as sums
    from ${sql.table(asked.report.table)} where ${where(asked, days)}`.execute(db)
  return found.rows[0]?.sums ?? null
}

/** Returns which days are due, up to when the oldest of them is complete (null: not computed yet), and how many days are due in all. */
export async function readDue(
  db: Database,
  { from, to }: Days,
): Promise<{ due: string[]; oldest: Date | null; waiting: number; now: Date }> {
  const found = await sql<{ due: string[]; oldest: Date | null; waiting: number; now: Date }>`
    with due as (select distinct day from report_due)
    select coalesce(array_agg(d.day::text) filter (where d.day between ${from}::date and ${to}::date), '{}') as due,
      min(r.computed_at) filter (where d.day between ${from}::date and ${to}::date) as oldest, (count(*) filter (where r.day is null))::int as waiting, now() as now
    from due d left join report_day r on r.day = d.day`.execute(db)
  return found.rows[0] ?? { due: [], oldest: null, waiting: 0, now: new Date(0) }
}
