-- 验货台: goods of which one scan counts all pieces, goods with a serial number, and warehouses that print at the last piece.

alter table sku
  add column scan_once boolean not null default false,
  add column needs_serial boolean not null default false;
comment on column sku.scan_once is 'One scan at a station counts all its pieces in the parcel (整单一扫).';
comment on column sku.needs_serial is 'Each piece has a serial number (串号, IMEI), which is scanned at a station and sent to the platform.';

alter table warehouse add column prints_last boolean not null default false;
comment on column warehouse.prints_last is 'The number is taken and the label printed at the last piece that is checked (后置打印), if both steps are required.';

alter table station_parcel add column asks_serial jsonb;
comment on column station_parcel.asks_serial is 'The piece that was scanned and whose serial number is scanned next: line_no, sku_id and delivery_id.';

create table delivery_serial (
  delivery_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  serial text not null check (serial <> ''),
  scanned_at timestamptz not null default now(),
  scanned_by text not null,
  primary key (delivery_id, serial)
);
comment on table delivery_serial is 'A serial number (串号, IMEI) of a piece in a delivery, scanned at a station. The platform gets it with the shipping.';
comment on column delivery_serial.sku_id is '→ sku.id';
