import { sql } from 'kysely'
import type { Database } from '../../server/core/db/db.ts'
import { allocationBits, refundFacets } from '../../server/orders/order/facets.ts'

/** Adds the rows of holds, differences, problems and refunds that the orders show. */
export async function addStories(db: Database): Promise<void> {
  await sql`create unlogged table bench_shown as
    select id, shop_id, tid, status, created_at, payment_fen, refunded_quantity, open_holds, differences, open_problems, buyer_message,
      facets[4] - ${refundFacets.none}::int as refund, facets[5] & ${sql.lit(allocationBits.unmatched)} > 0 as unmatched
    from sales_order
    where open_holds > 0 or differences > 0 or open_problems > 0 or facets[4] <> ${refundFacets.none}::int`.execute(
    db,
  )
  await db.transaction().execute(async (tx) => {
    // Triggers and foreign keys are off: they would read the order for each row.
    await sql`set local session_replication_role = replica`.execute(tx)
    await sql`
      insert into order_hold (order_id, reason, source, held_by, held_at)
      select id, case when unmatched then 'unmatched' when refund = 1 then 'refund_open' else 'ask_buyer' end,
        case when refund = 1 and not unmatched then 'R' || id else '' end, '林晓', created_at
      from bench_shown where open_holds > 0 order by id`.execute(tx)
    await sql`
      insert into order_difference (order_id, kind, old_value, new_value, trade_version, seen_at)
      select id, case when id % 3 = 0 then 'flag' else 'memo' end, '', case when id % 3 = 0 then '1' else '已加急' end, created_at, created_at
      from bench_shown where differences > 0 order by id`.execute(tx)
    await sql`
      insert into order_problem (order_id, reason, detail, found_at)
      select id, case when buyer_message <> '' then 'buyer_message' else 'difference' end, '{}', created_at
      from bench_shown where open_problems > 0 order by id`.execute(tx)
    await sql`
      insert into order_refund (order_id, refund_no, shop_id, oid, kind, refund_status, version, modified_at, amount_fen, quantity, effect,
        fact, counted_fen, counted_quantity, takes_goods)
      select id, 'R' || id, shop_id, '', 'refund_only', case refund when 1 then 'applied' else 'succeeded' end, '1', created_at, payment_fen,
        refunded_quantity, case refund when 1 then 'hold' else 'reduce' end, case refund when 2 then 'order_refund' end,
        case refund when 2 then payment_fen else 0 end, case refund when 2 then refunded_quantity else 0 end, refund = 2
      from bench_shown where refund > 0 order by id`.execute(tx)
  })
  await sql`drop table bench_shown`.execute(db)
}
