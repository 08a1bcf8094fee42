import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql, warehouseSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { ordersOfPhone } from '../../orders/refunds/for-returns.ts'

const granted = (scope: Scope) => warehouseSql(scope, sql.ref('t.warehouse_id'))

export type NewParcel = {
  warehouseId: string
  courier: string
  waybillNo: string
  phoneKey: number | null
  note: string
  lines: readonly ParcelGoods[]
}
export type ParcelGoods = Row<'unclaimed_line', 'skuId' | 'good' | 'defective'>

/** Inserts parcels; results in the sequence of the rows, undefined: an unclaimed parcel with this waybill exists. */
export async function insertParcels(
  tx: Tx,
  rows: readonly NewParcel[],
  by: string,
): Promise<({ id: string; no: string } | undefined)[]> {
  const made = await sql<Row<'unclaimed_parcel', 'id' | 'no'> & Record<'at', number>>`
    with given as materialized (
      select d.*, 'UP' || to_char(now(), 'YYMMDD') || to_char(nextval('unclaimed_parcel_no'), 'FM9999999999000000') as no
      from ${unnestRows(
        'd',
        rows.map((row, at) => ({ ...row, at })),
        [
          ['at', 'int4', (row) => row.at],
          ['warehouse_id', 'int8', (row) => row.warehouseId],
          ['courier', 'text', (row) => row.courier],
          ['waybill_no', 'text', (row) => row.waybillNo],
          ['phone_key', 'int8', (row) => row.phoneKey],
          ['note', 'text', (row) => row.note],
          ['quantity', 'int4', (row) => row.lines.reduce((sum, one) => sum + one.good + one.defective, 0)],
        ],
      )}
    ), made as (
      insert into unclaimed_parcel (no, status, warehouse_id, courier, waybill_no, phone_key, note, quantity, created_by)
      select no, 'unclaimed', warehouse_id, courier, waybill_no, phone_key, note, quantity, ${by} from given order by at
      on conflict do nothing
      returning id, no
    )
    select given.at, made.id, made.no from made join given using (no)`.execute(tx)
  const byPlace = new Map(made.rows.map(({ at, id, no }) => [at, { id, no }]))
  const lines = rows.flatMap((row, at) => {
    const parcelId = byPlace.get(at)?.id
    return parcelId ? row.lines.map((line, index) => ({ ...line, parcelId, lineNo: index + 1 })) : []
  })
  await sql`
    insert into unclaimed_line (parcel_id, line_no, sku_id, good, defective)
    select * from ${unnestRows('d', lines, [
      ['parcel_id', 'int8', (row) => row.parcelId],
      ['line_no', 'int2', (row) => row.lineNo],
      ['sku_id', 'int8', (row) => row.skuId],
      ['good', 'int4', (row) => row.good],
      ['defective', 'int4', (row) => row.defective],
    ])}`.execute(tx)
  return rows.map((_, at) => byPlace.get(at))
}

export type ParcelRow = Row<'unclaimed_parcel', 'id' | 'no' | 'status' | 'warehouseId' | 'waybillNo'>

/** Locks unclaimed parcels in the order of their ids. The orders of the returns that they are assigned to must be locked before. */
export async function lockUnclaimedParcels(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<ParcelRow[]> {
  const found = await sql<ParcelRow>`
    select t.id, t.no, t.status, t.warehouse_id as "warehouseId", t.waybill_no as "waybillNo" from unclaimed_parcel t
    where t.id = any(${[...ids]}::bigint[]) and ${granted(scope)} order by t.id for update`.execute(tx)
  return found.rows
}

export type ParcelLine = ParcelGoods & Row<'unclaimed_line', 'parcelId' | 'lineNo'>

export async function parcelLines(
  db: Database | Tx,
  ids: readonly string[],
): Promise<Map<string, ParcelLine[]>> {
  const found = await sql<ParcelLine>`
    select parcel_id as "parcelId", line_no as "lineNo", sku_id as "skuId", good, defective from unclaimed_line
    where parcel_id = any(${[...ids]}::bigint[]) order by parcel_id, line_no`.execute(db)
  return Map.groupBy(found.rows, ({ parcelId }) => parcelId)
}

/** `writeStocked` and `writeClaimed` are the only functions that write a parcel's status. The caller has locked the parcels. */
export async function writeStocked(tx: Tx, ids: readonly string[], by: string): Promise<void> {
  await sql`
    update unclaimed_parcel set status = 'stocked', stocked_at = now(), stocked_by = ${by}
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

export async function writeClaimed(
  tx: Tx,
  rows: readonly { id: string; returnId: string; returnNo: string; how: string }[],
  by: string,
): Promise<void> {
  await sql`
    update unclaimed_parcel t
    set status = 'claimed', return_id = d.return_id, return_no = d.return_no, claimed_how = d.how, claimed_at = now(), claimed_by = ${by}
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['return_id', 'int8', (row) => row.returnId],
      ['return_no', 'text', (row) => row.returnNo],
      ['how', 'text', (row) => row.how],
    ])}
    where t.id = d.id`.execute(tx)
}

export async function parcelsNamed(db: Database, number: string, scope: Scope): Promise<string[]> {
  const found = await sql<Row<'unclaimed_parcel', 'id'>>`
    select t.id from unclaimed_parcel t
    where t.id in (
      select id from unclaimed_parcel where no = ${number}
      union all select id from unclaimed_parcel where waybill_no = ${number} and waybill_no <> '' and status <> 'claimed'
    ) and ${granted(scope)} order by t.id desc limit 6`.execute(db)
  return found.rows.map(({ id }) => id)
}

/** Returns pairs of a parcel that is not assigned and an open return with the same waybill. */
export async function pairsOfWaybills(
  db: Database | Tx,
  waybillNos: readonly string[],
): Promise<{ parcelId: string; returnId: string }[]> {
  const found = await sql<Row<'unclaimed_line', 'parcelId'> & Row<'return_line', 'returnId'>>`
    select p.id as "parcelId", r.id as "returnId"
    from unclaimed_parcel p
    join return_order r on r.waybill_no = p.waybill_no and r.waybill_no <> '' and r.status in ('unconfirmed', 'confirmed')
    where p.waybill_no = any(${[...waybillNos]}::text[]) and p.waybill_no <> '' and p.status <> 'claimed'
    order by p.id, r.id`.execute(db)
  return found.rows
}

export type Candidate = Row<
  'return_order',
  'id' | 'no' | 'status' | 'shopId' | 'orderId' | 'orderNo' | 'waybillNo' | 'createdAt'
> & {
  byWaybill: boolean
  byPhone: boolean
  goods: number
}

/** Returns open returns that agree with the parcel in waybill, phone or goods; the most probable first, at most ten. */
export async function candidatesFor(
  db: Database,
  parcelId: string,
  phoneKeys: readonly number[],
  scope: Scope,
): Promise<Candidate[]> {
  const open = sql`r.status in ('unconfirmed', 'confirmed') and ${scopeSql(scope, sql.ref('r.shop_id'))}
    and ${warehouseSql(scope, sql.ref('r.warehouse_id'))}`
  const found = await sql<Candidate>`
    with found as (
      select r.id, true as by_waybill, false as by_phone, 0 as goods
      from unclaimed_parcel p join return_order r on r.waybill_no = p.waybill_no and r.waybill_no <> ''
      where p.id = ${parcelId}::bigint and ${open}
      union all
      (select r.id, false, true, 0 from ${ordersOfPhone(phoneKeys)} o join return_order r on r.order_id = o.id
       where ${open} order by r.id desc limit 50)
      union all
      (select r.id, false, false, count(distinct g.sku_id)::int
       from unclaimed_line g join return_line l on l.sku_id = g.sku_id join return_order r on r.id = l.return_id
       where g.parcel_id = ${parcelId}::bigint and ${open} and r.created_at > now() - interval '60 days'
       group by r.id order by 4 desc, r.id desc limit 50)
    ), told as (
      select id, bool_or(by_waybill) as by_waybill, bool_or(by_phone) as by_phone, max(goods) as goods from found group by id
    )
    select t.id, r.no, r.status, r.shop_id as "shopId", r.order_id as "orderId", r.order_no as "orderNo",
      r.waybill_no as "waybillNo", t.by_waybill as "byWaybill", t.by_phone as "byPhone", t.goods, r.created_at as "createdAt"
    from told t join return_order r on r.id = t.id
    order by t.by_waybill desc, t.by_phone desc, t.goods desc, t.id desc limit 10`.execute(db)
  return found.rows
}
