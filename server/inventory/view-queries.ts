import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { warehouseSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { documentKinds } from './lifecycle.ts'
import type { Balance, Pair } from './stock.ts'

type StockTab = 'all' | 'short' | 'locked'

export type StockFilter = {
  scope: Scope
  warehouse?: readonly string[] | undefined
  /** A relation of SKU ids. */
  skus?: RawBuilder<unknown> | undefined
}

export type StockView = Balance & {
  id: `${string}-${string}`
  warehouseName: string
  available: number
  inTransit: number
}

const inTab: Record<StockTab, RawBuilder<boolean>> = {
  all: sql<boolean>`true`,
  short: sql<boolean>`s.short > 0`,
  locked: sql<boolean>`s.locked > 0`,
}

function matching({ scope, warehouse, skus }: StockFilter): RawBuilder<boolean> {
  const warehouses = warehouse ? [...warehouse] : null
  return sql<boolean>`${warehouseSql(scope, sql.ref('s.warehouse_id'))} and (${warehouses}::bigint[] is null or s.warehouse_id = any(${warehouses}::bigint[]))
    and ${skus ? sql`s.sku_id in ${skus}` : sql`true`}`
}

const inTransit = sql`coalesce((
  select sum(l.quantity)::int from stock_document d join stock_document_line l on l.document_id = d.id
  where d.status = 'sent' and d.to_warehouse_id = s.warehouse_id and l.sku_id = s.sku_id
), 0)`

const columns = sql`
  s.warehouse_id || '-' || s.sku_id as id, s.warehouse_id as "warehouseId", w.name as "warehouseName",
  s.sku_id as "skuId", s.on_hand as "onHand", s.reserved, s.locked, s.on_hand - s.reserved - s.locked as available,
  s.short, ${inTransit} as "inTransit"`

export async function stockPage(
  db: Database,
  tab: StockTab,
  filter: StockFilter,
  page: { after?: Pair | undefined; limit: number },
): Promise<StockView[]> {
  const { after } = page
  const found = await sql<StockView>`
    select ${columns} from (
      select s.* from stock s
      where ${inTab[tab]} and ${matching(filter)}
        and (${after?.skuId ?? null}::bigint is null
          or (s.sku_id, s.warehouse_id) < (${after?.skuId ?? null}::bigint, ${after?.warehouseId ?? null}::bigint))
      order by s.sku_id desc, s.warehouse_id desc limit ${page.limit}
    ) s join warehouse w on w.id = s.warehouse_id
    order by s.sku_id desc, s.warehouse_id desc`.execute(db)
  return found.rows
}

export async function stockCounts(
  db: Database,
  filter: StockFilter,
  cap: number,
): Promise<Record<StockTab, number>> {
  const count = (tab: StockTab) => sql`(
    select count(*)::int from (select 1 from stock s where ${inTab[tab]} and ${matching(filter)} limit ${cap + 1}) capped)`
  const found = await sql<Record<StockTab, number>>`
    select ${count('all')} as "all", ${count('short')} as short, ${count('locked')} as locked`.execute(db)
  return found.rows[0] ?? { all: 0, short: 0, locked: 0 }
}

export async function stockOfSku(db: Database, skuId: string, scope: Scope): Promise<StockView[]> {
  const found = await sql<StockView>`
    select ${columns} from stock s join warehouse w on w.id = s.warehouse_id
    where s.sku_id = ${skuId} and ${warehouseSql(scope, sql.ref('s.warehouse_id'))}
    order by w.active desc, w.priority, w.id`.execute(db)
  return found.rows
}

export type MovementRow = Row<
  'stock_movement',
  'id' | 'at' | 'quantity' | 'documentKind' | 'documentId' | 'step' | 'createdBy'
> & {
  /** Number of the stock document. It is empty if the movement belongs to an order, because the slice orders supplies order numbers. */
  documentNo: string
}

export async function movementPage(
  db: Database,
  { warehouseId, skuId }: Pair,
  page: { after?: string | undefined; limit: number },
): Promise<MovementRow[]> {
  const found = await sql<MovementRow>`
    select m.id, m.at, m.quantity, m.document_kind as "documentKind", m.document_id as "documentId", m.step,
      m.created_by as "createdBy", coalesce(d.no, '') as "documentNo"
    from (
      select * from stock_movement
      where warehouse_id = ${warehouseId} and sku_id = ${skuId}
        and (${page.after ?? null}::bigint is null or id < ${page.after ?? null}::bigint)
      order by id desc limit ${page.limit}
    ) m
    left join stock_document d on m.document_kind = any(${[...documentKinds]}::text[]) and d.id = m.document_id
    order by m.id desc`.execute(db)
  return found.rows
}

export type ReservationRow = Row<'reservation', 'orderId' | 'lineNo' | 'wanted' | 'reserved' | 'paidAt'>

export async function reservationPage(
  db: Database,
  { warehouseId, skuId }: Pair,
  page: { after?: { orderId: string; lineNo: number } | undefined; limit: number },
): Promise<ReservationRow[]> {
  const { after } = page
  const found = await sql<ReservationRow>`
    select order_id as "orderId", line_no as "lineNo", wanted, reserved, paid_at as "paidAt" from reservation
    where warehouse_id = ${warehouseId} and sku_id = ${skuId} and not shipped
      and (${after?.orderId ?? null}::bigint is null
        or (order_id, line_no) < (${after?.orderId ?? null}::bigint, ${after?.lineNo ?? null}::smallint))
    order by order_id desc, line_no desc limit ${page.limit}`.execute(db)
  return found.rows
}
