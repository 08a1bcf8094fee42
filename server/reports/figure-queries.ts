import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { grantedSql, scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import { type Dimension, type Measure, plusDays, type Report, type Step } from './report-rules.ts'
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

/** The column of each dimension, and its type. */
const columnOf: Record<Dimension, { key: RawBuilder<unknown>; type: RawBuilder<unknown> }> = {
  shop: { key: sql`shop_id`, type: sql`bigint` },
  sku: { key: sql`sku_id`, type: sql`bigint` },
  province: { key: sql`province`, type: sql`text` },
  courier: { key: sql`courier`, type: sql`text` },
  goods: { key: sql`outer_id`, type: sql`text` },
  cause: { key: sql`buyer_reason`, type: sql`text` },
  person: { key: sql`person_name`, type: sql`text` },
}

/** Tables whose rows belong to a warehouse too. */
const ofWarehouses = new Set(['report_shipping', 'report_people'])

/** The condition on the rows that the asker may see and asked for. */
function ownOf({ report, shops, scope }: Asked): RawBuilder<unknown> {
  const granted = ofWarehouses.has(report.table) ? grantedSql(scope) : scopeSql(scope, sql.ref('shop_id'))
  return sql`${granted} and (${shops === null} or shop_id = any(${shops ?? []}::bigint[]))`
}

const between = ({ from, to }: Days) => sql`day between ${from}::date and ${to}::date`

/** The sums of these days for all subjects of the report together, if a table has them. */
function totalsOf(asked: Asked, days: Days): RawBuilder<unknown> | undefined {
  const { totals } = asked.report
  return totals === undefined
    ? undefined
    : sql`(select * from ${sql.table(totals)} where ${between(days)} and ${ownOf(asked)}) f`
}

/** The rows of these days. Whole months are read from the sums by month where the table has them, unless they are asked for day by day. */
function rowsOf(asked: Asked, days: Days, byDay = false): RawBuilder<unknown> {
  const { report, dimension } = asked
  const totals = dimension === 'shop' ? totalsOf(asked, days) : undefined
  if (totals) return totals
  const own = ownOf(asked)
  const each = sql`select * from ${sql.table(report.table)} where ${between(days)} and ${own}`
  const months = wholeMonths(days)
  if (report.months === undefined || byDay || months === undefined) return sql`(${each}) f`
  const within = sql`day >= ${months.from}::date and day < ${months.until}::date`
  return sql`(${each} and not (${within}) union all select * from ${sql.table(report.months)} where ${within} and ${own}) f`
}

/** Returns the first day of the first whole month, and the day after the last one. */
export function wholeMonths({ from, to }: Days): { from: string; until: string } | undefined {
  const first = from.endsWith('-01') ? from : nextMonth(from)
  const until = `${plusDays(to, 1).slice(0, 7)}-01`
  return first < until ? { from: first, until } : undefined
}

function nextMonth(day: string): string {
  const [year = 0, month = 0] = day.split('-').map(Number)
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10)
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
  const { report, dimension, step, days } = asked
  const { key } = columnOf[dimension]
  const ranked = await sql<Record<'keys', string[]> & Record<'found', number>>`
    with ranked as (select ${key} as key, ${rank(by)} as rank from ${rowsOf(asked, days)} group by 1)
    select coalesce(array_agg(key::text order by rank desc, key::text) filter (where place <= ${most}), '{}') as keys, count(*)::int as found
    from (select key, rank, row_number() over (order by rank desc, key::text) as place from ranked) r`.execute(
    db,
  )
  const { keys = [], found = 0 } = ranked.rows[0] ?? {}
  const others = Math.max(0, found - keys.length)
  const totals = step === 'month' || dimension === 'shop' ? undefined : totalsOf(asked, days)
  const summed = totals ? lessShown(asked, keys, totals) : withOthers(asked, keys)
  const rows = await sql<FigureRow>`
    select key::text as key, to_char(date_trunc(${step}, day::timestamp), 'YYYY-MM-DD') as period, array[${sumsOf(report)}] as sums
    from (${summed}) x
    group by 1, 2`.execute(db)
  // What remains of the totals is zero where the other keys have no rows.
  const some = rows.rows.filter((row) => row.key !== null || row.sums.some((sum) => sum !== 0))
  return { rows: some, keys, others }
}

// Rows are summed by day first: a year has few days, and to cut a day to its period takes longer than to add.

const eachSum = ({ columns }: Report) =>
  sql.join(columns.map((column) => sql`sum(${sql.ref(column)}) as ${sql.ref(column)}`))

const shownKeys = ({ dimension }: Asked, keys: readonly string[]) =>
  sql`unnest(${keys}::text[]::${columnOf[dimension].type}[]) k (key)`

/** The sums by key and day. All rows are read; those of other keys have the key null. */
function withOthers(asked: Asked, keys: readonly string[]): RawBuilder<unknown> {
  const { report, days, step, dimension } = asked
  return sql`
    select k.key, f.day, ${eachSum(report)} from ${rowsOf(asked, days, step !== 'month')}
    left join ${shownKeys(asked, keys)} on k.key = f.${columnOf[dimension].key}
    group by 1, 2`
}

/** The same, and only the rows of these keys are read: those of other keys are what remains of the totals. */
function lessShown(asked: Asked, keys: readonly string[], totals: RawBuilder<unknown>): RawBuilder<unknown> {
  const { report, days, dimension } = asked
  const names = sql.join(report.columns.map((column) => sql.ref(column)))
  const negative = sql.join(report.columns.map((column) => sql`- ${sql.ref(column)}`))
  return sql`
    with shown as (
      select k.key, f.day, ${eachSum(report)} from ${shownKeys(asked, keys)} join ${sql.table(report.table)} f on f.${columnOf[dimension].key} = k.key
      where ${between(days)} and ${ownOf(asked)}
      group by 1, 2
    )
    select key, day, ${names} from shown
    union all select null, day, ${negative} from shown
    union all select null, day, ${names} from ${totals}`
}

/** Returns the sums of all rows of some days; null: there is nothing. */
export async function readTotal(db: Database, asked: Asked, days: Days): Promise<number[] | null> {
  const found = await sql<{ sums: number[] | null }>`
    select case when count(*) > 0 then array[${sumsOf(asked.report)}] end as sums
    from ${totalsOf(asked, days) ?? rowsOf(asked, days)}`.execute(db)
  return found.rows[0]?.sums ?? null
}

/** Returns which days are due, up to when the oldest of them is complete (the beginning of a day that was never computed), and how many days are due in all. */
export async function readDue(
  db: Database,
  { from, to }: Days,
): Promise<{ due: string[]; oldest: Date | null; waiting: number; now: Date }> {
  const found = await sql<{ due: string[]; oldest: Date | null; waiting: number; now: Date }>`
    with due as (select distinct day from report_due)
    select coalesce(array_agg(d.day::text) filter (where d.day between ${from}::date and ${to}::date), '{}') as due,
      min(coalesce(r.computed_at, d.day::timestamp at time zone 'Asia/Shanghai')) filter (where d.day between ${from}::date and ${to}::date) as oldest, (count(*) filter (where r.day is null))::int as waiting, now() as now
    from due d left join report_day r on r.day = d.day`.execute(db)
  return found.rows[0] ?? { due: [], oldest: null, waiting: 0, now: new Date(0) }
}
