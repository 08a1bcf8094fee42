-- Reports (报表): figures of each day, computed from the rows of that day as a whole, and the days that are to be computed again.
-- The index on order_event, and the search for the earliest days at the end, scan large tables.

create table report_day (
  day date primary key,
  computed_at timestamptz not null,
  took_ms integer not null
);
comment on table report_day is 'A day in China (+08:00) whose report figures were computed. Without a row in report_due they equal their rows.';

create table report_due (
  id bigint generated always as identity primary key,
  day date not null
);
create index report_due_day on report_due (day);
comment on table report_due is 'A day of which a row changed since its figures were computed. Written by triggers in the transaction of the change; a day may stand here many times.';

create table report_sales (
  day date not null,
  shop_id bigint not null,
  trade_count integer not null,
  trade_fen bigint not null,
  own_count integer not null,
  own_order_fen bigint not null,
  order_count integer not null,
  refund_count integer not null,
  refund_fen bigint not null,
  parcel_count integer not null,
  constraint report_sales_pkey primary key (day, shop_id)
);
comment on table report_sales is 'Figures of a shop and a day (店铺日报).';
comment on column report_sales.shop_id is '→ shop.id';
comment on column report_sales.trade_count is 'Trades by the day they were paid on.';
comment on column report_sales.own_count is 'Off-platform orders that are not voided, by the day they were paid on.';
comment on column report_sales.order_count is 'Sales orders that are not voided, by the day they were paid on.';
comment on column report_sales.refund_count is 'Refunds that succeeded, by the day of the platform''s version that says so.';
comment on column report_sales.parcel_count is 'Deliveries by the day they were shipped on.';

create table report_goods (
  day date not null,
  shop_id bigint not null,
  sku_id bigint not null,
  order_count integer not null,
  piece_count integer not null,
  amount_fen bigint not null,
  refunded_pieces integer not null,
  refunded_fen bigint not null,
  constraint report_goods_pkey primary key (day, shop_id, sku_id)
);
comment on table report_goods is 'Figures of a SKU (商品销售), of sales orders that are not voided, by the day they were paid on.';
comment on column report_goods.sku_id is '0: the line has no SKU. → sku.id';
comment on column report_goods.refunded_pieces is 'Of these pieces, those that refunds took off until now.';
comment on column report_goods.refunded_fen is 'Of this amount, the part that refunds took back until now.';

create table report_regions (
  day date not null,
  shop_id bigint not null,
  province text not null,
  order_count integer not null,
  piece_count integer not null,
  amount_fen bigint not null,
  constraint report_regions_pkey primary key (day, shop_id, province)
);
comment on table report_regions is 'Figures of a province (地区), of sales orders that are not voided, by the day they were paid on.';
comment on column report_regions.province is 'The province of the receiver as the order has it; empty: not known.';

create table report_shipping (
  day date not null,
  shop_id bigint not null,
  warehouse_id bigint not null,
  courier text not null,
  parcel_count integer not null,
  package_count integer not null,
  weighed_count integer not null,
  total_grams bigint not null,
  due_count integer not null,
  on_time_count integer not null,
  late_count integer not null,
  late_minutes bigint not null,
  paid_count integer not null,
  paid_minutes bigint not null,
  signed_count integer not null,
  signed_minutes bigint not null,
  constraint report_shipping_pkey primary key (day, shop_id, warehouse_id, courier)
);
comment on table report_shipping is 'Figures of shipped deliveries (快递, 发货时效), by the day they were shipped on.';
comment on column report_shipping.warehouse_id is '0: none. → warehouse.id';
comment on column report_shipping.weighed_count is 'Deliveries with a weight; total_grams is the sum of theirs.';
comment on column report_shipping.due_count is 'Deliveries with a deadline of the platform: on_time_count and late_count are its parts.';
comment on column report_shipping.late_minutes is 'By how much the late ones were late, in sum.';
comment on column report_shipping.paid_count is 'Deliveries of orders whose payment time is known; paid_minutes is the time from payment to shipping, in sum.';
comment on column report_shipping.signed_count is 'Deliveries whose parcel was signed for; signed_minutes is the time from shipping to that, in sum.';

create table report_causes (
  day date not null,
  shop_id bigint not null,
  outer_id text not null,
  buyer_reason text not null,
  refund_count integer not null,
  asked_fen bigint not null,
  return_count integer not null,
  piece_count integer not null,
  succeeded_count integer not null,
  succeeded_fen bigint not null,
  constraint report_causes_pkey primary key (day, shop_id, outer_id, buyer_reason)
);
comment on table report_causes is 'Figures of refunds by goods and cause (退货原因), by the day on which the buyer asked.';
comment on column report_causes.outer_id is 'The outer code of the goods; empty: none.';
comment on column report_causes.buyer_reason is 'The buyer''s reason in the platform''s words; empty: none given.';
comment on column report_causes.return_count is 'Those of the refunds with goods to come back.';

create table report_people (
  day date not null,
  shop_id bigint not null,
  warehouse_id bigint not null,
  person_name text not null,
  confirmed_count integer not null,
  printed_count integer not null,
  picked_count integer not null,
  checked_count integer not null,
  weighed_count integer not null,
  shipped_count integer not null,
  piece_count integer not null,
  constraint report_people_pkey primary key (day, shop_id, warehouse_id, person_name)
);
comment on table report_people is 'Figures of a person (人员): orders confirmed on the day, and the steps of the deliveries that were shipped on it.';
comment on column report_people.warehouse_id is '0: none, or the person confirmed orders. → warehouse.id';
comment on column report_people.piece_count is 'Pieces in the deliveries that the person shipped.';

create index order_event_confirmed on order_event (at) where event = 'confirm' and actor_kind = 'user';

create function china_day(at timestamptz) returns date language sql immutable parallel safe
  return (at at time zone 'Asia/Shanghai')::date;

create function note_report_trades() returns trigger language plpgsql as $$
begin
  insert into report_due (day) select distinct china_day(paid_at) from changed where paid_at is not null;
  return null;
end $$;
create trigger report_trades_new after insert on staged_trade referencing new table as changed
  for each statement execute function note_report_trades();
create trigger report_trades_removed after delete on staged_trade referencing old table as changed
  for each statement execute function note_report_trades();

create function note_report_paid() returns trigger language plpgsql as $$
begin
  insert into report_due (day) select distinct china_day(at) from unnest(array[old.paid_at, new.paid_at]) at where at is not null;
  return null;
end $$;
create trigger report_trade_changed after update of paid_at, payment_fen, shop_id on staged_trade for each row
  when ((old.paid_at, old.payment_fen, old.shop_id) is distinct from (new.paid_at, new.payment_fen, new.shop_id))
  execute function note_report_paid();

create trigger report_orders_new after insert on sales_order referencing new table as changed
  for each statement execute function note_report_trades();
create trigger report_orders_removed after delete on sales_order referencing old table as changed
  for each statement execute function note_report_trades();
create trigger report_order_changed after update of status, paid_at, payment_fen, quantity, region, shop_id on sales_order for each row
  when ((old.status = 'voided', old.paid_at, old.payment_fen, old.quantity, old.region, old.shop_id)
    is distinct from (new.status = 'voided', new.paid_at, new.payment_fen, new.quantity, new.region, new.shop_id))
  execute function note_report_paid();

create function note_report_line() returns trigger language plpgsql as $$
begin
  insert into report_due (day) select china_day(paid_at) from sales_order where id = new.order_id and paid_at is not null;
  return null;
end $$;
create trigger report_line_changed after update of sku_id, quantity, payment_fen, refunded_quantity, refunded_fen on order_line for each row
  when ((old.sku_id, old.quantity, old.payment_fen, old.refunded_quantity, old.refunded_fen)
    is distinct from (new.sku_id, new.quantity, new.payment_fen, new.refunded_quantity, new.refunded_fen))
  execute function note_report_line();

create function note_report_lines() returns trigger language plpgsql as $$
begin
  insert into report_due (day)
  select distinct china_day(o.paid_at) from changed c join sales_order o on o.id = c.order_id where o.paid_at is not null;
  return null;
end $$;
create trigger report_lines_removed after delete on order_line referencing old table as changed
  for each statement execute function note_report_lines();

create function note_report_refunds() returns trigger language plpgsql as $$
begin
  insert into report_due (day)
  select china_day(created_on_platform) from changed
  union select china_day(modified_at) from changed where status = 'succeeded';
  return null;
end $$;
create trigger report_refunds_new after insert on staged_refund referencing new table as changed
  for each statement execute function note_report_refunds();
create trigger report_refunds_removed after delete on staged_refund referencing old table as changed
  for each statement execute function note_report_refunds();

create function note_report_refund() returns trigger language plpgsql as $$
begin
  insert into report_due (day)
  select distinct china_day(at) from unnest(array[old.created_on_platform, new.created_on_platform,
    case when old.status = 'succeeded' then old.modified_at end, case when new.status = 'succeeded' then new.modified_at end]) at
  where at is not null;
  return null;
end $$;
create trigger report_refund_changed
  after update of created_on_platform, modified_at, status, kind, amount_fen, quantity, outer_id, buyer_reason, shop_id on staged_refund for each row
  when ((old.created_on_platform, old.modified_at, old.status, old.kind, old.amount_fen, old.quantity, old.outer_id, old.buyer_reason, old.shop_id)
    is distinct from
    (new.created_on_platform, new.modified_at, new.status, new.kind, new.amount_fen, new.quantity, new.outer_id, new.buyer_reason, new.shop_id))
  execute function note_report_refund();

create function note_report_delivery() returns trigger language plpgsql as $$
begin
  insert into report_due (day)
  select distinct china_day(at) from unnest(array[case when tg_op = 'UPDATE' and old.status = 'shipped' then old.shipped_at end,
    case when new.status = 'shipped' then new.shipped_at end]) at
  where at is not null;
  return null;
end $$;
create trigger report_delivery_new after insert on delivery for each row
  when (new.status = 'shipped') execute function note_report_delivery();
create trigger report_delivery_changed
  after update of status, shipped_at, shop_id, warehouse_id, courier, package_count, weight_grams, ship_by, piece_count, printed_by, picked_by, checked_by, weighed_by, shipped_by
  on delivery for each row
  when ((old.status = 'shipped' or new.status = 'shipped')
    and (old.status, old.shipped_at, old.shop_id, old.warehouse_id, old.courier, old.package_count, old.weight_grams, old.ship_by, old.piece_count,
      old.printed_by, old.picked_by, old.checked_by, old.weighed_by, old.shipped_by)
    is distinct from (new.status, new.shipped_at, new.shop_id, new.warehouse_id, new.courier, new.package_count, new.weight_grams, new.ship_by, new.piece_count,
      new.printed_by, new.picked_by, new.checked_by, new.weighed_by, new.shipped_by))
  execute function note_report_delivery();

create function note_report_order_paid() returns trigger language plpgsql as $$
begin
  insert into report_due (day)
  select distinct china_day(shipped_at) from delivery where order_id = new.id and status = 'shipped' and shipped_at is not null;
  return null;
end $$;
create trigger report_order_paid after update of paid_at on sales_order for each row
  when (old.paid_at is distinct from new.paid_at) execute function note_report_order_paid();

create function note_report_track() returns trigger language plpgsql as $$
begin
  insert into report_due (day) select china_day(shipped_at) from delivery where id = new.delivery_id and status = 'shipped';
  return null;
end $$;
create trigger report_track_new after insert on parcel_track for each row
  when (new.state = 'signed') execute function note_report_track();
create trigger report_track_changed after update of state, moved_at on parcel_track for each row
  when ((old.state = 'signed' or new.state = 'signed') and (old.state, old.moved_at) is distinct from (new.state, new.moved_at))
  execute function note_report_track();

create function note_report_confirmed() returns trigger language plpgsql as $$
begin
  insert into report_due (day) select distinct china_day(at) from changed where event = 'confirm' and actor_kind = 'user';
  return null;
end $$;
create trigger report_confirmed after insert on order_event referencing new table as changed
  for each statement execute function note_report_confirmed();

-- The days of an installation that exists. The task computes them one by one, the newest first.
insert into report_due (day)
select day::date from (
  select least((select min(paid_at) from staged_trade), (select min(paid_at) from sales_order),
    (select min(created_on_platform) from staged_refund), (select min(shipped_at) from delivery where status = 'shipped')) as earliest
) found, generate_series(greatest(china_day(earliest), date '2010-01-01'), china_day(now()), interval '1 day') day
where earliest is not null;
