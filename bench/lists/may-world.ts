import { sql } from 'kysely'
import type { Database } from '../../server/core/db/db.ts'

export type MayWorld = { all: number; waiting: number }

/**
 * Deliveries of four shops, the newest of which wait: a third each for a number, for printing, and ready to ship. Of the waiting every fiftieth is
 * on hold, every thirtieth is merged with its neighbour, an eighth waits for a courier of which there is no account, and of the last a twentieth is short
 * of goods. Those that left have numbers and printed labels too. `on` must be the tables' owner, since no trigger is wanted.
 */
export async function fillMayWorld(on: Database, { all, waiting }: MayWorld): Promise<void> {
  const left = all - waiting
  const third = Math.round(waiting / 3)
  await on.connection().execute(async (one) => {
    await sql`set session_replication_role = replica`.execute(one)
    await sql`
      insert into shop (platform, variant, name)
      select p, p, '店' || n from unnest(array['taobao', 'taobao', 'pinduoduo', 'taobao']) with ordinality s (p, n)`.execute(
      one,
    )
    await sql`insert into warehouse (code, name, kind) values ('W1', '主仓', 'own'), ('W2', '二仓', 'own')`.execute(
      one,
    )
    await sql`
      insert into waybill_account (shop_id, source, courier, sender, template_url, created_by)
      select 1, source, courier, '', 'http://127.0.0.1/1', '' from unnest(array['cainiao', 'pinduoduo']) source, unnest(array['ZTO', 'YTO', 'YUNDA']) courier`.execute(
      one,
    )
    await sql`
      insert into delivery (no, order_id, order_no, tid, shop_id, warehouse_id, status, courier, waybill_no, ship_by, write_back, shipped_at,
        created_by, created_at, wanted_courier, shape, sku_id, piece_count, labelled, ship_steps, printed_at, parcel, beside)
      select 'DN' || n, n, 'SO' || n, 'T' || n, 1 + first % 4, 1 + first % 2, case when waits then 'pending' else 'shipped' end,
        case when has_number then wanted else '' end, case when has_number then 'W' || first else '' end,
        now() + n % 172800 * interval '1 second', case when waits then '' else 'done' end, case when not waits then now() end, '',
        now() - (${all}::int - n) * interval '1 second', wanted, 'single', 1 + n % 400, 1, has_number, '{print}',
        case when n > ${all - third}::int or not waits then now() end, case when n % 30 < 2 then first end, n % 30 = 1
      from (
        select n, n > ${left}::int as waits, n <= ${left}::int or n > ${left + third}::int as has_number,
          case when n % 30 = 1 then n - 1 else n end as first, (array['ZTO', 'ZTO', 'ZTO', 'YTO', 'YTO', 'SF', 'YUNDA', 'ZTO'])[1 + (case when n % 30 = 1 then n - 1 else n end) % 8] as wanted
        from generate_series(1, ${all}::int) n) d`.execute(one)
    await sql`
      insert into sales_order (id, no, shop_id, origin, tid, status, cod, goods_fen, post_fee_fen, discount_fen, payment_fen, quantity,
        ordered_at, facets, created_by, courier, warehouse_id, parcel)
      overriding system value select order_id, order_no, shop_id, 'trade', tid, 'released', false, 1, 0, 0, 1, 1, created_at, '{1,2,3,4,5}', '', wanted_courier,
        warehouse_id, parcel from delivery where status = 'pending'`.execute(one)
    await sql`
      insert into parcel_order (parcel, order_id) select parcel, order_id from delivery where parcel is not null and status = 'pending'`.execute(
      one,
    )
    await sql`
      insert into order_line (order_id, line_no, tid, oid, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url,
        quantity, price_fen, discount_fen, payment_fen, sku_id)
      select order_id, 1, tid, tid, '', '', '', '', '', '', '', 1, 1, 0, 1, sku_id from delivery where status = 'pending'`.execute(
      one,
    )
    await sql`
      insert into reservation (order_id, line_no, sku_id, warehouse_id, wanted, reserved, paid_at)
      select order_id, 1, sku_id, warehouse_id, 1, case when order_id % 20 = 7 then 0 else 1 end, created_at from delivery where status = 'pending'`.execute(
      one,
    )
    await sql`
      insert into order_hold (order_id, reason, source, held_by) select order_id, 'ask_buyer', '', '' from delivery where status = 'pending' and id % 50 = 3`.execute(
      one,
    )
    await sql`
      insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by)
      select id, 1, 1, shop_id, courier, 'taken', waybill_no, '', '' from delivery where waybill_no <> '' and not beside`.execute(
      one,
    )
    await sql`
      insert into print_document (job_id, seq, waybill_id, state)
      select 1, row_number() over (), w.id, 'printed' from waybill w join delivery d on d.id = w.delivery_id where d.printed_at is not null`.execute(
      one,
    )
    await sql`
      insert into waybill (delivery_id, round, account_id, shop_id, courier, state, asked_by)
      select id, 1, 1, shop_id, wanted_courier, 'asked', '' from delivery where standing = 'number' and not beside and id % 40 = 9`.execute(
      one,
    )
    await sql`set session_replication_role = origin`.execute(one)
    await sql`vacuum analyze`.execute(one)
  })
}
