import { sql } from 'kysely'

/**
 * Who gets what: CTEs `room`, `queue` and `ranked` over a CTE `fresh (warehouse_id, sku_id, order_id, line_no, wanted, paid_at)`
 * of rows that come anew to their pair. Strictly first paid, first served: a row fits when everything that waits before it and
 * itself fit together. Those that wait are counted, not served here; their job serves them. No more of them are read than
 * there are free pieces, since each wants at least one.
 */
export const ranking = sql`
  room as (
    select s.warehouse_id, s.sku_id, s.on_hand - s.reserved - s.locked as available, s.short
    from stock s join (select distinct warehouse_id, sku_id from fresh) f using (warehouse_id, sku_id)
  ), queue as (
    select warehouse_id, sku_id, order_id, line_no, wanted, paid_at, true as fresh from fresh
    union all
    select room.warehouse_id, room.sku_id, w.order_id, w.line_no, w.wanted, w.paid_at, false
    from room cross join lateral (
      select r.order_id, r.line_no, r.wanted, r.paid_at from reservation r
      where r.warehouse_id = room.warehouse_id and r.sku_id = room.sku_id and r.reserved < r.wanted and not r.shipped
      order by r.paid_at, r.order_id, r.line_no limit room.available
    ) w
    where room.short > 0
  ), ranked as (
    select queue.*, room.available >= sum(queue.wanted) over (
      partition by warehouse_id, sku_id order by queue.paid_at, queue.order_id, queue.line_no) as fits
    from queue join room using (warehouse_id, sku_id)
  )`
