-- 波次: deliveries that are picked together, the rules that make waves, and who picked what.

create sequence wave_no;

create table wave_rule (
  id bigint not null generated always as identity primary key,
  warehouse_id bigint not null references warehouse (id),
  position integer not null,
  name text not null check (name <> ''),
  enabled boolean not null default true,
  goods text not null check (goods in ('same', 'single', 'many', 'any')),
  pieces_from integer not null default 1 check (pieces_from > 0),
  pieces_to integer,
  couriers text[] not null default '{}',
  provinces text[] not null default '{}',
  hours_left integer,
  by_courier boolean not null default false,
  by_province boolean not null default false,
  orders_from integer not null default 1 check (orders_from > 0),
  orders_to integer not null check (orders_to between 1 and 500),
  sorting text not null check (sorting in ('none', 'picking', 'after')),
  constraint wave_rule_position unique (warehouse_id, position),
  constraint wave_rule_size check (orders_from <= orders_to),
  constraint wave_rule_pieces check (pieces_to is null or pieces_to >= pieces_from)
);
comment on table wave_rule is 'A rule that makes waves (建波规则) in a warehouse. Rules are asked by position; a delivery is in one wave.';
comment on column wave_rule.goods is 'same: parcels with one SKU, a wave for each SKU and quantity. single: parcels with one SKU. many: with several SKUs. any: all.';
comment on column wave_rule.couriers is 'Codes of connectors/couriers.ts; empty: every courier.';
comment on column wave_rule.provinces is 'Short names of provinces; empty: every province.';
comment on column wave_rule.hours_left is 'Only parcels with so few hours to their deadline; null: all.';
comment on column wave_rule.sorting is 'none: no baskets. picking: sorted into baskets while picking. after: picked first, then sorted.';

create table wave (
  id bigint not null generated always as identity primary key,
  no text not null constraint wave_no_once unique,
  warehouse_id bigint not null references warehouse (id),
  rule_name text not null,
  sorting text not null check (sorting in ('none', 'picking', 'after')),
  courier text not null default '',
  status text not null check (status in ('open', 'picking', 'picked', 'sorting', 'done', 'cancelled')),
  order_count integer not null,
  piece_count integer not null,
  ship_by timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  claimed_at timestamptz,
  claimed_by text,
  claimed_by_id text,
  picked_at timestamptz,
  done_at timestamptz,
  done_by text,
  cancelled_at timestamptz,
  cancelled_by text,
  constraint wave_claim check ((status in ('open', 'cancelled')) or claimed_by_id is not null)
);
comment on table wave is 'A wave (波次): deliveries of a warehouse that one person picks on one way. open → picking → picked → sorting → done, or cancelled.';
comment on column wave.rule_name is 'The rule as it was called when it made the wave.';
comment on column wave.courier is 'Empty: several couriers.';
comment on column wave.order_count is 'Parcels when it was made.';
comment on column wave.ship_by is 'The earliest deadline of its deliveries.';
comment on column wave.claimed_by_id is 'The user who picks.';

create index wave_by_status on wave (warehouse_id, status, coalesce(ship_by, 'infinity'::timestamptz), id);
create index wave_done on wave (done_at) where status = 'done';

create table wave_delivery (
  wave_id bigint not null references wave (id),
  delivery_id bigint not null references delivery (id),
  order_id bigint not null,
  shop_id bigint not null,
  basket smallint not null check (basket > 0),
  live boolean not null default true,
  keeps boolean not null default false,
  left_reason text not null default '' check (left_reason in ('', 'short', 'stopped', 'gone', 'cut', 'cancelled')),
  left_at timestamptz,
  primary key (wave_id, delivery_id),
  constraint wave_delivery_keeps check (not (live and keeps)),
  constraint wave_delivery_left check (live = (left_reason = '') and live = (left_at is null))
);
comment on table wave_delivery is 'A delivery in a wave, and its basket. Deliveries of a merged shipment share a basket.';
comment on column wave_delivery.order_id is '→ sales_order.id';
comment on column wave_delivery.shop_id is '→ shop.id';
comment on column wave_delivery.live is 'False: it has left the wave. A delivery is in one wave.';
comment on column wave_delivery.keeps is 'It has left, and the pieces that were picked for it wait in its basket; a later wave picks only the others.';
comment on column wave_delivery.left_reason is 'short: goods were not found. stopped: a refund, a hold or a new address. gone: it was cancelled or shipped. cut: cut out by a person. cancelled: with its wave.';

create unique index wave_delivery_live on wave_delivery (delivery_id) where live;
create index wave_delivery_kept on wave_delivery (delivery_id) where keeps;

create table wave_piece (
  wave_id bigint not null references wave (id),
  delivery_id bigint not null references delivery (id),
  sku_id bigint not null references sku (id),
  wanted integer not null check (wanted > 0),
  picked integer not null default 0 check (picked between 0 and wanted),
  sorted integer not null default 0 check (sorted between 0 and picked),
  primary key (wave_id, delivery_id, sku_id)
);
comment on table wave_piece is 'Pieces of a SKU that a delivery needs from its wave, and how many of them were picked and sorted into its basket.';

create table wave_line (
  wave_id bigint not null references wave (id),
  seq integer not null,
  sku_id bigint not null references sku (id),
  bin_id bigint references bin (id),
  picked integer not null default 0,
  missing integer not null default 0,
  done_at timestamptz,
  done_by text,
  primary key (wave_id, seq)
);
comment on table wave_line is 'A stop on the way of a wave: one SKU at one bin, in the order of the route.';
comment on column wave_line.bin_id is 'Null: no bin is known for the SKU.';
comment on column wave_line.missing is 'Pieces that were not found there.';
comment on column wave_line.done_by is 'Who picked there last.';

create unique index wave_line_open on wave_line (wave_id, sku_id) where done_at is null;
create index wave_line_done on wave_line (done_at) where done_at is not null;
