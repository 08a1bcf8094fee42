import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { grantedSql, scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { RowFor } from '../core/db/rows.ts'
import { AppError } from '../errors.ts'
import type { ReportRow } from './contract.ts'
import type { Asked } from './figure-queries.ts'
import type { Dimension, Measure, Source } from './report-rules.ts'
import {
  askedRefunds,
  confirmedByUsers,
  isLate,
  isOnTime,
  isOwn,
  isOwnPayment,
  isPaid,
  isReturn,
  isSigned,
  paidOrders,
  paidTrades,
  province,
  refundedPieces,
  shippedDeliveries,
  soldPieces,
  steps,
  succeededRefunds,
} from './sources.ts'

/** The rows behind a cell. `key`: undefined for all rows of the report. `except`: the keys that the cell leaves out. */
export type Cell = Asked & {
  measure: Measure
  key: string | undefined
  except?: readonly string[] | undefined
}
type Page = { limit: number; after: string | undefined }
type Found = RowFor<'sales_order', ReportRow> & Record<'place', string>

type From = (cell: Cell) => RawBuilder<unknown>

const shopsOf = ({ shops, scope }: Asked, column: string, isOfWarehouse = false) => {
  const [alias = ''] = column.split('.')
  const granted = isOfWarehouse ? grantedSql(scope, alias) : scopeSql(scope, sql.ref(column))
  return sql`${granted} and (${shops === null} or ${sql.ref(column)} = any(${shops ?? []}::bigint[]))`
}

/** Returns the condition that a document belongs to the row of the cell, by the columns of its table. */
function isOf({ dimension, key, except }: Cell, columns: Partial<Record<Dimension, RawBuilder<unknown>>>) {
  const column = columns[dimension]
  if (except !== undefined)
    return column === undefined ? sql`false` : sql`${column} <> all(${except}::text[])`
  if (key === undefined) return sql`true`
  return column === undefined ? sql`false` : sql`${column} = ${key}`
}

const fromOf: Record<Source, From> = {
  trades: (cell) => sql`${tradesOf(cell)} union all ${ownOrders(cell)}`,
  // Refunds have their amount with a minus here, so that the amounts of the rows add up to the figure.
  net: (cell) =>
    sql`${tradesOf(cell)} union all ${ownOrders(cell)} union all ${refundsOf(cell, sql`-f.amount_fen`)}`,
  orders: (cell) => sql`
    select 'order' as kind, o.id, o.no, o.shop_id, o.paid_at as at, o.payment_fen as fen, o.quantity, o.status, o.region as about
    from sales_order o
    where ${paidOrders(cell.days)} and ${shopsOf(cell, 'o.shop_id')} and ${isOf(cell, { shop: sql`o.shop_id::text`, province })}`,
  lines: ordersOfLines,
  refunds: (cell) => refundsOf(cell, sql`f.amount_fen`),
  asked: (cell) => sql`
    select 'refund' as kind, f.id, f.refund_no as no, f.shop_id, f.created_on_platform as at, f.amount_fen as fen, f.quantity, f.status,
      concat_ws(' ', f.outer_id, f.buyer_reason) as about
    from staged_refund f
    where ${askedRefunds(cell.days)} and ${shopsOf(cell, 'f.shop_id')} and ${only(cell)}
      and ${isOf(cell, { shop: sql`f.shop_id::text`, goods: sql`f.outer_id`, cause: sql`f.buyer_reason` })}`,
  deliveries: (cell) => sql`
    select 'delivery' as kind, d.id, d.no, d.shop_id, d.shipped_at as at, null::bigint as fen, d.piece_count as quantity, d.status,
      d.courier as about
    from delivery d
    where ${shippedDeliveries(cell.days)} and ${shopsOf(cell, 'd.shop_id', cell.report.table !== 'report_sales')} and ${only(cell)}
      and ${isOf(cell, { shop: sql`d.shop_id::text`, courier: sql`d.courier`, person: stepOf(cell) })}`,
  confirmed: (cell) => sql`
    select 'order' as kind, e.id, o.no, o.shop_id, e.at, o.payment_fen as fen, o.quantity, o.status, o.region as about
    from order_event e join sales_order o on o.id = e.order_id
    where ${confirmedByUsers(cell.days)} and e.actor_name <> '' and ${shopsOf(cell, 'o.shop_id')} and ${ofAllWarehouses(cell.scope)}
      and ${isOf(cell, { shop: sql`o.shop_id::text`, person: sql`e.actor_name` })}`,
}

const tradesOf: From = (cell) => sql`
  select 'trade' as kind, t.id, t.tid as no, t.shop_id, t.paid_at as at, t.payment_fen as fen, t.quantity, t.status, t.region as about
  from ${paidTrades(cell.days)} and ${shopsOf(cell, 't.shop_id')} and ${isOf(cell, { shop: sql`t.shop_id::text` })}`

/** Off-platform orders. A number counts those that are payments, and an amount is made of all. */
const ownOrders: From = (cell) => sql`
  select 'order' as kind, o.id, o.no, o.shop_id, o.paid_at as at, o.payment_fen as fen, o.quantity, o.status, o.region as about
  from sales_order o
  where ${paidOrders(cell.days)} and ${cell.measure.kind === 'count' ? isOwnPayment : isOwn}
    and ${shopsOf(cell, 'o.shop_id')} and ${isOf(cell, { shop: sql`o.shop_id::text` })}`

const refundsOf = (cell: Cell, fen: RawBuilder<unknown>) => sql`
  select 'refund' as kind, f.id, f.refund_no as no, f.shop_id, f.modified_at as at, ${fen} as fen, f.quantity, f.status,
    concat_ws(' ', f.outer_id, f.buyer_reason) as about
  from staged_refund f
  where ${succeededRefunds(cell.days)} and ${shopsOf(cell, 'f.shop_id')} and ${isOf(cell, { shop: sql`f.shop_id::text` })}`

/** Orders with the lines that the cell counts. Pieces and amount are those of the lines alone, and of their refunded part where the cell counts that. */
function ordersOfLines(cell: Cell) {
  const [column = ''] = cell.measure.per ?? cell.measure.sum
  const part = { refunded_pieces: refundedPieces, refunded_fen: sql`l.refunded_fen` }[column]
  const [quantity, fen] =
    part === undefined ? [soldPieces, sql`l.payment_fen`] : [refundedPieces, sql`l.refunded_fen`]
  const counted = part === undefined ? sql`true` : sql`${part} <> 0`
  return sql`
    select 'order' as kind, o.id, o.no, o.shop_id, o.paid_at as at, x.fen, x.quantity, o.status, o.region as about
    from sales_order o cross join lateral (
      select sum(${fen})::bigint as fen, sum(${quantity})::int as quantity from order_line l
      where l.order_id = o.id and ${counted} and ${isOf(cell, { shop: sql`o.shop_id::text`, sku: sql`coalesce(l.sku_id, 0)::text` })}
      having count(*) > 0
    ) x
    where ${paidOrders(cell.days)} and ${shopsOf(cell, 'o.shop_id')}`
}

/** A confirmation of an order belongs to no warehouse. */
const ofAllWarehouses = ({ warehouses }: Scope) => sql`${warehouses === 'all'}`

function stepOf({ measure }: Cell): RawBuilder<unknown> {
  const [step = ''] = measure.sum
  const column = Object.entries(steps).find(([name]) => name === step)?.[1] ?? steps.shipped_count
  return sql`nullif(${sql.ref(`d.${column}`)}, '')`
}

/** A figure of a part of the documents opens that part. */
function only(cell: Cell): RawBuilder<unknown> {
  const { measure, report } = cell
  const [column = ''] = measure.per ?? measure.sum
  if (report.table === 'report_people') return sql`${stepOf(cell)} is not null`
  const parts: Readonly<Record<string, RawBuilder<unknown>>> = {
    late_count: isLate,
    on_time_count: isOnTime,
    due_count: sql`d.ship_by is not null`,
    weighed_count: sql`d.weight_grams is not null`,
    signed_count: isSigned,
    paid_count: isPaid,
    return_count: isReturn,
    succeeded_fen: sql`f.status = 'succeeded'`,
    succeeded_count: sql`f.status = 'succeeded'`,
  }
  return parts[column] ?? sql`true`
}

/** Returns the rows behind a cell, the newest first. */
export async function readRows(
  db: Database,
  cell: Cell,
  { limit, after }: Page,
): Promise<{ rows: ReportRow[]; next: string | null }> {
  const [, at = null, id = null] =
    /^(\d{4}-\d\d-\d\d \d\d:\d\d:[\d.]+[+-]\d\d(?::\d\d)?)~(\d+[a-z]+)$/.exec(after ?? '') ?? []
  if (after !== undefined && at === null) throw new AppError('invalid_cursor', {}, 'after')
  const found = await sql<Found>`
    select x.kind, x.id::text as id, x.no, x.shop_id::text as "shopId", x.at, x.fen::float8 as "amountFen", x.quantity, x.status, x.about,
      x.at::text || '~' || x.id::text || x.kind as place
    from (${fromOf[cell.measure.rows](cell)}) x
    where ${at}::timestamptz is null or (x.at, x.id::text || x.kind) < (${at}::timestamptz, ${id}::text)
    order by x.at desc, x.id::text || x.kind desc limit ${limit + 1}`.execute(db)
  const rows = found.rows.slice(0, limit)
  const next = found.rows.length > limit ? (rows.at(-1)?.place ?? null) : null
  return { rows: rows.map(({ place: _, ...row }) => row), next }
}
