-- Custom areas of labels (面单自定义区) that are laid out here. They are kept apart from paper_template, whose kinds the release before does not all know.

create sequence label_area_no;

create table label_area (
  id bigint not null default (1000000000 + nextval('label_area_no')),
  name text not null,
  width_mm integer not null,
  height_mm integer not null,
  options jsonb not null,
  shop_ids bigint[] not null default '{}',
  couriers text[] not null default '{}',
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  constraint label_area_pkey primary key (id),
  constraint label_area_height_mm_check check (height_mm between 20 and 420),
  constraint label_area_name_check check (name <> ''),
  constraint label_area_width_mm_check check (width_mm between 20 and 420)
);
comment on table label_area is 'A template of a custom area (面单自定义区) that we lay out ourselves and the print client prints over a label. Without a row labels have none. Written by fulfilment/papers.';
comment on column label_area.id is 'Above the numbers of paper_template, so that a template is known by its number.';
comment on column label_area.options is 'Fields, columns and sizes: PaperOptions of fulfilment/papers/paper-rules.ts.';
comment on column label_area.shop_ids is 'Only labels of these shops use it; empty: of every shop.';
comment on column label_area.couriers is 'Only labels of these couriers use it; empty: of every courier.';
