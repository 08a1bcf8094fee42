import { sql } from 'kysely'
import type { Receiver } from '../../connectors/connector.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { personalOf } from '../order/personal.ts'

export type ParcelContents = {
  tid: string
  /** False: the order is off-platform, so no platform knows it and its receiver is in plain text. */
  fromTrade: boolean
  receiver: Receiver
  goods: { name: string; quantity: number }[]
}

/**
 * Returns what goes into a parcel for each of these orders: its trade, receiver and the goods that are not refunded. For labels; the
 * receiver of a platform's trade is masked. An order without a receiver is missing.
 */
export async function contentsOf(
  db: Database,
  ring: KeyRing,
  orderIds: readonly string[],
): Promise<Map<string, ParcelContents>> {
  const found = await sql<
    Row<'sales_order', 'id' | 'tid' | 'origin' | 'shopId' | 'personal'> & Pick<ParcelContents, 'goods'>
  >`
    select o.id, o.tid, o.origin, o.shop_id as "shopId", o.personal, coalesce(l.goods, '[]') as goods
    from sales_order o cross join lateral (
      select json_agg(json_build_object('name', trim(l.title || ' ' || l.spec), 'quantity', l.quantity - l.refunded_quantity)
        order by l.line_no) as goods
      from order_line l where l.order_id = o.id and l.refunded_quantity < l.quantity
    ) l
    where o.id = any(${[...orderIds]}::bigint[]) and o.personal is not null`.execute(db)
  return new Map(
    found.rows.flatMap(({ id, tid, origin, shopId, personal, goods }) => {
      if (personal === null) return []
      const { receiver } = personalOf(ring, shopId, personal)
      return [[id, { tid, fromTrade: origin === 'trade', receiver, goods }] as const]
    }),
  )
}
