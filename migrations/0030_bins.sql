-- 库位: the bins of a warehouse in the order in which a picker walks past them, and where each SKU lies.

create table bin (
  id bigint not null generated always as identity primary key,
  warehouse_id bigint not null references warehouse (id),
  code text not null check (code ~ '^[A-Z0-9][A-Z0-9-]{0,29}$'),
  route integer not null check (route >= 0),
  active boolean not null default true,
  created_at timestamptz not null default now(),
  created_by text not null,
  constraint bin_once unique (warehouse_id, code)
);
comment on table bin is 'A bin (库位): an address in a warehouse where goods lie, such as A-03-12. Written by inventory/bins; retired, never deleted.';
comment on column bin.route is 'Position on the way of a picker; the smaller is passed first.';
comment on column bin.active is 'False: retired; no SKU may lie there.';

create index bin_route on bin (warehouse_id, route, id);

create table sku_bin (
  warehouse_id bigint not null references warehouse (id),
  sku_id bigint not null references sku (id),
  main_bin_id bigint references bin (id),
  spare_bin_id bigint references bin (id),
  primary key (warehouse_id, sku_id),
  constraint sku_bin_some check (main_bin_id is not null or spare_bin_id is not null)
);
comment on table sku_bin is 'Where a SKU lies in a warehouse: its main bin (主库位), from which it is picked, and its spare bin (备库位).';

create index sku_bin_main on sku_bin (main_bin_id);
create index sku_bin_spare on sku_bin (spare_bin_id);
