-- 商品: what we sell (products, SKUs, bundles) and what the shops show (listings), matched to each other.

-- Every letter and every pair of letters of a text, as numbers: under GIN they answer "contains" for a word of one or two
-- letters as well, which is what most Chinese searches are. Hits are compared with the text itself.
create function text_grams(words text) returns integer[]
  language sql immutable strict parallel safe
  return (
    with letter as (
      select c, lead(c) over (order by n) as next from unnest(string_to_array(words, null)) with ordinality u (c, n))
    select array(select hashtext(c) from letter union select hashtext(c || next) from letter where next is not null)
  );

create table product (
  id bigint generated always as identity primary key,
  code text not null unique check (code = btrim(code) and code <> ''),
  name text not null,
  category text not null default '',
  brand text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table sku (
  id bigint generated always as identity primary key,
  -- 商家编码: what shops write as their outer code.
  code text not null unique check (code = btrim(code) and code <> ''),
  product_id bigint not null references product (id),
  spec text not null default '',
  weight_g integer check (weight_g >= 0),
  price_fen bigint check (price_fen >= 0),
  -- The lowest sane price: below it somebody has mistyped.
  reference_fen bigint check (reference_fen >= 0),
  picture_url text not null default '',
  is_bundle boolean not null default false,
  active boolean not null default true,
  -- Bumped by each change; a person who edits an older version is told.
  version integer not null default 1,
  -- In small letters: code, product's code and name, spec.
  words text not null,
  grams integer[] not null generated always as (text_grams(words)) stored,
  standing text not null generated always as (case when active then 'active' else 'retired' end) stored,
  -- As lib/facets.ts packs them: 26 is skuKind.
  facets integer[] not null generated always as (array[26 * 67108864 + case when is_bundle then 2 else 1 end]) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (id, is_bundle)
);
create index sku_of_product on sku (product_id);
create index sku_by_created on sku (standing, created_at, id);
create index sku_by_updated on sku (standing, updated_at, id);
create index sku_by_code on sku (standing, code, id);
create index sku_facets on sku using gin (facets);
create index sku_grams on sku using gin (grams);

create table sku_barcode (
  code text primary key check (code = btrim(code) and code <> ''),
  sku_id bigint not null references sku (id)
);
create index sku_barcode_of on sku_barcode (sku_id);

-- 套餐. That a part is no bundle, and what has parts is one, is held by the foreign keys: nothing nests.
create table bundle_part (
  bundle_id bigint not null,
  part_id bigint not null,
  quantity integer not null check (quantity between 1 and 10000),
  bundle boolean not null default true check (bundle),
  part boolean not null default false check (not part),
  primary key (bundle_id, part_id),
  foreign key (bundle_id, bundle) references sku (id, is_bundle),
  foreign key (part_id, part) references sku (id, is_bundle)
);
create index bundle_part_of on bundle_part (part_id);

-- 平台商品: one row for each platform SKU of a shop; without SKUs the item itself, with an empty platform_sku_id.
create table listing (
  id bigint generated always as identity primary key,
  shop_id bigint not null references shop (id),
  item_id text not null,
  platform_sku_id text not null,
  outer_item_id text not null default '',
  outer_sku_id text not null default '',
  title text not null default '',
  spec text not null default '',
  picture_url text not null default '',
  price_fen bigint,
  quantity integer,
  -- seen: on a trade only, the shop's own list has not told of it. gone: the list told of it and does so no more.
  status text not null check (status in ('on_sale', 'in_stock', 'gone', 'seen')),
  -- The platform's, of what we hold; of goods seen on a trade, when that trade was made.
  modified_at timestamptz not null,
  -- When the shop's list last told of it.
  listed_at timestamptz,
  sku_id bigint references sku (id),
  matched_how text not null default '' check (matched_how in ('', 'outer_id', 'hand', 'import')),
  -- Who decided by hand, also that it matches nothing: what a person decided, no code changes by itself. Empty: the codes.
  matched_by text not null default '',
  matched_at timestamptz,
  words text not null generated always as (lower(title || ' ' || spec || ' ' || outer_sku_id || ' ' || outer_item_id || ' '
    || item_id || ' ' || platform_sku_id)) stored,
  grams integer[] not null generated always as (text_grams(lower(title || ' ' || spec || ' ' || outer_sku_id || ' '
    || outer_item_id || ' ' || item_id || ' ' || platform_sku_id))) stored,
  standing text not null generated always as (
    case when sku_id is not null then 'matched' when status = 'gone' then 'gone' else 'unmatched' end) stored,
  -- As lib/facets.ts packs them: 4 is shop, 24 listingStatus, 25 matchedHow.
  facets integer[] not null generated always as (array[
    4 * 67108864 + shop_id::integer,
    24 * 67108864 + case status when 'on_sale' then 1 when 'in_stock' then 2 when 'gone' then 3 else 4 end,
    25 * 67108864 + case matched_how when 'outer_id' then 1 when 'hand' then 2 when 'import' then 3 else 0 end]) stored,
  created_at timestamptz not null default now(),
  check ((sku_id is null) = (matched_how = '')),
  unique (shop_id, item_id, platform_sku_id)
);
create index listing_of_sku on listing (sku_id) where sku_id is not null;
create index listing_outer_sku on listing (outer_sku_id) where outer_sku_id <> '';
create index listing_outer_item on listing (outer_item_id) where outer_item_id <> '';
create index listing_listed on listing (shop_id, listed_at) where status in ('on_sale', 'in_stock');
create index listing_by_created on listing (standing, created_at, id);
create index listing_by_modified on listing (standing, modified_at, id);
create index listing_facets on listing using gin (facets);
create index listing_grams on listing using gin (grams);

insert into listing (shop_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url, status,
  modified_at, created_at)
select shop_id, item_id, sku_id, btrim(outer_item_id), btrim(outer_sku_id), title, spec, picture_url, 'seen', seen_at, seen_at
from seen_item
order by id;
drop table seen_item;

update role set permissions = permissions || '{catalog.read,catalog.write}' where builtin is null and name = '接口员';
update role set permissions = permissions || '{catalog.read}' where builtin is null and name in ('客服', '财务', '只读');
