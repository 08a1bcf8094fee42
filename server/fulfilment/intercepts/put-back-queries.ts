import { type RawBuilder, sql } from 'kysely'
import { skuParts } from '../../catalog/relations.ts'
import type { Scope } from '../../core/access/actor.ts'
import { grantedSql } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { unshippedLines } from '../../orders/order/relations.ts'
import type { PutBackEnd } from './intercept-lifecycle.ts'

// This file is the only place that writes a put-back's state.

const insert = sql`
  insert into put_back (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no,
    line_no, sku_id, title, spec, quantity, source)`
const delivered = sql`
  t.id, t.no, t.order_id, t.order_no, t.tid, t.shop_id, t.warehouse_id, t.courier, t.waybill_no`
const once = sql`on conflict (delivery_id, line_no, coalesce(sku_id, 0), source) do nothing`

const fromWave = 'wave/'
/**
 * SQL: true if a wave lists the goods of the line of delivery `t` to be put back already, and they still wait for it: its picker had taken them
 * when the delivery left the wave. A delivery that was picked since, or is in another wave, has others.
 */
const isListed = (lineNo: RawBuilder<unknown>, skuId: RawBuilder<unknown>) => sql`(
  t.picked_at is null and not exists (select from wave_delivery m where m.delivery_id = t.id and m.live) and exists (
    select from put_back b where b.delivery_id = t.id and b.line_no = ${lineNo} and b.sku_id = ${skuId} and b.state = 'open'
      and starts_with(b.source, ${fromWave})))`

export type InCart = { deliveryId: string; skuId: string; quantity: number }

/** Inserts put-backs for goods that were picked in this wave for deliveries that do not get them. They are listed under the first line of their SKU. */
export async function insertFromWave(tx: Tx, waveId: string, rows: readonly InCart[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    ${insert}
    select ${delivered}, line.line_no, d.sku_id, line.title, line.spec, d.quantity, ${fromWave}::text || ${waveId}::text
    from ${unnestRows('d', rows, [
      ['delivery_id', 'int8', (row) => row.deliveryId],
      ['sku_id', 'int8', (row) => row.skuId],
      ['quantity', 'int4', (row) => row.quantity],
    ])}
    join delivery t on t.id = d.delivery_id
    cross join lateral (
      select l.line_no, l.title, l.spec from ${unshippedLines} as l left join ${skuParts} as part on part.sku_id = l.sku_id
      where l.order_id = t.order_id and coalesce(part.part_id, l.sku_id) = d.sku_id order by l.line_no limit 1
    ) line
    order by t.id, line.line_no
    ${once}`.execute(tx)
}

export type GoodsOff = { orderId: string; source: string; lineNo: number; quantity: number }

/** Inserts put-backs for goods that were taken off orders, at the last delivery of each order. */
export async function insertGoodsOff(tx: Tx, rows: readonly GoodsOff[]): Promise<void> {
  await sql`
    ${insert}
    select ${delivered}, d.line_no, coalesce(part.part_id, line.sku_id), line.title, line.spec,
      d.quantity * coalesce(part.quantity, 1), d.source
    from ${unnestRows('d', rows, [
      ['order_id', 'int8', (row) => row.orderId],
      ['source', 'text', (row) => row.source],
      ['line_no', 'int2', (row) => row.lineNo],
      ['quantity', 'int4', (row) => row.quantity],
    ])}
    cross join lateral (select * from delivery where order_id = d.order_id order by id desc limit 1) t
    join ${unshippedLines} as line on line.order_id = d.order_id and line.line_no = d.line_no
    left join ${skuParts} as part on part.sku_id = line.sku_id
    where not ${isListed(sql`d.line_no`, sql`coalesce(part.part_id, line.sku_id)`)}
    order by t.id, d.line_no, d.source
    ${once}`.execute(tx)
}

/** Inserts put-backs for the goods of deliveries that are being cancelled, without the pieces that refunds removed. */
export async function insertCancelled(
  tx: Tx,
  deliveryIds: readonly string[],
  source: 'void' | 'unrelease',
): Promise<void> {
  await sql`
    ${insert}
    select ${delivered}, line.line_no, coalesce(part.part_id, line.sku_id), line.title, line.spec,
      line.pieces * coalesce(part.quantity, 1), ${source}
    from delivery t
    join ${unshippedLines} as line on line.order_id = t.order_id and line.pieces > 0
    left join ${skuParts} as part on part.sku_id = line.sku_id
    where t.id = any(${[...deliveryIds]}::bigint[])
      and not ${isListed(sql`line.line_no`, sql`coalesce(part.part_id, line.sku_id)`)}
    order by t.id, line.line_no
    ${once}`.execute(tx)
}

export type PutBackRow = Row<'put_back', 'id' | 'deliveryNo' | 'state'>

export async function lockPutBacks(tx: Tx, ids: readonly string[], scope: Scope): Promise<PutBackRow[]> {
  const found = await sql<PutBackRow>`
    select id, delivery_no as "deliveryNo", state from put_back
    where id = any(${[...ids]}::bigint[]) and ${grantedSql(scope)} order by id for update`.execute(tx)
  return found.rows
}

/** Returns at most 500 open put-backs whose delivery number, order number, trade number or waybill is this number. */
export async function openByNumber(tx: Tx, number: string, scope: Scope): Promise<string[]> {
  const by = (column: string) => sql`
    select id from put_back where ${sql.ref(column)} = ${number} and state = 'open' and ${grantedSql(scope)}`
  const found = await sql<Row<'put_back', 'id'>>`
    ${by('delivery_no')} union ${by('order_no')} union ${by('tid')}
    union select id from put_back where waybill_no = ${number.toUpperCase()} and waybill_no <> '' and state = 'open' and ${grantedSql(scope)}
    order by id limit 500`.execute(tx)
  return found.rows.map(({ id }) => id)
}

export async function writePutBackState(
  tx: Tx,
  ids: readonly string[],
  to: { state: PutBackEnd; by: string },
): Promise<void> {
  await sql`
    update put_back set state = ${to.state}, done_at = now(), done_by = ${to.by}
    where id = any(${[...ids]}::bigint[]) and state = 'open'`.execute(tx)
}
