-- The program itself runs under a role that owns nothing and cannot change what the audit log says (server/database-roles.ts).
-- Two things of the owner's it still needs, so these run with the owner's rights.

-- Takes what waits into every search index of our tables.
create function take_in_pending_list_rows() returns void language sql security definer as $$
  select gin_clean_pending_list(i.oid::regclass)
  from pg_class i join pg_am a on a.oid = i.relam
  where i.relkind = 'i' and a.amname = 'gin' and i.relnamespace = current_schema()::regnamespace
$$;

-- How often groups and lanes stand together in a list's table. The view shows an owner's tables only; what lies behind it is a superuser's.
create function lane_statistics(list regclass) returns table ("values" text[], frequency float8)
language sql stable security definer as $$
  select array(select v.most_common_vals[n.i][k.j] from generate_subscripts(v.most_common_vals, 2) k (j) order by k.j),
    v.most_common_freqs[n.i]
  from pg_class c
  join pg_stats_ext v on v.schemaname = c.relnamespace::regnamespace::text and v.tablename = c.relname
  cross join lateral generate_subscripts(v.most_common_vals, 1) n (i)
  where c.oid = list and 'm' = any(v.kinds)
$$;

-- The catalogue comes first by itself, temporary names last: else whoever may make them would put one of his own in the place of a catalogue, with the owner's rights.
do $$ begin
  execute format('alter function take_in_pending_list_rows() set search_path = %I, pg_temp', current_schema());
  execute format('alter function lane_statistics(regclass) set search_path = %I, pg_temp', current_schema());
end $$;

-- In the order of (xid, id), nothing comes in any more below the oldest transaction that runs: so much can be linked for good.
alter table audit_log add column xid xid8 not null default '0';
alter table audit_log alter column xid set default pg_current_xact_id();
create index audit_log_in_order on audit_log (xid, id);

-- A chain over the audit log: each link hashes the one before it and the rows that it names. One that is taken out, changed or
-- put between breaks it (server/audit-seal.ts).
create table audit_seal (
  id bigint generated always as identity primary key,
  sealed_at timestamptz not null default now(),
  ids int8multirange not null,
  row_count integer not null check (row_count > 0),
  last_xid xid8 not null,
  last_id bigint not null,
  -- Of two that link to the same, one is refused.
  previous bytea not null unique,
  hash bytea not null
);
create index audit_seal_ids on audit_seal using gist (ids);

-- Whoever has one role for everything is its owner, whom no grant stops.
create function keep_audit_rows() returns trigger language plpgsql as $$
begin
  raise exception 'What was written into % stays as it is.', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger audit_log_stays before update or delete on audit_log for each row execute function keep_audit_rows();
create trigger audit_log_stays_whole before truncate on audit_log for each statement execute function keep_audit_rows();
create trigger audit_seal_stays before update or delete on audit_seal for each row execute function keep_audit_rows();
create trigger audit_seal_stays_whole before truncate on audit_seal for each statement execute function keep_audit_rows();
