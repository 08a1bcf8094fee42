import { sql } from 'kysely'

/**
 * SQL that decides which demands get pieces: the CTEs `queue` and `ranked`. It reads a CTE `pair (warehouse_id, sku_id, available, short)`
 * and a CTE `fresh (warehouse_id, sku_id, available, order_id, line_no, per_line, wanted, paid_at)` of new demands. Demands are served
 * strictly by payment time: a row gets its pieces if they and those of all earlier rows fit together. Existing backorders are counted here,
 * but their job fills them. At most as many backorders are read as pieces are available, since each wants at least one piece. There is no
 * join, because the planner does not know the row count of a CTE and would choose a nested loop.
 */
export const ranking = sql`
  queue as (
    select warehouse_id, sku_id, available, order_id, line_no, per_line, wanted, paid_at, true as fresh from fresh
    union all
    select pair.warehouse_id, pair.sku_id, pair.available, w.order_id, w.line_no, 1, w.wanted, w.paid_at, false
    from pair cross join lateral (
      select r.order_id, r.line_no, r.wanted, r.paid_at from reservation r
      where r.warehouse_id = pair.warehouse_id and r.sku_id = pair.sku_id and r.reserved < r.wanted and not r.shipped
      order by r.paid_at, r.order_id, r.line_no limit pair.available
    ) w
    where pair.short > 0 and pair.available > 0
  ), ranked as (
    select queue.*, available >= sum(wanted) over (
      partition by warehouse_id, sku_id order by paid_at, order_id, line_no) as fits
    from queue
  )`
