import { sql } from 'kysely'
import type { Receiver } from '../../connectors/connector.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { facet, has } from '../../lib/facets.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { isOffPlatform, offPlatformOrigins } from '../order/lifecycle.ts'
import { personalOf } from '../order/personal.ts'
import { withGoods } from '../sourcing/choice-facts.ts'

export type ParcelContents = {
  tid: string
  /** False: the order is off-platform, so no platform knows it. */
  fromTrade: boolean
  /** The trade whose masked receiver this is; for a copy or reship, the trade whose order was copied. */
  receiverTid: string
  receiver: Receiver
  goods: { name: string; quantity: number }[]
  /** By the weights of its SKUs; null: one of them has none. */
  weightG: number | null
  /** What the courier collects; null: the order is paid, or not cash on delivery. */
  codFen: number | null
  /** What the buyer pays for the goods that are not refunded. */
  valueFen: number
  /** The value for which a person wants it insured; 0: not at all, null: no person said so. */
  insuredFen: number | null
  toDoor: boolean
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
    Row<'sales_order', 'id' | 'tid' | 'origin' | 'shopId' | 'personal'> &
      Pick<ParcelContents, 'goods' | 'receiverTid' | 'codFen' | 'valueFen' | 'insuredFen' | 'toDoor'> &
      Record<'skus', (string | null)[] | null> &
      Record<'quantities', number[] | null>
  >`
    select o.id, o.tid, o.origin, o.shop_id as "shopId", o.personal, coalesce(l.goods, '[]') as goods, l.skus, l.quantities,
      greatest(0, o.payment_fen - o.refunded_fen)::float8 as "valueFen", o.insured_fen as "insuredFen",
      o.facets @> array[${facet('has', has.toDoor)}::int] as "toDoor",
      case when o.cod and o.paid_at is null then greatest(0, o.payment_fen - o.refunded_fen)::float8 end as "codFen",
      case when o.origin = any(${[...offPlatformOrigins]}::text[]) then coalesce((
        with recursive chain (id) as (
          select s.source_id from order_source s where s.order_id = coalesce(o.split_from, o.id)
          union select s.source_id from chain c join order_source s on s.order_id = c.id
        )
        select t.tid from chain c join sales_order t on t.id = c.id where t.origin in ('trade', 'split') limit 1
      ), o.tid) else o.tid end as "receiverTid"
    from sales_order o cross join lateral (
      select json_agg(json_build_object('name', trim(l.title || ' ' || l.spec), 'quantity', l.quantity - l.refunded_quantity)
        order by l.line_no) as goods, array_agg(l.sku_id::text order by l.line_no) as skus,
        array_agg(l.quantity - l.refunded_quantity order by l.line_no) as quantities
      from order_line l where l.order_id = o.id and l.refunded_quantity < l.quantity
    ) l
    where o.id = any(${[...orderIds]}::bigint[]) and o.personal is not null`.execute(db)
  const { goods: weighed } = await withGoods(db, found.rows)
  return new Map(
    found.rows.flatMap((row) => {
      const { id, tid, origin, shopId, personal, goods, receiverTid, codFen } = row
      const { valueFen, insuredFen, toDoor } = row
      if (personal === null) return []
      const { weightG } = weighed(row)
      const { receiver } = personalOf(ring, shopId, personal)
      return [
        [
          id,
          {
            ...{ tid, fromTrade: !isOffPlatform(origin), receiverTid, receiver, goods, weightG, codFen },
            ...{ valueFen, insuredFen, toDoor },
          },
        ] as const,
      ]
    }),
  )
}
