-- 物流跟踪 by an account: 快递100 follows the parcels that their platform does not.

alter table waybill_account add column track text not null default 'none' check (track in ('none', 'query', 'subscribe'));
alter table waybill_account add column track_hook text not null default '';
alter table waybill_account add column track_salt bytea;
comment on column waybill_account.track is 'How it follows parcels that their platform does not: query asks again and again, subscribe is told by the source, none follows nothing.';
comment on column waybill_account.track_hook is 'The last part of the address to which the source sends news of parcels. Random; empty: no such address yet.';
comment on column waybill_account.track_salt is 'Signs the messages to that address. Sealed for the shop.';
create unique index waybill_account_hook on waybill_account (track_hook) where track_hook <> '';

alter table parcel_track add column account_id bigint;
comment on column parcel_track.account_id is 'The account that follows the parcel; null: its platform. → waybill_account.id';
create index parcel_track_unfollowed on parcel_track (delivery_id) where account_id is null and asked_at is null and next_at is not null;
create index parcel_track_followed on parcel_track (account_id, next_at) where account_id is not null and next_at is not null;
create index parcel_track_number on parcel_track (waybill_no) where account_id is not null;

create table parcel_subscription (
  id bigint not null generated always as identity primary key,
  account_id bigint not null references waybill_account (id),
  courier text not null,
  waybill_no text not null check (waybill_no <> ''),
  order_id bigint not null,
  shop_id bigint not null references shop (id),
  state text not null default 'asked' check (state in ('asked', 'live', 'ended', 'failed')),
  times integer not null default 1 check (times > 0),
  asked_at timestamptz not null default now(),
  again_at timestamptz,
  reason text not null default '',
  constraint parcel_subscription_once unique (waybill_no, courier, account_id)
);
comment on table parcel_subscription is 'A waybill whose scans the source of an account sends us (订阅). asked → live or failed; live → ended. Once for each waybill, again after the source gave it up.';
comment on column parcel_subscription.order_id is 'The order whose receiver''s phone is given to couriers that ask for it. → sales_order.id';
comment on column parcel_subscription.times is 'Subscriptions so far. The source allows four for a waybill within a month.';
comment on column parcel_subscription.again_at is 'When it is asked for again, because the source gave it up without a scan; null: it is not.';
comment on column parcel_subscription.reason is 'Why it failed or ended; empty: signed for.';
create index parcel_subscription_again on parcel_subscription (again_at) where again_at is not null;
