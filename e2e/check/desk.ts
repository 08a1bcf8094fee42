import type { Client } from 'pg'
import { documentRules } from './documents.ts'
import { noticeRules } from './notices.ts'
import { parcelRules } from './parcels.ts'
import { checkReturnStories, returnRules } from './returns.ts'
import { checkStories } from './stories.ts'

/** A contradiction between orders, stock, deliveries and money, found by SQL that shares no code with the verbs. */
export type Wrong = { rule: string; id: string; found: unknown }

/** The write-backs of each order. */
const writeBacks = `(
  select d.order_id, count(*) as made, count(*) filter (where p.state <> 'withdrawn') as alive,
    count(*) filter (where p.state in ('succeeded', 'forced')) as done
  from platform_action p join delivery d on d.id::text = p.subject_id
  where p.kind = 'trade.ship' and p.subject_type = 'delivery' group by 1)`

/** Rules that hold whenever nothing is in progress. Each query returns the violations as (id, found). */
export const deskRules: Readonly<Record<string, string>> = {
  'a balance is neither negative nor promised twice': `
    select concat(warehouse_id, '/', sku_id) as id, concat_ws(' ', on_hand, reserved, locked, short) as found
    from stock where on_hand < 0 or reserved < 0 or locked < 0 or short < 0 or reserved + locked > on_hand`,

  'a waybill number belongs to one parcel that has not been cancelled': `
    select w.waybill_no as id, concat_ws(' ', w.state, w.wanted, d.status, d.waybill_no) as found
    from waybill w join delivery d on d.id = w.delivery_id
    where w.state = 'taken' and (d.status = 'cancelled' or not w.wanted or d.waybill_no <> w.waybill_no and not exists (
      select from delivery s where (s.id = d.id or s.parcel = d.parcel) and s.shown_waybill = w.waybill_no))`,

  'a number on its way back is given back once': `
    select w.id::text as id, concat(count(a.id), ' actions') as found
    from waybill w left join platform_action a on a.kind = 'waybill.back' and a.subject_id = w.id::text
    where w.state in ('returning', 'returned', 'kept') group by w.id having count(a.id) <> 1`,

  'the ledger sums to the balance': `
    select concat(warehouse_id, '/', sku_id) as id, concat('balance ', s.on_hand, ', ledger ', m.total) as found
    from stock s
    full join (select warehouse_id, sku_id, sum(quantity) as total from stock_movement group by 1, 2) m using (warehouse_id, sku_id)
    where coalesce(s.on_hand, 0) <> coalesce(m.total, 0)`,

  'what is reserved and short is the sum of the open rows': `
    select concat(warehouse_id, '/', sku_id) as id, concat_ws(' ', s.reserved, s.short, 'rows', r.reserved, r.short) as found
    from stock s
    full join (
      select warehouse_id, sku_id, sum(reserved) as reserved, sum(wanted - reserved) as short
      from reservation where not shipped group by 1, 2
    ) r using (warehouse_id, sku_id)
    where coalesce(s.reserved, 0) <> coalesce(r.reserved, 0) or coalesce(s.short, 0) <> coalesce(r.short, 0)`,

  'what is locked is what posted locks still hold': `
    select concat(warehouse_id, '/', sku_id) as id, concat('balance ', s.locked, ', locks ', l.locked) as found
    from stock s
    full join (
      select d.warehouse_id, l.sku_id, sum(l.quantity - l.released) as locked
      from stock_document d join stock_document_line l on l.document_id = d.id
      where d.kind = 'lock' and d.status = 'posted' group by 1, 2
    ) l using (warehouse_id, sku_id)
    where coalesce(s.locked, 0) <> coalesce(l.locked, 0)`,

  'a document moves what it says, once': `
    with said as (
      select d.kind, d.id as document_id, l.line_no, d.warehouse_id, l.sku_id, 1 as step,
        case d.kind when 'adjustment' then l.quantity when 'count' then l.quantity - coalesce(l.book, 0) else -l.quantity end as quantity
      from stock_document d join stock_document_line l on l.document_id = d.id
      where d.kind in ('adjustment', 'count', 'transfer') and d.status in ('sent', 'posted')
      union all
      select d.kind, d.id, l.line_no, d.to_warehouse_id, l.sku_id, 2, l.quantity
      from stock_document d join stock_document_line l on l.document_id = d.id
      where d.kind = 'transfer' and d.status = 'posted'
    )
    select concat_ws('/', kind, document_id, line_no, step) as id, concat('said ', s.quantity, ', moved ', m.quantity) as found
    from (select * from said where quantity <> 0) s
    full join (
      select document_kind as kind, document_id, line_no, warehouse_id, sku_id, step, quantity from stock_movement
      where document_kind not in ('order', 'return', 'parcel')
    ) m using (kind, document_id, line_no, warehouse_id, sku_id, step)
    where s.quantity is distinct from m.quantity`,

  'an order’s goods have left the shelf as often as its rows say': `
    select concat_ws('/', order_id, line_no, sku_id) as id, concat('moved ', m.net, ', shipped ', r.gone) as found
    from (
      select document_id as order_id, line_no, sku_id, warehouse_id, sum(quantity) as net from stock_movement
      where document_kind = 'order' group by 1, 2, 3, 4
    ) m
    full join (
      select order_id, line_no, sku_id, warehouse_id, wanted as gone from reservation where shipped
    ) r using (order_id, line_no, sku_id, warehouse_id)
    where coalesce(m.net, 0) <> -coalesce(r.gone, 0)`,

  'no promise is an orphan': `
    select concat_ws('/', r.order_id, r.line_no, r.sku_id) as id, concat_ws(' ', o.status, o.origin, 'shipped', r.shipped) as found
    from reservation r
    left join sales_order o on o.id = r.order_id
    left join order_line l on l.order_id = r.order_id and l.line_no = r.line_no
    where o.id is null or l.order_id is null or o.origin = 'record' or o.status = 'voided'
      or r.shipped <> (o.status in ('shipped', 'completed'))
      or not (r.sku_id = l.sku_id and not exists (select from bundle_part b where b.bundle_id = l.sku_id)
        or exists (select from bundle_part b where b.bundle_id = l.sku_id and b.part_id = r.sku_id))`,

  'what is promised is what the lines want, each part of a bundle': `
    select concat_ws('/', l.order_id, l.line_no, part.sku_id) as id,
      concat('wants ', (l.quantity - l.refunded_quantity) * part.quantity, ', row ', r.wanted) as found
    from sales_order o
    join order_line l on l.order_id = o.id
    join lateral (
      select b.part_id as sku_id, b.quantity from bundle_part b where b.bundle_id = l.sku_id
      union all
      select l.sku_id, 1 where not exists (select from bundle_part b where b.bundle_id = l.sku_id)
    ) part on true
    left join reservation r on r.order_id = l.order_id and r.line_no = l.line_no and r.sku_id = part.sku_id
    where o.status in ('unconfirmed', 'confirmed', 'released')
      and exists (select from reservation any_ where any_.order_id = l.order_id and any_.line_no = l.line_no)
      and coalesce(r.wanted, 0) <> (l.quantity - l.refunded_quantity) * part.quantity`,

  'the goods of a released order are promised, those of a shipped one are gone': `
    select concat_ws('/', o.no, l.line_no) as id, concat_ws(' ', o.status, r.reserved, 'of', r.wanted, r.shipped) as found
    from sales_order o
    join order_line l on l.order_id = o.id and l.sku_id is not null and l.refunded_quantity < l.quantity
    left join reservation r on r.order_id = l.order_id and r.line_no = l.line_no
    where o.status in ('released', 'shipped', 'completed') and o.origin <> 'record' and o.warehouse_id is not null
      and (r.order_id is null or r.reserved <> r.wanted or r.shipped <> (o.status <> 'released'))
      -- What a picker did not find in its bin is waited for again.
      and not (o.status = 'released' and r.reserved = 0
        and exists (select from order_event e where e.order_id = o.id and e.event = 'picked_short'))`,

  'an order shows what its goods wait for': `
    select o.no as id, concat('shows ', o.facets[5] - 27 * 67108864, ', waits ', n.bits) as found
    from sales_order o
    join lateral (
      select bit_or(case
        when l.refunded_quantity >= l.quantity then 0
        when l.sku_id is null then 1
        when not exists (select from reservation r where r.order_id = l.order_id and r.line_no = l.line_no) then 4
        when exists (select from reservation r where r.order_id = l.order_id and r.line_no = l.line_no and r.reserved = 0) then 2
        else 0 end) as bits
      from order_line l where l.order_id = o.id
    ) n on true
    where o.origin <> 'record' and o.status in ('unconfirmed', 'confirmed', 'released')
      and o.facets[5] <> 27 * 67108864 + n.bits`,

  'an order’s money is the sum of its lines and its freight': `
    select o.no as id, concat_ws(' ', o.payment_fen, o.goods_fen, o.quantity, o.refunded_quantity, 'lines', l.payment, l.goods, l.quantity, l.refunded) as found
    from sales_order o
    join lateral (
      select sum(payment_fen) as payment, sum(price_fen * quantity) as goods, sum(quantity) as quantity, sum(refunded_quantity) as refunded
      from order_line where order_id = o.id and not gift
    ) l on true
    where o.payment_fen <> greatest(l.payment + o.post_fee_fen, 0) or o.goods_fen <> l.goods or o.quantity <> l.quantity
      or o.refunded_quantity <> l.refunded`,

  'an order’s goods, less its discount, with its freight, are what is due': `
    select no as id, concat_ws(' ', goods_fen, discount_fen, post_fee_fen, payment_fen) as found
    from sales_order where goods_fen - discount_fen + post_fee_fen <> payment_fen`,

  'of a rule no more orders have a place than there are, and each is counted': `
    select concat(r.id, ' ', v.rule ->> 'name') as id, concat(r.places_taken, ' taken, ', g.n, ' have one') as found
    from gift_rule r
    join gift_rule_version v on v.rule_id = r.id and v.version = r.version
    cross join lateral (select count(*)::int as n from order_gift g where g.rule_id = r.id) g
    where (v.rule ->> 'firstOrders')::int is not null and (g.n > (v.rule ->> 'firstOrders')::int or r.places_taken <> g.n)`,

  'a gift costs nothing, and of a rule that gives an order nothing there is none': `
    select concat_ws('/', l.order_id, l.line_no) as id, concat_ws(' ', l.payment_fen, l.price_fen, l.refunded_fen, g.times) as found
    from order_line l left join order_gift g on g.order_id = l.order_id and g.rule_id = l.gift_rule_id
    where l.gift and (l.payment_fen <> 0 or l.price_fen <> 0 or l.refunded_fen <> 0
      or l.refunded_quantity < l.quantity and g.times = 0)`,

  'what was refunded is what its refunds count, and never more than was paid': `
    select o.no as id, concat_ws(' ', 'paid', o.payment_fen, 'refunded', o.refunded_fen, 'counted', r.counted, 'lines', l.refunded) as found
    from sales_order o
    join lateral (select coalesce(sum(counted_fen), 0) as counted from order_refund where order_id = o.id) r on true
    join lateral (
      select coalesce(sum(refunded_fen), 0) as refunded, coalesce(bool_or(refunded_fen > payment_fen), false) as over
      from order_line where order_id = o.id
    ) l on true
    -- Money that is no line's counts on our order, though it may be that of a line which others shipped: the trade was paid with it.
    left join staged_trade t on t.tid = o.tid and t.shop_id = o.shop_id and exists (
      select from order_refund where order_id = o.id and counted_oid = '' and counted_fen > 0)
    where o.refunded_fen <> r.counted or o.refunded_fen > greatest(o.payment_fen, t.payment_fen) or l.over
      or l.refunded > o.refunded_fen`,

  'money that went back is settled, once': `
    select concat_ws('/', shop_id, source) as id, concat('counted ', r.counted, ', settlements ', f.amount) as found
    from (
      select shop_id, refund_no as source, sum(fen) as counted
      from (
        select shop_id, refund_no, counted_fen as fen from order_refund where fact is not null
        union all
        -- Refunds of a trade that others shipped, or that is from before go-live: no order counts them.
        select shop_id, refund_no, amount_fen from staged_refund r
        where state = 'converted' and status = 'succeeded' and kind in ('refund_only', 'return', 'money_only') and order_id is null
          and (outcome = 'money_only' or outcome = 'original_processed'
            -- It was settled before its trade was processed, and a later version of it changed nothing.
            and exists (select from settlement s where s.shop_id = r.shop_id and s.source = r.refund_no and s.status <> 'voided'))
      ) sources
      group by 1, 2
    ) r
    full join (
      -- If several orders share a refund, the settlement of a child order has the order behind the number of the refund.
      select shop_id, split_part(source, '/', 1) as source, -sum(amount_fen) as amount from settlement s
      where status <> 'voided' and kind in ('order_refund', 'return_refund', 'void_refund', 'refund_only')
        and not exists (select from sales_order o where o.no = s.source)
      group by 1, 2
    ) f using (shop_id, source)
    where coalesce(r.counted, 0) <> coalesce(f.amount, 0)`,

  'an order counts its holds and its differences': `
    select o.no as id, concat_ws(' ', o.open_holds, o.differences, 'rows', h.holds, d.differences) as found
    from sales_order o
    join lateral (select count(*) as holds from order_hold where order_id = o.id and released_at is null) h on true
    join lateral (select count(*) as differences from order_difference where order_id = o.id and settled_at is null) d on true
    where o.open_holds <> h.holds or o.differences <> d.differences`,

  'an open refund holds its order until the goods have left, and nothing else of a refund does': `
    select concat_ws('/', o.no, coalesce(r.refund_no, h.source)) as id, concat_ws(' ', o.status, r.refund_status, h.source) as found
    from (select order_id, refund_no, refund_status from order_refund where refund_status in ('applied', 'agreed') and kind <> 'money_only') r
    full join (select order_id, source from order_hold where reason = 'refund_open' and released_at is null) h
      on h.order_id = r.order_id and h.source = r.refund_no
    join sales_order o on o.id = coalesce(r.order_id, h.order_id)
    where o.origin <> 'record' and o.status in ('unconfirmed', 'confirmed', 'released') and (
      -- A person let the order through, or the refund was noted before it was converted.
      h.order_id is null and not exists (
        select from refund_waiver w where w.order_id = r.order_id and w.refund_no = r.refund_no and w.ended_at is null)
      or r.order_id is null and not exists (
        select from refund_notice n where n.shop_id = o.shop_id and n.refund_no = h.source
          and (n.refund_status not in ('closed', 'refused') or n.agreeing <> '')))`,

  'of an order that was refunded whole nothing is to be shipped': `
    select o.no as id, concat_ws(' ', o.status, 'paid', o.payment_fen, 'refunded', o.refunded_fen) as found
    from sales_order o
    where o.status in ('unconfirmed', 'confirmed', 'released') and o.origin <> 'record'
      and (o.refunded_quantity >= o.quantity or o.payment_fen > 0 and o.refunded_fen >= o.payment_fen)
      -- What others have shipped is paid back after that, and the order waits for a person to say so.
      and not exists (select from order_hold h where h.order_id = o.id and h.reason = 'shipped_elsewhere' and h.released_at is null)`,

  'a released order has one delivery that waits, a shipped one that left, any other none': `
    select o.no as id, concat_ws(' ', o.status, 'deliveries', d.live) as found
    from sales_order o
    join lateral (
      select coalesce(string_agg(status, ' ' order by id), '') as live from delivery where order_id = o.id and status <> 'cancelled'
    ) d on true
    where o.origin <> 'record' and d.live <> case o.status when 'released' then 'pending' when 'shipped' then 'shipped'
      when 'completed' then 'shipped' else '' end`,

  'a waybill is on one live delivery': `
    select concat_ws(' ', courier, waybill_no) as id, string_agg(no, ' ') as found
    from delivery where status <> 'cancelled' and waybill_no <> '' group by courier, waybill_no
    having count(distinct coalesce('parcel ' || parcel, 'delivery ' || id)) > 1`,

  'what leaves in one parcel stands in one place, under one waybill': `
    select concat('parcel ', parcel) as id, string_agg(concat_ws(' ', no, status, courier, waybill_no), ', ') as found
    from delivery where parcel is not null and status = 'pending'
    group by parcel having count(distinct concat_ws(' ', courier, waybill_no)) > 1`,

  'what is packed into one parcel goes from one warehouse to one receiver': `
    select concat('parcel ', parcel) as id, string_agg(concat_ws(' ', no, warehouse_id, receiver_hash), ', ') as found
    from sales_order where parcel is not null and status = 'released'
    group by parcel having count(distinct warehouse_id) > 1 or count(distinct receiver_hash) > 1`,

  'each shipping that stands is told by one action, unless it is stopped or nobody need know': `
    select o.no as id, concat_ws(' ', o.status, d.write_back, 'shipped', e.shipped, 'undone', e.undone, 'actions', a.made, 'alive', a.alive) as found
    from sales_order o
    left join delivery d on d.order_id = o.id and d.status = 'shipped'
    join lateral (
      select count(*) filter (where event = 'ship') as shipped, count(*) filter (where event = 'unship') as undone
      from order_event where order_id = o.id
    ) e on true
    left join ${writeBacks} a on a.order_id = o.id
    where coalesce(a.alive, 0) <> (d.write_back is not null and d.write_back not in ('stopped', 'none'))::int
      or coalesce(a.made, 0) < e.shipped and o.origin in ('trade', 'split')
      or e.shipped - e.undone <> (d.id is not null)::int`,

  'a shipped order was written back once, and only then says so': `
    select o.no as id, concat_ws(' ', o.status, 'told', o.written_back_at is not null, d.write_back, a.done) as found
    from sales_order o
    left join delivery d on d.order_id = o.id and d.status = 'shipped'
    left join ${writeBacks} a on a.order_id = o.id
    where o.origin <> 'record'
      and (a.done > 1 or (o.written_back_at is not null) <> (coalesce(a.done, 0) = 1)
        or (coalesce(d.write_back, '') in ('done', 'forced') or coalesce(d.shown_waybill, '') <> '') <> (coalesce(a.done, 0) = 1))`,

  'a trade became one order, from which parts may have been split': `
    select concat_ws('/', shop_id, tid) as id, count(*)::text as found
    from sales_order where origin <> 'split' group by shop_id, tid having count(*) > 1`,

  'the parts of a trade have its goods and money together, each line its own': `
    select concat_ws('/', t.tid, g.oid) as id, concat_ws(' ', 'bought', g.quantity, g.fen, 'orders have', l.quantity, l.fen) as found
    from staged_trade t
    join (
      select trade_id, line ->> 'oid' as oid, sum((line ->> 'quantity')::int) as quantity, sum((line ->> 'paymentFen')::bigint) as fen
      from staged_trade_lines, jsonb_array_elements(lines) line group by 1, 2
    ) g on g.trade_id = t.id
    join (
      select o.shop_id, o.tid, l.oid, sum(l.quantity) as quantity, sum(l.payment_fen) as fen
      from sales_order o join order_line l on l.order_id = o.id and l.tid = o.tid group by 1, 2, 3
    ) l on l.tid = t.tid and l.shop_id = t.shop_id and l.oid = g.oid
    where t.state = 'converted' and (l.quantity <> g.quantity or l.fen <> g.fen)`,

  'what was split belongs to a root, and nothing is left on what was taken back': `
    select o.no as id, concat_ws(' ', o.origin, o.split_from, root.origin, o.quantity, o.payment_fen) as found
    from sales_order o left join sales_order root on root.id = o.split_from
    -- A child order of an off-platform order is off-platform too.
    where o.origin = 'split' and o.split_from is null or o.origin in ('trade', 'record') and o.split_from is not null
      or root.split_from is not null
      or o.void_reason = 'unsplit' and (o.quantity <> 0 or o.payment_fen <> 0)`,

  'the settlements of a trade sum to what was paid less what went back': `
    select o.tid as id, concat_ws(' ', 'owed', o.owed, 'settled', s.fen) as found
    from (
      select o.tid, o.shop_id, sum(case
        -- A payment of a voided order goes back; an amount that was not paid is not owed.
        when o.status = 'voided' and o.paid_at is not null then least(0, o.payment_fen - back.fen)
        when o.status = 'voided' or o.status = 'unconfirmed' and back.fen = 0 then 0
        else o.payment_fen - back.fen end) as owed
      from sales_order o
      cross join lateral (
        select coalesce((select sum(counted_fen) from order_refund where order_id = o.id and fact is not null), 0)
          + coalesce((select sum(amount_fen) from extra_refund where order_id = o.id and status = 'approved'), 0) as fen
      ) back
      group by 1, 2
    ) o
    cross join lateral (
      select coalesce(sum(amount_fen), 0) as fen from settlement where tid = o.tid and shop_id = o.shop_id and status <> 'voided'
    ) s
    where s.fen <> o.owed`,

  'a buyer is found by the keys that his trades and orders bear, and by no others': `
    select concat_ws(' ', list, id) as id, concat('key ', key, ' stands ', case when there then 'on the row only' else 'beside it only' end) as found
    from (
      select 'order' as list, coalesce(o.id, k.id) as id, coalesce(o.key, k.key) as key, k.id is null as there
      from (select distinct id, unnest(people) as key from sales_order) o full join sales_order_person k on k.id = o.id and k.key = o.key
      where o.id is null or k.id is null
      union all
      select 'trade', coalesce(t.id, k.id), coalesce(t.key, k.key), k.id is null
      from (select distinct id, unnest(people) as key from staged_trade) t full join staged_trade_person k on k.id = t.id and k.key = t.key
      where t.id is null or k.id is null
    ) differ`,

  'goods are kept for the trades that wait, and for no others': `
    select concat_ws('/', trade_id, item_id, platform_sku_id) as id, concat_ws(' ', 'wait for', w.quantity, 'kept', n.quantity) as found
    from (
      select t.id as trade_id, line ->> 'itemId' as item_id, line ->> 'skuId' as platform_sku_id, sum((line ->> 'quantity')::int) as quantity
      from staged_trade t join staged_trade_lines g on g.trade_id = t.id cross join lateral jsonb_array_elements(g.lines) line
      where t.state = 'staged' and t.reason in ('', 'refund_open', 'platform_hold', 'doubtful', 'unknown_status') and (t.cod or t.status in ('paid', 'partly_shipped'))
        and line ->> 'refund' <> 'succeeded' and line ->> 'status' in ('paid', 'unpaid', 'partly_shipped') and (line ->> 'quantity')::int > 0
      group by 1, 2, 3
    ) w
    full join staged_need n using (trade_id, item_id, platform_sku_id)
    where w.quantity is distinct from n.quantity and not exists (select from staged_need_due d where d.trade_id = coalesce(w.trade_id, n.trade_id))`,

  'no job ended in vain': `
    select id::text as id, concat_ws(' ', name, output) as found from job where name = 'dead_letters' or state = 'failed'`,
}

/** Returns all present violations; empty if orders, stock, deliveries, actions and money agree. */
export async function checkDesk(client: Client): Promise<Wrong[]> {
  const wrong: Wrong[] = []
  for (const [rule, text] of Object.entries({
    ...deskRules,
    ...returnRules,
    ...documentRules,
    ...noticeRules,
    ...parcelRules,
  })) {
    const { rows } = await client.query<{ id: string; found: unknown }>(text)
    wrong.push(...rows.map(({ id, found }) => ({ rule, id, found })))
  }
  return [...wrong, ...(await checkStories(client)), ...(await checkReturnStories(client))]
}
