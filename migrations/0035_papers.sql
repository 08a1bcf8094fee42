-- The index reads all deliveries while nothing writes them. 打印模板: templates of our own papers, and what goes into the custom area of a platform's label.

create table paper_template (
  id bigint not null generated always as identity primary key,
  kind text not null check (kind <> ''),
  name text not null check (name <> ''),
  width_mm integer not null check (width_mm between 20 and 420),
  height_mm integer not null check (height_mm between 20 and 420),
  options jsonb not null,
  shop_ids bigint[] not null default '{}',
  couriers text[] not null default '{}',
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  updated_by text not null
);
comment on table paper_template is 'A template (打印模板) of one of our own papers, such as the packing slip (随箱清单). Without a row the default of the kind is used. Written by fulfilment/papers.';
comment on column paper_template.kind is 'A key of fulfilment/papers/paper-rules.ts.';
comment on column paper_template.options is 'Fields, columns and sizes: PaperOptions of fulfilment/papers/paper-rules.ts.';
comment on column paper_template.shop_ids is 'Only deliveries of these shops use it; empty: of every shop.';
comment on column paper_template.couriers is 'Only deliveries with these couriers use it; empty: with every courier.';

alter table waybill_account
  add column custom_area_url text not null default '',
  add column custom_area jsonb not null default '{}';
comment on column waybill_account.custom_area_url is 'The custom area (自定义区) that the print client lays over the label; empty: none.';
comment on column waybill_account.custom_area is 'For each key of the custom area the field of ours that fills it: a key of fulfilment/papers/custom-area-rules.ts.';

create index delivery_shipped_at on delivery (shipped_at) where status = 'shipped';

update role set permissions = permissions || '{fulfilment.papers}' where builtin is null and permissions @> '{fulfilment.ship}';
