import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, WithNumbers } from '../../core/db/rows.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { tradeTypeFacet } from '../order/facets.ts'
import { offPlatformOrigins } from '../order/lifecycle.ts'
import { type Personal, personalOf } from '../order/personal.ts'

const madeHere = sql<boolean>`o.origin = any(${[...offPlatformOrigins]}::text[])`

const present = tradeTypeFacet('present')

type Line = Row<'order_line', 'skuId' | 'title' | 'spec' | 'quantity'> & { priceFen: number; code: string }

export type OrderOnPaper = WithNumbers<
  Row<
    'sales_order',
    | 'id'
    | 'orderedAt'
    | 'buyerMessage'
    | 'sellerMemo'
    | 'receiverMasked'
    | 'region'
    | 'paymentFen'
    | 'refundedFen'
  >,
  'paymentFen' | 'refundedFen'
> & { own: boolean; isPresent: boolean; lines: Line[] }

/** Returns what papers of the warehouse show of these orders, with the pieces that remain after refunds. Gifts are among the lines. */
export async function ordersOnPaper(
  db: Database | Tx,
  ids: readonly string[],
): Promise<Map<string, OrderOnPaper>> {
  const found = await sql<OrderOnPaper>`
    select o.id, o.ordered_at as "orderedAt", o.buyer_message as "buyerMessage", o.seller_memo as "sellerMemo",
      o.receiver_masked as "receiverMasked", o.region, o.payment_fen::float8 as "paymentFen", o.refunded_fen::float8 as "refundedFen",
      ${madeHere} as own, o.facets @> array[${present}::int] as "isPresent", coalesce(l.lines, '[]') as lines
    from sales_order o
    cross join lateral (
      select jsonb_agg(jsonb_build_object('skuId', sku_id::text, 'title', title, 'spec', spec, 'quantity', quantity - refunded_quantity,
        'priceFen', price_fen, 'code', case when outer_sku_id = '' then outer_item_id else outer_sku_id end) order by line_no) as lines
      from order_line where order_id = o.id and refunded_quantity < quantity
    ) l
    where o.id = any(${[...new Set(ids)]}::bigint[])`.execute(db)
  return new Map(found.rows.map((row) => [row.id, row]))
}

/**
 * Returns the receiver of an order that was made here, in the clear, for a plain label. Undefined: the order was made by a platform, has no
 * receiver, or a masked one. The caller has checked the scope, and writes the audit row before it shows the receiver.
 */
export async function plainReceiver(
  db: Database,
  ring: KeyRing,
  orderId: string,
): Promise<(Personal & { shopId: string }) | undefined> {
  const found = await sql<Row<'sales_order', 'shopId' | 'personal'>>`
    select o.shop_id as "shopId", o.personal from sales_order o
    where o.id = ${orderId}::bigint and ${madeHere}`.execute(db)
  const [order] = found.rows
  if (!order?.personal) return undefined
  const personal = personalOf(ring, order.shopId, order.personal)
  const { name, mobile, phone, address } = personal.receiver
  return [name, mobile, phone, address].some((text) => text.includes('*'))
    ? undefined
    : { ...personal, shopId: order.shopId }
}
