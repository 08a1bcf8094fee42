-- 库存同步: how much of our stock each listing may sell, as it was calculated and as the platform was told.

-- Versions up to `taken` are known to who shows stock elsewhere. Only `dirty` is indexed: a busy SKU that changes once more
-- before it is taken keeps off the index.
alter table stock_change add column taken bigint not null default 0;
alter table stock_change add column dirty boolean not null generated always as (version > taken) stored;
create index stock_change_dirty on stock_change (sku_id) where dirty;

-- A shop without a row has the usual rule and is off: nothing is told before a person says so.
create table upload_shop (
  shop_id bigint primary key references shop (id),
  enabled boolean not null default false,
  -- {warehouses, percent, plus, min, max, safety}
  rule jsonb not null,
  version integer not null default 1,
  updated_by text not null,
  updated_at timestamptz not null default now()
);

create table stock_upload (
  -- The listing's.
  id bigint primary key references listing (id),
  shop_id bigint not null,
  item_id text not null,
  -- Null: the shop's.
  rule jsonb,
  paused boolean not null default false,
  shop_on boolean not null default false,
  -- What is to be told, and how it came about. An answer to an older version never hides a newer one.
  quantity integer check (quantity >= 0),
  trace jsonb,
  version bigint not null default 0,
  calculated_at timestamptz,
  -- What the platform took last. Version 0: whatever it took does not count any more.
  told_quantity integer,
  told_version bigint not null default 0,
  told_at timestamptz,
  -- The platform action that tells, or failed to.
  action_id bigint,
  -- A name of upload/lifecycle.ts; empty: none.
  problem text not null default '',
  problem_text text not null default '',
  problem_at timestamptz,
  created_at timestamptz not null default now(),
  standing text not null generated always as (
    case when paused then 'paused' when not shop_on or problem = 'gone' then 'off' when problem <> '' then 'failed'
      when told_version > 0 and action_id is null then 'synced' else 'waiting' end) stored,
  -- As lib/facets.ts packs them: 4 is shop.
  facets integer[] not null generated always as (array[4 * 67108864 + shop_id::integer]) stored,
  check ((problem = '') = (problem_at is null))
) with (fillfactor = 80);
create index stock_upload_item on stock_upload (shop_id, item_id);
create index stock_upload_by_created on stock_upload (standing, created_at, id);
create index stock_upload_facets on stock_upload using gin (facets);

update role set permissions = permissions || '{inventory.read,inventory.upload}'
where builtin is null and name = '接口员' and permissions @> '{catalog.write}';
