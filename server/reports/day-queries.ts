import { type RawBuilder, sql } from 'kysely'
import type { Database, Tx } from '../core/db/db.ts'
import {
  askedRefunds,
  confirmedByUsers,
  type Days,
  isLate,
  isOnTime,
  isOwn,
  isOwnPayment,
  isReturn,
  paidOrders,
  paidTrades,
  province,
  refundedPieces,
  shippedDeliveries,
  soldPieces,
  steps,
  succeededRefunds,
} from './sources.ts'

/** The tables of figures, each with its columns and the rows of some days. */
export const reportTables: Readonly<Record<string, (days: Days) => RawBuilder<unknown>>> = {
  report_sales: salesOf,
  report_goods: goodsOf,
  report_regions: regionsOf,
  report_shipping: shippingOf,
  report_causes: causesOf,
  report_people: peopleOf,
}

/** A table of sums of another table's figures: by day or month, and by the columns `keys`. `sums`: in the order of its columns. */
type SumTable = { table: string; step: 'day' | 'month'; keys: readonly string[]; sums: readonly string[] }

const goodsSums = ['order_count', 'piece_count', 'amount_fen', 'refunded_pieces', 'refunded_fen']

export const sumTables: Readonly<Record<string, SumTable>> = {
  report_goods_month: { table: 'report_goods', step: 'month', keys: ['shop_id', 'sku_id'], sums: goodsSums },
  report_goods_day: { table: 'report_goods', step: 'day', keys: ['shop_id'], sums: goodsSums },
  report_causes_month: {
    table: 'report_causes',
    step: 'month',
    keys: ['shop_id', 'outer_id', 'buyer_reason'],
    sums: ['refund_count', 'asked_fen', 'return_count', 'piece_count', 'succeeded_count', 'succeeded_fen'],
  },
}

function salesOf(days: Days) {
  return sql`
    select china_day(x.at) as day, x.shop_id, sum(x.trade_count)::int as trade_count, sum(x.trade_fen)::bigint as trade_fen,
      sum(x.own_count)::int as own_count, sum(x.own_order_fen)::bigint as own_order_fen, sum(x.order_count)::int as order_count,
      sum(x.refund_count)::int as refund_count, sum(x.refund_fen)::bigint as refund_fen, sum(x.parcel_count)::int as parcel_count
    from (
      select t.paid_at as at, t.shop_id, 1 as trade_count, t.payment_fen as trade_fen, 0 as own_count, 0 as own_order_fen, 0 as order_count, 0 as refund_count,
        0 as refund_fen, 0 as parcel_count
      from ${paidTrades(days)}
      union all
      select o.paid_at, o.shop_id, 0, 0, ${isOwnPayment}::int, case when ${isOwn} then o.payment_fen else 0 end, 1, 0, 0, 0
      from sales_order o where ${paidOrders(days)}
      union all
      select f.modified_at, f.shop_id, 0, 0, 0, 0, 0, 1, f.amount_fen, 0 from staged_refund f where ${succeededRefunds(days)}
      union all
      select d.shipped_at, d.shop_id, 0, 0, 0, 0, 0, 0, 0, 1 from delivery d where ${shippedDeliveries(days)}
    ) x
    group by 1, 2`
}

// Orders of several goods do not add up over goods, so no report shows them; their column is 0.
function goodsOf(days: Days) {
  return sql`
    select china_day(o.paid_at) as day, o.shop_id, coalesce(l.sku_id, 0) as sku_id, 0 as order_count,
      sum(${soldPieces})::int as piece_count, sum(l.payment_fen)::bigint as amount_fen, sum(${refundedPieces})::int as refunded_pieces,
      sum(l.refunded_fen)::bigint as refunded_fen
    from sales_order o join order_line l on l.order_id = o.id
    where ${paidOrders(days)}
    group by 1, 2, 3`
}

function regionsOf(days: Days) {
  return sql`
    select china_day(o.paid_at) as day, o.shop_id, ${province} as province, count(*)::int as order_count, sum(o.quantity)::int as piece_count,
      sum(o.payment_fen)::bigint as amount_fen
    from sales_order o where ${paidOrders(days)}
    group by 1, 2, 3`
}

const minutes = (from: RawBuilder<unknown>, to: RawBuilder<unknown>) =>
  sql`floor(extract(epoch from greatest(${to} - ${from}, interval '0')) / 60)`

function shippingOf(days: Days) {
  return sql`
    select china_day(d.shipped_at) as day, d.shop_id, coalesce(d.warehouse_id, 0) as warehouse_id, d.courier, count(*)::int as parcel_count,
      sum(d.package_count)::int as package_count, count(d.weight_grams)::int as weighed_count, coalesce(sum(d.weight_grams), 0)::bigint as total_grams,
      count(d.ship_by)::int as due_count, (count(*) filter (where ${isOnTime}))::int as on_time_count, (count(*) filter (where ${isLate}))::int as late_count,
      coalesce(sum(${minutes(sql`d.ship_by`, sql`d.shipped_at`)}) filter (where ${isLate}), 0)::bigint as late_minutes,
      count(o.paid_at)::int as paid_count, coalesce(sum(${minutes(sql`o.paid_at`, sql`d.shipped_at`)}) filter (where o.paid_at is not null), 0)::bigint as paid_minutes,
      count(p.delivery_id)::int as signed_count, coalesce(sum(${minutes(sql`d.shipped_at`, sql`p.moved_at`)}), 0)::bigint as signed_minutes
    from delivery d join sales_order o on o.id = d.order_id left join parcel_track p on p.delivery_id = d.id and p.state = 'signed'
    where ${shippedDeliveries(days)}
    group by 1, 2, 3, 4`
}

function causesOf(days: Days) {
  return sql`
    select china_day(f.created_on_platform) as day, f.shop_id, f.outer_id, f.buyer_reason as buyer_reason, count(*)::int as refund_count,
      sum(f.amount_fen)::bigint as asked_fen, (count(*) filter (where ${isReturn}))::int as return_count, sum(f.quantity)::int as piece_count,
      (count(*) filter (where f.status = 'succeeded'))::int as succeeded_count,
      coalesce(sum(f.amount_fen) filter (where f.status = 'succeeded'), 0)::bigint as succeeded_fen
    from staged_refund f where ${askedRefunds(days)}
    group by 1, 2, 3, 4`
}

function peopleOf(days: Days) {
  const did = Object.entries(steps).map(
    ([step, column]) =>
      sql`(${step}, ${sql.ref(`d.${column}`)}, case when ${step} = 'shipped_count' then d.piece_count else 0 end)`,
  )
  const count = (step: string) => sql`(count(*) filter (where x.step = ${step}))::int as ${sql.ref(step)}`
  return sql`
    select china_day(x.at) as day, x.shop_id, x.warehouse_id, x.person_name, ${count('confirmed_count')}, ${sql.join(Object.keys(steps).map(count))},
      sum(x.piece_count)::int as piece_count
    from (
      select d.shipped_at as at, d.shop_id, coalesce(d.warehouse_id, 0) as warehouse_id, s.step, s.person_name, s.piece_count
      from delivery d cross join lateral (values ${sql.join(did)}) s (step, person_name, piece_count)
      where ${shippedDeliveries(days)} and s.person_name <> ''
      union all
      select e.at, o.shop_id, 0, 'confirmed_count', e.actor_name, 0 from order_event e join sales_order o on o.id = e.order_id
      where ${confirmedByUsers(days)} and e.actor_name <> ''
    ) x
    group by 1, 2, 3, 4`
}

/** How long a day rests before it is computed again: so many seconds, and so many times as long as that took. */
export type Rest = { restSeconds: number; restTimes: number }

/** Takes the newest day that is due and has rested, with its marks. Undefined: there is none. */
export async function takeDueDay(tx: Tx, { restSeconds, restTimes }: Rest): Promise<string | undefined> {
  await sql`select pg_advisory_xact_lock(hashtextextended('reports:' || current_schema(), 0))`.execute(tx)
  const taken = await sql<Record<'at', string>>`
    with taken as (
      delete from report_due where day = (
        select due.day from (select distinct day from report_due) due left join report_day r on r.day = due.day
        where r.day is null or r.computed_at <= now() - greatest(${restSeconds} * interval '1 second', ${restTimes} * r.took_ms * interval '1 millisecond')
        order by due.day desc limit 1)
      returning day
    )
    select min(day)::text as at from taken`.execute(tx)
  return taken.rows[0]?.at ?? undefined
}

/** Replaces the figures of a day by those of its rows, in all tables. */
export async function computeDay(tx: Tx, day: string): Promise<void> {
  const began = performance.now()
  const days = { from: day, to: day }
  for (const [table, rowsOf] of Object.entries(reportTables)) {
    await sql`delete from ${sql.table(table)} where day = ${day}::date`.execute(tx)
    await sql`insert into ${sql.table(table)} ${rowsOf(days)}`.execute(tx)
  }
  for (const [name, sums] of Object.entries(sumTables)) await computeSumsOf(tx, { name, ...sums }, day)
  await sql`
    insert into report_day (day, computed_at, took_ms) values (${day}::date, now(), ${Math.round(performance.now() - began)})
    on conflict (day) do update set computed_at = excluded.computed_at, took_ms = excluded.took_ms`.execute(
    tx,
  )
}

/** Replaces the sums of the day, or of the month in which it lies, by those of its figures. */
async function computeSumsOf(tx: Tx, sums: SumTable & { name: string }, day: string): Promise<void> {
  const start = sql`date_trunc(${sums.step}, ${day}::timestamp)::date`
  const within = sql`where day >= ${start} and day < (${start} + ${`1 ${sums.step}`}::interval)::date`
  await sql`delete from ${sql.table(sums.name)} where day = ${start}`.execute(tx)
  await sql`insert into ${sql.table(sums.name)} ${summed(sums, within)}`.execute(tx)
}

/** Computes the sums of all days, for a database whose figures were not made day by day. */
export async function computeSums(db: Database): Promise<void> {
  for (const [name, sums] of Object.entries(sumTables))
    await sql`insert into ${sql.table(name)} ${summed(sums)}`.execute(db)
}

/** The sums of these figures, as the table of sums has them. */
export function summed(
  { table, step, keys, sums }: SumTable,
  where: RawBuilder<unknown> = sql``,
): RawBuilder<unknown> {
  const by = sql.join(keys.map((key) => sql.ref(key)))
  const added = sums.map((column) => sql`sum(${sql.ref(column)})::bigint`)
  return sql`
    select date_trunc(${step}, day::timestamp)::date, ${by}, ${sql.join(added)} from ${sql.table(table)} ${where} group by 1, ${by}`
}
