-- 售后: parcels that refunds stop, goods that go back on the shelf, and what refunds were about.

-- What a refund does depends on its phase as well; those from before count as applied for before receipt.
alter table order_refund add column phase text not null default 'onsale' check (phase in ('onsale', 'aftersale'));

-- stopped: shipped, and the platform is not told while a refund stands against it.
alter table delivery drop constraint delivery_write_back_check;
alter table delivery add constraint delivery_write_back_check
  check (write_back in ('', 'waiting', 'done', 'failed', 'forced', 'manual', 'none', 'stopped'));

-- As lib/facets.ts packs them: 4 is shop, 28 writeBack.
alter table delivery alter column facets set expression as (array[
  4 * 67108864 + shop_id::integer,
  28 * 67108864 + case write_back when 'waiting' then 1 when 'done' then 2 when 'failed' then 3 when 'forced' then 4
    when 'manual' then 5 when 'none' then 6 when 'stopped' then 7 else 0 end]);

-- 拦截: a parcel that has left and is wanted back. A parcel has one that is alive, however many refunds want it back.
create table intercept (
  id bigint generated always as identity primary key,
  delivery_id bigint not null,
  delivery_no text not null,
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  shop_id bigint not null,
  warehouse_id bigint,
  courier text not null,
  waybill_no text not null,
  -- The refund that it was raised for.
  refund_no text not null,
  amount_fen bigint not null,
  -- Until then the platform wants an answer.
  deadline timestamptz,
  -- pull: the warehouse takes it out before the platform hears of it. recall: the courier is asked.
  way text not null check (way in ('pull', 'recall')),
  state text not null check (state in ('open', 'asked', 'pulled', 'returned', 'missed', 'money', 'lifted')),
  note text not null default '',
  created_at timestamptz not null default now(),
  created_by text not null,
  asked_at timestamptz,
  asked_by text,
  ended_at timestamptz,
  ended_by text,
  -- As lib/facets.ts packs them: 4 is shop.
  facets integer[] not null generated always as (array[4 * 67108864 + shop_id::integer]) stored,
  check ((state in ('open', 'asked')) = (ended_at is null)),
  check (state <> 'asked' or asked_at is not null)
) with (fillfactor = 80);
create unique index intercept_live on intercept (delivery_id) where ended_at is null;
create index intercept_of on intercept (delivery_id, id);
create index intercept_order on intercept (order_id);
create index intercept_delivery_no on intercept (delivery_no);
create index intercept_order_no on intercept (order_no);
create index intercept_tid on intercept (tid);
create index intercept_waybill on intercept (waybill_no);
create index intercept_by_created on intercept (state, created_at, id);
create index intercept_by_deadline on intercept (state, coalesce(deadline, 'infinity'::timestamptz), id);
create index intercept_facets on intercept using gin (facets);

-- 待放回: pieces of a delivery that are not wanted any more and may have been picked. One row for each part of a bundle.
create table put_back (
  id bigint generated always as identity primary key,
  delivery_id bigint not null,
  delivery_no text not null,
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  shop_id bigint not null,
  warehouse_id bigint,
  courier text not null,
  waybill_no text not null,
  line_no smallint not null,
  -- Null: nobody had said which SKU it is.
  sku_id bigint,
  title text not null,
  spec text not null,
  quantity integer not null check (quantity > 0),
  -- What took them off: voiding, or the version of the order that a refund changed. A job that runs twice writes once.
  source text not null,
  -- unpicked: nobody had taken them off the shelf.
  state text not null default 'open' check (state in ('open', 'done', 'unpicked')),
  created_at timestamptz not null default now(),
  done_at timestamptz,
  done_by text,
  -- As lib/facets.ts packs them: 4 is shop.
  facets integer[] not null generated always as (array[4 * 67108864 + shop_id::integer]) stored,
  check ((state = 'open') = (done_at is null))
) with (fillfactor = 80);
create unique index put_back_once on put_back (delivery_id, line_no, coalesce(sku_id, 0), source);
create index put_back_delivery on put_back (delivery_no);
create index put_back_order on put_back (order_no);
create index put_back_tid on put_back (tid);
create index put_back_waybill on put_back (waybill_no) where waybill_no <> '';
create index put_back_sku on put_back (sku_id);
create index put_back_by_created on put_back (state, created_at, id);
create index put_back_facets on put_back using gin (facets);

-- 责任: whose fault it was, as people say.
alter table staged_refund
  add column duty text not null default '' check (duty in ('', 'buyer', 'seller', 'warehouse', 'courier', 'platform')),
  add column duty_note text not null default '',
  add column duty_by text not null default '',
  add column duty_at timestamptz;
-- Statistics of a period read this index alone.
create index staged_refund_statistics on staged_refund (created_on_platform, id)
  include (shop_id, kind, status, amount_fen, quantity, duty, buyer_reason, outer_id);

update role set permissions = permissions || '{aftersale.intercept,aftersale.put_back}' where builtin is null and name = '仓库';
update role set permissions = permissions || '{aftersale.intercept,refunds.duty}' where builtin is null and name = '客服';
