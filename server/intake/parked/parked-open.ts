import { type RawBuilder, sql } from 'kysely'

/** True for a parked item `p` that no person has closed and whose document was not downloaded successfully since. */
export const stillParked: RawBuilder<boolean> = sql<boolean>`(p.settled_at is null and not case p.kind
  when 'trade' then exists (select from staged_trade t
    where t.tid = p.platform_id and t.shop_id = p.shop_id and t.fetched_at > p.last_seen)
  else exists (select from staged_refund r
    where r.refund_no = p.platform_id and r.shop_id = p.shop_id and r.created_at > p.last_seen and not r.detail_missing) end)`
