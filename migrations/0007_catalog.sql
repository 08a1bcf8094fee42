-- Goods: what is sold, in which kinds, and what bundles are made of.
create table product (
  id bigint generated always as identity primary key,
  code text not null unique,
  name text not null
);

create table sku (
  id bigint generated always as identity primary key,
  code text not null unique,
  product_id bigint not null references product (id),
  spec text not null default '',
  weight_g integer not null default 0,
  price_fen bigint not null default 0,
  picture_url text not null default '',
  is_bundle boolean not null default false,
  active boolean not null default true
);

create table bundle_part (
  bundle_id bigint not null references sku (id),
  part_id bigint not null references sku (id),
  quantity integer not null check (quantity > 0),
  primary key (bundle_id, part_id)
);
