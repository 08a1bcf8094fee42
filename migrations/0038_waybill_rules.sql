-- 取号规则: ordered rules that choose the account of a waybill number.

create table waybill_rules (
  single boolean not null default true,
  version integer not null,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  constraint waybill_rules_pkey primary key (single),
  constraint waybill_rules_single check (single)
);
comment on table waybill_rules is 'The version of all rules for waybill numbers together, as a person saves them together. One row.';
comment on column waybill_rules.single is 'Always true: the table has one row.';

create table waybill_rule (
  position integer not null check (position > 0),
  platform text not null default '',
  courier text not null default '',
  warehouse_id bigint references warehouse (id),
  account_id bigint not null references waybill_account (id),
  enabled boolean not null default true,
  constraint waybill_rule_pkey primary key (position)
);
comment on table waybill_rule is 'A rule (取号规则) that chooses the account from which a delivery gets its waybill number. Rules are asked by position; the first that fits decides.';
comment on column waybill_rule.platform is 'Only deliveries for trades of this platform; own: only those whose orders a person made; empty: all.';
comment on column waybill_rule.courier is 'Only deliveries whose order asks for this courier; empty: those whose order asks for the account''s courier or for none.';
comment on column waybill_rule.warehouse_id is 'Only deliveries of this warehouse; null: of every warehouse.';
