-- 消息推送: what platforms tell of trades and refunds, as hints for what is fetched at once.

create table push_channel (
  channel text primary key check (channel <> ''),
  platform text not null,
  worker text,
  lease_until timestamptz,
  opened_at timestamptz,
  heard_at timestamptz,
  silent_since timestamptz default now(),
  error_code text not null default ''
);
comment on table push_channel is 'A connection on which a platform tells one app what happens in its shops. One worker at a time holds it.';
comment on column push_channel.channel is 'Platform and key of the app: taobao:12497914.';
comment on column push_channel.worker is 'The worker that holds the connection until lease_until; null: none.';
comment on column push_channel.opened_at is 'Since when the channel has been live without a longer break; null: it is not.';
comment on column push_channel.heard_at is 'The last sign of the platform on the connection, a message or not; null: never.';
comment on column push_channel.silent_since is 'Since when it has not been live; null: it is.';
comment on column push_channel.error_code is 'Why the last connection failed or ended; empty: it stands.';

create table push_shop (
  shop_id bigint primary key references shop (id),
  channel text not null,
  permit_version integer,
  permit_next_at timestamptz not null default now(),
  permit_error_code text not null default '',
  permitted_at timestamptz,
  heard_at timestamptz,
  missed_at timestamptz
);
comment on table push_shop is 'A shop of which a channel tells. Rows follow the shops that are live and have push switched on.';
comment on column push_shop.permit_version is 'The version of the shop''s token with which the platform was asked to send its messages; null: never.';
comment on column push_shop.permit_error_code is 'Why the platform refused to send the messages of the shop; empty: it agreed, or was not asked yet.';
comment on column push_shop.heard_at is 'About when the last message of the shop came; null: none yet.';
comment on column push_shop.missed_at is 'When a list showed a new trade of which no message had come for minutes; null: never.';
create index push_shop_channel on push_shop (channel);

create table push_message (
  id bigint not null generated always as identity primary key,
  channel text not null,
  message_id text not null,
  topic text not null,
  shop_id bigint,
  kind text not null check (kind in ('trade', 'refund', 'other')),
  tid text not null default '',
  refund_no text not null default '',
  sealed bytea not null,
  heard_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  tries integer not null default 0,
  handled_at timestamptz,
  outcome text not null default '',
  constraint push_message_once unique (message_id, channel),
  constraint push_message_handled check ((handled_at is null) = (outcome = ''))
);
comment on table push_message is 'A message of a platform, stored before it is acknowledged. It is a hint: what it names is fetched, and nothing else is read of it.';
comment on column push_message.shop_id is 'The shop that the message names, if the channel tells of it; null: it does not. → shop.id';
comment on column push_message.kind is 'What the topic is about: a trade, a refund, or something that we do not fetch.';
comment on column push_message.tid is 'The trade that the message names; empty: none.';
comment on column push_message.refund_no is 'The refund that the message names; empty: none.';
comment on column push_message.sealed is 'The whole message as it was received. Sealed for the channel.';
comment on column push_message.due_at is 'When it is handled next; while a worker handles it, the end of its claim.';
comment on column push_message.outcome is 'fetched, processed (a person marked the trade so), not_found, parked, failed, left (the lists were faster), other (nothing to fetch), no_shop; empty: not handled.';
create index push_message_due on push_message (shop_id, due_at) where handled_at is null;
create index push_message_heard on push_message (heard_at);
