-- 表格店铺: trades come from sheets that users upload, and parcels go out in sheets.

create table sheet_layout (
  shop_id bigint not null references shop (id),
  head text not null check (head <> ''),
  columns jsonb not null,
  used_at timestamptz not null,
  used_by text not null,
  primary key (shop_id, head)
);
comment on table sheet_layout is 'Which column of a shop''s sheet is which field, for each head that its sheets had. The layout that was used last also serves heads that are new.';
comment on column sheet_layout.shop_id is '→ shop.id';
comment on column sheet_layout.head is 'SHA-256 of the titles of the columns, without spaces and joined by line breaks.';
comment on column sheet_layout.columns is 'The title of the column for each field.';

create table handout (
  id bigint generated always as identity primary key,
  shop_id bigint not null references shop (id),
  parcels integer not null,
  columns jsonb not null,
  created_at timestamptz not null default now(),
  created_by text not null
);
comment on table handout is '发货表: parcels of a spreadsheet shop that were handed out in one sheet. It can be downloaded again.';
comment on column handout.shop_id is '→ shop.id';
comment on column handout.columns is 'The columns of the sheet, with their titles.';
create index handout_of_shop on handout (shop_id, id);

create table handout_parcel (
  handout_id bigint not null references handout (id),
  delivery_id bigint not null references delivery (id),
  courier text not null,
  waybill_no text not null,
  primary key (delivery_id, courier, waybill_no)
);
comment on table handout_parcel is 'The parcels of each hand-out. A delivery is handed out once with one waybill; with a corrected one it is handed out anew.';
comment on column handout_parcel.handout_id is '→ handout.id';
comment on column handout_parcel.delivery_id is '→ delivery.id';
create index handout_parcel_of_handout on handout_parcel (handout_id);

insert into courier_code (courier, system, code)
select code, 'sheetshop', code from courier;

-- Clerks who make orders by hand or from a sheet import the sheets of such shops too.
update role set permissions = permissions || '{trades.import}' where builtin is null and permissions @> '{orders.create}';
