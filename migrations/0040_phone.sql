-- The phone in a warehouse: scans with a key each, putting away (上架), and blind counting (盘点).

create table phone_scan (
  key text not null primary key check (length(key) between 16 and 64),
  user_id text not null,
  kind text not null,
  answer jsonb not null,
  at timestamptz not null default now()
);
comment on table phone_scan is 'A scan of a phone and its answer, written in the transaction of what it did. A scan that comes again gets this answer. Deleted after 90 days.';
comment on column phone_scan.key is 'Made by the phone, one for each scan.';
comment on column phone_scan.kind is 'What the scan was for, such as pick, put_away or count, with the id of its document.';

create index phone_scan_at on phone_scan (at);

create table put_away_due (
  warehouse_id bigint not null references warehouse (id),
  sku_id bigint not null references sku (id),
  quantity integer not null check (quantity >= 0),
  since timestamptz not null default now(),
  primary key (warehouse_id, sku_id)
);
comment on table put_away_due is 'Pieces that came into a warehouse with bins and were not yet put away (待上架). Stock counts them already.';
comment on column put_away_due.since is 'When goods came last.';

create table put_away (
  id bigint not null generated always as identity primary key,
  warehouse_id bigint not null references warehouse (id),
  sku_id bigint not null references sku (id),
  bin_id bigint not null references bin (id),
  spare boolean not null,
  quantity integer not null check (quantity > 0),
  put_at timestamptz not null default now(),
  put_by text not null,
  put_by_id text not null
);
comment on table put_away is 'Who put how many pieces of a SKU to which bin (上架); append-only. It moves no stock: a bin has no quantity.';
comment on column put_away.spare is 'True: the bin was the spare bin of the SKU.';

create index put_away_of on put_away (warehouse_id, put_at);

create sequence count_task_no;

create table count_task (
  id bigint not null generated always as identity primary key,
  no text not null constraint count_task_no_once unique,
  warehouse_id bigint not null references warehouse (id),
  status text not null default 'open' check (status in ('open', 'done', 'cancelled')),
  note text not null default '',
  document_id bigint references stock_document (id),
  created_at timestamptz not null default now(),
  created_by text not null,
  ended_at timestamptz,
  ended_by text,
  constraint count_task_ended check ((status = 'open') = (ended_at is null))
);
comment on table count_task is 'Goods that are counted blind with a phone (盘点任务). open → done, or cancelled. Its differences become a stock document of the kind count.';
comment on column count_task.document_id is 'The draft with its differences; null: there is none. → stock_document.id';

create index count_task_open on count_task (warehouse_id, id) where status = 'open';

create table count_line (
  task_id bigint not null references count_task (id),
  line_no smallint not null,
  sku_id bigint not null references sku (id),
  bin_id bigint references bin (id),
  primary key (task_id, line_no),
  constraint count_line_once unique nulls not distinct (task_id, sku_id, bin_id)
);
comment on table count_line is 'A SKU at a place of a counting task. The places of a SKU are counted one by one, and their sum is compared with the books.';
comment on column count_line.bin_id is 'Null: no bin is known for the SKU.';

create index count_line_sku on count_line (sku_id, task_id);

create table count_entry (
  task_id bigint not null,
  line_no smallint not null,
  round smallint not null check (round between 1 and 2),
  quantity integer not null check (quantity >= 0),
  expected integer not null,
  counted_at timestamptz not null default now(),
  counted_by text not null,
  counted_by_id text not null,
  primary key (task_id, line_no, round)
);
comment on table count_entry is 'What one person counted at a place. Round 2 is asked for when round 1 differs from the books.';
comment on column count_entry.task_id is '→ count_task.id';
comment on column count_entry.expected is 'Pieces of the SKU in all its places at that moment: on hand, less what was picked for parcels that have not left.';
