-- 电子面单: accounts at the services that give waybill numbers, and the numbers that were taken for deliveries.

create table waybill_account (
  id bigint not null generated always as identity primary key,
  shop_id bigint not null references shop (id),
  source text not null check (source <> ''),
  courier text not null check (courier <> ''),
  branch_code text not null default '',
  branch_name text not null default '',
  sender bytea not null,
  template_name text not null default '',
  template_url text not null check (template_url <> ''),
  warehouse_id bigint references warehouse (id),
  enabled boolean not null default true,
  balance integer,
  balance_at timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  constraint waybill_account_once unique nulls not distinct (shop_id, source, courier, branch_code, warehouse_id)
);
comment on table waybill_account is 'An account (电子面单账号) from which waybill numbers are taken: a courier''s branch at a source, called with the authorisation of a shop.';
comment on column waybill_account.source is 'Id of the source: cainiao …';
comment on column waybill_account.sender is 'Name, phones and address of the sender. Sealed for the shop.';
comment on column waybill_account.template_url is 'The standard label that the print client lays under the data.';
comment on column waybill_account.warehouse_id is 'Only deliveries of this warehouse use it; null: of every warehouse.';
comment on column waybill_account.balance is 'Numbers left when the source was asked last; null: not asked, or the courier settles monthly.';

create table waybill (
  id bigint not null generated always as identity primary key,
  delivery_id bigint not null references delivery (id),
  round integer not null check (round > 0),
  account_id bigint not null references waybill_account (id),
  shop_id bigint not null references shop (id),
  courier text not null,
  state text not null check (state in ('asked', 'taken', 'failed', 'returning', 'returned', 'kept')),
  waybill_no text not null default '',
  parent_no text not null default '',
  print_data bytea,
  error_code text not null default '',
  error text not null default '',
  action_id bigint,
  asked_at timestamptz not null default now(),
  asked_by text not null,
  ended_at timestamptz,
  constraint waybill_round unique (delivery_id, round),
  constraint waybill_number check ((state in ('asked', 'failed')) = (waybill_no = '')),
  constraint waybill_data check (waybill_no = '' or print_data is not null)
);
comment on table waybill is 'A waybill number (运单号) asked of a source for a delivery, with the sealed data of its label. asked → taken or failed; taken → returning → returned, or kept.';
comment on column waybill.delivery_id is 'The first delivery of the parcel. → delivery.id';
comment on column waybill.round is 'Counts the numbers asked for this delivery, from 1.';
comment on column waybill.shop_id is 'The shop of the delivery.';
comment on column waybill.state is 'kept: the source did not take the number back, and nothing more is tried.';
comment on column waybill.print_data is 'Sealed for the shop of the account.';
comment on column waybill.action_id is 'The platform action that asks for the number, later the one that gives it back.';

create unique index waybill_live on waybill (delivery_id) where state in ('asked', 'taken');
create unique index waybill_no_once on waybill (courier, waybill_no) where waybill_no <> '';
create index waybill_of_action on waybill (action_id);
create index waybill_of_account on waybill (account_id);
