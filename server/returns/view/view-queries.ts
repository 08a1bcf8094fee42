import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { grantedSql } from '../../core/access/scope.ts'
import { type Database, num, preparedStatement } from '../../core/db/db.ts'
import type { Row, RowFor } from '../../core/db/rows.ts'
import { warehouseNames } from '../../inventory/relations.ts'
import type { ReturnView } from '../contract.ts'
import type { ParcelView } from '../parcels/parcel-contract.ts'

type OwnLine = Omit<ReturnView['lines'][number], 'skuCode'> & { skuId: string | null }
type OwnFacts = Omit<ReturnView, 'receiverMasked' | 'region' | 'lines'> & { lines: OwnLine[] }

export async function returnRows(db: Database, ids: readonly string[]): Promise<OwnFacts[]> {
  const found = await sql<RowFor<'return_order', OwnFacts>>`${preparedStatement}
    select t.id, t.no, t.shop_id as "shopId", t.order_id as "orderId", t.order_no as "orderNo", t.tid, t.kind, t.origin, t.status,
      t.version, t.refund_no as "refundNo", t.refund_status as "refundStatus", t.deadline, t.warehouse_id as "warehouseId",
      coalesce(w.name, '') as "warehouseName", t.courier, t.waybill_no as "waybillNo", t.reason, t.amount_fen as "amountFen",
      t.quantity, t.good, t.defective, t.open_problems as "openProblems", t.exchange_when as "exchangeWhen",
      t.exchange_order_id as "exchangeOrderId", t.exchange_order_no as "exchangeOrderNo", t.told, t.error_code as "errorCode",
      (select coalesce(jsonb_agg(jsonb_build_object('lineNo', line_no, 'orderId', order_id::text, 'orderLineNo', order_line_no,
          'title', title, 'spec', spec, 'pictureUrl', picture_url, 'outerCode', outer_code, 'skuId', sku_id::text, 'quantity', quantity, 'good', good,
          'defective', defective) order by line_no), '[]')
       from return_line where return_id = t.id) as lines,
      t.created_at as "createdAt", t.created_by as "createdBy", t.confirmed_at as "confirmedAt", t.confirmed_by as "confirmedBy",
      t.received_at as "receivedAt", t.received_by as "receivedBy", t.settled_at as "settledAt", t.settled_by as "settledBy",
      t.voided_at as "voidedAt", t.voided_by as "voidedBy", t.void_reason as "voidReason"
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join return_order t on t.id = i.id
    left join ${warehouseNames} w on w.id = t.warehouse_id
    order by i.n`.execute(db)
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen) }))
}

export async function grantedReturns(db: Database, ids: readonly string[], scope: Scope): Promise<string[]> {
  const found = await sql<Row<'return_order', 'id'>>`
    select t.id from return_order t where t.id = any(${[...ids]}::bigint[]) and ${grantedSql(scope, 't')}`.execute(
    db,
  )
  return found.rows.map(({ id }) => id)
}

/** Returns the returns with a scanned number, and those of the orders shipped with it; open ones first. */
export async function scannedReturns(
  db: Database,
  no: string,
  orderIds: readonly string[],
  scope: Scope,
): Promise<string[]> {
  const own = /^(rt|so)\d+$/i.test(no) ? no.toUpperCase() : no
  const found = await sql<Row<'return_order', 'id'>>`
    select t.id from return_order t
    where t.id in (
      select id from return_order where waybill_no = ${no.toUpperCase()} and waybill_no <> ''
      union all select id from return_order where no = ${own}
      union all select id from return_order where refund_no = ${no} and refund_no <> ''
      union all select id from return_order where tid = ${no}
      union all select id from return_order where order_no = ${own}
      union all select id from return_order where order_id = any(${[...orderIds]}::bigint[])
    ) and t.status <> 'voided' and ${grantedSql(scope, 't')}
    order by t.received_at is not null, t.id desc limit 20`.execute(db)
  return found.rows.map(({ id }) => id)
}

export type ProblemFacts = Row<
  'return_problem',
  | 'id'
  | 'kind'
  | 'lineNo'
  | 'skuId'
  | 'quantity'
  | 'note'
  | 'foundAt'
  | 'foundBy'
  | 'settledAt'
  | 'settledBy'
  | 'settledNote'
>

export async function problemsOf(
  db: Database,
  returnId: string,
): Promise<(ProblemFacts & { inStock: boolean })[]> {
  const found = await sql<ProblemFacts & { inStock: boolean }>`
    select id, kind, line_no as "lineNo", sku_id as "skuId", quantity, note, found_at as "foundAt", found_by as "foundBy",
      settled_at as "settledAt", settled_by as "settledBy", settled_note as "settledNote",
      kind = 'wrong' and exists (
        select from unclaimed_parcel p join unclaimed_line l on l.parcel_id = p.id and l.sku_id = return_problem.sku_id
        where p.return_id = ${returnId}::bigint and p.stocked_at is not null) as "inStock"
    from return_problem where return_id = ${returnId}::bigint order by settled_at is not null, id limit 200`.execute(
    db,
  )
  return found.rows
}

export async function receiptsOf(db: Database, returnId: string) {
  const found = await sql<
    Row<'return_receipt', 'step' | 'at' | 'by' | 'good' | 'defective'> & { warehouseName: string }
  >`
    select r.step, r.at, r.by, coalesce(w.name, '') as "warehouseName", r.good, r.defective
    from return_receipt r left join ${warehouseNames} w on w.id = r.warehouse_id
    where r.return_id = ${returnId}::bigint order by r.step`.execute(db)
  return found.rows
}

export async function eventsOf(db: Database, returnId: string) {
  const found = await sql<
    Row<'return_event', 'id' | 'at' | 'event' | 'actorName'> & { detail: Record<string, unknown> }
  >`
    select id, at, event, actor_name as "actorName", coalesce(detail, '{}') as detail
    from return_event where return_id = ${returnId}::bigint order by id desc limit 200`.execute(db)
  return found.rows
}

export async function parcelsOfReturn(db: Database, returnId: string) {
  const found = await sql<Row<'unclaimed_parcel', 'id' | 'no' | 'waybillNo'>>`
    select id, no, waybill_no as "waybillNo" from unclaimed_parcel where return_id = ${returnId}::bigint order by id`.execute(
    db,
  )
  return found.rows
}

export type ParcelFacts = Omit<ParcelView, 'lines'>

export async function parcelRows(db: Database, ids: readonly string[]): Promise<ParcelFacts[]> {
  const found = await sql<RowFor<'unclaimed_parcel', ParcelFacts>>`
    select t.id, t.no, t.status, t.warehouse_id as "warehouseId", coalesce(w.name, '') as "warehouseName", t.courier,
      t.waybill_no as "waybillNo", t.phone_key is not null as "hasPhone", t.note, t.quantity, t.return_id as "returnId",
      t.return_no as "returnNo", t.claimed_how as "claimedHow", t.created_at as "createdAt", t.created_by as "createdBy",
      t.stocked_at as "stockedAt", t.stocked_by as "stockedBy", t.claimed_at as "claimedAt", t.claimed_by as "claimedBy"
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join unclaimed_parcel t on t.id = i.id
    left join ${warehouseNames} w on w.id = t.warehouse_id
    order by i.n`.execute(db)
  return found.rows
}

/** Returns the warehouse of an unclaimed parcel and the key of its sender's phone; undefined: there is no such parcel. */
export async function parcelPlace(
  db: Database,
  id: string,
): Promise<{ warehouseId: string; phoneKey: number | null } | undefined> {
  const found = await sql<Row<'unclaimed_parcel', 'warehouseId' | 'phoneKey'>>`
    select warehouse_id as "warehouseId", phone_key as "phoneKey" from unclaimed_parcel where id = ${id}::bigint`.execute(
    db,
  )
  const [row] = found.rows
  return row && { warehouseId: row.warehouseId, phoneKey: row.phoneKey === null ? null : num(row.phoneKey) }
}

/** Returns the parcel with this waybill that is not assigned yet, in any warehouse. */
export async function parcelOfWaybill(db: Database, waybillNo: string) {
  const found = await sql<Row<'unclaimed_parcel', 'id' | 'no' | 'status' | 'warehouseId'>>`
    select id, no, status, warehouse_id as "warehouseId" from unclaimed_parcel
    where waybill_no = ${waybillNo} and waybill_no <> '' and status <> 'claimed'`.execute(db)
  return found.rows[0]
}
