-- What the order desk decides: confirming, by hand and by rules, and what a person changes of an order before.
alter table sales_order
  -- A code of connectors/couriers.ts; empty: not chosen.
  add column courier text not null default '',
  -- For colleagues; never sent to the platform.
  add column own_note text not null default '',
  add column urgent boolean not null default false,
  -- Who works on it, as kind:id; only that person changes it until it is unlocked.
  add column locked_by text,
  add column locked_name text not null default '',
  add column locked_at timestamptz,
  -- Reasons against confirming that nobody has waived.
  add column open_problems integer not null default 0 check (open_problems >= 0);
create index sales_order_problem on sales_order (id) where open_problems > 0;

-- Why the rules did not confirm an order: all reasons at once. A waiver stands as long as the detail stays the same.
create table order_problem (
  order_id bigint not null,
  -- A name of orders/checks.ts.
  reason text not null,
  -- Figures and numbers that the words are made of. No personal data.
  detail jsonb not null,
  found_at timestamptz not null default now(),
  waived_by text,
  waived_at timestamptz,
  primary key (order_id, reason)
);

-- 自动确认: a shop's rules in their order; the first that is on and whose dates include now is the one in force.
create table confirm_rules (
  shop_id bigint primary key references shop (id),
  -- [{name, enabled, from, to, checks: {reason: {on, …}}}]
  rules jsonb not null,
  version integer not null default 1,
  updated_by text not null,
  updated_at timestamptz not null default now()
);

-- The order clerk that the first start made, unless somebody took the orders from it.
update role set permissions = permissions || '{orders.confirm,orders.unconfirm,orders.edit,orders.lock}'::text[]
where name = '客服' and permissions @> '{orders.hold,orders.void}'::text[];
