import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, WithNumbers } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import type { OffPlatformLine } from './own-orders.ts'

export type CopiedOrder = WithNumbers<
  Row<'sales_order', 'id' | 'shopId' | 'cod' | 'sellerMemo' | 'courier' | 'personal' | 'postFeeFen'>,
  'postFeeFen'
> & {
  paid: boolean
  /** `byRule`: the line is a gift that a rule gave. */
  lines: (Omit<OffPlatformLine, 'discountFen'> & { lineNo: number; byRule: boolean })[]
}

/** Reads the values that a copy takes from its source order. The amounts of one order are small enough for JSON numbers. */
export async function copiedOrders(tx: Tx, ids: readonly string[]): Promise<CopiedOrder[]> {
  const found = await sql<CopiedOrder>`
    select o.id, o.shop_id as "shopId", o.cod, o.paid_at is not null as paid, o.post_fee_fen::float8 as "postFeeFen",
      o.seller_memo as "sellerMemo", o.courier, o.personal,
      (select jsonb_agg(jsonb_build_object('lineNo', line_no, 'byRule', gift_rule_id is not null, 'ownSkuId', sku_id::text, 'oid', '', 'itemId', item_id,
        'skuId', platform_sku_id, 'outerItemId', outer_item_id, 'outerSkuId', outer_sku_id, 'title', title, 'spec', spec,
        'pictureUrl', picture_url, 'quantity', quantity, 'priceFen', price_fen, 'paymentFen', payment_fen) order by line_no)
       from order_line where order_id = o.id) as lines
    from sales_order o where o.id = any(${ids}::bigint[])`.execute(tx)
  return found.rows
}

export async function insertSources(
  tx: Tx,
  links: readonly { orderId: string; sourceId: string; reason: string }[],
): Promise<void> {
  await sql`
    insert into order_source (order_id, source_id, reason)
    select order_id, source_id, reason
    from ${unnestRows('d', links, [
      ['order_id', 'int8', (row) => row.orderId],
      ['source_id', 'int8', (row) => row.sourceId],
      ['reason', 'text', (row) => row.reason],
    ])}`.execute(tx)
}

export type Related = Row<'sales_order', 'id' | 'no' | 'origin' | 'status'> & Row<'order_source', 'reason'>

type Kin = 'source' | 'copies' | 'root' | 'parts' | 'parcel'
export type Relations = Record<'source' | 'root', Related | null> &
  Record<'copies' | 'parts' | 'parcel', Related[]>

/**
 * Returns the orders that the order was copied and split from, its copies and child orders, and the other orders of its merged shipment;
 * newest first.
 */
export async function relationsOf(db: Database, id: string, scope: Scope): Promise<Relations> {
  const related = sql`o.id, o.no, o.origin, o.status`
  const found = await sql<Related & { kin: Kin }>`
    select ${related}, s.reason, 'source' as kin
    from order_source s join sales_order o on o.id = s.source_id where s.order_id = ${id}::bigint
    union all
    (select ${related}, s.reason, 'copies'
     from order_source s join sales_order o on o.id = s.order_id
     where s.source_id = ${id}::bigint order by o.id desc limit 100)
    union all
    select ${related}, '', 'root'
    from sales_order part join sales_order o on o.id = part.split_from where part.id = ${id}::bigint
    union all
    (select ${related}, '', 'parts' from sales_order o where o.split_from = ${id}::bigint order by o.id desc limit 100)
    union all
    (select ${related}, '', 'parcel'
     from sales_order own
     join parcel_order p on p.parcel = own.parcel
     join sales_order o on o.id = p.order_id and o.parcel = p.parcel
     where own.id = ${id}::bigint and o.id <> own.id and ${scopeSql(scope, sql.ref('o.shop_id'))} order by o.id desc limit 100)`.execute(
    db,
  )
  const of = (kin: Kin) => found.rows.filter((row) => row.kin === kin).map(({ kin: _, ...row }) => row)
  return {
    source: of('source')[0] ?? null,
    copies: of('copies'),
    root: of('root')[0] ?? null,
    parts: of('parts'),
    parcel: of('parcel'),
  }
}
