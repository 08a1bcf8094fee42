-- Orders that no trade stands behind: made by hand, read from a sheet, copied, or sent once more (补发).
alter table sales_order drop constraint sales_order_origin_check;
alter table sales_order add constraint sales_order_origin_check
  check (origin in ('trade', 'record', 'manual', 'import', 'copy', 'reship'));
-- Their outer number stands in `tid`: each is made once, however often it is asked for.
create unique index sales_order_own on sales_order (tid, shop_id) where origin in ('manual', 'import', 'copy', 'reship');

-- What an order was copied from, and why. Read from both sides.
create table order_source (
  order_id bigint primary key,
  source_id bigint not null,
  reason text not null default '',
  made_at timestamptz not null default now()
);
create index order_source_of on order_source (source_id);

-- When a presale order may leave at the earliest; its hold `presale` ends by itself on that day.
alter table sales_order add column ship_after timestamptz;

-- Nothing to tell a platform: the order is our own.
alter table delivery drop constraint delivery_write_back_check;
alter table delivery add constraint delivery_write_back_check
  check (write_back in ('', 'waiting', 'done', 'failed', 'forced', 'manual', 'none'));

-- As lib/facets.ts packs them: 4 is shop, 28 writeBack.
alter table delivery alter column facets set expression as (array[
  4 * 67108864 + shop_id::integer,
  28 * 67108864 + case write_back when 'waiting' then 1 when 'done' then 2 when 'failed' then 3 when 'forced' then 4
    when 'manual' then 5 when 'none' then 6 else 0 end]);

-- 黑名单: who ordered in bad faith before. Shown masked, met again by keyed hashes; the seal is there so that the hashes can
-- be made anew when keys rotate. An entry means whoever has all of its keys, and lives in its region when that is given.
create table blacklist_entry (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('phone', 'address', 'nick')),
  -- As in sales_order.people, of month 0; the first one is looked up.
  keys bigint[] not null check (cardinality(keys) > 0),
  region text not null default '',
  masked text not null,
  personal bytea not null,
  reason text not null,
  until timestamptz,
  -- Whose it is, and from which order it was taken. It is met in every shop, and seen and removed by who sees this one.
  shop_id bigint not null,
  order_id bigint not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  removed_at timestamptz,
  removed_by text
);
-- Not unique: after a change of keys two entries may turn out to be one and the same.
create index blacklist_entry_live on blacklist_entry ((keys[1])) where removed_at is null;
create index blacklist_entry_by_id on blacklist_entry (id desc) where removed_at is null;

update role set permissions = permissions || '{orders.create,orders.blacklist}'::text[]
where name = '客服' and permissions @> '{orders.edit,orders.void}'::text[];
