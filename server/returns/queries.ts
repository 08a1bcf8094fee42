import { sql } from 'kysely'
import { skuParts } from '../catalog/relations.ts'
import type { Actor, Scope } from '../core/access/actor.ts'
import { grantedSql } from '../core/access/scope.ts'
import { type Database, preparedStatement, type Tx } from '../core/db/db.ts'
import type { Row, RowFor } from '../core/db/rows.ts'
import { reservationRows } from '../inventory/relations.ts'
import { unnestRows } from '../lib/unnest.ts'
import type { ExchangeTime, ReceiptWriteBack, ReturnFacts, ReturnKind, ReturnOrigin } from './lifecycle.ts'

/**
 * A return. It changes only under the locks of its lines' orders, so it needs no lock of its own. Only a user who repeats its write-back
 * changes the state of the write-back, under the lock of the platform action alone.
 */
export type ReturnRow = ReturnFacts & {
  id: string
  no: string
  shopId: string
  orderId: string
  orderNo: string
  tid: string
  origin: ReturnOrigin
  version: number
  warehouseId: string | null
  courier: string
  waybillNo: string
  exchangeWhen: ExchangeTime
  exchangeOrderId: string | null
  told: ReceiptWriteBack
  actionId: string | null
  voidReason: string
}

export async function ordersOfReturns(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<{ id: string; orderIds: string[] }[]> {
  const found = await sql<Row<'return_order', 'id'> & { orderIds: string[] }>`
    select t.id, array(
      select distinct l.order_id::text from return_line l where l.return_id = t.id
      union select t.order_id::text) as "orderIds"
    from return_order t where t.id = any(${[...ids]}::bigint[]) and ${grantedSql(scope, 't')}`.execute(tx)
  return found.rows
}

const columns = sql`
  t.id, t.no, t.shop_id as "shopId", t.order_id as "orderId", t.order_no as "orderNo", t.tid, t.kind, t.origin, t.status, t.version,
  t.refund_no as "refundNo", t.refund_status as "refundStatus", t.warehouse_id as "warehouseId",
  t.warehouse_id is not null as "hasWarehouse", t.courier, t.waybill_no as "waybillNo", t.exchange_when as "exchangeWhen",
  t.exchange_order_id as "exchangeOrderId", t.exchange_order_no as "exchangeOrderNo", t.open_problems as "openProblems", t.good, t.defective, t.told, t.action_id as "actionId",
  t.void_reason as "voidReason"`

export async function returnsById(tx: Tx, ids: readonly string[]): Promise<ReturnRow[]> {
  const found = await sql<RowFor<'return_order', ReturnRow>>`
    select ${columns} from return_order t where t.id = any(${[...ids]}::bigint[]) order by t.id`.execute(tx)
  return found.rows
}

export async function returnsOfRefunds(
  tx: Tx,
  refunds: readonly { shopId: string; refundNo: string }[],
): Promise<ReturnRow[]> {
  const found = await sql<RowFor<'return_order', ReturnRow>>`${preparedStatement}
    select ${columns}
    from ${unnestRows('d', refunds, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['refund_no', 'text', (row) => row.refundNo],
    ])}
    join return_order t on t.shop_id = d.shop_id and t.refund_no = d.refund_no and t.refund_no <> ''
    order by t.id`.execute(tx)
  return found.rows
}

export async function returnsWithoutRefund(tx: Tx, orderIds: readonly string[]): Promise<ReturnRow[]> {
  const found = await sql<RowFor<'return_order', ReturnRow>>`${preparedStatement}
    select ${columns} from return_order t
    where t.order_id = any(${[...orderIds]}::bigint[]) and t.refund_no = '' and t.status <> 'voided'
    order by t.id`.execute(tx)
  return found.rows
}

export type ReturnLine = Row<
  'return_line',
  'returnId' | 'lineNo' | 'orderId' | 'orderLineNo' | 'oid' | 'skuId' | 'quantity' | 'good' | 'defective'
> & {
  /** True if the line was received incompletely and no person has resolved that yet. */
  isShort: boolean
}

/** Over a line `l` of a return: true if missing pieces are still expected, because the discrepancy `short` is not resolved. */
const isShort = sql`exists (
  select from return_problem p where p.return_id = l.return_id and p.kind = 'short' and p.line_no = l.line_no and p.settled_at is null)`

export async function linesOf(db: Database | Tx, ids: readonly string[]): Promise<Map<string, ReturnLine[]>> {
  const found = await sql<ReturnLine>`${preparedStatement}
    select return_id as "returnId", line_no as "lineNo", order_id as "orderId", order_line_no as "orderLineNo", oid, sku_id as "skuId",
      quantity, good, defective, ${isShort} as "isShort"
    from return_line l where return_id = any(${[...ids]}::bigint[]) order by return_id, line_no`.execute(db)
  return Map.groupBy(found.rows, ({ returnId }) => returnId)
}

/** The SKUs of one piece of a line: as its order shipped them, else as the catalogue has them now. */
export type ReturnPart = Row<'return_line', 'returnId' | 'lineNo'> & Row<'reservation', 'skuId' | 'perLine'>

export async function partsOf(tx: Tx, ids: readonly string[]): Promise<Map<string, ReturnPart[]>> {
  const found = await sql<ReturnPart>`
    select l.return_id as "returnId", l.line_no as "lineNo", coalesce(p.sku_id, part.part_id) as "skuId",
      coalesce(p.per_line, part.quantity)::int as "perLine"
    from return_line l
    left join ${reservationRows} p on p.order_id = l.order_id and p.line_no = l.order_line_no and p.shipped
    left join ${skuParts} part on p.sku_id is null and part.sku_id = l.sku_id
    where l.return_id = any(${[...ids]}::bigint[]) and coalesce(p.sku_id, part.part_id) is not null
    order by 1, 2, 3`.execute(tx)
  return Map.groupBy(found.rows, ({ returnId }) => returnId)
}

/**
 * Returns the pieces of these orders' lines that are on live returns, by "order id/line number". A line counts its expected pieces; after a
 * receipt without an open shortage it counts the received ones.
 */
export async function returnedOf(
  db: Database | Tx,
  orderIds: readonly string[],
): Promise<Map<string, number>> {
  const found = await sql<Record<'key', string> & { pieces: number }>`${preparedStatement}
    select l.order_id || '/' || l.order_line_no as key,
      sum(case when t.received_at is not null and not ${isShort} then l.good + l.defective else l.quantity end)::int as pieces
    from return_line l join return_order t on t.id = l.return_id and t.status <> 'voided'
    where l.order_id = any(${[...orderIds]}::bigint[])
    group by 1`.execute(db)
  return new Map(found.rows.map(({ key, pieces }) => [key, pieces]))
}

export async function newestOfOrders(
  tx: Tx,
  orderIds: readonly string[],
): Promise<{ orderId: string; returnId: string; returnNo: string }[]> {
  const found = await sql<Row<'intercept', 'orderId' | 'returnNo'> & Row<'return_line', 'returnId'>>`
    select distinct on (l.order_id) l.order_id as "orderId", t.id as "returnId", t.no as "returnNo"
    from return_line l join return_order t on t.id = l.return_id and t.status <> 'voided'
    where l.order_id = any(${[...orderIds]}::bigint[]) order by l.order_id, t.id desc`.execute(tx)
  return found.rows
}

/** Returns the received pieces of the lines of these locked orders, by "order id/line number". */
export async function cameBackOf(tx: Tx, orderIds: readonly string[]): Promise<Map<string, number>> {
  const found = await sql<Record<'key', string> & { pieces: number }>`
    select order_id || '/' || order_line_no as key, sum(good + defective)::int as pieces from return_line
    where order_id = any(${[...orderIds]}::bigint[]) group by 1`.execute(tx)
  return new Map(found.rows.map(({ key, pieces }) => [key, pieces]))
}

export async function waitingOfOrders(tx: Tx, orderIds: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'return_order', 'id'>>`
    select distinct t.id from return_line l
    join return_order t on t.id = l.return_id and t.status in ('unconfirmed', 'confirmed')
    where l.order_id = any(${[...orderIds]}::bigint[]) order by t.id`.execute(tx)
  return found.rows.map(({ id }) => id)
}

export type NewReturn = {
  shopId: string
  orderId: string
  orderNo: string
  tid: string
  kind: ReturnKind
  origin: ReturnOrigin
  refundNo: string
  refundStatus: string
  deliveryId: string | null
  warehouseId: string | null
  courier: string
  waybillNo: string
  reason: string
  amountFen: number
  deadline: Date | null
  exchangeWhen: ExchangeTime
  lines: readonly NewReturnLine[]
}
export type NewReturnLine = {
  orderId: string
  lineNo: number
  tid: string
  oid: string
  skuId: string | null
  outerCode: string
  title: string
  spec: string
  pictureUrl: string
  quantity: number
}

/**
 * Inserts returns; results in the sequence of the rows, undefined: by the unique keys of refunds and parcels the return exists already.
 */
export async function insertReturns(
  tx: Tx,
  rows: readonly NewReturn[],
  by: string,
): Promise<({ id: string; no: string } | undefined)[]> {
  if (rows.length === 0) return []
  const pieces = (row: NewReturn) => row.lines.reduce((sum, { quantity }) => sum + quantity, 0)
  const made = await sql<Row<'return_order', 'id' | 'no'> & Record<'at', number>>`${preparedStatement}
    with given as materialized (
      select d.*, 'RT' || to_char(now(), 'YYMMDD') || to_char(nextval('return_order_no'), 'FM9999999999000000') as no
      from ${unnestRows(
        'd',
        rows.map((row, at) => ({ ...row, at })),
        [
          ['at', 'int4', (row) => row.at],
          ['shop_id', 'int8', (row) => row.shopId],
          ['order_id', 'int8', (row) => row.orderId],
          ['order_no', 'text', (row) => row.orderNo],
          ['tid', 'text', (row) => row.tid],
          ['kind', 'text', (row) => row.kind],
          ['origin', 'text', (row) => row.origin],
          ['refund_no', 'text', (row) => row.refundNo],
          ['refund_status', 'text', (row) => row.refundStatus],
          ['delivery_id', 'int8', (row) => row.deliveryId],
          ['warehouse_id', 'int8', (row) => row.warehouseId],
          ['courier', 'text', (row) => row.courier],
          ['waybill_no', 'text', (row) => row.waybillNo],
          ['reason', 'text', (row) => row.reason],
          ['amount_fen', 'int8', (row) => row.amountFen],
          ['deadline', 'timestamptz', (row) => row.deadline],
          ['exchange_when', 'text', (row) => row.exchangeWhen],
          ['quantity', 'int4', pieces],
        ],
      )}
    ), made as (
      insert into return_order (no, shop_id, order_id, order_no, tid, kind, origin, refund_no, refund_status, delivery_id, status,
        warehouse_id, courier, waybill_no, reason, amount_fen, deadline, exchange_when, quantity, created_by)
      select no, shop_id, order_id, order_no, tid, kind, origin, refund_no, refund_status, delivery_id, 'unconfirmed',
        warehouse_id, courier, waybill_no, reason, amount_fen, deadline, exchange_when, quantity, ${by}
      from given order by at
      on conflict do nothing
      returning id, no
    )
    select given.at, made.id, made.no from made join given using (no)`.execute(tx)
  const byPlace = new Map(made.rows.map(({ at, id, no }) => [at, { id, no }]))
  await insertLines(
    tx,
    rows.flatMap(({ lines }, at) => {
      const returnId = byPlace.get(at)?.id
      return returnId ? lines.map((line, index) => ({ ...line, returnId, no: index + 1 })) : []
    }),
  )
  return rows.map((_, at) => byPlace.get(at))
}

async function insertLines(
  tx: Tx,
  lines: readonly (NewReturnLine & { returnId: string; no: number })[],
): Promise<void> {
  if (lines.length === 0) return
  await sql`${preparedStatement}
    insert into return_line (return_id, line_no, order_id, order_line_no, tid, oid, sku_id, outer_code, title, spec, picture_url,
      quantity)
    select * from ${unnestRows('d', lines, [
      ['return_id', 'int8', (row) => row.returnId],
      ['line_no', 'int2', (row) => row.no],
      ['order_id', 'int8', (row) => row.orderId],
      ['order_line_no', 'int2', (row) => row.lineNo],
      ['tid', 'text', (row) => row.tid],
      ['oid', 'text', (row) => row.oid],
      ['sku_id', 'int8', (row) => row.skuId],
      ['outer_code', 'text', (row) => row.outerCode],
      ['title', 'text', (row) => row.title],
      ['spec', 'text', (row) => row.spec],
      ['picture_url', 'text', (row) => row.pictureUrl],
      ['quantity', 'int4', (row) => row.quantity],
    ])}`.execute(tx)
}

export type NewReturnEvent = Row<'return_event', 'returnId' | 'event'> & { detail?: Record<string, unknown> }

/** Inserts event rows in the transaction of the change that they describe. `detail` must contain no personal data. */
export async function addReturnEvents(
  tx: Tx,
  events: readonly NewReturnEvent[],
  actor: Actor,
): Promise<void> {
  if (events.length === 0) return
  await sql`${preparedStatement}
    insert into return_event (return_id, event, actor_kind, actor_id, actor_name, detail)
    select return_id, event, ${actor.kind}, ${actor.id}, ${actor.name}, detail
    from ${unnestRows('d', events, [
      ['return_id', 'int8', (row) => row.returnId],
      ['event', 'text', (row) => row.event],
      ['detail', 'jsonb', (row) => JSON.stringify(row.detail ?? {})],
    ])}`.execute(tx)
}
