-- 零售结算单: what an order, a refund or an extra refund owes, a document with a life of its own. The documents of one
-- source and kind sum to what is owed: a draft follows it, what was approved stays, and a later change is one more document.
create sequence settlement_no;

create table settlement (
  id bigint generated always as identity primary key,
  no text not null unique,
  shop_id bigint not null,
  -- Empty: a refund of a trade that never became an order of ours.
  order_id bigint,
  order_no text not null default '',
  tid text not null,
  kind text not null check (kind in ('order_receipt', 'cod_receipt', 'order_refund', 'return_refund', 'void_refund',
    'extra_refund', 'refund_only')),
  -- The number of the order, the refund or the extra refund that owes it.
  source text not null,
  -- The how manieth of its source and kind: nothing is made twice, however many try.
  version integer not null check (version > 0),
  -- Money that comes in is positive, money that goes back negative.
  amount_fen bigint not null check (amount_fen <> 0),
  status text not null check (status in ('draft', 'approved', 'posted', 'settled', 'voided')),
  -- Voided because it was owed no more, and not by a person.
  withdrawn boolean not null default false check (not withdrawn or status = 'voided'),
  void_reason text not null default '',
  created_at timestamptz not null default now(),
  created_by text not null,
  approved_at timestamptz,
  approved_by text,
  posted_at timestamptz,
  posted_by text,
  settled_at timestamptz,
  settled_by text,
  voided_at timestamptz,
  voided_by text,
  -- As E3 numbers its kinds (server/finance/lifecycle.ts).
  kind_no smallint not null generated always as (case kind when 'order_receipt' then 1 when 'cod_receipt' then 2
    when 'order_refund' then 5 when 'return_refund' then 6 when 'void_refund' then 7 when 'extra_refund' then 8 else 11 end) stored,
  -- As lib/facets.ts packs them: 4 is shop, 29 is the kind, by the same number.
  facets integer[] not null generated always as (array[
    4 * 67108864 + shop_id::integer,
    29 * 67108864 + case kind when 'order_receipt' then 1 when 'cod_receipt' then 2 when 'order_refund' then 5
      when 'return_refund' then 6 when 'void_refund' then 7 when 'extra_refund' then 8 else 11 end]) stored,
  check ((status = 'voided') = (voided_at is not null)),
  check (status not in ('approved', 'posted', 'settled') or approved_at is not null)
);
create unique index settlement_once on settlement (source, kind, shop_id, version);
create index settlement_of on settlement (order_id);
create index settlement_tid on settlement (tid);
-- Sums of a period read this index alone.
create index settlement_by_created on settlement (status, created_at, id) include (shop_id, kind_no, amount_fen);
create index settlement_facets on settlement using gin (facets) with (fastupdate = on, gin_pending_list_limit = 2048);

-- Orders from before there were settlements: a task walks them once, in bites, and posts what was recorded of them.
create table settlement_backlog (
  single boolean primary key default true check (single),
  done_to bigint not null,
  last_order bigint not null
);
insert into settlement_backlog (done_to, last_order) select 0, coalesce(max(id), 0) from sales_order;
create index settlement_fact_open on settlement_fact (id) where posted_at is null and order_id is null;

update role set permissions = permissions || '{finance.read,finance.approve,finance.post}' where builtin is null and name = '财务';
update role set permissions = permissions || '{finance.read}' where builtin is null and name = '只读';
