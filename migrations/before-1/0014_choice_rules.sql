-- Which warehouse an order is shipped from and which courier takes it: rules in their order; the first that fits decides.
create table choice_rules (
  kind text primary key check (kind in ('warehouse', 'courier')),
  -- orders/choice-contract.ts
  rules jsonb not null,
  -- Of couriers: where each does not go, {courier: [region]}.
  reach jsonb not null default '{}',
  version integer not null default 1,
  updated_by text not null,
  updated_at timestamptz not null default now()
);

alter table sales_order
  -- A person chose it: rules leave it alone.
  add column warehouse_by_hand boolean not null default false,
  add column courier_by_hand boolean not null default false;

-- So far only people have chosen couriers.
update sales_order set courier_by_hand = true where courier <> '';
