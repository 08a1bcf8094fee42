import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { grantedSql, scopeSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { NotNull, Row, Rows } from '../../core/db/rows.ts'
import type { Handout, HandoutColumn } from './contract.ts'

/** Over `delivery d`: its present waybill is in a sheet. */
const inSheet = sql`exists (
  select from handout_parcel p where p.delivery_id = d.id and p.courier = d.courier and p.waybill_no = d.waybill_no)`

/** Over `delivery d`: its write-back is done, and its present waybill is in no sheet. */
const waiting = (scope: Scope): RawBuilder<unknown> => sql`
  d.status = 'shipped' and d.write_back in ('done', 'forced') and ${grantedSql(scope, 'd')} and not ${inSheet}`

export async function waitingCount(db: Database, shopId: string, scope: Scope): Promise<number> {
  const found = await sql<Record<'count', number>>`
    select count(*)::int as count from handout_due h join delivery d on d.id = h.delivery_id
    where h.shop_id = ${shopId}::bigint and ${waiting(scope)}`.execute(db)
  return found.rows[0]?.count ?? 0
}

type Columns = { columns: HandoutColumn[] }
type Named = Row<'handout', 'createdAt'> & Record<'shop', string> & Columns

export async function lastHandouts(db: Database | Tx, shopId: string): Promise<(Handout & Columns)[]> {
  const found = await sql<Row<'handout', 'id' | 'parcels' | 'createdBy' | 'createdAt'> & Columns>`
    select id, parcels, columns, created_at as "createdAt", created_by as "createdBy" from handout
    where shop_id = ${shopId}::bigint order by id desc limit 20`.execute(db)
  return found.rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }))
}

/** A sheet has at most this many parcels; the others wait for the next. */
const mostParcels = 10_000

/** Locks the parcels that wait for a sheet, the oldest first, so that no other sheet takes it and no write-back of another waybill ends meanwhile. */
async function lockDue(tx: Tx, shopId: string, scope: Scope): Promise<string[]> {
  const found = await sql<{ id: Rows['handout_due']['deliveryId'] }>`
    select h.delivery_id as id from handout_due h join delivery d on d.id = h.delivery_id
    where h.shop_id = ${shopId}::bigint and ${waiting(scope)}
    order by h.delivery_id limit ${mostParcels} for update of h`.execute(tx)
  return found.rows.map(({ id }) => id)
}

/**
 * Makes a sheet of the parcels that wait, the oldest first, and returns how many they are. A parcel that another sheet took meanwhile is left out, because its
 * delivery and waybill are in one sheet only.
 */
export async function insertHandout(
  tx: Tx,
  { shopId, columns, by }: { shopId: string; columns: readonly HandoutColumn[]; by: string },
  scope: Scope,
): Promise<{ id: string; parcels: number }> {
  const due = await lockDue(tx, shopId, scope)
  if (due.length === 0) return { id: '', parcels: 0 }
  const made = await sql<Row<'handout', 'id'>>`
    insert into handout (shop_id, parcels, columns, created_by)
    values (${shopId}::bigint, 0, ${JSON.stringify(columns)}::jsonb, ${by}) returning id`.execute(tx)
  const id = made.rows[0]?.id ?? ''
  const taken = await sql`
    insert into handout_parcel (handout_id, delivery_id, courier, waybill_no)
    select ${id}::bigint, d.id, d.courier, d.waybill_no from delivery d
    where d.id = any(${due}::bigint[]) and ${waiting(scope)} order by d.id
    on conflict do nothing returning delivery_id`.execute(tx)
  await sql`
    delete from handout_due h using delivery d
    where h.delivery_id = any(${due}::bigint[]) and d.id = h.delivery_id and ${inSheet}`.execute(tx)
  const parcels = taken.rows.length
  if (parcels === 0) await sql`delete from handout where id = ${id}::bigint`.execute(tx)
  else await sql`update handout set parcels = ${parcels} where id = ${id}::bigint`.execute(tx)
  return { id, parcels }
}

export async function handoutOf(db: Database, handoutId: string, scope: Scope): Promise<Named | undefined> {
  const found = await sql<Named>`
    select s.name as shop, h.columns, h.created_at as "createdAt" from handout h join shop s on s.id = h.shop_id
    where h.id = ${handoutId}::bigint and ${scopeSql(scope, sql.ref('h.shop_id'))}`.execute(db)
  return found.rows[0]
}

export type ParcelLine = Row<'order_line', 'oid' | 'title' | 'spec' | 'quantity'> & Record<'code', string>
export type HandedOut = NotNull<Row<'delivery', 'shippedAt'>> &
  Row<'delivery', 'id' | 'tid'> &
  Row<'handout_parcel', 'courier' | 'waybillNo'> & { lines: ParcelLine[] }

/** Returns the parcels of a sheet, with the waybills that they had in it and the goods that left. */
export async function handedOut(db: Database, handoutId: string, scope: Scope): Promise<HandedOut[]> {
  const found = await sql<HandedOut>`
    select d.id, d.tid, p.courier, p.waybill_no as "waybillNo", d.shipped_at as "shippedAt", g.lines
    from handout_parcel p join delivery d on d.id = p.delivery_id
    cross join lateral (
      select coalesce(jsonb_agg(jsonb_build_object('oid', l.oid, 'code', l.outer_sku_id, 'title', l.title, 'spec', l.spec,
        'quantity', l.quantity - l.refunded_quantity) order by l.line_no), '[]') as lines
      from order_line l where l.order_id = d.order_id and l.quantity > l.refunded_quantity and not l.gift
    ) g
    where p.handout_id = ${handoutId}::bigint and ${grantedSql(scope, 'd')}
    order by p.delivery_id`.execute(db)
  return found.rows
}
