-- 对账: what platforms say they paid and took, line by line, beside what our settlements say.
create table bill_line (
  id bigint generated always as identity primary key,
  shop_id bigint not null,
  -- The platform's number of the movement, or one that follows from the row where it gives none: what comes twice is there once.
  serial_no text not null,
  -- Empty: money of no trade.
  tid text not null,
  happened_at timestamptz not null,
  -- The day in China.
  day date not null generated always as ((happened_at at time zone 'Asia/Shanghai')::date) stored,
  kind text not null check (kind in ('receipt', 'refund', 'fee', 'transfer', 'other')),
  -- As the platform calls it.
  type text not null,
  -- What comes in is positive.
  amount_fen bigint not null check (amount_fen <> 0),
  note text not null default '',
  imported_at timestamptz not null default now(),
  imported_by text not null,
  unique (shop_id, serial_no)
);
create index bill_line_of on bill_line (shop_id, tid) where tid <> '';
create index bill_line_by_day on bill_line (shop_id, day) include (kind, amount_fen);

-- A trade's money on both sides. Written only by reconciling, which computes it anew from the lines and settlements.
create table bill_trade (
  id bigint generated always as identity primary key,
  shop_id bigint not null,
  tid text not null,
  -- When the first money moved, on either side.
  at timestamptz not null default now(),
  bill_in_fen bigint not null default 0,
  bill_out_fen bigint not null default 0,
  fee_fen bigint not null default 0,
  own_in_fen bigint not null default 0,
  own_out_fen bigint not null default 0,
  -- The last day on which money moved.
  bill_day date,
  own_day date,
  cause text not null default '' check (cause in ('', 'not_ours', 'not_theirs', 'amount', 'later_day')),
  explained_why text not null default '',
  explained_by text not null default '',
  explained_at timestamptz,
  gap_fen bigint not null generated always as (bill_in_fen + bill_out_fen - own_in_fen - own_out_fen) stored,
  standing text not null generated always as (case when cause = '' then 'even' when cause = 'later_day' then 'later'
    when explained_at is not null then 'explained' else 'open' end) stored,
  -- As lib/facets.ts packs them: 4 is shop.
  facets integer[] not null generated always as (array[4 * 67108864 + shop_id::integer]) stored,
  unique (shop_id, tid)
);
create index bill_trade_by_at on bill_trade (standing, at, id);
create index bill_trade_tid on bill_trade (tid);
create index bill_trade_facets on bill_trade using gin (facets) with (fastupdate = on, gin_pending_list_limit = 2048);

-- Shops whose bills we have, and from when on: their settlements are watched. `scan_from`: earlier settlements that are still to be looked at.
create table bill_shop (
  shop_id bigint primary key,
  since timestamptz not null,
  scan_from timestamptz,
  scan_to timestamptz,
  asked_at timestamptz not null default now()
);

-- Trades whose settlements have changed. Noted by trigger, so that no writer can forget it; a house without bills notes nothing.
create table bill_due (
  id bigint generated always as identity primary key,
  shop_id bigint not null,
  tid text not null
);

create function note_bill_due() returns trigger language plpgsql as $$
begin
  if exists (select from bill_shop) then
    insert into bill_due (shop_id, tid)
    select distinct c.shop_id, c.tid from changed c join bill_shop b on b.shop_id = c.shop_id and c.created_at >= b.since
    where c.tid <> '';
  end if;
  return null;
end $$;
create trigger bill_due_of_new after insert on settlement
  referencing new table as changed for each statement execute function note_bill_due();
create trigger bill_due_of_changed after update on settlement
  referencing new table as changed for each statement execute function note_bill_due();

update role set permissions = permissions || '{finance.reconcile}' where builtin is null and name = '财务';
