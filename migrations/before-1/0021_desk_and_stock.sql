-- 待转占用: what staged trades will need once they are orders, a row for each of their goods. Written by one counter, never by
-- whoever stages or converts: a hot listing would make them wait for each other.
create table staged_need (
  trade_id bigint not null,
  shop_id bigint not null,
  item_id text not null,
  platform_sku_id text not null,
  quantity integer not null check (quantity > 0),
  primary key (trade_id, item_id, platform_sku_id)
);
create index staged_need_of on staged_need (shop_id, item_id, platform_sku_id) include (quantity);

-- Trades that may need something else than before. Written with the change itself, taken by the counter.
create table staged_need_due (
  id bigint generated always as identity primary key,
  trade_id bigint not null
);

-- By trigger, so that no way into or out of 待转入 is left out.
create function note_staged_needs() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into staged_need_due (trade_id) select id from changed where state = 'staged';
  elsif tg_op = 'DELETE' then
    insert into staged_need_due (trade_id) select id from held where state = 'staged';
  else
    insert into staged_need_due (trade_id)
    select changed.id from changed join held using (id) where changed.state = 'staged' or held.state = 'staged';
  end if;
  return null;
end $$;
create trigger staged_needs_of_new after insert on staged_trade
  referencing new table as changed for each statement execute function note_staged_needs();
create trigger staged_needs_of_changed after update on staged_trade
  referencing new table as changed old table as held for each statement execute function note_staged_needs();
create trigger staged_needs_of_removed after delete on staged_trade
  referencing old table as held for each statement execute function note_staged_needs();

insert into staged_need_due (trade_id) select id from staged_trade where state = 'staged' order by id;

-- A released order can have given its goods back, and is asked for again.
drop index sales_order_unasked;
create index sales_order_unasked on sales_order (coalesce(paid_at, ordered_at), id)
  where facets[5] >= 27 * 67108864 + 4 and status in ('unconfirmed', 'confirmed', 'released') and (paid_at is not null or cod);

-- One number of a shop is one order that may ship, whether a trade brought it or a person typed it in. An order of our own that
-- is voided makes room; a trade converts once, voided or not.
create temporary table twice on commit drop as
  select o.id from sales_order o
  where o.origin not in ('trade', 'record') and o.status <> 'voided' and exists (
    select from sales_order t where t.tid = o.tid and t.shop_id = o.shop_id and t.origin in ('trade', 'record'));
insert into order_hold (order_id, reason, source, note, held_by)
select id, 'other', '', '与交易 ' || tid || ' 同号', '系统' from sales_order
where id in (select id from twice) and status in ('unconfirmed', 'confirmed', 'released')
on conflict do nothing;
update sales_order o
set tid = tid || '/' || no, open_holds = h.open, facets[2] = 17 * 67108864 + least(h.open, 1)
from (
  select id, (select count(*)::int from order_hold h where h.order_id = twice.id and h.released_at is null) as open from twice
) h
where o.id = h.id;
drop index sales_order_trade;
create unique index sales_order_trade on sales_order (tid, shop_id)
  where origin in ('trade', 'record') or status <> 'voided';

-- What a listing was matched with before: orders that wait for those goods follow the new match.
alter table listing add column former_sku_id bigint;

-- The day on which the seller plans to ship a presale, as the platform tells it; its order is not released before.
alter table staged_trade add column plan_at timestamptz;
