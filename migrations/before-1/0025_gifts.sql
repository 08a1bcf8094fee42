-- 赠品: which orders get what on top, by rules in their order.
create table gift_rule (
  id bigint generated always as identity primary key,
  position integer not null,
  -- The one of its versions that is in force.
  version integer not null default 1,
  -- Orders that have a place among the first N. Counted under the lock of this row, never given back.
  places_taken integer not null default 0 check (places_taken >= 0),
  -- What gave something is kept, for the orders that name it.
  removed_at timestamptz
);
create index gift_rule_live on gift_rule (position) where removed_at is null;

-- Append-only: what a rule said, each time that it changed.
create table gift_rule_version (
  rule_id bigint not null,
  version integer not null,
  -- orders/gifts/contract.ts
  rule jsonb not null,
  saved_at timestamptz not null default now(),
  primary key (rule_id, version)
);

-- One version for all of them, as a person saves them together.
create table gift_rules (
  single boolean primary key default true check (single),
  version integer not null,
  updated_by text not null,
  updated_at timestamptz not null default now()
);

-- What a rule gave an order: once, however often it is asked. It stays when the gift is taken off, with times 0, since its
-- place among the first N does.
create table order_gift (
  order_id bigint not null,
  rule_id bigint not null,
  times integer not null check (times >= 0),
  -- The rule as it was: refunds are held against that, whatever became of it. Null: against nothing any more, since the goods that
  -- earned the gift lie on several orders.
  version integer,
  given_at timestamptz not null default now(),
  primary key (order_id, rule_id)
);

alter table order_line
  -- Given on top: costs nothing, no platform knows of it. `refunded_quantity` of it is what was taken off again.
  add column gift boolean not null default false,
  -- The rule that gives it; null: a person.
  add column gift_rule_id bigint,
  -- The person who took it off; no rule gives that SKU to the order again.
  add column gift_off_by text,
  add constraint order_line_gift check (
    case when gift then price_fen = 0 and payment_fen = 0 and refunded_fen = 0 and oid = '' and sku_id is not null
      else gift_rule_id is null and gift_off_by is null end);
