-- The rights with which the first request was made, as a hash: its answer is not given again under others.
alter table idempotency_key add column rights_hash bytea;

-- How often somebody looked at buyers' data; the audit log says at whose.
create table reveal_count (
  -- user:7, api_key:3
  actor text primary key,
  actor_name text not null,
  minute timestamptz not null,
  in_minute integer not null default 0,
  day date not null,
  in_day integer not null default 0,
  -- The last time a limit was met: an alarm for a day.
  over_at timestamptz
);
create index reveal_count_over on reveal_count (over_at) where over_at is not null;
