import { type RawBuilder, sql } from 'kysely'
import { skuGoods, skuOfListing } from '../../catalog/relations.ts'
import { type Database, num, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Rows, Row as TableRow } from '../../core/db/rows.ts'
import { freeStock, reservationRows } from '../../inventory/relations.ts'
import { designatedOf } from '../order/queries.ts'
import type { FreeStock, SourcingOrder, StockDemand } from './choose.ts'

export type PlacedOrder = TableRow<
  'sales_order',
  | 'id'
  | 'no'
  | 'status'
  | 'shopId'
  | 'warehouseId'
  | 'courier'
  | 'warehouseByHand'
  | 'courierByHand'
  | 'facets'
>

type Line = { skus: (string | null)[] | null; quantities: number[] | null }
type Base = TableRow<
  'sales_order',
  'shopId' | 'region' | 'buyerMessage' | 'sellerMemo' | 'cod' | 'paymentFen'
> &
  Pick<SourcingOrder, 'asks' | 'at' | 'designated'> &
  Line

/** The SKU of a `line` of the trade `t`, or null. */
export const skuOfLine = sql`coalesce((line ->> 'ownSkuId')::bigint,
  ${skuOfListing(sql`t.shop_id`, sql`line ->> 'itemId'`, sql`line ->> 'skuId'`)})`

type TradeChoice = Base & TableRow<'staged_trade', 'tid'> & Record<'key', string>

/**
 * Reads the sourcing facts of these trades; `trades` is a relation as for `acceptOrders`. Record-only trades are left out, since we do not
 * ship them. `key` of a row: trade number and shop id, as `tid/shop`.
 */
export async function tradesToSource(tx: Tx, trades: RawBuilder<unknown>): Promise<TradeChoice[]> {
  const found = await sql<TradeChoice>`${preparedStatement}
    select t.tid || '/' || t.shop_id as key, t.tid, t.shop_id as "shopId", t.region, t.buyer_message as "buyerMessage", t.seller_memo as "sellerMemo",
      t.cod, t.paid_at is not null or t.cod as asks, coalesce(t.paid_at, t.ordered_at) as at, ${designatedOf(sql`t.facets`)} as designated,
      greatest(l.payment_fen + t.post_fee_fen, 0) as "paymentFen", l.skus, l.quantities
    from (select * from (${trades}) t offset 0) t
    cross join lateral (
      select sum(payment_fen)::bigint as payment_fen, array_agg(sku_id order by n) as skus, array_agg(quantity order by n) as quantities
      from (
        select n, (line ->> 'quantity')::int as quantity, (line ->> 'paymentFen')::bigint as payment_fen, ${skuOfLine} as sku_id
        from jsonb_array_elements(t.lines) with ordinality l (line, n)
        -- Without this fence the SKU would be looked up at each use of sku_id.
        offset 0
      ) l
    ) l
    where t.origin <> 'record'`.execute(tx)
  return found.rows
}

/** Reads the sourcing facts of existing orders with their reservations. The caller has locked the orders, or makes a dry run. */
export async function ordersToSource(
  db: Database | Tx,
  ids: readonly string[],
): Promise<(Base & PlacedOrder & { held: SourcingOrder['held'] })[]> {
  type Row = Base & PlacedOrder & { held: SourcingOrder['held'] }
  const found = await sql<Row>`
    select o.id, o.no, o.status, o.shop_id as "shopId", o.region, o.buyer_message as "buyerMessage", o.seller_memo as "sellerMemo", o.cod,
      o.paid_at is not null or o.cod as asks, coalesce(o.paid_at, o.ordered_at) as at, o.payment_fen as "paymentFen",
      o.warehouse_id as "warehouseId", o.courier, o.warehouse_by_hand as "warehouseByHand", o.courier_by_hand as "courierByHand", o.facets,
      ${designatedOf(sql`o.facets`)} as designated, l.skus, l.quantities, coalesce(r.held, '[]') as held
    from sales_order o
    cross join lateral (
      select array_agg(sku_id order by line_no) as skus, array_agg(quantity - refunded_quantity order by line_no) as quantities
      from order_line where order_id = o.id and refunded_quantity < quantity
    ) l
    left join lateral (
      select jsonb_agg(jsonb_build_object('warehouseId', r.warehouse_id::text, 'skuId', r.sku_id::text, 'quantity', r.wanted)) as held
      from ${reservationRows} r where r.order_id = o.id and not r.shipped
    ) r on true
    where o.id = any(${ids}::bigint[]) and o.origin <> 'record'
    order by o.id`.execute(db)
  return found.rows
}

type Goods = { code: string; category: string; weightG: number | null; parts: StockDemand[] }

/**
 * Reads the goods of the orders (SKUs, weight, components) and the available pieces in every warehouse, with one query for all. A bundle
 * without its own weight weighs as much as its components.
 */
export async function withGoods<Row extends Line>(
  db: Database | Tx,
  rows: readonly Row[],
): Promise<{ goods: (row: Row) => GoodsOf; shelf: FreeStock }> {
  const ids = [...new Set(rows.flatMap(({ skus }) => skus ?? []))].flatMap((id) => id ?? [])
  const found = ids.length === 0 ? [] : await goodsRows(db, ids)
  const bySku = new Map(
    [...Map.groupBy(found, ({ skuId }) => skuId)].map(([id, parts]) => [id, goodsOfSku(parts)]),
  )
  return { goods: (row) => goodsOf(row, bySku), shelf: shelfOf(found) }
}

type GoodsRow = TableRow<'sku', 'code' | 'weightG'> & {
  category: Rows['product']['category']
  skuId: Rows['sku']['id']
  partId: Rows['sku']['id']
  quantity: Rows['bundle_part']['quantity']
  partWeightG: Rows['sku']['weightG']
  warehouses: string[] | null
  free: number[] | null
}

async function goodsRows(db: Database | Tx, skuIds: readonly string[]): Promise<GoodsRow[]> {
  const found = await sql<GoodsRow>`${preparedStatement}
    select g.sku_id as "skuId", g.code, g.category, g.weight_g as "weightG", g.part_id as "partId", g.quantity,
      g.part_weight_g as "partWeightG", f.warehouses, f.free
    from ${skuGoods} g
    cross join lateral (
      select array_agg(warehouse_id) as warehouses, array_agg(free) as free from ${freeStock} f where f.sku_id = g.part_id
    ) f
    where g.sku_id = any(${skuIds}::bigint[])`.execute(db)
  return found.rows
}

function goodsOfSku(rows: readonly GoodsRow[]): Goods {
  const { code = '', category = '', weightG = null } = rows[0] ?? {}
  const ofParts = rows.reduce<number | null>(
    (sum, { partWeightG, quantity }) =>
      sum === null || partWeightG === null ? null : sum + partWeightG * quantity,
    0,
  )
  return {
    code,
    category,
    weightG: weightG ?? ofParts,
    parts: rows.map(({ partId, quantity }) => ({ skuId: partId, quantity })),
  }
}

type GoodsOf = Pick<SourcingOrder, 'parts' | 'skus' | 'categories' | 'weightG'>

function goodsOf({ skus, quantities }: Line, bySku: ReadonlyMap<string, Goods>): GoodsOf {
  const parts = new Map<string, number>()
  const codes = new Set<string>()
  const categories = new Set<string>()
  let weightG: number | null = 0
  for (const [at, sku] of (skus ?? []).entries()) {
    const goods = bySku.get(sku ?? '')
    const quantity = quantities?.[at] ?? 0
    weightG = weightG === null || goods?.weightG == null ? null : weightG + goods.weightG * quantity
    if (!goods) continue
    codes.add(goods.code)
    if (goods.category !== '') categories.add(goods.category)
    for (const part of goods.parts)
      parts.set(part.skuId, (parts.get(part.skuId) ?? 0) + part.quantity * quantity)
  }
  return {
    weightG,
    skus: [...codes],
    categories: [...categories],
    parts: [...parts].map(([skuId, quantity]) => ({ skuId, quantity })),
  }
}

function shelfOf(rows: readonly GoodsRow[]): FreeStock {
  const shelf = new Map<string, Map<string, number>>()
  for (const { partId, warehouses, free } of rows) {
    for (const [at, warehouseId] of (warehouses ?? []).entries()) {
      const skus = shelf.get(warehouseId) ?? new Map<string, number>()
      shelf.set(warehouseId, skus.set(partId, free?.[at] ?? 0))
    }
  }
  return shelf
}

export const fenOf = ({ paymentFen }: Base) => num(paymentFen)
