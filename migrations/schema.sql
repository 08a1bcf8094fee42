-- The tables that the migrations of this folder make. Generated: SCHEMA=write node --test server/rules/schema.test.ts

set check_function_bodies = off;

create sequence batch_no;
create sequence delivery_no;
create sequence extra_refund_no;
create sequence parcel_id;
create sequence receiver_asking;
create sequence return_order_no;
create sequence run_fence;
create sequence sales_order_no;
create sequence settlement_no;
create sequence stock_document_no;
create sequence unclaimed_parcel_no;

CREATE OR REPLACE FUNCTION facet_in(facets integer[], space integer)
 RETURNS integer
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare one integer;
begin
  foreach one in array facets loop
    if one >> 26 = space then return one; end if;
  end loop;
  return 0;
end $function$;

CREATE OR REPLACE FUNCTION facet_keys(base bigint, facets integer[], common integer[])
 RETURNS bigint[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare one integer; keys bigint[] := '{}';
begin
  foreach one in array facets loop
    if one <> all (common) then keys := keys || (base + one); end if;
  end loop;
  return keys;
end $function$;

CREATE OR REPLACE FUNCTION keep_audit_rows()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'What was written into % stays as it is.', tg_table_name using errcode = 'insufficient_privilege';
end $function$;

CREATE OR REPLACE PROCEDURE keep_people(IN list text)
 LANGUAGE plpgsql
AS $procedure$
declare
  place constant text := list || '_person';
begin
  execute format('create table %I (key bigint not null, id bigint not null)', place);
  execute format('insert into %I select distinct unnest(people), id from %I', place, list);
  execute format('alter table %I add primary key (key, id)', place);
  execute format('create function %I() returns trigger language plpgsql as $t$
    begin
      insert into %I (key, id) select k.key, c.id from changed c cross join lateral unnest(c.people) k (key) order by 1, 2
      on conflict do nothing;
      return null;
    end $t$', 'note_' || place, place);
  execute format('create function %I() returns trigger language plpgsql as $t$
    begin
      delete from %2$I where id = old.id and key = any(old.people);
      if tg_op = ''UPDATE'' then
        insert into %2$I (key, id) select distinct unnest(new.people), new.id;
      end if;
      return null;
    end $t$', 'move_' || place, place);
  execute format('create trigger %I after insert on %I
    referencing new table as changed for each statement execute function %I()', place || '_of_new', list, 'note_' || place);
  execute format('create trigger %I after update of people on %I
    for each row when (old.people is distinct from new.people) execute function %I()', place || '_of_changed', list, 'move_' || place);
  execute format('create trigger %I after delete on %I
    for each row execute function %I()', place || '_of_removed', list, 'move_' || place);
  execute format('analyze %I', place);
end $procedure$;

CREATE OR REPLACE PROCEDURE keep_weeks(IN list text, IN place text, IN weeks text[])
 LANGUAGE plpgsql
AS $procedure$
declare
  is_new constant boolean := to_regclass(list || '_week') is null;
  names text := '';
  times text := '';
  declared text := '';
  noting text;
begin
  for n in 1 .. array_length(weeks, 1) loop
    names := names || format('%I, ', weeks[n][1]);
    times := times || format('list_week(%s) as %I, ', weeks[n][2], weeks[n][1]);
    declared := declared || format('%I smallint not null, ', weeks[n][1]);
  end loop;
  if is_new then
    execute format('create table %1$I (%2$I text not null, lane smallint not null, %3$s id_block integer not null,
      primary key (%2$I, lane, %4$s id_block))', list || '_week', place, declared, names);
  end if;
  -- Most of what is noted is known: it is only compared.
  noting := format('
    insert into %1$I (%2$I, lane, %3$s id_block)
    select * from (
      select distinct %2$I, lane, %3$s
        case when least(%4$s) < 0 or greatest(%4$s) = 32767 then (id >> 16)::integer else 0 end as id_block
      from (select %5$s id, %2$I, lane from @) r) c
    where not exists (select from %1$I w where (w.%2$I, w.lane, %6$s, w.id_block) = (c.%2$I, c.lane, %7$s, c.id_block))
    order by %2$I, lane, %3$s id_block
    on conflict do nothing', list || '_week', place, names, rtrim(names, ', '), times,
    'w.' || replace(rtrim(names, ', '), ', ', ', w.'), 'c.' || replace(rtrim(names, ', '), ', ', ', c.'));
  execute format('create or replace function %I() returns trigger language plpgsql as $t$
    begin
      %s;
      return null;
    end $t$', 'note_' || list || '_weeks', replace(noting, '@', 'changed'));
  execute format('create or replace trigger %I after insert on %I
    referencing new table as changed for each statement execute function %I()', list || '_weeks_of_new', list, 'note_' || list || '_weeks');
  execute format('create or replace trigger %I after update on %I
    referencing new table as changed for each statement execute function %I()', list || '_weeks_of_changed', list, 'note_' || list || '_weeks');
  if is_new then
    execute replace(noting, '@', quote_ident(list));
  end if;
end $procedure$;

CREATE OR REPLACE FUNCTION lane_statistics(list regclass)
 RETURNS TABLE("values" text[], frequency double precision)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select array(select v.most_common_vals[n.i][k.j] from generate_subscripts(v.most_common_vals, 2) k (j) order by k.j),
    v.most_common_freqs[n.i]
  from pg_class c
  join pg_stats_ext v on v.schemaname = c.relnamespace::regnamespace::text and v.tablename = c.relname
  cross join lateral generate_subscripts(v.most_common_vals, 1) n (i)
  where c.oid = list and 'm' = any(v.kinds)
$function$;

CREATE OR REPLACE FUNCTION list_lag(at timestamp with time zone, since timestamp with time zone)
 RETURNS smallint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select coalesce(width_bucket(date_part('epoch', at - since) / 3600, list_lag_steps()), -1)::smallint
$function$;

CREATE OR REPLACE FUNCTION list_lag_steps()
 RETURNS double precision[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select array(
    select step::float8 from (
      select generate_series(-72, 72) union select generate_series(-720, -96, 24) union select generate_series(96, 720, 24)
      union select unnest(array[-8760, -4320, -2160, -1440, 1440, 2160, 4320, 8760])
    ) s (step) order by step)
$function$;

CREATE OR REPLACE FUNCTION list_week(at timestamp with time zone)
 RETURNS smallint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case when at = 'infinity' then 32767 when at = '-infinity' then -1
    else least(greatest(date_part('day', at - '1970-01-01 00:00:00+00'::timestamptz)::integer / 7, 0), 32766) end::smallint
$function$;

CREATE OR REPLACE FUNCTION move_sales_order_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      delete from sales_order_person where id = old.id and key = any(old.people);
      if tg_op = 'UPDATE' then
        insert into sales_order_person (key, id) select distinct unnest(new.people), new.id;
      end if;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION move_staged_trade_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      delete from staged_trade_person where id = old.id and key = any(old.people);
      if tg_op = 'UPDATE' then
        insert into staged_trade_person (key, id) select distinct unnest(new.people), new.id;
      end if;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION note_bill_due()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from bill_shop) then
    insert into bill_due (shop_id, tid)
    select distinct c.shop_id, c.tid from changed c join bill_shop b on b.shop_id = c.shop_id and c.created_at >= b.since
    where c.tid <> '';
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_sales_order_lag()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into sales_order_lag (key_week, paid_lag, ship_by_lag)
  values (list_week(new.created_at), list_lag(new.paid_at, new.created_at), list_lag(new.ship_by, new.created_at))
  on conflict do nothing;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_sales_order_lags()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into sales_order_lag (key_week, paid_lag, ship_by_lag)
  select * from (
    select distinct list_week(created_at) as key_week, list_lag(paid_at, created_at) as paid_lag, list_lag(ship_by, created_at) as ship_by_lag
    from changed) c
  where not exists (select from sales_order_lag l where (l.key_week, l.paid_lag, l.ship_by_lag) = (c.key_week, c.paid_lag, c.ship_by_lag))
  order by key_week, paid_lag, ship_by_lag
  on conflict do nothing;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_sales_order_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      insert into sales_order_person (key, id) select k.key, c.id from changed c cross join lateral unnest(c.people) k (key) order by 1, 2
      on conflict do nothing;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION note_sales_order_weeks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      
    insert into sales_order_week (status, lane, key_week, paid_week, ship_by_week,  id_block)
    select * from (
      select distinct status, lane, key_week, paid_week, ship_by_week, 
        case when least(key_week, paid_week, ship_by_week) < 0 or greatest(key_week, paid_week, ship_by_week) = 32767 then (id >> 16)::integer else 0 end as id_block
      from (select list_week(created_at) as key_week, list_week(coalesce(paid_at, '-infinity')) as paid_week, list_week(coalesce(ship_by, 'infinity')) as ship_by_week,  id, status, lane from changed) r) c
    where not exists (select from sales_order_week w where (w.status, w.lane, w.key_week, w.paid_week, w.ship_by_week, w.id_block) = (c.status, c.lane, c.key_week, c.paid_week, c.ship_by_week, c.id_block))
    order by status, lane, key_week, paid_week, ship_by_week,  id_block
    on conflict do nothing;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION note_staged_needs()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    insert into staged_need_due (trade_id) select id from changed where state = 'staged';
  elsif tg_op = 'DELETE' then
    insert into staged_need_due (trade_id) select id from held where state = 'staged';
  else
    insert into staged_need_due (trade_id)
    select changed.id from changed join held using (id)
    where changed.state = 'staged' or held.state = 'staged' and (
      (select true from staged_need n where n.trade_id = changed.id limit 1)
      -- A counter that is at it has taken the note already, but not for us: until it is done we see its note, and then its needs.
      or (select true from staged_need_due d where d.trade_id = changed.id limit 1));
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_staged_trade_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      insert into staged_trade_person (key, id) select k.key, c.id from changed c cross join lateral unnest(c.people) k (key) order by 1, 2
      on conflict do nothing;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION note_staged_trade_weeks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      
    insert into staged_trade_week (state, lane, key_week, paid_week, ship_by_week, state_at_week,  id_block)
    select * from (
      select distinct state, lane, key_week, paid_week, ship_by_week, state_at_week, 
        case when least(key_week, paid_week, ship_by_week, state_at_week) < 0 or greatest(key_week, paid_week, ship_by_week, state_at_week) = 32767 then (id >> 16)::integer else 0 end as id_block
      from (select list_week(coalesce(paid_at, ordered_at, 'epoch')) as key_week, list_week(coalesce(paid_at, '-infinity')) as paid_week, list_week(coalesce(ship_by, 'infinity')) as ship_by_week, list_week(state_at) as state_at_week,  id, state, lane from changed) r) c
    where not exists (select from staged_trade_week w where (w.state, w.lane, w.key_week, w.paid_week, w.ship_by_week, w.state_at_week, w.id_block) = (c.state, c.lane, c.key_week, c.paid_week, c.ship_by_week, c.state_at_week, c.id_block))
    order by state, lane, key_week, paid_week, ship_by_week, state_at_week,  id_block
    on conflict do nothing;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION take_in_pending_list_rows()
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select gin_clean_pending_list(i.oid::regclass)
  from pg_class i join pg_am a on a.oid = i.relam
  where i.relkind = 'i' and a.amname = 'gin' and i.relnamespace = current_schema()::regnamespace
$function$;

CREATE OR REPLACE FUNCTION text_grams(words text)
 RETURNS integer[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (WITH letter AS (SELECT u.c, lead(u.c) OVER (ORDER BY u.n) AS next FROM unnest(string_to_array(text_grams.words, NULL::text)) WITH ORDINALITY u(c, n)) SELECT ARRAY(SELECT hashtext(letter.c) AS hashtext FROM letter UNION SELECT hashtext((letter.c || letter.next)) AS hashtext FROM letter WHERE (letter.next IS NOT NULL)) AS "array");

create table api_key (
  id bigint not null generated always as identity,
  name text not null,
  prefix text not null,
  key_hash bytea not null,
  permissions text[] not null,
  all_shops boolean not null default false,
  shop_ids bigint[] not null default '{}'::bigint[],
  created_by bigint not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  all_warehouses boolean not null default true,
  warehouse_ids bigint[] not null default '{}'::bigint[],
  constraint api_key_pkey primary key (id),
  constraint api_key_key_hash_key unique (key_hash)
);

create table app_user (
  id bigint not null generated always as identity,
  email text not null,
  name text not null,
  email_verified boolean not null default false,
  image text,
  two_factor_enabled boolean not null default false,
  all_shops boolean not null default false,
  shop_ids bigint[] not null default '{}'::bigint[],
  language text not null default 'zh',
  theme text not null default 'system',
  disabled_at timestamptz,
  last_sign_in_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  all_warehouses boolean not null default true,
  warehouse_ids bigint[] not null default '{}'::bigint[],
  constraint app_user_pkey primary key (id),
  constraint app_user_email_key unique (email),
  constraint app_user_email_check check ((email = lower(email))),
  constraint app_user_language_check check ((language = any (array['zh', 'en']))),
  constraint app_user_theme_check check ((theme = any (array['system', 'light', 'dark'])))
);

create table audit_log (
  id bigint not null generated always as identity,
  at timestamptz not null default now(),
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  action text not null,
  subject_type text not null,
  subject_id text not null,
  shop_id bigint,
  detail jsonb not null default '{}'::jsonb,
  ip text not null default '',
  request_id text not null default '',
  xid xid8 not null default pg_current_xact_id(),
  constraint audit_log_pkey primary key (id),
  constraint audit_log_actor_kind_check check ((actor_kind = any (array['user', 'api_key', 'task', 'system'])))
);
create index audit_log_action on audit_log using btree (action, at, id);
create index audit_log_actor on audit_log using btree (actor_id, at, id);
create index audit_log_at on audit_log using btree (at, id);
create index audit_log_in_order on audit_log using btree (xid, id);
create index audit_log_shop on audit_log using btree (shop_id, at, id) where (shop_id is not null);
create index audit_log_subject on audit_log using btree (subject_id, at, id);
create trigger audit_log_stays before delete or update on audit_log for each row execute function keep_audit_rows();
create trigger audit_log_stays_whole before truncate on audit_log for each statement execute function keep_audit_rows();

create table audit_seal (
  id bigint not null generated always as identity,
  sealed_at timestamptz not null default now(),
  ids int8multirange not null,
  row_count integer not null,
  last_xid xid8 not null,
  last_id bigint not null,
  previous bytea not null,
  hash bytea not null,
  constraint audit_seal_pkey primary key (id),
  constraint audit_seal_previous_key unique (previous),
  constraint audit_seal_row_count_check check ((row_count > 0))
);
create index audit_seal_ids on audit_seal using gist (ids);
create trigger audit_seal_stays before delete or update on audit_seal for each row execute function keep_audit_rows();
create trigger audit_seal_stays_whole before truncate on audit_seal for each statement execute function keep_audit_rows();

create table batch (
  id bigint not null generated always as identity,
  no text not null,
  action text not null,
  state text not null,
  actor jsonb not null,
  scope jsonb not null,
  request bytea not null,
  by_filter boolean not null,
  walk_after text,
  walk_up_to text,
  walked boolean not null,
  retry_of bigint,
  total integer not null,
  done integer not null default 0,
  succeeded integer not null default 0,
  refused integer not null default 0,
  reasons jsonb not null default '{}'::jsonb,
  error_code text not null default '',
  worker text,
  lease_until timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  constraint batch_pkey primary key (id),
  constraint batch_no_key unique (no),
  constraint batch_check check ((done = (succeeded + refused))),
  constraint batch_state_check check ((state = any (array['running', 'stopping', 'done', 'stopped'])))
);
create index batch_unended on batch using btree (id) where (state = any (array['running', 'stopping']));

create table batch_chunk (
  batch_id bigint not null,
  no integer not null,
  ids bigint[] not null,
  ended_at timestamptz,
  done_ids bigint[] not null default '{}'::bigint[],
  done_refs text[] not null default '{}'::text[],
  constraint batch_chunk_pkey primary key (batch_id, no)
);
create index batch_chunk_open on batch_chunk using btree (batch_id, no) where (ended_at is null);

create table batch_refusal (
  batch_id bigint not null,
  id bigint not null,
  code text not null,
  message jsonb,
  ref text not null default '',
  reason text not null default '',
  constraint batch_refusal_pkey primary key (batch_id, id)
);

create table bill_due (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  tid text not null,
  constraint bill_due_pkey primary key (id)
);

create table bill_line (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  serial_no text not null,
  tid text not null,
  happened_at timestamptz not null,
  day date not null generated always as (((happened_at at time zone 'Asia/Shanghai'))::date) stored,
  kind text not null,
  type text not null,
  amount_fen bigint not null,
  note text not null default '',
  imported_at timestamptz not null default now(),
  imported_by text not null,
  constraint bill_line_pkey primary key (id),
  constraint bill_line_shop_id_serial_no_key unique (shop_id, serial_no),
  constraint bill_line_amount_fen_check check ((amount_fen <> 0)),
  constraint bill_line_kind_check check ((kind = any (array['receipt', 'refund', 'fee', 'transfer', 'other'])))
);
create index bill_line_by_day on bill_line using btree (shop_id, day) include (kind, amount_fen);
create index bill_line_of on bill_line using btree (shop_id, tid) where (tid <> '');

create table bill_shop (
  shop_id bigint not null,
  since timestamptz not null,
  scan_from timestamptz,
  scan_to timestamptz,
  asked_at timestamptz not null default now(),
  constraint bill_shop_pkey primary key (shop_id)
);

create table bill_trade (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  tid text not null,
  at timestamptz not null default now(),
  bill_in_fen bigint not null default 0,
  bill_out_fen bigint not null default 0,
  fee_fen bigint not null default 0,
  own_in_fen bigint not null default 0,
  own_out_fen bigint not null default 0,
  bill_day date,
  own_day date,
  cause text not null default '',
  explained_why text not null default '',
  explained_by text not null default '',
  explained_at timestamptz,
  gap_fen bigint not null generated always as ((((bill_in_fen + bill_out_fen) - own_in_fen) - own_out_fen)) stored,
  standing text not null generated always as (
case
    when (cause = '') then 'even'
    when (cause = 'later_day') then 'later'
    when (explained_at is not null) then 'explained'
    else 'open'
end) stored,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer)]) stored,
  constraint bill_trade_pkey primary key (id),
  constraint bill_trade_shop_id_tid_key unique (shop_id, tid),
  constraint bill_trade_cause_check check ((cause = any (array['', 'not_ours', 'not_theirs', 'amount', 'later_day'])))
);
create index bill_trade_by_at on bill_trade using btree (standing, at, id);
create index bill_trade_facets on bill_trade using gin (facets) with (fastupdate='on', gin_pending_list_limit='2048');
create index bill_trade_tid on bill_trade using btree (tid);

create table blacklist_entry (
  id bigint not null generated always as identity,
  kind text not null,
  keys bigint[] not null,
  region text not null default '',
  masked text not null,
  personal bytea not null,
  reason text not null,
  until timestamptz,
  shop_id bigint not null,
  order_id bigint not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  removed_at timestamptz,
  removed_by text,
  constraint blacklist_entry_pkey primary key (id),
  constraint blacklist_entry_keys_check check ((cardinality(keys) > 0)),
  constraint blacklist_entry_kind_check check ((kind = any (array['phone', 'address', 'nick'])))
);
create index blacklist_entry_by_id on blacklist_entry using btree (id desc) where (removed_at is null);
create index blacklist_entry_live on blacklist_entry using btree ((keys[1])) where (removed_at is null);

create table bundle_part (
  bundle_id bigint not null,
  part_id bigint not null,
  quantity integer not null,
  bundle boolean not null default true,
  part boolean not null default false,
  constraint bundle_part_pkey primary key (bundle_id, part_id),
  constraint bundle_part_bundle_check check (bundle),
  constraint bundle_part_part_check check ((not part)),
  constraint bundle_part_quantity_check check (((quantity >= 1) and (quantity <= 10000)))
);
create index bundle_part_of on bundle_part using btree (part_id);

create table choice_rules (
  kind text not null,
  rules jsonb not null,
  reach jsonb not null default '{}'::jsonb,
  version integer not null default 1,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  constraint choice_rules_pkey primary key (kind),
  constraint choice_rules_kind_check check ((kind = any (array['warehouse', 'courier'])))
);

create table clock_skew (
  machine text not null,
  ahead_ms bigint not null,
  seen_at timestamptz not null default now(),
  constraint clock_skew_pkey primary key (machine)
);

create table confirm_rules (
  shop_id bigint not null,
  rules jsonb not null,
  version integer not null default 1,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  looked_to bigint not null default 0,
  constraint confirm_rules_pkey primary key (shop_id)
);

create table delivery (
  id bigint not null generated always as identity,
  no text not null,
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  shop_id bigint not null,
  status text not null,
  courier text not null default '',
  waybill_no text not null default '',
  ship_by timestamptz,
  write_back text not null default '',
  error_code text not null default '',
  round integer not null default 0,
  action_id bigint,
  created_at timestamptz not null default now(),
  created_by text not null,
  shipped_at timestamptz,
  shipped_by text,
  cancelled_at timestamptz,
  cancelled_by text,
  standing text not null generated always as (
case
    when ((status = 'shipped') and (write_back = 'failed')) then 'failed'
    else status
end) stored,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer), ((28 * 67108864) +
case write_back
    when 'waiting' then 1
    when 'done' then 2
    when 'failed' then 3
    when 'forced' then 4
    when 'manual' then 5
    when 'none' then 6
    when 'stopped' then 7
    else 0
end)]) stored,
  warehouse_id bigint,
  parcel bigint,
  beside boolean not null default false,
  platform_waybill text not null default '',
  constraint delivery_pkey primary key (id),
  constraint delivery_no_key unique (no),
  constraint delivery_check check (((status <> 'shipped') or ((courier <> '') and (waybill_no <> '')))),
  constraint delivery_check1 check (((status = 'shipped') = (write_back <> ''))),
  constraint delivery_check2 check (((courier = '') = (waybill_no = ''))),
  constraint delivery_check3 check (((parcel is not null) or (not beside))),
  constraint delivery_status_check check ((status = any (array['pending', 'shipped', 'cancelled']))),
  constraint delivery_write_back_check check ((write_back = any (array['', 'waiting', 'done', 'failed', 'forced', 'manual', 'none', 'stopped'])))
) with (fillfactor=80);
create index delivery_by_created on delivery using btree (standing, created_at, id);
create index delivery_by_ship_by on delivery using btree (standing, coalesce(ship_by, 'infinity'::timestamptz), id);
create index delivery_facets on delivery using gin (facets);
create unique index delivery_live on delivery using btree (order_id) where (status <> 'cancelled');
create index delivery_of on delivery using btree (order_id, id);
create index delivery_order_no on delivery using btree (order_no);
create index delivery_parcel on delivery using btree (parcel) where (parcel is not null);
create index delivery_tid on delivery using btree (tid);
create index delivery_unwritten on delivery using btree (coalesce(ship_by, 'infinity'::timestamptz), id) where ((status = 'shipped') and (write_back = any (array['waiting', 'failed'])));
create index delivery_waiting on delivery using btree (shop_id) where (status = 'pending');
create unique index delivery_waybill on delivery using btree (waybill_no, courier, (
case
    when beside then order_id
    else (0)::bigint
end)) where ((status <> 'cancelled') and (waybill_no <> ''));

create table download_queue (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  tid text not null,
  modified_at timestamptz not null,
  platform_status text not null,
  trade_type text not null,
  payment_fen bigint,
  buyer_masked text not null default '',
  receiver_masked text not null default '',
  is_new boolean not null,
  waiting_since timestamptz not null default now(),
  urgent boolean not null default false,
  buyer_hash bigint,
  receiver_hash bigint,
  constraint download_queue_pkey primary key (id),
  constraint download_queue_tid_shop_id_key unique (tid, shop_id)
);
create index download_queue_order on download_queue using btree (shop_id, urgent desc, id);

create table extra_refund (
  id bigint not null generated always as identity,
  no text not null,
  shop_id bigint not null,
  order_id bigint not null,
  order_no text not null,
  refund_no text not null default '',
  kind text not null,
  amount_fen bigint not null,
  reason text not null,
  status text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  constraint extra_refund_pkey primary key (id),
  constraint extra_refund_no_key unique (no),
  constraint extra_refund_amount_fen_check check ((amount_fen > 0)),
  constraint extra_refund_kind_check check ((kind = any (array['compensation', 'price_difference', 'return_freight', 'deposit', 'cashback', 'goods', 'other']))),
  constraint extra_refund_status_check check ((status = any (array['draft', 'approved', 'voided'])))
);
create index extra_refund_by_status on extra_refund using btree (status, id desc);
create index extra_refund_of on extra_refund using btree (order_id);

create table gift_rule (
  id bigint not null generated always as identity,
  position integer not null,
  version integer not null default 1,
  places_taken integer not null default 0,
  removed_at timestamptz,
  constraint gift_rule_pkey primary key (id),
  constraint gift_rule_places_taken_check check ((places_taken >= 0))
);
create index gift_rule_live on gift_rule using btree ("position") where (removed_at is null);

create table gift_rule_version (
  rule_id bigint not null,
  version integer not null,
  rule jsonb not null,
  saved_at timestamptz not null default now(),
  constraint gift_rule_version_pkey primary key (rule_id, version)
);

create table gift_rules (
  single boolean not null default true,
  version integer not null,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  constraint gift_rules_pkey primary key (single),
  constraint gift_rules_single_check check (single)
);

create table house_process (
  name text not null,
  kind text not null,
  seen_at timestamptz not null default now(),
  ahead_ms integer not null,
  free_bytes bigint not null,
  size_bytes bigint not null,
  constraint house_process_pkey primary key (name),
  constraint house_process_kind_check check ((kind = any (array['web', 'worker'])))
);

create table idempotency_key (
  actor text not null,
  key text not null,
  request_hash bytea not null,
  status integer,
  body bytea,
  content_type text,
  busy_until timestamptz not null,
  created_at timestamptz not null default now(),
  rights_hash bytea,
  constraint idempotency_key_pkey primary key (actor, key)
);
create index idempotency_key_age on idempotency_key using btree (created_at);

create table intercept (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  delivery_no text not null,
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  shop_id bigint not null,
  warehouse_id bigint,
  courier text not null,
  waybill_no text not null,
  refund_no text not null,
  amount_fen bigint not null,
  deadline timestamptz,
  way text not null,
  state text not null,
  note text not null default '',
  created_at timestamptz not null default now(),
  created_by text not null,
  asked_at timestamptz,
  asked_by text,
  ended_at timestamptz,
  ended_by text,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer)]) stored,
  return_id bigint,
  return_no text not null default '',
  constraint intercept_pkey primary key (id),
  constraint intercept_check check (((state = any (array['open', 'asked'])) = (ended_at is null))),
  constraint intercept_check1 check (((state <> 'asked') or (asked_at is not null))),
  constraint intercept_state_check check ((state = any (array['open', 'asked', 'pulled', 'returned', 'missed', 'money', 'lifted']))),
  constraint intercept_way_check check ((way = any (array['pull', 'recall'])))
) with (fillfactor=80);
create index intercept_by_created on intercept using btree (state, created_at, id);
create index intercept_by_deadline on intercept using btree (state, coalesce(deadline, 'infinity'::timestamptz), id);
create index intercept_delivery_no on intercept using btree (delivery_no);
create index intercept_facets on intercept using gin (facets);
create unique index intercept_live on intercept using btree (delivery_id) where (ended_at is null);
create index intercept_of on intercept using btree (delivery_id, id);
create index intercept_order on intercept using btree (order_id);
create index intercept_order_no on intercept using btree (order_no);
create index intercept_tid on intercept using btree (tid);
create index intercept_waybill on intercept using btree (waybill_no);

create table listing (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  item_id text not null,
  platform_sku_id text not null,
  outer_item_id text not null default '',
  outer_sku_id text not null default '',
  title text not null default '',
  spec text not null default '',
  picture_url text not null default '',
  price_fen bigint,
  quantity integer,
  status text not null,
  modified_at timestamptz not null,
  listed_at timestamptz,
  sku_id bigint,
  matched_how text not null default '',
  matched_by text not null default '',
  matched_at timestamptz,
  words text not null generated always as (lower(((((((((((title || ' ') || spec) || ' ') || outer_sku_id) || ' ') || outer_item_id) || ' ') || item_id) || ' ') || platform_sku_id))) stored,
  grams integer[] not null generated always as (text_grams(lower(((((((((((title || ' ') || spec) || ' ') || outer_sku_id) || ' ') || outer_item_id) || ' ') || item_id) || ' ') || platform_sku_id)))) stored,
  standing text not null generated always as (
case
    when (sku_id is not null) then 'matched'
    when (status = 'gone') then 'gone'
    else 'unmatched'
end) stored,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer), ((24 * 67108864) +
case status
    when 'on_sale' then 1
    when 'in_stock' then 2
    when 'gone' then 3
    else 4
end), ((25 * 67108864) +
case matched_how
    when 'outer_id' then 1
    when 'hand' then 2
    when 'import' then 3
    else 0
end)]) stored,
  created_at timestamptz not null default now(),
  former_sku_id bigint,
  constraint listing_pkey primary key (id),
  constraint listing_shop_id_item_id_platform_sku_id_key unique (shop_id, item_id, platform_sku_id),
  constraint listing_check check (((sku_id is null) = (matched_how = ''))),
  constraint listing_matched_how_check check ((matched_how = any (array['', 'outer_id', 'hand', 'import']))),
  constraint listing_status_check check ((status = any (array['on_sale', 'in_stock', 'gone', 'seen'])))
);
create index listing_by_created on listing using btree (standing, created_at, id);
create index listing_by_modified on listing using btree (standing, modified_at, id);
create index listing_facets on listing using gin (facets);
create index listing_grams on listing using gin (grams);
create index listing_listed on listing using btree (shop_id, listed_at) where (status = any (array['on_sale', 'in_stock']));
create index listing_of_sku on listing using btree (sku_id) where (sku_id is not null);
create index listing_outer_item on listing using btree (outer_item_id) where (outer_item_id <> '');
create index listing_outer_sku on listing using btree (outer_sku_id) where (outer_sku_id <> '');

create table migration (
  name text not null,
  applied_at timestamptz not null default now(),
  constraint migration_pkey primary key (name)
);

create table one_time_link (
  token_hash bytea not null,
  purpose text not null,
  user_id bigint,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  constraint one_time_link_pkey primary key (token_hash),
  constraint one_time_link_check check (((purpose = 'setup') = (user_id is null))),
  constraint one_time_link_purpose_check check ((purpose = any (array['setup', 'password'])))
);

create table order_difference (
  id bigint not null generated always as identity,
  order_id bigint not null,
  kind text not null,
  old_value text not null default '',
  new_value text not null default '',
  personal bytea,
  region text not null default '',
  facets integer[],
  people bigint[],
  trade_version timestamptz not null,
  seen_at timestamptz not null default now(),
  settled_at timestamptz,
  settled_by text,
  settled_how text,
  receiver_hash integer,
  constraint order_difference_pkey primary key (id),
  constraint order_difference_kind_check check ((kind = any (array['address', 'memo', 'flag', 'message', 'closed', 'shipped_elsewhere', 'goods', 'payment', 'left_line']))),
  constraint order_difference_settled_how_check check ((settled_how = any (array['applied', 'ignored', 'superseded'])))
);
create unique index order_difference_once on order_difference using btree (order_id, kind, trade_version);
create index order_difference_open on order_difference using btree (order_id) where (settled_at is null);

create table order_event (
  id bigint not null generated always as identity,
  order_id bigint not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  constraint order_event_pkey primary key (order_id, id),
  constraint order_event_actor_kind_check check ((actor_kind = any (array['user', 'api_key', 'task', 'system'])))
) with (autovacuum_analyze_scale_factor=0.1);

create table order_gift (
  order_id bigint not null,
  rule_id bigint not null,
  times integer not null,
  version integer,
  given_at timestamptz not null default now(),
  constraint order_gift_pkey primary key (order_id, rule_id),
  constraint order_gift_times_check check ((times >= 0))
);

create table order_hold (
  id bigint not null generated always as identity,
  order_id bigint not null,
  reason text not null,
  source text not null,
  note text not null default '',
  held_by text not null,
  held_at timestamptz not null default now(),
  until timestamptz,
  released_by text,
  released_at timestamptz,
  constraint order_hold_pkey primary key (id),
  constraint order_hold_reason_check check ((reason = any (array['ask_buyer', 'address', 'price', 'stock', 'risk', 'other', 'gift', 'refund_open', 'unmatched', 'platform_closed', 'shipped_elsewhere', 'address_changed', 'goods_changed', 'line_left'])))
);
create index order_hold_of on order_hold using btree (order_id);
create unique index order_hold_open on order_hold using btree (order_id, reason, source) where (released_at is null);
create index order_hold_refunds on order_hold using btree (held_at, order_id) where ((reason = 'refund_open') and (released_at is null));
create index order_hold_source on order_hold using btree (source) where (released_at is null);
create index order_hold_until on order_hold using btree (until) where ((released_at is null) and (until is not null));

create table order_line (
  order_id bigint not null,
  line_no smallint not null,
  tid text not null,
  oid text not null,
  sku_id bigint,
  item_id text not null,
  platform_sku_id text not null,
  outer_item_id text not null,
  outer_sku_id text not null,
  title text not null,
  spec text not null,
  picture_url text not null,
  quantity integer not null,
  refunded_quantity integer not null default 0,
  price_fen bigint not null,
  discount_fen bigint not null,
  payment_fen bigint not null,
  refunded_fen bigint not null default 0,
  gift boolean not null default false,
  gift_rule_id bigint,
  gift_off_by text,
  plan_at timestamptz,
  constraint order_line_pkey primary key (order_id, line_no),
  constraint order_line_check check (((refunded_quantity >= 0) and (refunded_quantity <= quantity))),
  constraint order_line_gift check (
case
    when gift then ((price_fen = 0) and (payment_fen = 0) and (refunded_fen = 0) and (oid = '') and (sku_id is not null))
    else ((gift_rule_id is null) and (gift_off_by is null))
end),
  constraint order_line_quantity_check check ((quantity > 0)),
  constraint order_line_refunded_fen_check check ((refunded_fen >= 0))
) with (fillfactor=95);
create index order_line_unmatched on order_line using btree (item_id, platform_sku_id) where (sku_id is null);

create table order_problem (
  order_id bigint not null,
  reason text not null,
  detail jsonb not null,
  found_at timestamptz not null default now(),
  waived_by text,
  waived_at timestamptz,
  constraint order_problem_pkey primary key (order_id, reason)
);

create table order_refund (
  order_id bigint not null,
  refund_no text not null,
  shop_id bigint not null,
  oid text not null,
  kind text not null,
  refund_status text not null,
  version text not null,
  modified_at timestamptz not null,
  amount_fen bigint not null,
  quantity integer not null,
  effect text not null,
  applied_at timestamptz not null default now(),
  fact text,
  counted_fen bigint not null default 0,
  counted_quantity integer not null default 0,
  counted_oid text not null default '',
  takes_goods boolean not null default false,
  phase text not null default 'onsale',
  constraint order_refund_pkey primary key (order_id, refund_no),
  constraint order_refund_check check (((fact is not null) or ((counted_fen = 0) and (counted_quantity = 0)))),
  constraint order_refund_counted_fen_check check ((counted_fen >= 0)),
  constraint order_refund_counted_quantity_check check ((counted_quantity >= 0)),
  constraint order_refund_effect_check check ((effect = any (array['hold', 'release', 'reduce', 'money', 'record']))),
  constraint order_refund_fact_check check ((fact = any (array['order_refund', 'return_refund', 'void_refund', 'refund_only']))),
  constraint order_refund_kind_check check ((kind = any (array['refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only']))),
  constraint order_refund_phase_check check ((phase = any (array['onsale', 'aftersale']))),
  constraint order_refund_refund_status_check check ((refund_status = any (array['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown'])))
);
create index order_refund_no on order_refund using btree (shop_id, refund_no);

create table order_source (
  order_id bigint not null,
  source_id bigint not null,
  reason text not null default '',
  made_at timestamptz not null default now(),
  constraint order_source_pkey primary key (order_id)
);
create index order_source_of on order_source using btree (source_id);

create table parcel_order (
  parcel bigint not null,
  order_id bigint not null,
  constraint parcel_order_pkey primary key (parcel, order_id)
);

create table parked_item (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  kind text not null,
  platform_id text not null default '',
  reason text not null,
  sealed bytea not null,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  times integer not null default 1,
  settled_at timestamptz,
  fingerprint text not null,
  constraint parked_item_pkey primary key (id),
  constraint parked_item_shop_id_kind_fingerprint_key unique (shop_id, kind, fingerprint),
  constraint parked_item_kind_check check ((kind = any (array['trade', 'refund'])))
);
create index parked_item_open on parked_item using btree (shop_id, id) where (settled_at is null);

create table platform_action (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  kind text not null,
  subject_type text not null,
  subject_id text not null,
  idempotency_key text not null,
  payload jsonb not null,
  secret bytea,
  state text not null,
  attempt integer not null default 0,
  claim integer not null default 0,
  looks integer not null default 0,
  worker text,
  lease_until timestamptz,
  next_at timestamptz default now(),
  answer jsonb,
  result jsonb,
  error_code text not null default '',
  error text not null default '',
  created_by jsonb not null,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  ended_at timestamptz,
  settled_by jsonb,
  settled_reason text not null default '',
  deadline timestamptz not null default 'infinity'::timestamptz,
  away boolean not null default false,
  unclear boolean not null default false,
  constraint platform_action_pkey primary key (id),
  constraint platform_action_idempotency_key_key unique (idempotency_key),
  constraint platform_action_state_check check ((state = any (array['pending', 'sending', 'succeeded', 'failed', 'unknown', 'forced', 'manual', 'withdrawn'])))
);
create index platform_action_answered on platform_action using btree (next_at) where ((next_at is not null) and (answer is not null));
create index platform_action_away on platform_action using btree (shop_id) where away;
create index platform_action_by_shop on platform_action using btree (shop_id, id desc);
create index platform_action_by_state on platform_action using btree (state, id desc);
create index platform_action_due on platform_action using btree (shop_id, kind, deadline, id, next_at) where (next_at is not null);
create index platform_action_leased on platform_action using btree (lease_until) where (lease_until is not null);
create index platform_action_not_stock on platform_action using btree (state, id desc) where (kind <> 'stock_upload');
create index platform_action_of on platform_action using btree (subject_type, subject_id, id);
create index platform_action_open on platform_action using btree (shop_id, subject_type, subject_id, id) where (state = any (array['pending', 'sending', 'unknown']));

create table product (
  id bigint not null generated always as identity,
  code text not null,
  name text not null,
  category text not null default '',
  brand text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_pkey primary key (id),
  constraint product_code_key unique (code),
  constraint product_code_check check (((code = btrim(code)) and (code <> '')))
);

create table put_back (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  delivery_no text not null,
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  shop_id bigint not null,
  warehouse_id bigint,
  courier text not null,
  waybill_no text not null,
  line_no smallint not null,
  sku_id bigint,
  title text not null,
  spec text not null,
  quantity integer not null,
  source text not null,
  state text not null default 'open',
  created_at timestamptz not null default now(),
  done_at timestamptz,
  done_by text,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer)]) stored,
  constraint put_back_pkey primary key (id),
  constraint put_back_check check (((state = 'open') = (done_at is null))),
  constraint put_back_quantity_check check ((quantity > 0)),
  constraint put_back_state_check check ((state = any (array['open', 'done', 'unpicked'])))
) with (fillfactor=80);
create index put_back_by_created on put_back using btree (state, created_at, id);
create index put_back_delivery on put_back using btree (delivery_no);
create index put_back_facets on put_back using gin (facets);
create unique index put_back_once on put_back using btree (delivery_id, line_no, coalesce(sku_id, (0)::bigint), source);
create index put_back_order on put_back using btree (order_no);
create index put_back_sku on put_back using btree (sku_id);
create index put_back_tid on put_back using btree (tid);
create index put_back_waybill on put_back using btree (waybill_no) where (waybill_no <> '');

create table raw_payload (
  kind text not null,
  shop_id bigint not null,
  platform_id text not null,
  modified_at timestamptz not null,
  sealed bytea not null,
  constraint raw_payload_pkey primary key (platform_id, shop_id, kind),
  constraint raw_payload_kind_check check ((kind = any (array['trade', 'refund'])))
) with (toast_tuple_target=8160);
alter table raw_payload alter column sealed set storage external;

create table receiver_answer (
  order_id bigint not null,
  receiver_hash integer not null,
  asked bigint not null,
  grp integer,
  at timestamptz not null default now(),
  constraint receiver_answer_pkey primary key (order_id)
);
create index receiver_answer_at on receiver_answer using btree (at);

create table refund_ask (
  shop_id bigint not null,
  asked_to timestamptz,
  answered_at timestamptz,
  tried_at timestamptz,
  error_code text not null default '',
  next_at timestamptz not null default now(),
  constraint refund_ask_pkey primary key (shop_id)
);

create table refund_ask_trade (
  shop_id bigint not null,
  tid text not null,
  asked_to timestamptz not null,
  constraint refund_ask_trade_pkey primary key (shop_id, tid)
);

create table refund_event (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  refund_no text not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  constraint refund_event_pkey primary key (refund_no, shop_id, id),
  constraint refund_event_actor_kind_check check ((actor_kind = any (array['user', 'api_key', 'task', 'system'])))
);

create table refund_notice (
  shop_id bigint not null,
  refund_no text not null,
  tid text not null,
  oid text not null,
  source text not null,
  names text not null default '',
  kind text not null,
  phase text not null,
  refund_status text not null,
  version text not null,
  modified_at timestamptz not null,
  amount_fen bigint not null,
  quantity integer not null,
  agreeing text not null default '',
  settled boolean not null default false,
  noted_at timestamptz not null default clock_timestamp(),
  told_stopped boolean not null default false,
  constraint refund_notice_pkey primary key (shop_id, refund_no),
  constraint refund_notice_agreeing_check check ((agreeing = any (array['', 'asked', 'done']))),
  constraint refund_notice_kind_check check ((kind = any (array['refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only']))),
  constraint refund_notice_phase_check check ((phase = any (array['onsale', 'aftersale']))),
  constraint refund_notice_refund_status_check check ((refund_status = any (array['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown']))),
  constraint refund_notice_source_check check ((source = any (array['refund', 'line'])))
) with (fillfactor=80);
create index refund_notice_trade on refund_notice using btree (tid, shop_id);

create table refund_waiver (
  id bigint not null generated always as identity,
  order_id bigint not null,
  refund_no text not null,
  refund_status text not null,
  amount_fen bigint not null,
  quantity integer not null,
  reason text not null,
  given_by text not null,
  given_at timestamptz not null default now(),
  ended_at timestamptz,
  kind text not null,
  constraint refund_waiver_pkey primary key (id),
  constraint refund_waiver_kind_check check ((kind = any (array['', 'refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only']))),
  constraint refund_waiver_refund_status_check check ((refund_status = any (array['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown'])))
);
create unique index refund_waiver_open on refund_waiver using btree (order_id, refund_no) where (ended_at is null);

create table removed_mark (
  shop_id bigint not null,
  tid text not null,
  kind text not null,
  removed_at timestamptz not null default now(),
  removed_by text not null,
  constraint removed_mark_pkey primary key (kind, tid, shop_id),
  constraint removed_mark_kind_check check ((kind = any (array['trade', 'refund'])))
);

create table reservation (
  order_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  warehouse_id bigint not null,
  per_line integer not null default 1,
  wanted integer not null,
  reserved integer not null,
  shipped boolean not null default false,
  paid_at timestamptz not null,
  constraint reservation_pkey primary key (order_id, line_no, sku_id),
  constraint reservation_check check (((reserved = 0) or (reserved = wanted))),
  constraint reservation_check1 check (((not shipped) or (reserved = wanted))),
  constraint reservation_per_line_check check ((per_line > 0)),
  constraint reservation_wanted_check check ((wanted > 0))
) with (fillfactor=80, autovacuum_analyze_scale_factor=0.1);
create index reservation_open on reservation using btree (warehouse_id, sku_id, order_id, line_no) where (not shipped);
create index reservation_short on reservation using btree (warehouse_id, sku_id, paid_at, order_id, line_no) where ((reserved < wanted) and (not shipped));

create table return_event (
  id bigint not null generated always as identity,
  return_id bigint not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  constraint return_event_pkey primary key (return_id, id),
  constraint return_event_actor_kind_check check ((actor_kind = any (array['user', 'api_key', 'task', 'system'])))
);

create table return_line (
  return_id bigint not null,
  line_no smallint not null,
  order_id bigint not null,
  order_line_no smallint not null,
  tid text not null,
  oid text not null,
  sku_id bigint,
  outer_code text not null,
  title text not null,
  spec text not null,
  picture_url text not null,
  quantity integer not null,
  good integer not null default 0,
  defective integer not null default 0,
  constraint return_line_pkey primary key (return_id, line_no),
  constraint return_line_return_id_order_id_order_line_no_key unique (return_id, order_id, order_line_no),
  constraint return_line_check check (((good + defective) <= quantity)),
  constraint return_line_defective_check check ((defective >= 0)),
  constraint return_line_good_check check ((good >= 0)),
  constraint return_line_quantity_check check ((quantity > 0))
) with (fillfactor=80);
create index return_line_of on return_line using btree (order_id, order_line_no);
create index return_line_sku on return_line using btree (sku_id, return_id) where (sku_id is not null);

create table return_order (
  id bigint not null generated always as identity,
  no text not null,
  shop_id bigint not null,
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  kind text not null,
  origin text not null,
  refund_no text not null default '',
  refund_status text not null default '',
  delivery_id bigint,
  status text not null,
  version integer not null default 1,
  warehouse_id bigint,
  courier text not null default '',
  waybill_no text not null default '',
  reason text not null default '',
  amount_fen bigint not null default 0,
  quantity integer not null,
  good integer not null default 0,
  defective integer not null default 0,
  open_problems integer not null default 0,
  exchange_when text not null default 'received',
  exchange_order_id bigint,
  exchange_order_no text not null default '',
  told text not null default '',
  error_code text not null default '',
  action_id bigint,
  created_at timestamptz not null default now(),
  created_by text not null,
  confirmed_at timestamptz,
  confirmed_by text,
  received_at timestamptz,
  received_by text,
  settled_at timestamptz,
  settled_by text,
  voided_at timestamptz,
  voided_by text,
  void_reason text not null default '',
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer), ((23 * 67108864) + (coalesce(warehouse_id, (0)::bigint))::integer)]) stored,
  deadline timestamptz,
  constraint return_order_pkey primary key (id),
  constraint return_order_exchange_order_id_key unique (exchange_order_id),
  constraint return_order_no_key unique (no),
  constraint return_order_check check (((kind <> 'exchange') or (delivery_id is null))),
  constraint return_order_check1 check (((status = any (array['received', 'settled'])) = (received_at is not null))),
  constraint return_order_exchange_when_check check ((exchange_when = any (array['confirmed', 'received']))),
  constraint return_order_kind_check check ((kind = any (array['return', 'exchange', 'refused']))),
  constraint return_order_open_problems_check check ((open_problems >= 0)),
  constraint return_order_origin_check check ((origin = any (array['refund', 'person', 'parcel']))),
  constraint return_order_refund_status_check check ((refund_status = any (array['', 'applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown']))),
  constraint return_order_status_check check ((status = any (array['unconfirmed', 'confirmed', 'received', 'settled', 'voided']))),
  constraint return_order_told_check check ((told = any (array['', 'waiting', 'done', 'failed', 'forced', 'manual', 'none'])))
) with (fillfactor=80);
create index return_order_by_created on return_order using btree (status, created_at, id);
create unique index return_order_delivery on return_order using btree (delivery_id) where ((delivery_id is not null) and (status <> 'voided'));
create index return_order_due on return_order using btree (deadline, id) where ((refund_status = any (array['applied', 'agreed'])) and (status = any (array['unconfirmed', 'confirmed', 'received'])));
create index return_order_exchange on return_order using btree (id) where ((kind = 'exchange') and (exchange_order_id is null) and (status <> 'voided'));
create index return_order_facets on return_order using gin (facets);
create index return_order_of on return_order using btree (order_id);
create index return_order_order_no on return_order using btree (order_no);
create index return_order_problem on return_order using btree (id) where (open_problems > 0);
create unique index return_order_refund on return_order using btree (shop_id, refund_no) where (refund_no <> '');
create index return_order_refund_no on return_order using btree (refund_no) where (refund_no <> '');
create index return_order_tid on return_order using btree (tid);
create index return_order_waybill on return_order using btree (waybill_no) where (waybill_no <> '');

create table return_problem (
  id bigint not null generated always as identity,
  return_id bigint not null,
  kind text not null,
  line_no smallint not null default 0,
  sku_id bigint,
  quantity integer not null,
  note text not null default '',
  found_at timestamptz not null default now(),
  found_by text not null,
  settled_at timestamptz,
  settled_by text,
  settled_note text not null default '',
  constraint return_problem_pkey primary key (id),
  constraint return_problem_kind_check check ((kind = any (array['short', 'wrong', 'refund_closed']))),
  constraint return_problem_quantity_check check ((quantity >= 0))
);
create index return_problem_of on return_problem using btree (return_id);
create unique index return_problem_open on return_problem using btree (return_id, kind, line_no, coalesce(sku_id, (0)::bigint)) where (settled_at is null);

create table return_receipt (
  return_id bigint not null,
  step smallint not null,
  at timestamptz not null default now(),
  by text not null,
  warehouse_id bigint not null,
  good integer not null,
  defective integer not null,
  constraint return_receipt_pkey primary key (return_id, step)
);

create table reveal_count (
  actor text not null,
  actor_name text not null,
  minute timestamptz not null,
  in_minute integer not null default 0,
  day date not null,
  in_day integer not null default 0,
  over_at timestamptz,
  constraint reveal_count_pkey primary key (actor)
);
create index reveal_count_over on reveal_count using btree (over_at) where (over_at is not null);

create table role (
  id bigint not null generated always as identity,
  builtin text,
  name text not null,
  name_en text not null default '',
  permissions text[] not null default '{}'::text[],
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint role_pkey primary key (id),
  constraint role_builtin_key unique (builtin),
  constraint role_name_key unique (name),
  constraint role_builtin_check check ((builtin = 'admin'))
);

create table sales_order (
  id bigint not null generated always as identity,
  no text not null,
  shop_id bigint not null,
  origin text not null,
  tid text not null,
  status text not null,
  version integer not null default 1,
  cod boolean not null,
  currency text not null default 'CNY',
  goods_fen bigint not null,
  post_fee_fen bigint not null,
  discount_fen bigint not null,
  payment_fen bigint not null,
  refunded_fen bigint not null default 0,
  quantity integer not null,
  refunded_quantity integer not null default 0,
  paid_at timestamptz,
  ordered_at timestamptz not null,
  ship_by timestamptz,
  flag smallint not null default 0,
  open_holds integer not null default 0,
  differences integer not null default 0,
  facets integer[] not null,
  people bigint[] not null default '{}'::bigint[],
  buyer_message text not null default '',
  seller_memo text not null default '',
  receiver_masked text not null default '',
  region text not null default '',
  personal bytea,
  void_reason text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  created_by text not null,
  warehouse_id bigint,
  courier text not null default '',
  own_note text not null default '',
  urgent boolean not null default false,
  locked_by text,
  locked_name text not null default '',
  locked_at timestamptz,
  open_problems integer not null default 0,
  written_back_at timestamptz,
  whole_trade boolean not null default true,
  warehouse_by_hand boolean not null default false,
  courier_by_hand boolean not null default false,
  ship_after timestamptz,
  lane smallint not null generated always as (
case (((((facets[2] & 1) + ((open_problems > 0))::integer) + (facets[3] & 1)) + ((facets[5] >> 1) & 1)) + ((ship_after is not null))::integer)
    when 0 then 0
    when 1 then
    case
        when ((facets[2] & 1) = 1) then 1
        when (open_problems > 0) then 2
        when ((facets[3] & 1) = 1) then 3
        when (((facets[5] >> 1) & 1) = 1) then 4
        else 5
    end
    else 6
end) stored,
  marks bigint not null generated always as (((((((((((((((((((
case
    when (shop_id < 65536) then shop_id
    else (0)::bigint
end | (((facet_in(facets, 6) & 15))::bigint << 16)) | ((flag)::bigint << 20)) | ((((buyer_message <> ''))::integer)::bigint << 23)) | ((((seller_memo <> ''))::integer)::bigint << 24)) | (((cod)::integer)::bigint << 25)) | ((((facets @> array[((8 * 67108864) + 4)]))::integer)::bigint << 26)) | ((coalesce(array_position(array[1014352421, 1029916493, 1021884081, 1051375984, 1031010985, 1060002369, 1012862635, 1062766101, 1065280274, 1053560265, 1073632554, 1070954405, 1041239463, 1015818683, 1059070227, 1072215326, 1044022141, 1027244522, 1061646286, 1053100106, 1021232102, 1014992996, 1033012810, 1028892872, 1073660425, 1027102978, 1067704399, 1063195161, 1064801165, 1025260610, 1043472228, 1016602372, 1044544064, 1060117135], facet_in(facets, 15)), 0))::bigint << 27)) | ((coalesce(array_position(array['manual', 'import', 'copy', 'reship'], origin), 0))::bigint << 33)) | (((facet_in(facets, 30) & 31))::bigint << 36)) | (((urgent)::integer)::bigint << 41)) | ((((locked_by is not null))::integer)::bigint << 42)) | (((facets[2] & 1))::bigint << 43)) | (((facets[3] & 1))::bigint << 44)) | ((((open_problems > 0))::integer)::bigint << 45)) | ((((ship_after is not null))::integer)::bigint << 46)) | (((facets[5] & 7))::bigint << 47)) | (((facets[4] & 3))::bigint << 50)) | (
case
    when (warehouse_id < 2048) then warehouse_id
    else (0)::bigint
end << 52))) stored,
  keys bigint[] not null generated always as (facet_keys(((((facets[1] & 7))::bigint << 46) | ((list_week(created_at))::bigint << 31)), facets, array[((6 * 67108864) + 1), (7 * 67108864), ((8 * 67108864) + 4), ((8 * 67108864) + 6), ((8 * 67108864) + 7), ((8 * 67108864) + 8), ((8 * 67108864) + 9), ((16 * 67108864) + 1), ((16 * 67108864) + 2), ((16 * 67108864) + 3), ((16 * 67108864) + 4), ((16 * 67108864) + 5), ((16 * 67108864) + 6), (17 * 67108864), (18 * 67108864), (19 * 67108864), (27 * 67108864)])) stored,
  split_from bigint,
  parcel bigint,
  receiver_hash integer not null default 0,
  came_back boolean not null default false,
  subsidy_fen bigint not null default 0,
  constraint sales_order_pkey primary key (id),
  constraint sales_order_no_key unique (no),
  constraint sales_order_check check (((refunded_quantity >= 0) and (refunded_quantity <= quantity))),
  constraint sales_order_differences_check check ((differences >= 0)),
  constraint sales_order_open_holds_check check ((open_holds >= 0)),
  constraint sales_order_open_problems_check check ((open_problems >= 0)),
  constraint sales_order_origin_check check ((origin = any (array['trade', 'record', 'manual', 'import', 'copy', 'reship', 'split']))),
  constraint sales_order_own_ship_by check (((ship_by is null) or (origin <> all (array['manual', 'import', 'copy', 'reship'])))),
  constraint sales_order_payment_fen_check check ((payment_fen >= 0)),
  constraint sales_order_refunded_fen_check check ((refunded_fen >= 0)),
  constraint sales_order_status_check check ((status = any (array['unconfirmed', 'confirmed', 'released', 'shipped', 'completed', 'voided'])))
) with (toast_tuple_target=256, fillfactor=90, autovacuum_vacuum_insert_scale_factor=0.01, autovacuum_vacuum_scale_factor=0.02, autovacuum_analyze_scale_factor=0.1);
create index sales_order_by_created on sales_order using btree (status, lane, created_at, id) include (marks, paid_at, ship_by, ship_after);
create index sales_order_by_paid on sales_order using btree (status, lane, coalesce(paid_at, '-infinity'::timestamptz), id) include (marks, created_at, paid_at, ship_by, ship_after);
create index sales_order_by_ship_by on sales_order using btree (status, lane, coalesce(ship_by, 'infinity'::timestamptz), id) include (marks, created_at, paid_at, ship_by, ship_after);
create index sales_order_differs on sales_order using btree (id) where (differences > 0);
create index sales_order_held on sales_order using btree (id) where (open_holds > 0);
create index sales_order_keys on sales_order using gin (keys) with (fastupdate='on', gin_pending_list_limit='2048');
create unique index sales_order_own on sales_order using btree (tid, shop_id) where (origin = any (array['manual', 'import', 'copy', 'reship']));
create index sales_order_own_shipped on sales_order using btree (id) where ((status = 'shipped') and (origin = any (array['manual', 'import', 'copy', 'reship'])));
create index sales_order_part on sales_order using btree (tid, shop_id) where (origin = 'split');
create index sales_order_problem on sales_order using btree (shop_id, id) where ((status = 'unconfirmed') and (open_problems > 0));
create index sales_order_receiver on sales_order using btree (receiver_hash, id) where ((status = any (array['unconfirmed', 'confirmed'])) and (receiver_hash <> 0));
create index sales_order_split on sales_order using btree (split_from) where (split_from is not null);
create index sales_order_to_judge on sales_order using btree (shop_id, coalesce(paid_at, '-infinity'::timestamptz), id) where ((status = 'unconfirmed') and (open_problems = 0));
create unique index sales_order_trade on sales_order using btree (tid, shop_id) where ((origin = any (array['trade', 'record'])) or ((status <> 'voided') and (origin <> 'split')));
create index sales_order_unasked on sales_order using btree (coalesce(paid_at, ordered_at), id) where ((facets[5] >= ((27 * 67108864) + 4)) and (status = any (array['unconfirmed', 'confirmed', 'released'])) and ((paid_at is not null) or cod));
create trigger sales_order_lag_of_changed after update of created_at, paid_at, ship_by on sales_order for each row when ((((new.created_at is distinct from old.created_at) or (new.paid_at is distinct from old.paid_at)) or (new.ship_by is distinct from old.ship_by))) execute function note_sales_order_lag();
create trigger sales_order_lags_of_new after insert on sales_order referencing new table as changed for each statement execute function note_sales_order_lags();
create trigger sales_order_person_of_changed after update of people on sales_order for each row when ((old.people is distinct from new.people)) execute function move_sales_order_person();
create trigger sales_order_person_of_new after insert on sales_order referencing new table as changed for each statement execute function note_sales_order_person();
create trigger sales_order_person_of_removed after delete on sales_order for each row execute function move_sales_order_person();
create trigger sales_order_weeks_of_changed after update on sales_order referencing new table as changed for each statement execute function note_sales_order_weeks();
create trigger sales_order_weeks_of_new after insert on sales_order referencing new table as changed for each statement execute function note_sales_order_weeks();
alter table sales_order alter column facets set statistics 400;

create table sales_order_lag (
  key_week smallint not null,
  paid_lag smallint not null,
  ship_by_lag smallint not null,
  constraint sales_order_lag_pkey primary key (key_week, paid_lag, ship_by_lag)
);

create table sales_order_person (
  key bigint not null,
  id bigint not null,
  constraint sales_order_person_pkey primary key (key, id)
) with (autovacuum_analyze_scale_factor=0.1);

create table sales_order_week (
  status text not null,
  lane smallint not null,
  key_week smallint not null,
  paid_week smallint not null,
  ship_by_week smallint not null,
  id_block integer not null,
  constraint sales_order_week_pkey primary key (status, lane, key_week, paid_week, ship_by_week, id_block)
);

create table saved_view (
  id bigint not null generated always as identity,
  user_id bigint not null,
  list text not null,
  name text not null,
  query text not null,
  shared boolean not null default false,
  position integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint saved_view_pkey primary key (id),
  constraint saved_view_user_id_list_name_key unique (user_id, list, name)
);
create index saved_view_shared on saved_view using btree (list) where shared;

create table sealing_key (
  number smallint not null,
  fingerprint text not null,
  first_seen_at timestamptz not null default now(),
  dropped_at timestamptz,
  constraint sealing_key_pkey primary key (number)
);

create table settlement (
  id bigint not null generated always as identity,
  no text not null,
  shop_id bigint not null,
  order_id bigint,
  order_no text not null default '',
  tid text not null,
  kind text not null,
  source text not null,
  version integer not null,
  amount_fen bigint not null,
  status text not null,
  withdrawn boolean not null default false,
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
  kind_no smallint not null generated always as (
case kind
    when 'order_receipt' then 1
    when 'cod_receipt' then 2
    when 'order_refund' then 5
    when 'return_refund' then 6
    when 'void_refund' then 7
    when 'extra_refund' then 8
    else 11
end) stored,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer), ((29 * 67108864) +
case kind
    when 'order_receipt' then 1
    when 'cod_receipt' then 2
    when 'order_refund' then 5
    when 'return_refund' then 6
    when 'void_refund' then 7
    when 'extra_refund' then 8
    else 11
end)]) stored,
  constraint settlement_pkey primary key (id),
  constraint settlement_no_key unique (no),
  constraint settlement_amount_fen_check check ((amount_fen <> 0)),
  constraint settlement_check check (((not withdrawn) or (status = 'voided'))),
  constraint settlement_check1 check (((status = 'voided') = (voided_at is not null))),
  constraint settlement_check2 check (((status <> all (array['approved', 'posted', 'settled'])) or (approved_at is not null))),
  constraint settlement_kind_check check ((kind = any (array['order_receipt', 'cod_receipt', 'order_refund', 'return_refund', 'void_refund', 'extra_refund', 'refund_only']))),
  constraint settlement_status_check check ((status = any (array['draft', 'approved', 'posted', 'settled', 'voided']))),
  constraint settlement_version_check check ((version > 0))
) with (autovacuum_analyze_scale_factor=0.1);
create index settlement_by_created on settlement using btree (status, created_at, id) include (shop_id, kind_no, amount_fen);
create index settlement_facets on settlement using gin (facets) with (fastupdate='on', gin_pending_list_limit='2048');
create index settlement_of on settlement using btree (order_id);
create unique index settlement_once on settlement using btree (source, kind, shop_id, version);
create index settlement_tid on settlement using btree (tid);
create trigger bill_due_of_changed after update on settlement referencing new table as changed for each statement execute function note_bill_due();
create trigger bill_due_of_new after insert on settlement referencing new table as changed for each statement execute function note_bill_due();

create table settlement_backlog (
  single boolean not null default true,
  done_to bigint not null,
  last_order bigint not null,
  constraint settlement_backlog_pkey primary key (single),
  constraint settlement_backlog_single_check check (single)
);

create table settlement_fact (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  order_id bigint,
  tid text not null,
  kind text not null,
  amount_fen bigint not null,
  source text not null,
  created_at timestamptz not null default now(),
  posted_at timestamptz,
  constraint settlement_fact_pkey primary key (id),
  constraint settlement_fact_kind_check check ((kind = any (array['order_refund', 'return_refund', 'void_refund', 'extra_refund', 'refund_only'])))
);
create index settlement_fact_of on settlement_fact using btree (order_id);
create index settlement_fact_open on settlement_fact using btree (id) where ((posted_at is null) and (order_id is null));
create index settlement_fact_source on settlement_fact using btree (shop_id, source);
create unique index settlement_fact_unposted on settlement_fact using btree (shop_id, source, kind) where (posted_at is null);

create table shop (
  id bigint not null generated always as identity,
  platform text not null,
  variant text not null,
  name text not null,
  platform_shop_id text not null default '',
  seller_nick text not null default '',
  credentials bytea,
  token bytea,
  token_expires_at timestamptz,
  refresh_expires_at timestamptz,
  token_version integer not null default 0,
  auth_state text not null default 'none',
  auth_error text not null default '',
  auth_changed_at timestamptz not null default now(),
  enabled boolean not null default true,
  go_live_at timestamptz not null default now(),
  settings jsonb not null default '{}'::jsonb,
  time_zone text not null default 'Asia/Shanghai',
  created_at timestamptz not null default now(),
  constraint shop_pkey primary key (id),
  constraint shop_auth_state_check check ((auth_state = any (array['none', 'live', 'expired'])))
);
create unique index shop_name on shop using btree (name);
create unique index shop_platform_identity on shop using btree (platform, platform_shop_id) where (platform_shop_id <> '');

create table shop_gate (
  shop_id bigint not null,
  paused text[] not null default '{}'::text[],
  ban_until timestamptz,
  changed_at timestamptz not null default now(),
  away_since timestamptz,
  probes integer not null default 0,
  probe_at timestamptz,
  constraint shop_gate_pkey primary key (shop_id),
  constraint shop_gate_check check (((away_since is null) = (probe_at is null)))
);

create table sign_in_failure (
  subject bytea not null,
  failures integer not null,
  locked_until timestamptz,
  last_at timestamptz not null default now(),
  began_at timestamptz not null default now(),
  constraint sign_in_failure_pkey primary key (subject)
);
create index sign_in_failure_last on sign_in_failure using btree (last_at);

create table sku (
  id bigint not null generated always as identity,
  code text not null,
  product_id bigint not null,
  spec text not null default '',
  weight_g integer,
  price_fen bigint,
  reference_fen bigint,
  picture_url text not null default '',
  is_bundle boolean not null default false,
  active boolean not null default true,
  version integer not null default 1,
  words text not null,
  grams integer[] not null generated always as (text_grams(words)) stored,
  standing text not null generated always as (
case
    when active then 'active'
    else 'retired'
end) stored,
  facets integer[] not null generated always as (array[((26 * 67108864) +
case
    when is_bundle then 2
    else 1
end)]) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sku_pkey primary key (id),
  constraint sku_code_key unique (code),
  constraint sku_id_is_bundle_key unique (id, is_bundle),
  constraint sku_code_check check (((code = btrim(code)) and (code <> ''))),
  constraint sku_price_fen_check check ((price_fen >= 0)),
  constraint sku_reference_fen_check check ((reference_fen >= 0)),
  constraint sku_weight_g_check check ((weight_g >= 0))
);
create index sku_by_code on sku using btree (standing, code, id);
create index sku_by_created on sku using btree (standing, created_at, id);
create index sku_by_updated on sku using btree (standing, updated_at, id);
create index sku_facets on sku using gin (facets);
create index sku_grams on sku using gin (grams);
create index sku_of_product on sku using btree (product_id);

create table sku_barcode (
  code text not null,
  sku_id bigint not null,
  constraint sku_barcode_pkey primary key (code),
  constraint sku_barcode_code_check check (((code = btrim(code)) and (code <> '')))
);
create index sku_barcode_of on sku_barcode using btree (sku_id);

create table staged_need (
  trade_id bigint not null,
  shop_id bigint not null,
  item_id text not null,
  platform_sku_id text not null,
  quantity integer not null,
  constraint staged_need_pkey primary key (trade_id, item_id, platform_sku_id),
  constraint staged_need_quantity_check check ((quantity > 0))
);
create index staged_need_of on staged_need using btree (shop_id, item_id, platform_sku_id) include (quantity);

create table staged_need_due (
  id bigint not null generated always as identity,
  trade_id bigint not null,
  constraint staged_need_due_pkey primary key (id)
);
create index staged_need_due_trade on staged_need_due using btree (trade_id);

create table staged_refund (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  refund_no text not null,
  tid text not null,
  oid text not null default '',
  state text not null,
  state_at timestamptz not null default now(),
  state_by text not null default '',
  modified_at timestamptz not null,
  version text not null,
  status text not null,
  platform_status text not null,
  kind text not null,
  phase text not null,
  amount_fen bigint not null,
  quantity integer not null,
  deadline timestamptz,
  detail_missing boolean not null default false,
  created_on_platform timestamptz not null,
  reason text not null default '',
  decided_on jsonb,
  order_id bigint,
  order_no text not null default '',
  outcome text not null default '',
  error text not null default '',
  facets integer[] not null,
  people bigint[] not null default '{}'::bigint[],
  title text not null default '',
  spec text not null default '',
  picture_url text not null default '',
  outer_id text not null default '',
  buyer_reason text not null default '',
  description text not null default '',
  goods_received text not null default 'unknown',
  carrier text not null default '',
  waybill_no text not null default '',
  constraint_word text not null default '',
  buyer_masked text not null default '',
  personal bytea,
  created_at timestamptz not null default now(),
  duty text not null default '',
  duty_note text not null default '',
  duty_by text not null default '',
  duty_at timestamptz,
  doubts jsonb,
  doubts_taken jsonb,
  constraint staged_refund_pkey primary key (id),
  constraint staged_refund_refund_no_shop_id_key unique (refund_no, shop_id),
  constraint staged_refund_duty_check check ((duty = any (array['', 'buyer', 'seller', 'warehouse', 'courier', 'platform']))),
  constraint staged_refund_goods_received_check check ((goods_received = any (array['not_received', 'received', 'returned', 'unknown']))),
  constraint staged_refund_kind_check check ((kind = any (array['refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only']))),
  constraint staged_refund_phase_check check ((phase = any (array['onsale', 'aftersale']))),
  constraint staged_refund_state_check check ((state = any (array['staged', 'converted', 'processed', 'refusing', 'refused']))),
  constraint staged_refund_status_check check ((status = any (array['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown'])))
) with (toast_tuple_target=256);
create index staged_refund_by_deadline on staged_refund using btree (state, coalesce(deadline, 'infinity'::timestamptz), id);
create index staged_refund_by_modified on staged_refund using btree (state, modified_at, id);
create index staged_refund_by_state_at on staged_refund using btree (state, state_at, id);
create index staged_refund_facets on staged_refund using gin (facets) with (fastupdate='on', gin_pending_list_limit='2048');
create index staged_refund_gone on staged_refund using btree (modified_at, shop_id) where ((status = 'succeeded') and (state <> 'converted'));
create index staged_refund_people on staged_refund using gin (people) with (fastupdate='on', gin_pending_list_limit='2048');
create index staged_refund_statistics on staged_refund using btree (created_on_platform, id) include (shop_id, kind, status, amount_fen, quantity, duty, buyer_reason, outer_id);
create index staged_refund_trade on staged_refund using btree (tid, shop_id);
create index staged_refund_unfinished on staged_refund using btree (shop_id, id) where detail_missing;

create table staged_trade (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  tid text not null,
  state text not null,
  state_at timestamptz not null default now(),
  state_by text not null default '',
  modified_at timestamptz not null,
  detail_at timestamptz,
  fetched_at timestamptz,
  status text not null,
  platform_status text not null,
  trade_type text not null,
  ordered_at timestamptz,
  paid_at timestamptz,
  ship_by timestamptz,
  cod boolean not null default false,
  final_unpaid boolean not null default false,
  flag smallint not null default 0,
  payment_fen bigint not null default 0,
  post_fee_fen bigint not null default 0,
  discount_fen bigint not null default 0,
  quantity integer not null default 0,
  line_count smallint not null default 0,
  lines_applied smallint not null default 0,
  lines_refunded smallint not null default 0,
  open_refunds integer not null default 0,
  receiver_hash integer not null default 0,
  reason text not null default '',
  order_id bigint,
  order_no text not null default '',
  lane smallint not null,
  facets integer[] not null,
  marks bigint not null default 0,
  keys bigint[] not null default '{}'::bigint[],
  people bigint[] not null default '{}'::bigint[],
  holds text[] not null default '{}'::text[],
  buyer_message text not null default '',
  seller_memo text not null default '',
  buyer_masked text not null default '',
  receiver_masked text not null default '',
  region text not null default '',
  note text not null default '',
  personal bytea,
  created_at timestamptz not null default now(),
  plan_at timestamptz,
  doubts jsonb,
  doubts_taken jsonb,
  subsidy_fen bigint not null default 0,
  constraint staged_trade_pkey primary key (id),
  constraint staged_trade_tid_shop_id_key unique (tid, shop_id),
  constraint staged_trade_state_check check ((state = any (array['fetching', 'staged', 'converted', 'processed']))),
  constraint staged_trade_status_check check ((status = any (array['unpaid', 'paid', 'partly_shipped', 'shipped', 'finished', 'closed_unpaid', 'closed_refunded', 'unknown'])))
) with (fillfactor=90, autovacuum_vacuum_insert_scale_factor=0.01, autovacuum_analyze_scale_factor=0.1);
create index staged_trade_by_paid on staged_trade using btree (state, lane, coalesce(paid_at, '-infinity'::timestamptz), id) include (marks, paid_at, ship_by, state_at);
create index staged_trade_by_ship_by on staged_trade using btree (state, lane, coalesce(ship_by, 'infinity'::timestamptz), id) include (marks, paid_at, ship_by, state_at);
create index staged_trade_by_state_at on staged_trade using btree (state, lane, state_at, id) include (marks, paid_at, ship_by);
create index staged_trade_keys on staged_trade using gin (keys) with (fastupdate='on', gin_pending_list_limit='2048');
create index staged_trade_paid on staged_trade using btree (paid_at, shop_id) where (paid_at is not null);
create index staged_trade_standing on staged_trade using btree (reason, shop_id) where (state = any (array['staged', 'fetching']));
create index staged_trade_to_convert on staged_trade using btree (shop_id, coalesce(paid_at, ordered_at), id) where ((state = 'staged') and (reason = ''));
create trigger staged_needs_of_changed after update on staged_trade referencing old table as held new table as changed for each statement execute function note_staged_needs();
create trigger staged_needs_of_new after insert on staged_trade referencing new table as changed for each statement execute function note_staged_needs();
create trigger staged_needs_of_removed after delete on staged_trade referencing old table as held for each statement execute function note_staged_needs();
create trigger staged_trade_person_of_changed after update of people on staged_trade for each row when ((old.people is distinct from new.people)) execute function move_staged_trade_person();
create trigger staged_trade_person_of_new after insert on staged_trade referencing new table as changed for each statement execute function note_staged_trade_person();
create trigger staged_trade_person_of_removed after delete on staged_trade for each row execute function move_staged_trade_person();
create trigger staged_trade_weeks_of_changed after update on staged_trade referencing new table as changed for each statement execute function note_staged_trade_weeks();
create trigger staged_trade_weeks_of_new after insert on staged_trade referencing new table as changed for each statement execute function note_staged_trade_weeks();
alter table staged_trade alter column facets set statistics 400;

create table staged_trade_lines (
  trade_id bigint not null,
  lines jsonb not null,
  constraint staged_trade_lines_pkey primary key (trade_id)
);

create table staged_trade_person (
  key bigint not null,
  id bigint not null,
  constraint staged_trade_person_pkey primary key (key, id)
) with (autovacuum_analyze_scale_factor=0.1);

create table staged_trade_week (
  state text not null,
  lane smallint not null,
  key_week smallint not null,
  paid_week smallint not null,
  ship_by_week smallint not null,
  state_at_week smallint not null,
  id_block integer not null,
  constraint staged_trade_week_pkey primary key (state, lane, key_week, paid_week, ship_by_week, state_at_week, id_block)
);

create table stock (
  warehouse_id bigint not null,
  sku_id bigint not null,
  on_hand integer not null default 0,
  reserved integer not null default 0,
  locked integer not null default 0,
  short integer not null default 0,
  constraint stock_pkey primary key (warehouse_id, sku_id),
  constraint stock_check check (((reserved + locked) <= on_hand)),
  constraint stock_locked_check check ((locked >= 0)),
  constraint stock_reserved_check check ((reserved >= 0)),
  constraint stock_short_check check ((short >= 0))
) with (fillfactor=50);
create index stock_locked on stock using btree (sku_id, warehouse_id) where (locked > 0);
create index stock_of_sku on stock using btree (sku_id, warehouse_id);
create index stock_short on stock using btree (sku_id, warehouse_id) where (short > 0);

create table stock_change (
  sku_id bigint not null,
  version bigint not null,
  changed_at timestamptz not null,
  taken bigint not null default 0,
  dirty boolean not null generated always as ((version > taken)) stored,
  constraint stock_change_pkey primary key (sku_id)
) with (fillfactor=50);
create index stock_change_dirty on stock_change using btree (sku_id) where dirty;

create table stock_document (
  id bigint not null generated always as identity,
  no text not null,
  kind text not null,
  status text not null,
  version integer not null default 1,
  warehouse_id bigint not null,
  to_warehouse_id bigint,
  lock_kind text,
  starts_at timestamptz,
  ends_at timestamptz,
  note text not null default '',
  quantity integer not null,
  line_count integer not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  approved_by text,
  approved_at timestamptz,
  sent_by text,
  sent_at timestamptz,
  posted_by text,
  posted_at timestamptz,
  voided_by text,
  voided_at timestamptz,
  released_by text,
  released_at timestamptz,
  constraint stock_document_pkey primary key (id),
  constraint stock_document_no_key unique (no),
  constraint stock_document_check check ((to_warehouse_id <> warehouse_id)),
  constraint stock_document_check1 check (((kind = 'transfer') = (to_warehouse_id is not null))),
  constraint stock_document_check2 check (((kind = 'lock') = (lock_kind is not null))),
  constraint stock_document_check3 check (((not (lock_kind is distinct from 'promotion')) = ((starts_at is not null) and (ends_at is not null)))),
  constraint stock_document_check4 check ((starts_at < ends_at)),
  constraint stock_document_kind_check check ((kind = any (array['adjustment', 'transfer', 'count', 'lock']))),
  constraint stock_document_lock_kind_check check ((lock_kind = any (array['normal', 'promotion']))),
  constraint stock_document_status_check check ((status = any (array['draft', 'approved', 'sent', 'posted', 'voided'])))
);
create index stock_document_by_status on stock_document using btree (status, id);

create table stock_document_line (
  document_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  quantity integer not null,
  book integer,
  released integer not null default 0,
  constraint stock_document_line_pkey primary key (document_id, line_no),
  constraint stock_document_line_document_id_sku_id_key unique (document_id, sku_id),
  constraint stock_document_line_released_check check ((released >= 0))
);

create table stock_movement (
  id bigint not null generated always as identity,
  at timestamptz not null default now(),
  warehouse_id bigint not null,
  sku_id bigint not null,
  quantity integer not null,
  document_kind text not null,
  document_id bigint not null,
  line_no smallint not null,
  step smallint not null,
  created_by text not null,
  constraint stock_movement_pkey primary key (document_kind, document_id, line_no, warehouse_id, sku_id, step),
  constraint stock_movement_document_kind_check check ((document_kind = any (array['order', 'adjustment', 'transfer', 'count', 'return', 'parcel']))),
  constraint stock_movement_quantity_check check ((quantity <> 0))
);
create index stock_movement_of on stock_movement using btree (warehouse_id, sku_id, id);

create table stock_upload (
  id bigint not null,
  shop_id bigint not null,
  item_id text not null,
  rule jsonb,
  paused boolean not null default false,
  shop_on boolean not null default false,
  quantity integer,
  trace jsonb,
  version bigint not null default 0,
  calculated_at timestamptz,
  told_quantity integer,
  told_version bigint not null default 0,
  told_at timestamptz,
  action_id bigint,
  problem text not null default '',
  problem_text text not null default '',
  problem_at timestamptz,
  created_at timestamptz not null default now(),
  standing text not null generated always as (
case
    when paused then 'paused'
    when ((not shop_on) or (problem = 'gone')) then 'off'
    when (problem <> '') then 'failed'
    when ((told_version > 0) and (action_id is null)) then 'synced'
    else 'waiting'
end) stored,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer)]) stored,
  constraint stock_upload_pkey primary key (id),
  constraint stock_upload_check check (((problem = '') = (problem_at is null))),
  constraint stock_upload_quantity_check check ((quantity >= 0))
) with (fillfactor=80);
create index stock_upload_by_created on stock_upload using btree (standing, created_at, id);
create index stock_upload_facets on stock_upload using gin (facets);
create index stock_upload_item on stock_upload using btree (shop_id, item_id);

create table stream_cursor (
  shop_id bigint not null,
  stream text not null,
  complete_to timestamptz not null,
  fence bigint not null default 0,
  moved_at timestamptz not null default now(),
  constraint stream_cursor_pkey primary key (shop_id, stream)
);

create table task (
  id bigint not null generated always as identity,
  kind text not null,
  shop_id bigint,
  name text not null default '',
  enabled boolean not null default true,
  interval_seconds integer,
  cron text,
  time_zone text not null default 'Asia/Shanghai',
  params jsonb not null default '{}'::jsonb,
  next_run_at timestamptz not null default now(),
  run_id bigint,
  worker text,
  lease_until timestamptz,
  last_run_id bigint,
  failures integer not null default 0,
  losses integer not null default 0,
  updated_at timestamptz not null default now(),
  constraint task_pkey primary key (id),
  constraint task_kind_shop_id_name_key unique nulls not distinct (kind, shop_id, name),
  constraint task_check check (((interval_seconds is null) <> (cron is null))),
  constraint task_check1 check (((run_id is null) = (lease_until is null))),
  constraint task_interval_seconds_check check (((interval_seconds >= 1) and (interval_seconds <= 604800)))
);
create index task_due on task using btree (next_run_at) where (enabled and (run_id is null));
create index task_leased on task using btree (lease_until) where (run_id is not null);
create index task_of_shop on task using btree (shop_id);

create table task_run (
  id bigint not null generated always as identity,
  task_id bigint not null,
  kind text not null,
  shop_id bigint,
  trigger text not null,
  state text not null,
  requested_by jsonb,
  requested_at timestamptz not null default now(),
  asked_from timestamptz,
  asked_to timestamptz,
  params jsonb not null default '{}'::jsonb,
  attempt integer not null default 1,
  worker text,
  fence bigint,
  stop_requested boolean not null default false,
  started_at timestamptz,
  ended_at timestamptz,
  window_from timestamptz,
  window_to timestamptz,
  pages integer not null default 0,
  seen integer not null default 0,
  created integer not null default 0,
  updated integer not null default 0,
  skipped jsonb not null default '{}'::jsonb,
  failed integer not null default 0,
  requests integer not null default 0,
  report jsonb,
  error_code text not null default '',
  error text not null default '',
  constraint task_run_pkey primary key (id),
  constraint task_run_state_check check ((state = any (array['queued', 'running', 'done', 'failed', 'stopped', 'lost']))),
  constraint task_run_trigger_check check ((trigger = any (array['schedule', 'person', 'again'])))
);
create index task_run_by_kind on task_run using btree (kind, id desc);
create index task_run_by_shop on task_run using btree (shop_id, id desc);
create index task_run_by_state on task_run using btree (state, id desc) where (state <> 'done');
create index task_run_by_task on task_run using btree (task_id, id desc);
create index task_run_queued on task_run using btree (task_id, id) where (state = 'queued');
create index task_run_requested on task_run using btree (requested_at);

create table trade_event (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  tid text not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  constraint trade_event_pkey primary key (tid, shop_id, id),
  constraint trade_event_actor_kind_check check ((actor_kind = any (array['user', 'api_key', 'task', 'system'])))
);

create table trade_fetch (
  trade_id bigint not null,
  shop_id bigint not null,
  tid text not null,
  wanted_at timestamptz not null,
  urgent boolean not null default false,
  tries integer not null default 0,
  error text not null default '',
  next_at timestamptz not null default now(),
  lease_until timestamptz,
  claim integer not null default 0,
  asked_after timestamptz not null default '-infinity'::timestamptz,
  constraint trade_fetch_pkey primary key (trade_id)
);
create index trade_fetch_due on trade_fetch using btree (shop_id, urgent desc, next_at);
create index trade_fetch_failing on trade_fetch using btree (shop_id, tries) where (tries >= 3);

create table unasked_parcel (
  delivery_id bigint not null,
  round integer not null,
  order_id bigint not null,
  shop_id bigint not null,
  tid text not null,
  left_at timestamptz not null default now(),
  known_to timestamptz,
  let_by text not null,
  answered_at timestamptz,
  outcome text not null default '',
  constraint unasked_parcel_pkey primary key (delivery_id, round),
  constraint unasked_parcel_check check (((answered_at is null) = (outcome = ''))),
  constraint unasked_parcel_let_by_check check ((let_by = any (array['patience', 'setting']))),
  constraint unasked_parcel_outcome_check check ((outcome = any (array['', 'clear', 'refund', 'undone'])))
);
create index unasked_parcel_open on unasked_parcel using btree (shop_id, left_at) where (answered_at is null);

create table unclaimed_line (
  parcel_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  good integer not null,
  defective integer not null,
  constraint unclaimed_line_pkey primary key (parcel_id, line_no),
  constraint unclaimed_line_parcel_id_sku_id_key unique (parcel_id, sku_id),
  constraint unclaimed_line_check check (((good + defective) > 0)),
  constraint unclaimed_line_defective_check check ((defective >= 0)),
  constraint unclaimed_line_good_check check ((good >= 0))
);
create index unclaimed_line_sku on unclaimed_line using btree (sku_id);

create table unclaimed_parcel (
  id bigint not null generated always as identity,
  no text not null,
  status text not null,
  warehouse_id bigint not null,
  courier text not null default '',
  waybill_no text not null default '',
  phone_key bigint,
  note text not null default '',
  quantity integer not null,
  return_id bigint,
  return_no text not null default '',
  claimed_how text not null default '',
  created_at timestamptz not null default now(),
  created_by text not null,
  stocked_at timestamptz,
  stocked_by text,
  claimed_at timestamptz,
  claimed_by text,
  facets integer[] not null generated always as (array[((23 * 67108864) + (warehouse_id)::integer)]) stored,
  constraint unclaimed_parcel_pkey primary key (id),
  constraint unclaimed_parcel_no_key unique (no),
  constraint unclaimed_parcel_check check (((status = 'claimed') = (return_id is not null))),
  constraint unclaimed_parcel_claimed_how_check check ((claimed_how = any (array['', 'waybill', 'person']))),
  constraint unclaimed_parcel_status_check check ((status = any (array['unclaimed', 'stocked', 'claimed'])))
) with (fillfactor=80);
create index unclaimed_parcel_by_created on unclaimed_parcel using btree (status, created_at, id);
create index unclaimed_parcel_facets on unclaimed_parcel using gin (facets);
create index unclaimed_parcel_return on unclaimed_parcel using btree (return_id) where (return_id is not null);
create unique index unclaimed_parcel_waybill on unclaimed_parcel using btree (waybill_no) where ((waybill_no <> '') and (status <> 'claimed'));

create table upload_shop (
  shop_id bigint not null,
  enabled boolean not null default false,
  rule jsonb not null,
  version integer not null default 1,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  constraint upload_shop_pkey primary key (shop_id)
);

create table user_credential (
  id bigint not null generated always as identity,
  user_id bigint not null,
  account_id text not null,
  provider_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_credential_pkey primary key (id),
  constraint user_credential_user_id_provider_id_key unique (user_id, provider_id)
);
create unique index user_credential_account on user_credential using btree (provider_id, account_id);

create table user_role (
  user_id bigint not null,
  role_id bigint not null,
  constraint user_role_pkey primary key (user_id, role_id)
);
create index user_role_role on user_role using btree (role_id);

create table user_session (
  id bigint not null generated always as identity,
  user_id bigint not null,
  token text not null,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_session_pkey primary key (id),
  constraint user_session_token_key unique (token)
);
create index user_session_expiry on user_session using btree (expires_at);
create index user_session_user on user_session using btree (user_id);

create table user_two_factor (
  id bigint not null generated always as identity,
  user_id bigint not null,
  secret text not null,
  backup_codes text not null,
  verified boolean not null default true,
  failed_verification_count integer not null default 0,
  locked_until timestamptz,
  last_step bigint not null default 0,
  constraint user_two_factor_pkey primary key (id),
  constraint user_two_factor_user_id_key unique (user_id)
);

create table user_verification (
  id bigint not null generated always as identity,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_verification_pkey primary key (id)
);
create index user_verification_identifier on user_verification using btree (identifier);

create table warehouse (
  id bigint not null generated always as identity,
  code text not null,
  name text not null,
  kind text not null,
  province text not null default '',
  city text not null default '',
  priority integer not null default 100,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  defective_of bigint,
  constraint warehouse_pkey primary key (id),
  constraint warehouse_code_key unique (code),
  constraint warehouse_defective_of_key unique (defective_of),
  constraint warehouse_name_key unique (name),
  constraint warehouse_kind_check check (((kind = any (array['own', 'outer', 'defective'])) and ((kind = 'defective') = (defective_of is not null))))
);

alter table api_key add constraint api_key_created_by_fkey foreign key (created_by) references app_user(id);
alter table batch add constraint batch_retry_of_fkey foreign key (retry_of) references batch(id) on delete set null;
alter table batch_chunk add constraint batch_chunk_batch_id_fkey foreign key (batch_id) references batch(id) on delete cascade;
alter table batch_refusal add constraint batch_refusal_batch_id_fkey foreign key (batch_id) references batch(id) on delete cascade;
alter table bundle_part add constraint bundle_part_bundle_id_bundle_fkey foreign key (bundle_id, bundle) references sku(id, is_bundle);
alter table bundle_part add constraint bundle_part_part_id_part_fkey foreign key (part_id, part) references sku(id, is_bundle);
alter table confirm_rules add constraint confirm_rules_shop_id_fkey foreign key (shop_id) references shop(id);
alter table download_queue add constraint download_queue_shop_id_fkey foreign key (shop_id) references shop(id);
alter table extra_refund add constraint extra_refund_order_id_fkey foreign key (order_id) references sales_order(id);
alter table extra_refund add constraint extra_refund_shop_id_fkey foreign key (shop_id) references shop(id);
alter table listing add constraint listing_shop_id_fkey foreign key (shop_id) references shop(id);
alter table listing add constraint listing_sku_id_fkey foreign key (sku_id) references sku(id);
alter table one_time_link add constraint one_time_link_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table order_difference add constraint order_difference_order_id_fkey foreign key (order_id) references sales_order(id);
alter table order_hold add constraint order_hold_order_id_fkey foreign key (order_id) references sales_order(id);
alter table order_refund add constraint order_refund_order_id_fkey foreign key (order_id) references sales_order(id);
alter table parked_item add constraint parked_item_shop_id_fkey foreign key (shop_id) references shop(id);
alter table platform_action add constraint platform_action_shop_id_fkey foreign key (shop_id) references shop(id);
alter table refund_waiver add constraint refund_waiver_order_id_fkey foreign key (order_id) references sales_order(id);
alter table removed_mark add constraint removed_mark_shop_id_fkey foreign key (shop_id) references shop(id);
alter table return_line add constraint return_line_return_id_fkey foreign key (return_id) references return_order(id);
alter table return_problem add constraint return_problem_return_id_fkey foreign key (return_id) references return_order(id);
alter table return_receipt add constraint return_receipt_return_id_fkey foreign key (return_id) references return_order(id);
alter table saved_view add constraint saved_view_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table settlement_fact add constraint settlement_fact_order_id_fkey foreign key (order_id) references sales_order(id);
alter table shop_gate add constraint shop_gate_shop_id_fkey foreign key (shop_id) references shop(id) on delete cascade;
alter table sku add constraint sku_product_id_fkey foreign key (product_id) references product(id);
alter table sku_barcode add constraint sku_barcode_sku_id_fkey foreign key (sku_id) references sku(id);
alter table staged_refund add constraint staged_refund_order_id_fkey foreign key (order_id) references sales_order(id);
alter table staged_refund add constraint staged_refund_shop_id_fkey foreign key (shop_id) references shop(id);
alter table stock_document add constraint stock_document_to_warehouse_id_fkey foreign key (to_warehouse_id) references warehouse(id);
alter table stock_document add constraint stock_document_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);
alter table stock_document_line add constraint stock_document_line_document_id_fkey foreign key (document_id) references stock_document(id);
alter table stock_document_line add constraint stock_document_line_sku_id_fkey foreign key (sku_id) references sku(id);
alter table stock_upload add constraint stock_upload_id_fkey foreign key (id) references listing(id);
alter table stream_cursor add constraint stream_cursor_shop_id_fkey foreign key (shop_id) references shop(id) on delete cascade;
alter table task add constraint task_shop_id_fkey foreign key (shop_id) references shop(id) on delete cascade;
alter table task_run add constraint task_run_task_id_fkey foreign key (task_id) references task(id) on delete cascade;
alter table trade_fetch add constraint trade_fetch_trade_id_fkey foreign key (trade_id) references staged_trade(id) on delete cascade;
alter table unclaimed_line add constraint unclaimed_line_parcel_id_fkey foreign key (parcel_id) references unclaimed_parcel(id);
alter table unclaimed_line add constraint unclaimed_line_sku_id_fkey foreign key (sku_id) references sku(id);
alter table upload_shop add constraint upload_shop_shop_id_fkey foreign key (shop_id) references shop(id);
alter table user_credential add constraint user_credential_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table user_role add constraint user_role_role_id_fkey foreign key (role_id) references role(id);
alter table user_role add constraint user_role_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table user_session add constraint user_session_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table user_two_factor add constraint user_two_factor_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table warehouse add constraint warehouse_defective_of_fkey foreign key (defective_of) references warehouse(id);

create statistics sales_order_places (mcv) on status, lane from sales_order;
create statistics staged_trade_places (mcv) on state, lane from staged_trade;
