-- A buyer's personal data is erased on request (PIPL 45, 47). The mark on a trade keeps later downloads from bringing the data back.

create table erasure (
  id bigint generated always as identity primary key,
  trade_count integer not null,
  erased_rows jsonb not null default '{}',
  actor jsonb not null,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  constraint erasure_trade_count_check check (trade_count > 0)
);
create index erasure_open on erasure (id) where ended_at is null;
comment on table erasure is 'A request by which the personal data of one buyer is erased (抹去). It does not say whose.';
comment on column erasure.trade_count is 'The number of trades and off-platform orders that it concerns.';
comment on column erasure.erased_rows is 'Rows that were overwritten or deleted, by table.';
comment on column erasure.actor is 'JSON of the user who asked for it.';
comment on column erasure.ended_at is 'Null: it still runs.';

create table erased_trade (
  tid text not null,
  shop_id bigint not null,
  erasure_id bigint not null,
  erased_at timestamptz,
  constraint erased_trade_pkey primary key (tid, shop_id)
);
create index erased_trade_of on erased_trade (erasure_id, tid, shop_id) where erased_at is null;
comment on table erased_trade is 'A trade, or an off-platform order, whose buyer is erased. Downloads store nothing personal of it.';
comment on column erased_trade.tid is 'The trade number; of an off-platform order the number that its maker gave it.';
comment on column erased_trade.shop_id is '→ shop.id';
comment on column erased_trade.erasure_id is '→ erasure.id';
comment on column erased_trade.erased_at is 'When its rows were erased; null: they are next.';

-- A parcel that came back is found by the phone of its sender.
create index unclaimed_parcel_phone on unclaimed_parcel (phone_key) where phone_key is not null;

-- The reasons for which orders left over open refunds are read by their order.
create index refund_waiver_of on refund_waiver (order_id);
