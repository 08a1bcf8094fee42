-- Documents that push brought are in no run, so the count of today's downloads left them out.
create table push_today (
  shop_id bigint not null references shop,
  kind text not null check (kind in ('trade', 'refund')),
  day date not null,
  created integer not null,
  updated integer not null,
  primary key (shop_id, kind)
);
comment on table push_today is 'The trades and refunds that push brought to a shop on the last day on which it brought any, for the count of today''s downloads.';
comment on column push_today.shop_id is '→ shop.id';
comment on column push_today.day is 'A day of China. On a later day the counts begin at 0.';
comment on column push_today.created is 'Those that were new here.';
comment on column push_today.updated is 'Those that changed.';
