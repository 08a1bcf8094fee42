-- 中继: a process in a platform's cloud that makes the calls of shops for us, and dials us.

create table relay (
  id bigint generated always as identity primary key,
  name text not null check (name <> ''),
  key_id bigint not null references api_key (id),
  heard_at timestamptz,
  created_at timestamptz not null default now(),
  constraint relay_name unique (name),
  constraint relay_key unique (key_id)
);
comment on table relay is 'A relay (中继): a process of ours in a platform''s cloud. It has the secrets of apps, signs and makes the calls of its shops, and dials us with a key of its own.';
comment on column relay.key_id is 'The API key with which it dials. → api_key.id';
comment on column relay.heard_at is 'About when it asked for work last; null: never.';

alter table shop add column relay_id bigint references relay (id);
comment on column shop.relay_id is 'The relay through which the shop is called, which then has the secrets of its app; null: we call the platform ourselves. → relay.id';

create table relay_call (
  number text primary key,
  relay_id bigint not null references relay (id),
  shop_id bigint not null,
  request bytea not null,
  created_at timestamptz not null default now(),
  begin_until timestamptz not null,
  taken_by text,
  taken_at timestamptz,
  answer bytea,
  constraint relay_call_taken check ((taken_by is null) = (taken_at is null))
);
comment on table relay_call is 'A call on its way through a relay. The process that waits for its answer deletes it.';
comment on column relay_call.number is 'Random, so that a relay never takes it for an earlier one.';
comment on column relay_call.shop_id is '→ shop.id';
comment on column relay_call.request is 'The request before it is signed. Sealed for the relay.';
comment on column relay_call.begin_until is 'The relay does not begin it later.';
comment on column relay_call.taken_by is 'The memory (folder) of the relay to which it was handed out, and to no other; null: to none, so it certainly was not made.';
comment on column relay_call.answer is 'What the relay said of it. Sealed for the relay; null: nothing yet.';
create index relay_call_open on relay_call (relay_id, created_at) where answer is null;
