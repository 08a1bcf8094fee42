-- The pool between the shop and the sales order: download queue, staged trades, staged refunds.

-- 待下载: a light row for each trade that a list says is newer than what we hold. Taobao-like platforms only.
create table download_queue (
  id bigint generated always as identity primary key,
  shop_id bigint not null references shop (id),
  tid text not null,
  modified_at timestamptz not null,
  platform_status text not null,
  trade_type text not null,
  payment_fen bigint,
  buyer_masked text not null default '',
  receiver_masked text not null default '',
  is_new boolean not null,
  waiting_since timestamptz not null default now(),
  -- A person pressed 下载: goes before the rest.
  urgent boolean not null default false,
  unique (tid, shop_id)
);
create index download_queue_order on download_queue (shop_id, urgent desc, id);

-- 移除 leaves a mark: the next list run fetches the trade again whatever its modified time.
create table removed_mark (
  shop_id bigint not null references shop (id),
  tid text not null,
  -- 'trade' or 'refund'
  kind text not null check (kind in ('trade', 'refund')),
  removed_at timestamptz not null default now(),
  removed_by text not null,
  primary key (kind, tid, shop_id)
);

create table staged_trade (
  id bigint generated always as identity primary key,
  shop_id bigint not null,
  tid text not null,
  state text not null check (state in ('fetching', 'staged', 'converted', 'processed')),
  -- When it came into this state.
  state_at timestamptz not null default now(),
  state_by text not null default '',
  -- The platform's modified time of what we hold; older never overwrites newer.
  modified_at timestamptz not null,
  -- Of the detail that we hold; null while there is none. A list answer never moves it.
  detail_at timestamptz,
  -- When we asked for that detail: a change within the same second as the answer must be asked for again.
  fetched_at timestamptz,
  status text not null,
  platform_status text not null,
  trade_type text not null,
  ordered_at timestamptz,
  paid_at timestamptz,
  ship_by timestamptz,
  cod boolean not null default false,
  final_unpaid boolean not null default false,
  flag smallint not null default 0,
  payment_fen bigint not null default 0,
  post_fee_fen bigint not null default 0,
  discount_fen bigint not null default 0,
  quantity integer not null default 0,
  line_count smallint not null default 0,
  -- Lines with a refund applied for, and lines refunded with success, by the trade's own word.
  lines_applied smallint not null default 0,
  lines_refunded smallint not null default 0,
  -- Open refunds that were downloaded for it, beside what its lines say.
  open_refunds integer not null default 0,
  -- Keyed hash of the whole receiver: tells that the address changed without opening the seal.
  receiver_hash integer not null default 0,
  -- Why it cannot be converted; empty: it can.
  reason text not null default '',
  order_id bigint,
  -- The order's number, which never changes: lists show it without a join.
  order_no text not null default '',
  -- Status and reason as one number: rows of one lane age alike, so a list walks lane by lane.
  lane smallint not null,
  facets integer[] not null,
  -- The facets of few values once more, as fields of one number: what a walk along an index tests.
  marks bigint not null default 0,
  -- The facets worth looking up, each behind the state and the week of its trade: what an index finds.
  keys bigint[] not null default '{}',
  -- Keys by which the buyer is found: month, kind, keyed hash.
  people bigint[] not null default '{}',
  holds text[] not null default '{}',
  buyer_message text not null default '',
  seller_memo text not null default '',
  buyer_masked text not null default '',
  receiver_masked text not null default '',
  region text not null default '',
  note text not null default '',
  personal bytea,
  created_at timestamptz not null default now(),
  unique (tid, shop_id)
) with (fillfactor = 90, autovacuum_vacuum_insert_scale_factor = 0.01);
-- The same expressions as in the list's sorts: a row without the value comes last. What conditions read is included, so
-- that a walk of thousands reads the index alone.
create index staged_trade_by_paid on staged_trade (state, lane, coalesce(paid_at, '-infinity'::timestamptz), id)
  include (marks, paid_at, ship_by, state_at);
create index staged_trade_by_ship_by on staged_trade (state, lane, coalesce(ship_by, 'infinity'::timestamptz), id)
  include (marks, paid_at, ship_by, state_at);
create index staged_trade_by_state_at on staged_trade (state, lane, state_at, id)
  include (marks, paid_at, ship_by);
-- Goods are some thousands: their shares must be known to choose between a walk and a look-up.
alter table staged_trade alter column facets set statistics 400;
create statistics staged_trade_places (mcv) on state, lane from staged_trade;
-- New rows wait in a list before they enter such an index: the longer it is, the cheaper. Every search reads it through, so
-- workers empty it every second (server/search-indexes.ts).
create index staged_trade_keys on staged_trade using gin (keys) with (fastupdate = on, gin_pending_list_limit = 2048);
create index staged_trade_people on staged_trade using gin (people) with (fastupdate = on, gin_pending_list_limit = 2048);

-- Weeks since 1970; before and after everything for a time that is infinite.
create function list_week(at timestamptz) returns smallint language sql immutable parallel safe as $$
  select case when at = 'infinity' then 32767 when at = '-infinity' then -1
    else least(greatest(((at at time zone 'UTC')::date - date '1970-01-01') / 7, 0), 32766) end::smallint
$$;

-- In which weeks the rows of a lane lie: one row for each combination that ever was. A list that is asked for a range of
-- one time in the order of another enters that order's index where such rows can be.
create table staged_trade_week (
  state text not null,
  lane smallint not null,
  -- The week behind which its keys stand.
  key_week smallint not null,
  paid_week smallint not null,
  ship_by_week smallint not null,
  state_at_week smallint not null,
  -- Of 65,536 ids: where rows of which a time is not known lie in its order.
  id_block integer not null,
  primary key (state, lane, key_week, paid_week, ship_by_week, state_at_week, id_block)
);
create function note_staged_trade_weeks() returns trigger language plpgsql as $$
begin
  insert into staged_trade_week
  select * from (
    select distinct state, lane, list_week(coalesce(paid_at, ordered_at, 'epoch')) as key_week,
      list_week(coalesce(paid_at, '-infinity')) as paid_week, list_week(coalesce(ship_by, 'infinity')) as ship_by_week,
      list_week(state_at) as state_at_week, (id >> 16)::integer as id_block
    from changed) c
  where not exists (
    select from staged_trade_week w
    where w.state = c.state and w.lane = c.lane and w.key_week = c.key_week and w.paid_week = c.paid_week
      and w.ship_by_week = c.ship_by_week and w.state_at_week = c.state_at_week and w.id_block = c.id_block)
  order by state, lane, key_week, paid_week, ship_by_week, state_at_week, id_block
  on conflict do nothing;
  return null;
end $$;
create trigger staged_trade_weeks_of_new after insert on staged_trade
  referencing new table as changed for each statement execute function note_staged_trade_weeks();
create trigger staged_trade_weeks_of_changed after update on staged_trade
  referencing new table as changed for each statement execute function note_staged_trade_weeks();

-- What was bought, as the detail told it. Apart from what is searched, sorted and moved from state to state: a walk of
-- thousands reads short rows, and a change of state writes one.
create table staged_trade_lines (
  trade_id bigint primary key,
  lines jsonb not null
);

-- A detail that is still to be fetched, its own retry row: it never blocks the window.
create table trade_fetch (
  trade_id bigint primary key references staged_trade (id) on delete cascade,
  shop_id bigint not null,
  tid text not null,
  wanted_at timestamptz not null,
  urgent boolean not null default false,
  tries integer not null default 0,
  error text not null default '',
  next_at timestamptz not null default now(),
  lease_until timestamptz,
  -- Counts the claims; an answer is kept only if its claim is still the last one.
  claim integer not null default 0
);
create index trade_fetch_due on trade_fetch (shop_id, urgent desc, next_at);

-- The latest raw payload of each trade and refund: sealed, apart from what is listed.
create table raw_payload (
  kind text not null check (kind in ('trade', 'refund')),
  shop_id bigint not null,
  platform_id text not null,
  modified_at timestamptz not null,
  sealed bytea not null,
  primary key (platform_id, shop_id, kind)
) with (toast_tuple_target = 8160);
-- Sealed bytes do not compress, and are read one at a time: as far as they fit into a page they stay in their row.
alter table raw_payload alter column sealed set storage external;

-- What could not be understood: parked with its reason and sealed raw text; nothing is lost.
create table parked_item (
  id bigint generated always as identity primary key,
  shop_id bigint not null references shop (id),
  kind text not null check (kind in ('trade', 'refund')),
  platform_id text not null default '',
  reason text not null,
  sealed bytea not null,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  times integer not null default 1,
  settled_at timestamptz,
  fingerprint text not null,
  unique (shop_id, kind, fingerprint)
);

create table trade_event (
  id bigint generated always as identity,
  shop_id bigint not null,
  tid text not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  primary key (tid, shop_id, id)
);

create table staged_refund (
  id bigint generated always as identity primary key,
  shop_id bigint not null references shop (id),
  refund_no text not null,
  tid text not null,
  oid text not null default '',
  state text not null check (state in ('staged', 'converted', 'processed', 'refusing', 'refused')),
  state_at timestamptz not null default now(),
  state_by text not null default '',
  modified_at timestamptz not null,
  version text not null,
  status text not null,
  platform_status text not null,
  kind text not null,
  phase text not null check (phase in ('onsale', 'aftersale')),
  amount_fen bigint not null,
  quantity integer not null,
  -- Silence until then often means consent.
  deadline timestamptz,
  -- Only the list's version is here; its detail failed and is asked for again by the next run.
  detail_missing boolean not null default false,
  created_on_platform timestamptz not null,
  -- Why it cannot be converted; empty: it can.
  reason text not null default '',
  -- Facts of the version on which a person decided (processed or refused): what a later version is held against.
  decided_on jsonb,
  order_id bigint references sales_order (id),
  order_no text not null default '',
  -- What converting did, for the history.
  outcome text not null default '',
  error text not null default '',
  facets integer[] not null,
  people bigint[] not null default '{}',
  title text not null default '',
  spec text not null default '',
  picture_url text not null default '',
  outer_id text not null default '',
  buyer_reason text not null default '',
  description text not null default '',
  goods_received text not null default 'unknown',
  carrier text not null default '',
  waybill_no text not null default '',
  constraint_word text not null default '',
  buyer_masked text not null default '',
  personal bytea,
  created_at timestamptz not null default now(),
  unique (refund_no, shop_id)
) with (toast_tuple_target = 256);
create index staged_refund_unfinished on staged_refund (shop_id, id) where detail_missing;
create index staged_refund_trade on staged_refund (tid, shop_id);
create index staged_refund_by_deadline on staged_refund (state, coalesce(deadline, 'infinity'::timestamptz), id);
create index staged_refund_by_state_at on staged_refund (state, state_at, id);
create index staged_refund_by_modified on staged_refund (state, modified_at, id);
create index staged_refund_facets on staged_refund using gin (facets) with (fastupdate = on, gin_pending_list_limit = 2048);
create index staged_refund_people on staged_refund using gin (people) with (fastupdate = on, gin_pending_list_limit = 2048);

create table refund_event (
  id bigint generated always as identity,
  shop_id bigint not null,
  refund_no text not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  primary key (refund_no, shop_id, id)
);

-- Goods seen on trades, distinct: what a search by title or outer code looks through.
create table seen_item (
  id bigint generated always as identity primary key,
  shop_id bigint not null,
  item_id text not null,
  sku_id text not null,
  title text not null,
  spec text not null,
  outer_item_id text not null,
  outer_sku_id text not null,
  picture_url text not null,
  seen_at timestamptz not null default now(),
  unique (shop_id, item_id, sku_id)
);
