-- Whether refunds stand against what is about to leave: when each shop was last asked, and what left without an answer.

create table refund_ask (
  shop_id bigint primary key,
  -- Every change of a refund before then is here: when the list was asked, less the platform's lag.
  asked_to timestamptz,
  -- When the platform last answered, by whichever way it was asked.
  answered_at timestamptz,
  tried_at timestamptz,
  -- Why the last try had no answer.
  error_code text not null default '',
  -- Workers look again then; and whoever looks now has it until then.
  next_at timestamptz not null default now()
);

-- Platforms that are asked by their trades: a row for each that was, while it waits.
create table refund_ask_trade (
  shop_id bigint not null,
  tid text not null,
  asked_to timestamptz not null,
  primary key (shop_id, tid)
);

-- A parcel that left though its shop had not answered for a minute.
create table unasked_parcel (
  delivery_id bigint not null,
  -- Which of its shippings.
  round integer not null,
  order_id bigint not null,
  shop_id bigint not null,
  tid text not null,
  left_at timestamptz not null default now(),
  -- Up to when refunds were known; null: nobody had ever asked.
  known_to timestamptz,
  -- What let it go: the silence was short yet, or the shop's setting.
  let_by text not null check (let_by in ('patience', 'setting')),
  answered_at timestamptz,
  outcome text not null default '' check (outcome in ('', 'clear', 'refund', 'undone')),
  primary key (delivery_id, round),
  check ((answered_at is null) = (outcome = ''))
);
create index unasked_parcel_open on unasked_parcel (shop_id, left_at) where answered_at is null;

-- What waits to leave, by shop: what workers ask about.
create index delivery_waiting on delivery (shop_id) where status = 'pending';
