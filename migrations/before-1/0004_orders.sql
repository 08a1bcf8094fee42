-- Sales orders: exactly one for each trade, whatever is tried, twice or at once.
-- Wide columns go out of line early (toast_tuple_target), so that walking a list reads narrow rows.
-- What is written by the thousand a second names its shop, trade or order without a foreign key: a check costs as much as
-- the row, and none of those is ever deleted (docs/decisions/0007).
create sequence sales_order_no;

create table sales_order (
  id bigint generated always as identity primary key,
  no text not null unique,
  shop_id bigint not null,
  -- Where it came from: a converted trade; later also manual, split, merge, reship …
  origin text not null check (origin in ('trade', 'record')),
  tid text not null,
  status text not null check (status in ('unconfirmed', 'confirmed', 'released', 'shipped', 'completed', 'voided')),
  -- Bumped by each change; a person who edits an older version is told.
  version integer not null default 1,
  cod boolean not null,
  currency text not null default 'CNY',
  goods_fen bigint not null,
  post_fee_fen bigint not null,
  discount_fen bigint not null,
  -- What the buyer owes for goods and freight: sum of the lines' payment and the freight.
  payment_fen bigint not null check (payment_fen >= 0),
  refunded_fen bigint not null default 0 check (refunded_fen >= 0),
  quantity integer not null,
  -- Sum of the lines'.
  refunded_quantity integer not null default 0 check (refunded_quantity between 0 and quantity),
  paid_at timestamptz,
  ordered_at timestamptz not null,
  ship_by timestamptz,
  flag smallint not null default 0,
  open_holds integer not null default 0 check (open_holds >= 0),
  -- Platform changes that nobody has looked at yet.
  differences integer not null default 0 check (differences >= 0),
  facets integer[] not null,
  -- Keys by which the buyer is found: month, kind, keyed hash.
  people bigint[] not null default '{}',
  buyer_message text not null default '',
  seller_memo text not null default '',
  receiver_masked text not null default '',
  region text not null default '',
  -- One seal for the buyer's name, phone, address and nick, copied from the trade.
  personal bytea,
  void_reason text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  created_by text not null
) with (toast_tuple_target = 256, fillfactor = 90);
create unique index sales_order_trade on sales_order (tid, shop_id) where origin in ('trade', 'record');
create index sales_order_by_created on sales_order (status, created_at, id);
create index sales_order_by_paid on sales_order (status, coalesce(paid_at, '-infinity'::timestamptz), id);
create index sales_order_by_ship_by on sales_order (status, coalesce(ship_by, 'infinity'::timestamptz), id);
create index sales_order_facets on sales_order using gin (facets) with (fastupdate = on, gin_pending_list_limit = 2048);
create index sales_order_people on sales_order using gin (people) with (fastupdate = on, gin_pending_list_limit = 2048);
create index sales_order_held on sales_order (id) where open_holds > 0;
create index sales_order_differs on sales_order (id) where differences > 0;

create table order_line (
  order_id bigint not null,
  line_no smallint not null,
  tid text not null,
  oid text not null,
  -- Own SKU; empty until the catalogue matches it. Conversion never needs it.
  sku_id bigint,
  item_id text not null,
  platform_sku_id text not null,
  outer_item_id text not null,
  outer_sku_id text not null,
  title text not null,
  spec text not null,
  picture_url text not null,
  quantity integer not null check (quantity > 0),
  refunded_quantity integer not null default 0 check (refunded_quantity between 0 and quantity),
  price_fen bigint not null,
  discount_fen bigint not null,
  payment_fen bigint not null,
  refunded_fen bigint not null default 0 check (refunded_fen >= 0),
  primary key (order_id, line_no)
);

-- Why an order stands still. Released rows stay as history.
create table order_hold (
  id bigint generated always as identity primary key,
  order_id bigint not null references sales_order (id),
  reason text not null,
  -- What holds it: a refund's number, a kind of difference; empty for a person. Each source holds an order once.
  source text not null,
  note text not null default '',
  held_by text not null,
  held_at timestamptz not null default now(),
  until timestamptz,
  released_by text,
  released_at timestamptz
);
create unique index order_hold_open on order_hold (order_id, reason, source) where released_at is null;
create index order_hold_of on order_hold (order_id);
create index order_hold_source on order_hold (source) where released_at is null;
create index order_hold_until on order_hold (until) where released_at is null and until is not null;

-- Append-only: who, when, what.
create table order_event (
  id bigint generated always as identity,
  order_id bigint not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  primary key (order_id, id)
);

-- What changed on the platform after conversion; never applied silently.
create table order_difference (
  id bigint generated always as identity primary key,
  order_id bigint not null references sales_order (id),
  kind text not null check (kind in ('address', 'memo', 'flag', 'message', 'closed', 'shipped_elsewhere', 'goods', 'payment')),
  -- Without personal data: an address change says only that it changed; the values are in the seal.
  old_value text not null default '',
  new_value text not null default '',
  personal bytea,
  -- Of a changed address: where it lies, and the order's search facets and keys that follow from the trade as it is now.
  region text not null default '',
  facets integer[],
  people bigint[],
  trade_version timestamptz not null,
  seen_at timestamptz not null default now(),
  settled_at timestamptz,
  settled_by text,
  settled_how text check (settled_how in ('applied', 'ignored', 'superseded'))
);
create unique index order_difference_once on order_difference (order_id, kind, trade_version);
create index order_difference_open on order_difference (order_id) where settled_at is null;

-- A refund as its latest version was applied to an order, and what of it counts. What a line or an order has refunded is
-- computed from these rows, so a newer version replaces its own part and nothing else.
create table order_refund (
  order_id bigint not null references sales_order (id),
  refund_no text not null,
  shop_id bigint not null,
  oid text not null,
  kind text not null,
  refund_status text not null,
  version text not null,
  modified_at timestamptz not null,
  amount_fen bigint not null,
  quantity integer not null,
  -- What the latest version did.
  effect text not null check (effect in ('hold', 'release', 'reduce', 'money', 'record')),
  applied_at timestamptz not null default now(),
  -- By its last succeeded version; other versions leave it. Null: no money went back.
  fact text check (fact in ('order_refund', 'return_refund', 'void_refund', 'refund_only')),
  counted_fen bigint not null default 0 check (counted_fen >= 0),
  counted_quantity integer not null default 0 check (counted_quantity >= 0),
  counted_oid text not null default '',
  -- False: money only, whatever the quantity says (the order was voided or shipped by then).
  takes_goods boolean not null default false,
  check (fact is not null or (counted_fen = 0 and counted_quantity = 0)),
  primary key (order_id, refund_no)
);
create index order_refund_no on order_refund (shop_id, refund_no);

-- Money that a transition owes, recorded as facts; finance posts each once. A fact that is not posted follows its
-- source; after posting a change becomes a fact of its own, the difference, which may be negative.
create table settlement_fact (
  id bigint generated always as identity primary key,
  shop_id bigint not null,
  order_id bigint references sales_order (id),
  tid text not null,
  -- E3's document types: order_refund 5, return_refund 6, void_refund 7, extra_refund 8, refund_only 11 …
  kind text not null check (kind in ('order_refund', 'return_refund', 'void_refund', 'extra_refund', 'refund_only')),
  amount_fen bigint not null,
  source text not null,
  created_at timestamptz not null default now(),
  posted_at timestamptz
);
create unique index settlement_fact_unposted on settlement_fact (shop_id, source, kind) where posted_at is null;
create index settlement_fact_source on settlement_fact (shop_id, source);
create index settlement_fact_of on settlement_fact (order_id);

-- 部分退款: an internal document, money only.
create table extra_refund (
  id bigint generated always as identity primary key,
  no text not null unique,
  shop_id bigint not null references shop (id),
  order_id bigint not null references sales_order (id),
  -- The order's number, which never changes.
  order_no text not null,
  refund_no text not null default '',
  kind text not null check (kind in ('compensation', 'price_difference', 'return_freight', 'deposit', 'cashback', 'goods', 'other')),
  amount_fen bigint not null check (amount_fen > 0),
  reason text not null,
  status text not null check (status in ('draft', 'approved', 'voided')),
  created_by text not null,
  created_at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz
);
create sequence extra_refund_no;
create index extra_refund_of on extra_refund (order_id);
create index extra_refund_by_status on extra_refund (status, id desc);
