import { type RawBuilder, sql } from 'kysely'
import { isSameBuyer, phoneKeysNear } from '../../lib/people.ts'

const toldMax = 5

/**
 * Over `sales_order o`: one row with the `numbers` of at most five other orders of the same buyer in the same shop that are not voided and
 * were ordered at most `hours` hours before or after; null: there are none. `more`: a further condition over the other order `b`. Orders
 * that were split from the same order are left out.
 */
export const ordersOfBuyer = (hours: RawBuilder<unknown>, more: RawBuilder<boolean>) => sql`
  select array_agg(other.no order by other.no) as numbers from (
    select b.no from (
      select b.* from sales_order_person k join sales_order b on b.id = k.id
      where k.key = any(${phoneKeysNear(sql.ref('o.people'), sql.ref('o.ordered_at'), hours)}) and k.id <> o.id
      -- Without this fence the planner would walk the newest orders of all buyers, since the limit below is small.
      offset 0
    ) b
    where b.shop_id = o.shop_id and b.status <> 'voided'
      and coalesce(b.split_from, b.id) <> coalesce(o.split_from, o.id) and ${more}
      and b.ordered_at between o.ordered_at - make_interval(hours => ${hours}) and o.ordered_at + make_interval(hours => ${hours})
      and ${isSameBuyer(sql.ref('o.people'), sql.ref('b.people'))}
    order by b.id desc limit ${toldMax}
  ) other`
