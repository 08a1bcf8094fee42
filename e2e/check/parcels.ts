/** The pieces that lie in the baskets of deliveries that wait: (delivery_id, order_id, sku_id, picked). */
const inBaskets = `(
  select p.delivery_id, d.order_id, p.sku_id, sum(p.picked) as picked
  from wave_piece p join wave_delivery m using (wave_id, delivery_id) join delivery d on d.id = p.delivery_id
  where (m.live or m.keeps) and d.status = 'pending' group by 1, 2, 3)`

/**
 * Parcels that have left, with the pieces that left in them: (waybill_no, ids, order_ids, steps, pieces). Not those of which some deliveries
 * stayed shipped while others were undone, since they were checked together.
 */
const gone = `(
  select p.*, (
    select coalesce(-sum(quantity), 0) from stock_movement where document_kind = 'order' and document_id = any(p.order_ids)) as pieces
  from (
    select courier, waybill_no, array_agg(id) as ids, array_agg(order_id) as order_ids,
      array(select distinct unnest(s.ship_steps) from delivery s where s.id = any(array_agg(d.id))) as steps
    from delivery d where status = 'shipped' group by 1, 2
  ) p
  where not exists (
    select from parcel_order own join parcel_order other using (parcel) join order_event e on e.order_id = other.order_id and e.event = 'unship'
    where own.order_id = any(p.order_ids) and other.order_id <> all(p.order_ids)))`

/** Rules of numbers, labels, waves, stations and tracking. Each query returns the violations as (id, found). */
export const parcelRules: Readonly<Record<string, string>> = {
  'a number goes back only for a cause': `
    select w.waybill_no as id, concat_ws(' ', w.state, d.no, d.status, d.waybill_no) as found
    from waybill w join delivery d on d.id = w.delivery_id
    where w.state in ('returning', 'returned', 'kept') and d.status <> 'cancelled'
      and not exists (
        select from order_event e where e.order_id = d.order_id and (
          e.event = 'number_back' or e.event = 'difference' and e.detail ->> 'kind' in ('address', 'courier')
          or e.event = 'waybill' and e.detail ->> 'waybillNo' <> w.waybill_no
          -- A person took the platform's waybill in its place (采用平台运单), or gave the parcel another (改运单).
          or e.event in ('waybill_taken', 'waybill_changed') and e.detail ->> 'was' = w.waybill_no))
      and not exists (select from parcel_order p where p.order_id = d.order_id)`,

  'a label is printed once, unless a person says why': `
    select w.waybill_no as id, string_agg(concat_ws(' ', p.job_id, p.state), ', ') as found
    from print_document p join print_job j on j.id = p.job_id join waybill w on w.id = p.waybill_id
    where j.reason = '' and p.state in ('waiting', 'spooled', 'printed') group by w.id, p.nth having count(*) > 1`,

  'a delivery says printed if its label came out, and only then': `
    select d.no as id, concat_ws(' ', d.status, d.waybill_no, 'says', d.printed_at is not null, 'labels', l.count) as found
    from delivery d
    cross join lateral (
      select count(distinct p.nth) from waybill w join print_document p on p.waybill_id = w.id and p.state = 'printed'
      where w.courier = d.courier and w.waybill_no = d.waybill_no and w.state = 'taken'
    ) l
    where d.status <> 'cancelled' and d.waybill_no <> '' and (d.printed_at is not null) <> (l.count >= d.package_count)`,

  'nothing has left that lacks a step of its warehouse': `
    select no as id, concat_ws(' ', ship_steps, 'label', labelled, 'printed', printed_at is not null, 'picked', picked_at is not null,
      'checked', checked_at is not null, 'weighed', weighed_at is not null) as found
    from delivery where status = 'shipped' and (
      'print' = any(ship_steps) and labelled and printed_at is null or 'wave' = any(ship_steps) and picked_at is null
      or 'check' = any(ship_steps) and checked_at is null or 'weigh' = any(ship_steps) and weighed_at is null)`,

  'no parcel of several packages has left of which a package was not scanned, where parcels go over a station': `
    select d.no as id, string_agg(k.nth::text, ' ' order by k.nth) as found
    from delivery d join waybill_package k on k.courier = d.courier and k.main_no = d.waybill_no
    where d.status = 'shipped' and d.package_count > 1 and k.scanned_at is null and d.ship_steps && '{check,weigh}' group by d.no`,

  'a number of a package belongs to one parcel': `
    select k.waybill_no as id, string_agg(distinct d.no, ' ') as found
    from waybill_package k
    join delivery d on d.status <> 'cancelled' and not d.beside and d.courier = k.courier and d.waybill_no in (k.main_no, k.waybill_no)
    group by 1 having count(distinct d.id) > 1`,

  'a parcel has a label for each of its packages, or it was typed': `
    select d.no as id, concat_ws(' ', 'packages', d.package_count, 'labels', k.count) as found
    from delivery d join waybill w on w.courier = d.courier and w.waybill_no = d.waybill_no and w.state = 'taken'
    cross join lateral (select count(*) from waybill_package k where k.waybill_id = w.id and k.main_no = w.waybill_no) k
    where d.status <> 'cancelled' and d.package_count <> greatest(k.count, 1)`,

  'each piece that left was scanned, where pieces are checked': `
    select g.waybill_no as id, concat_ws(' ', 'left', g.pieces, 'to scan', w.pieces, 'scanned', s.right_ones + e.last_ones) as found
    from ${gone} g
    cross join lateral (
      -- 整单一扫: one scan for all pieces of such a SKU.
      select coalesce(sum(case when k.scan_once and not k.needs_serial then 1 else m.pieces end), 0) as pieces
      from (
        select sku_id, -sum(quantity) as pieces from stock_movement
        where document_kind = 'order' and document_id = any(g.order_ids) group by 1 having sum(quantity) <> 0) m
      join sku k on k.id = m.sku_id
    ) w
    cross join lateral (select count(*) as right_ones from station_scan where delivery_id = any(g.ids) and kind = 'right') s
    cross join lateral (
      select coalesce(max(count), 0) as last_ones
      from (select count(*) from order_event where order_id = any(g.order_ids) and event = 'checked' group by order_id) each
    ) e
    where 'check' = any(g.steps) and w.pieces > s.right_ones + e.last_ones`,

  'what left with serial numbers has one for each piece': `
    select concat_ws('/', d.no, l.line_no, k.id) as id, concat_ws(' ', 'pieces', l.pieces * coalesce(part.quantity, 1), 'serials', s.serials) as found
    from delivery d
    join (select order_id, line_no, sku_id, quantity - refunded_quantity as pieces from order_line) l on l.order_id = d.order_id
    left join bundle_part part on part.bundle_id = l.sku_id
    join sku k on k.id = coalesce(part.part_id, l.sku_id) and k.needs_serial
    cross join lateral (
      select count(*) as serials from delivery_serial where delivery_id = d.id and line_no = l.line_no and sku_id = k.id
    ) s
    where d.status = 'shipped' and 'check' = any(d.ship_steps) and l.pieces * coalesce(part.quantity, 1) <> s.serials
      and not exists (
        -- What was refunded after it left changes the line, and not what lay in the parcel.
        select from order_event e where e.order_id = d.order_id and e.id > (
          select max(id) from order_event where order_id = d.order_id and event = 'ship')
          and e.event like 'refund_%')`,

  'a serial number is in a parcel once': `
    select s.serial as id, string_agg(d.no, ' ') as found
    from delivery_serial s join delivery d on d.id = s.delivery_id
    where d.status <> 'cancelled' group by s.serial, coalesce(d.parcel, -d.id) having count(*) > 1`,

  'a number of an account of its own is on no order with a receiver of the platform': `
    select w.waybill_no as id, concat_ws(' ', w.state, d.no, o.origin) as found
    from waybill w join waybill_account a on a.id = w.account_id join delivery d on d.id = w.delivery_id
    join sales_order o on o.id = d.order_id
    where a.source = 'kuaidi100' and (o.origin not in ('manual', 'import', 'copy', 'reship')
      or exists (select from order_source s where s.order_id = coalesce(o.split_from, o.id)))`,

  'what left went by a courier that its platform designates, unless a person chose another': `
    select d.no as id, concat_ws(' ', d.courier, 'designated', f.list) as found
    from delivery d join sales_order o on o.id = d.order_id
    cross join lateral (
      select array_agg(c.code) as list
      from unnest(o.facets) one join (select code, row_number() over () as n from unnest('{SF,YTO}'::text[]) code) c
        on one = 8 * 67108864 + 32 + c.n
    ) f
    where d.status = 'shipped' and f.list is not null and not o.courier_by_hand and d.courier <> all(f.list)`,

  'what left is what was checked last': `
    select g.waybill_no as id, concat_ws(' ', 'left', g.pieces, 'checked', e.pieces) as found
    from ${gone} g
    cross join lateral (
      select (detail ->> 'pieces')::int as pieces from order_event
      where order_id = any(g.order_ids) and event = 'checked' order by id desc limit 1
    ) e
    where 'check' = any(g.steps) and e.pieces <> g.pieces`,

  'what lies in a basket is on its order': `
    select concat_ws('/', b.delivery_id, b.sku_id) as id, concat_ws(' ', 'picked', b.picked, 'on the order', coalesce(o.pieces, 0)) as found
    from ${inBaskets} b
    left join lateral (
      select sum(l.quantity * coalesce(part.quantity, 1)) as pieces
      from order_line l left join bundle_part part on part.bundle_id = l.sku_id
      where l.order_id = b.order_id and coalesce(part.part_id, l.sku_id) = b.sku_id
    ) o on true
    where b.picked > coalesce(o.pieces, 0)`,

  'all goods of a picked delivery lie in its basket': `
    select concat_ws('/', d.no, r.sku_id) as id, concat_ws(' ', 'wanted', r.wanted, 'picked', coalesce(b.picked, 0)) as found
    from delivery d
    join (select order_id, sku_id, sum(wanted) as wanted from reservation where not shipped group by 1, 2) r on r.order_id = d.order_id
    left join ${inBaskets} b on b.delivery_id = d.id and b.sku_id = r.sku_id
    where d.status = 'pending' and d.picked_at is not null and r.wanted > coalesce(b.picked, 0)`,

  'the lines of a wave and its baskets count the same pieces': `
    select concat_ws('/', wave_id, sku_id) as id, concat_ws(' ', 'lines', l.picked, 'baskets', p.picked) as found
    from (select wave_id, sku_id, sum(picked) as picked from wave_line group by 1, 2) l
    full join (select wave_id, sku_id, sum(picked) as picked from wave_piece group by 1, 2) p using (wave_id, sku_id)
    where l.picked is distinct from p.picked`,

  'nothing is picked in an open wave, and nothing is left in a cancelled one': `
    select w.no as id, concat_ws(' ', w.status, 'picked', p.picked, 'live', m.live) as found
    from wave w
    cross join lateral (select coalesce(sum(picked), 0) as picked from wave_piece where wave_id = w.id) p
    cross join lateral (select count(*) filter (where live) as live from wave_delivery where wave_id = w.id) m
    where w.status in ('open', 'cancelled') and p.picked > 0 or w.status = 'cancelled' and m.live > 0`,

  'a delivery that waits must take the steps that its warehouse demands now': `
    select d.no as id, concat_ws(' ', d.ship_steps, 'of', w.ship_steps) as found
    from delivery d join warehouse w on w.id = d.warehouse_id
    where d.status = 'pending' and not (d.ship_steps @> w.ship_steps and w.ship_steps @> d.ship_steps)`,

  'what left of a parcel that must be picked lay in its basket': `
    select concat_ws('/', d.no, m.sku_id) as id, concat_ws(' ', 'left', m.pieces, 'picked', coalesce(p.picked, 0)) as found
    from delivery d
    cross join lateral (
      select sku_id, -sum(quantity) as pieces from stock_movement
      where document_kind = 'order' and document_id = d.order_id group by 1 having sum(quantity) < 0) m
    left join lateral (
      select sum(picked) as picked from wave_piece where delivery_id = d.id and sku_id = m.sku_id) p on true
    where d.status = 'shipped' and 'wave' = any(d.ship_steps) and m.pieces > coalesce(p.picked, 0)`,

  'a delivery leaves a wave only for a cause': `
    select concat_ws('/', w.no, d.no) as id, concat_ws(' ', m.left_reason, w.status, d.status) as found
    from wave_delivery m join wave w on w.id = m.wave_id join delivery d on d.id = m.delivery_id
    where not m.live and not case m.left_reason
      when 'cancelled' then w.status = 'cancelled'
      when 'gone' then d.status <> 'pending' or exists (
        select from order_event e where e.order_id = d.order_id and e.event in ('ship', 'unrelease', 'void'))
      -- What a refund, a hold or another address stopped, also of a merged shipment.
      when 'stopped' then exists (
        select from wave_delivery o join order_event e on e.order_id = o.order_id
        where o.wave_id = m.wave_id and o.basket = m.basket and (e.event in ('hold', 'difference') or e.event like 'refund_%'))
      when 'short' then exists (
        select from wave_delivery o join order_event e on e.order_id = o.order_id
        where o.wave_id = m.wave_id and o.basket = m.basket and e.event = 'picked_short')
      else true end`,

  'a parcel that has left is followed under its waybill until it arrives': `
    select d.no as id, concat_ws(' ', d.waybill_no, 'followed', t.waybill_no, t.state, t.next_at) as found
    from delivery d left join parcel_track t on t.delivery_id = d.id
    where d.status = 'shipped' and (t.waybill_no is distinct from d.waybill_no
      or (t.next_at is null) <> (t.state in ('signed', 'returned')))`,

  'nobody looks for a parcel that is back': `
    select d.no as id, concat_ws(' ', i.state, i.way, 'since', i.created_at, 'back', t.asked_at) as found
    from delivery d join parcel_track t on t.delivery_id = d.id join intercept i on i.delivery_id = d.id
    where d.status = 'shipped' and t.state = 'returned' and i.way = 'recall' and i.state in ('open', 'asked') and i.created_at < t.asked_at`,

  'no piece is put back twice': `
    select concat_ws('/', b.delivery_no, b.line_no, b.sku_id) as id, concat_ws(' ', 'put back', b.pieces, 'of', l.quantity * coalesce(part.quantity, 1)) as found
    from (
      select delivery_no, order_id, line_no, sku_id, sum(quantity) as pieces from put_back
      -- Each wave may have picked the goods of a parcel that was stopped again.
      group by 1, 2, 3, 4, case when source like 'wave/%' then source end
    ) b
    join order_line l on l.order_id = b.order_id and l.line_no = b.line_no
    left join bundle_part part on part.bundle_id = l.sku_id and part.part_id = b.sku_id
    where b.pieces > l.quantity * coalesce(part.quantity, 1)`,

  'what was reported as stopped is let through by nobody': `
    select w.refund_no as id, concat_ws(' ', 'told', a.ended_at, 'let through', w.given_at) as found
    from refund_waiver w join platform_action a on a.kind = 'refund.cancel' and a.payload ->> 'refundId' = w.refund_no
    where a.payload ->> 'failure' is null and a.state in ('succeeded', 'forced') and w.given_at > a.ended_at
      and w.ended_at is null`,

  'what was reported as shipped had left': `
    select a.payload ->> 'refundId' as id, a.state as found
    from platform_action a
    where a.kind = 'refund.cancel' and a.payload ->> 'failure' = 'shipped' and not exists (
      select from order_refund r join order_event e on e.order_id = r.order_id and e.event = 'ship'
      where r.refund_no = a.payload ->> 'refundId')`,
}
