-- What a platform says of refunds, noted in the transaction that stages it and whether or not anybody converts it: orders hold by it.
create table refund_notice (
  shop_id bigint not null,
  -- Of a line whose trade says that it is being refunded, before the refund itself is here: line/ and its number.
  refund_no text not null,
  tid text not null,
  -- Empty: the whole trade.
  oid text not null,
  source text not null check (source in ('refund', 'line')),
  -- Of a line: the refund that it names.
  names text not null default '',
  kind text not null,
  phase text not null check (phase in ('onsale', 'aftersale')),
  refund_status text not null,
  version text not null,
  modified_at timestamptz not null,
  amount_fen bigint not null,
  quantity integer not null,
  -- What we ourselves say to it. asked: we agree, and do not know yet what the platform made of it. done: it took it, and no newer version is here.
  agreeing text not null default '' check (agreeing in ('', 'asked', 'done')),
  -- A person looked at the platform and says that it is settled: for those that cannot be converted.
  settled boolean not null default false,
  -- Under the locks of the orders that it is about: what was told before it did not know of it.
  noted_at timestamptz not null default clock_timestamp(),
  primary key (shop_id, refund_no)
) with (fillfactor = 80);
create index refund_notice_trade on refund_notice (tid, shop_id);

insert into refund_notice (shop_id, refund_no, tid, oid, source, kind, phase, refund_status, version, modified_at, amount_fen, quantity, settled)
select shop_id, refund_no, tid, oid, 'refund', kind, phase, status, version, modified_at, amount_fen, quantity, state = 'processed'
from staged_refund;

-- 放行: one order may leave over refunds that are open, as they were when a person said so.
create table refund_waiver (
  id bigint generated always as identity primary key,
  order_id bigint not null references sales_order (id),
  refund_no text not null,
  refund_status text not null,
  amount_fen bigint not null,
  quantity integer not null,
  reason text not null,
  given_by text not null,
  given_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index refund_waiver_open on refund_waiver (order_id, refund_no) where ended_at is null;
