-- 退货单: goods that come back. A return and its lines change only under the lock of the orders that they name.
create sequence return_order_no;

create table return_order (
  id bigint generated always as identity primary key,
  no text not null unique,
  shop_id bigint not null,
  -- Its first line's: by these people find it. Lines name their own, since the orders of one trade can share a refund.
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  kind text not null check (kind in ('return', 'exchange', 'refused')),
  -- What made it: a platform's refund, a person, or a parcel that came back.
  origin text not null check (origin in ('refund', 'person', 'parcel')),
  refund_no text not null default '',
  -- The platform's, as the orders last heard of it; empty without a refund.
  refund_status text not null default '',
  -- Of the parcel that was refused.
  delivery_id bigint,
  status text not null check (status in ('unconfirmed', 'confirmed', 'received', 'settled', 'voided')),
  version integer not null default 1,
  -- Where the goods shall arrive.
  warehouse_id bigint,
  courier text not null default '',
  waybill_no text not null default '',
  reason text not null default '',
  amount_fen bigint not null default 0,
  -- Sums of the lines'.
  quantity integer not null,
  good integer not null default 0,
  defective integer not null default 0,
  open_problems integer not null default 0 check (open_problems >= 0),
  -- 换货: when its new order is made, and which it is.
  exchange_when text not null default 'received' check (exchange_when in ('confirmed', 'received')),
  exchange_order_id bigint unique,
  exchange_order_no text not null default '',
  -- How telling the platform of the receipt stands.
  told text not null default '' check (told in ('', 'waiting', 'done', 'failed', 'forced', 'manual', 'none')),
  error_code text not null default '',
  action_id bigint,
  created_at timestamptz not null default now(),
  created_by text not null,
  confirmed_at timestamptz,
  confirmed_by text,
  received_at timestamptz,
  received_by text,
  settled_at timestamptz,
  settled_by text,
  voided_at timestamptz,
  voided_by text,
  void_reason text not null default '',
  -- As lib/facets.ts packs them: 4 is shop, 23 the warehouse.
  facets integer[] not null generated always as (array[
    4 * 67108864 + shop_id::integer, 23 * 67108864 + coalesce(warehouse_id, 0)::integer]) stored,
  check (kind <> 'exchange' or delivery_id is null),
  check ((status in ('received', 'settled')) = (received_at is not null))
) with (fillfactor = 80);
create unique index return_order_refund on return_order (shop_id, refund_no) where refund_no <> '';
create unique index return_order_delivery on return_order (delivery_id) where delivery_id is not null and status <> 'voided';
create index return_order_waybill on return_order (waybill_no) where waybill_no <> '';
create index return_order_of on return_order (order_id);
create index return_order_order_no on return_order (order_no);
create index return_order_tid on return_order (tid);
create index return_order_refund_no on return_order (refund_no) where refund_no <> '';
create index return_order_by_created on return_order (status, created_at, id);
create index return_order_problem on return_order (id) where open_problems > 0;
create index return_order_exchange on return_order (id) where kind = 'exchange' and exchange_order_id is null and status <> 'voided';
create index return_order_facets on return_order using gin (facets);

create table return_line (
  return_id bigint not null references return_order (id),
  line_no smallint not null,
  order_id bigint not null,
  order_line_no smallint not null,
  tid text not null,
  oid text not null,
  sku_id bigint,
  outer_code text not null,
  title text not null,
  spec text not null,
  picture_url text not null,
  quantity integer not null check (quantity > 0),
  good integer not null default 0 check (good >= 0),
  defective integer not null default 0 check (defective >= 0),
  primary key (return_id, line_no),
  unique (return_id, order_id, order_line_no),
  check (good + defective <= quantity)
) with (fillfactor = 80);
create index return_line_of on return_line (order_id, order_line_no);
create index return_line_sku on return_line (sku_id, return_id) where sku_id is not null;

-- What arrived, each time once. Its number is the step of its movements.
create table return_receipt (
  return_id bigint not null references return_order (id),
  step smallint not null,
  at timestamptz not null default now(),
  by text not null,
  warehouse_id bigint not null,
  good integer not null,
  defective integer not null,
  primary key (return_id, step)
);

-- What is not as it should be, until somebody says how it was settled.
create table return_problem (
  id bigint generated always as identity primary key,
  return_id bigint not null references return_order (id),
  kind text not null check (kind in ('short', 'wrong', 'refund_closed')),
  -- short: of this line. wrong: of this SKU.
  line_no smallint not null default 0,
  sku_id bigint,
  quantity integer not null check (quantity >= 0),
  note text not null default '',
  found_at timestamptz not null default now(),
  found_by text not null,
  settled_at timestamptz,
  settled_by text,
  settled_note text not null default ''
);
create unique index return_problem_open on return_problem (return_id, kind, line_no, coalesce(sku_id, 0)) where settled_at is null;
create index return_problem_of on return_problem (return_id);

-- Append-only: who, when, what.
create table return_event (
  id bigint generated always as identity,
  return_id bigint not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  primary key (return_id, id)
);

-- 无主件: a parcel that came back and nobody knows whose it is.
create sequence unclaimed_parcel_no;

create table unclaimed_parcel (
  id bigint generated always as identity primary key,
  no text not null unique,
  -- stocked: its goods went on the shelf before anybody knew whose they are.
  status text not null check (status in ('unclaimed', 'stocked', 'claimed')),
  warehouse_id bigint not null,
  courier text not null default '',
  waybill_no text not null default '',
  -- Kind and keyed hash of the sender's phone, as lib/people.ts makes them of month 0.
  phone_key bigint,
  note text not null default '',
  quantity integer not null,
  return_id bigint,
  return_no text not null default '',
  claimed_how text not null default '' check (claimed_how in ('', 'waybill', 'person')),
  created_at timestamptz not null default now(),
  created_by text not null,
  stocked_at timestamptz,
  stocked_by text,
  claimed_at timestamptz,
  claimed_by text,
  -- 23 is the warehouse.
  facets integer[] not null generated always as (array[23 * 67108864 + warehouse_id::integer]) stored,
  check ((status = 'claimed') = (return_id is not null))
) with (fillfactor = 80);
create unique index unclaimed_parcel_waybill on unclaimed_parcel (waybill_no) where waybill_no <> '' and status <> 'claimed';
create index unclaimed_parcel_by_created on unclaimed_parcel (status, created_at, id);
create index unclaimed_parcel_return on unclaimed_parcel (return_id) where return_id is not null;
create index unclaimed_parcel_facets on unclaimed_parcel using gin (facets);

create table unclaimed_line (
  parcel_id bigint not null references unclaimed_parcel (id),
  line_no smallint not null,
  sku_id bigint not null references sku (id),
  good integer not null check (good >= 0),
  defective integer not null check (defective >= 0),
  primary key (parcel_id, line_no),
  unique (parcel_id, sku_id),
  check (good + defective > 0)
);
create index unclaimed_line_sku on unclaimed_line (sku_id);

-- 次品仓: what came back and cannot be sold again lies in a warehouse of its own, beside the one that received it. Nothing of it is
-- promised or shown in shops; transfers bring it back, adjustments write it off.
alter table warehouse drop constraint warehouse_kind_check;
alter table warehouse add column defective_of bigint unique references warehouse (id);
alter table warehouse add constraint warehouse_kind_check check (kind in ('own', 'outer', 'defective') and (kind = 'defective') = (defective_of is not null));

-- Goods of it came back into stock: its shipping cannot be undone any more, or they would come in twice.
alter table sales_order add column came_back boolean not null default false;

alter table stock_movement drop constraint stock_movement_document_kind_check;
alter table stock_movement add constraint stock_movement_document_kind_check
  check (document_kind in ('order', 'adjustment', 'transfer', 'count', 'return', 'parcel'));

update role set permissions = permissions || '{returns.read,returns.write}' where builtin is null and name = '客服';
update role set permissions = permissions || '{returns.read,returns.receive}' where builtin is null and name = '仓库';
update role set permissions = permissions || '{returns.read,returns.settle}' where builtin is null and name = '财务';
update role set permissions = permissions || '{returns.read}' where builtin is null and name = '只读';
