-- Scans of pickers (拣货, 少货, 播种), so that a phone may send one twice.

create table wave_scan (
  wave_id bigint not null references wave (id),
  kind text not null check (kind in ('pick', 'short', 'sort')),
  key text not null,
  user_id text not null,
  user_name text not null,
  at timestamptz not null default now(),
  answer jsonb not null,
  primary key (wave_id, kind, key)
);
comment on table wave_scan is 'A scan of a picker: pieces that were picked, missing or sorted, with the answer. A key that comes again gets the same answer and changes nothing.';
create index wave_scan_at on wave_scan (at);

comment on column waybill.sends is 'How often it was sent to the source until it was answered, and once more if the last answer never came; above 1, a source that neither looks up nor repeats may have given a number that no delivery has.';
