-- 验货台: parcels that are being checked at a station, the pieces that were counted, and every scan.

alter table delivery add column checked_pieces integer;
comment on column delivery.checked_pieces is 'Pieces of the order when it was checked. If the order has another number of pieces now, it is checked again.';

create table station_parcel (
  delivery_id bigint not null primary key,
  station text not null check (station <> ''),
  user_name text not null,
  opened_at timestamptz not null default now(),
  touched_at timestamptz not null default now(),
  stop jsonb,
  constraint station_parcel_once unique (station)
);
comment on table station_parcel is 'The parcel on each station (验货台). It is removed when the parcel is shipped or set aside.';
comment on column station_parcel.delivery_id is 'The first delivery of the parcel. → delivery.id';
comment on column station_parcel.stop is 'Why the station does nothing more with it until its waybill, or a basket LJ-nn, is scanned: code and message.';

create table station_count (
  delivery_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  counted integer not null check (counted >= 0),
  counted_at timestamptz not null default now(),
  primary key (delivery_id, line_no, sku_id)
);
comment on table station_count is 'Pieces of a delivery that were scanned, by line and part of a bundle. Removed when the parcel is checked.';
comment on column station_count.sku_id is '0: the line has no SKU. → sku.id';

create table station_scan (
  key text not null primary key,
  station text not null,
  user_id text not null,
  user_name text not null,
  delivery_id bigint,
  at timestamptz not null default now(),
  kind text not null,
  verdict jsonb not null
);
comment on table station_scan is 'A scan or a weighing at a station, with the answer. A key that comes again gets the same answer and changes nothing.';
create index station_scan_at on station_scan (at);
