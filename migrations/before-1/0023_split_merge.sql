-- 拆单: a part of an order carries goods of the same trade, and is an order of its own. What it was split from keeps the trade.
alter table sales_order drop constraint sales_order_origin_check;
alter table sales_order add constraint sales_order_origin_check
  check (origin in ('trade', 'record', 'manual', 'import', 'copy', 'reship', 'split'));
alter table sales_order add column split_from bigint;
create index sales_order_split on sales_order (split_from) where split_from is not null;
-- A number of a shop is one order that may ship, and its parts.
drop index sales_order_trade;
create unique index sales_order_trade on sales_order (tid, shop_id)
  where origin in ('trade', 'record') or status <> 'voided' and origin <> 'split';
create index sales_order_part on sales_order (tid, shop_id) where origin = 'split';

-- 合单: orders that leave in one parcel bear its number. Each keeps its trade, its money and its refunds.
create sequence parcel_id;
alter table sales_order
  add column parcel bigint,
  -- A keyed hash of whom it goes to and where (lib/people.ts); 0: not known, as of all orders from before.
  add column receiver_hash integer not null default 0;
alter table order_difference add column receiver_hash integer;
-- Who is in a parcel, or was. The order's own column decides, and no index holds it: so that to write it touches none.
create table parcel_order (
  parcel bigint not null,
  order_id bigint not null,
  primary key (parcel, order_id)
);

create index sales_order_receiver on sales_order (receiver_hash, id)
  where status in ('unconfirmed', 'confirmed') and receiver_hash <> 0;

-- The parcel that a delivery leaves in. Its deliveries share one waybill, which stands on one of them; the others are beside it.
alter table delivery
  add column parcel bigint,
  add column beside boolean not null default false check (parcel is not null or not beside);
create index delivery_parcel on delivery (parcel) where parcel is not null;
drop index delivery_waybill;
create unique index delivery_waybill on delivery (waybill_no, courier, (case when beside then order_id else 0 end))
  where status <> 'cancelled' and waybill_no <> '';

-- Whoever changes orders splits and merges them.
update role set permissions = permissions || '{orders.split}' where builtin is null and permissions @> '{orders.edit}';
