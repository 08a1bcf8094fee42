-- Stock is a ledger: `stock` is the balance, `stock_movement` is append-only and sums to it. What is promised to orders stands
-- in `reservation`. Hot rows name their warehouse, SKU and order without a foreign key (docs/decisions/0007).
create table warehouse (
  id bigint generated always as identity primary key,
  code text not null unique,
  name text not null unique,
  kind text not null check (kind in ('own', 'outer')),
  province text not null default '',
  city text not null default '',
  -- The smaller is asked first.
  priority integer not null default 100,
  -- False: retired. It keeps its history and takes nothing new.
  active boolean not null default true,
  created_at timestamptz not null default now()
);

-- A row of a busy SKU is changed once a batch, many times a second: room in its page keeps such changes off the indexes.
create table stock (
  warehouse_id bigint not null,
  sku_id bigint not null,
  on_hand integer not null default 0,
  reserved integer not null default 0 check (reserved >= 0),
  locked integer not null default 0 check (locked >= 0),
  -- What orders wait for: the sum of their unreserved rows.
  short integer not null default 0 check (short >= 0),
  primary key (warehouse_id, sku_id),
  check (reserved + locked <= on_hand)
) with (fillfactor = 50);
create index stock_of_sku on stock (sku_id, warehouse_id);
create index stock_short on stock (sku_id, warehouse_id) where short > 0;
create index stock_locked on stock (sku_id, warehouse_id) where locked > 0;

-- Which SKUs have another available quantity than before: a version for who shows it elsewhere.
create table stock_change (
  sku_id bigint primary key,
  version bigint not null,
  changed_at timestamptz not null
) with (fillfactor = 50);

-- What came and went. The key is what makes a posting happen once: a step of a line of a document moves a SKU once.
create table stock_movement (
  id bigint generated always as identity,
  at timestamptz not null default now(),
  warehouse_id bigint not null,
  sku_id bigint not null,
  quantity integer not null check (quantity <> 0),
  document_kind text not null check (document_kind in ('order', 'adjustment', 'transfer', 'count')),
  document_id bigint not null,
  line_no smallint not null,
  -- Of an order: odd ones ship, even ones take back. Of a transfer: 1 goes out, 2 comes in.
  step smallint not null,
  created_by text not null,
  primary key (document_kind, document_id, line_no, warehouse_id, sku_id, step)
);
create index stock_movement_of on stock_movement (warehouse_id, sku_id, id);

-- What a line of an order was promised: a row for each part of a bundle. Whole or not at all.
create table reservation (
  order_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  warehouse_id bigint not null,
  -- Pieces of this SKU in one piece of the line.
  per_line integer not null default 1 check (per_line > 0),
  wanted integer not null check (wanted > 0),
  reserved integer not null,
  shipped boolean not null default false,
  -- Who paid first is served first.
  paid_at timestamptz not null,
  primary key (order_id, line_no, sku_id),
  check (reserved in (0, wanted)),
  check (not shipped or reserved = wanted)
) with (fillfactor = 80);
create index reservation_short on reservation (warehouse_id, sku_id, paid_at, order_id, line_no)
  where reserved < wanted and not shipped;
create index reservation_open on reservation (warehouse_id, sku_id, order_id, line_no) where not shipped;

create sequence stock_document_no;

create table stock_document (
  id bigint generated always as identity primary key,
  no text not null unique,
  kind text not null check (kind in ('adjustment', 'transfer', 'count', 'lock')),
  -- sent: a transfer that is on its way.
  status text not null check (status in ('draft', 'approved', 'sent', 'posted', 'voided')),
  version integer not null default 1,
  warehouse_id bigint not null references warehouse (id),
  to_warehouse_id bigint references warehouse (id) check (to_warehouse_id <> warehouse_id),
  -- A promotion's goods are locked from its begin to its end.
  lock_kind text check (lock_kind in ('normal', 'promotion')),
  starts_at timestamptz,
  ends_at timestamptz,
  note text not null default '',
  quantity integer not null,
  line_count integer not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  approved_by text,
  approved_at timestamptz,
  sent_by text,
  sent_at timestamptz,
  posted_by text,
  posted_at timestamptz,
  voided_by text,
  voided_at timestamptz,
  -- Nothing of it is locked any more.
  released_by text,
  released_at timestamptz,
  check ((kind = 'transfer') = (to_warehouse_id is not null)),
  check ((kind = 'lock') = (lock_kind is not null)),
  check ((lock_kind is not distinct from 'promotion') = (starts_at is not null and ends_at is not null)),
  check (starts_at < ends_at)
);
create index stock_document_by_status on stock_document (status, id);

create table stock_document_line (
  document_id bigint not null references stock_document (id),
  line_no smallint not null,
  sku_id bigint not null references sku (id),
  -- Adjustment: more or less. Transfer, lock: how many. Count: how many there are.
  quantity integer not null,
  -- Of a count: what the books said when it was written down. What moves afterwards is no difference.
  book integer,
  released integer not null default 0 check (released >= 0),
  primary key (document_id, line_no),
  unique (document_id, sku_id)
);

insert into role (name, name_en, permissions)
values ('仓库', 'Warehouse', '{overview.read,orders.read,inventory.read,inventory.write}')
on conflict do nothing;
