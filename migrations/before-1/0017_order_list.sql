-- The list of orders walks weeks of lanes and looks up keys, as that of trades does (docs/decisions/0001). What it needs
-- follows from an order's columns, so the database keeps it, and no writer can forget it.

-- The first facet of a space (lib/facets.ts: a facet is its space, and 26 bits); 0: there is none.
create function facet_in(facets integer[], space integer) returns integer language plpgsql immutable parallel safe as $$
declare one integer;
begin
  foreach one in array facets loop
    if one >> 26 = space then return one; end if;
  end loop;
  return 0;
end $$;

-- The facets behind `base`, without those that are never looked up. A loop is three times as fast as a sub-select here.
create function facet_keys(base bigint, facets integer[], common integer[]) returns bigint[] language plpgsql immutable parallel safe as $$
declare one integer; keys bigint[] := '{}';
begin
  foreach one in array facets loop
    if one <> all (common) then keys := keys || (base + one); end if;
  end loop;
  return keys;
end $$;

drop index sales_order_by_created, sales_order_by_paid, sales_order_by_ship_by, sales_order_facets;

-- One pass over the table. The warehouse becomes a facet (space 23) behind the others. Two arrays are joined, since what
-- `array || element` gives is freed by the first function that reads it here (PostgreSQL 18.4 then crashes at the second).
alter table sales_order
  alter column facets type integer[] using facets || array_remove(array[(23 * 67108864 + warehouse_id)::integer], null),
  -- What an order stands still for, or is planned for: rows of one lane age alike. 0 nothing, 1 held, 2 problem, 3 differs,
  -- 4 short, 5 planned, 6 several of these (orders/order-marks.ts).
  add column lane smallint not null generated always as (
    case (facets[2] & 1) + (open_problems > 0)::integer + (facets[3] & 1) + (facets[5] >> 1 & 1) + (ship_after is not null)::integer
      when 0 then 0
      when 1 then case when facets[2] & 1 = 1 then 1 when open_problems > 0 then 2 when facets[3] & 1 = 1 then 3
        when facets[5] >> 1 & 1 = 1 then 4 else 5 end
      else 6 end) stored,
  -- The facets of few values as fields of one number (orders/order-marks.ts): what a walk along an index tests.
  add column marks bigint not null generated always as (
    case when shop_id < 65536 then shop_id else 0 end
    | ((facet_in(facets, 6) & 15)::bigint << 16)
    | (flag::bigint << 20)
    | ((buyer_message <> '')::integer::bigint << 23)
    | ((seller_memo <> '')::integer::bigint << 24)
    | (cod::integer::bigint << 25)
    | ((facets @> array[8 * 67108864 + 4])::integer::bigint << 26)
    | (coalesce(array_position(array[1014352421, 1029916493, 1021884081, 1051375984, 1031010985, 1060002369, 1012862635, 1062766101,
        1065280274, 1053560265, 1073632554, 1070954405, 1041239463, 1015818683, 1059070227, 1072215326, 1044022141, 1027244522,
        1061646286, 1053100106, 1021232102, 1014992996, 1033012810, 1028892872, 1073660425, 1027102978, 1067704399, 1063195161,
        1064801165, 1025260610, 1043472228, 1016602372, 1044544064, 1060117135], facet_in(facets, 15)), 0)::bigint << 27)
    | (coalesce(array_position(array['manual', 'import', 'copy', 'reship'], origin), 0)::bigint << 33)
    | ((facet_in(facets, 30) & 31)::bigint << 36)
    | (urgent::integer::bigint << 41)
    | ((locked_by is not null)::integer::bigint << 42)
    | ((facets[2] & 1)::bigint << 43)
    | ((facets[3] & 1)::bigint << 44)
    | ((open_problems > 0)::integer::bigint << 45)
    | ((ship_after is not null)::integer::bigint << 46)
    | ((facets[5] & 7)::bigint << 47)
    | ((facets[4] & 3)::bigint << 50)
    | (case when warehouse_id < 2048 then warehouse_id else 0 end << 52)) stored,
  -- The facets worth looking up, each behind the status (from bit 46) and the week of its order (from bit 31).
  add column keys bigint[] not null generated always as (facet_keys(
    ((facets[1] & 7)::bigint << 46) | (list_week(created_at)::bigint << 31), facets,
    array[6 * 67108864 + 1, 7 * 67108864, 8 * 67108864 + 4, 8 * 67108864 + 6, 8 * 67108864 + 7, 8 * 67108864 + 8, 8 * 67108864 + 9,
      16 * 67108864 + 1, 16 * 67108864 + 2, 16 * 67108864 + 3, 16 * 67108864 + 4, 16 * 67108864 + 5, 16 * 67108864 + 6,
      17 * 67108864, 18 * 67108864, 19 * 67108864, 27 * 67108864])) stored;

-- The same expressions as in the list's sorts; what conditions read is included.
create index sales_order_by_created on sales_order (status, lane, created_at, id)
  include (marks, paid_at, ship_by, ship_after);
create index sales_order_by_paid on sales_order (status, lane, coalesce(paid_at, '-infinity'::timestamptz), id)
  include (marks, created_at, paid_at, ship_by, ship_after);
create index sales_order_by_ship_by on sales_order (status, lane, coalesce(ship_by, 'infinity'::timestamptz), id)
  include (marks, created_at, paid_at, ship_by, ship_after);
create index sales_order_keys on sales_order using gin (keys) with (fastupdate = on, gin_pending_list_limit = 2048);
-- Own orders on their way: no platform tells that they have arrived.
create index sales_order_own_shipped on sales_order (id) where status = 'shipped' and origin in ('manual', 'import', 'copy', 'reship');
-- Goods are some thousands: their shares must be known to choose between a walk and a look-up.
alter table sales_order alter column facets set statistics 400;
create statistics sales_order_places (mcv) on status, lane from sales_order;
-- A walk reads an index alone where vacuum has passed; an order is written some six times in its first days.
alter table sales_order set (autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_vacuum_scale_factor = 0.02);

-- A list's table of weeks, <list>_week: one row for each combination of group, lane and weeks in which a row ever lay, kept by
-- triggers. `weeks`: each column of it, and the time that it is of. A block of ids tells where rows lie of which a time is
-- not known; of the others it is 0.
create procedure keep_weeks(list text, place text, weeks text[][]) language plpgsql as $$
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
end $$;

call keep_weeks('staged_trade', 'state', array[['key_week', $$coalesce(paid_at, ordered_at, 'epoch')$$],
  ['paid_week', $$coalesce(paid_at, '-infinity')$$], ['ship_by_week', $$coalesce(ship_by, 'infinity')$$], ['state_at_week', 'state_at']]);
call keep_weeks('sales_order', 'status', array[['key_week', 'created_at'],
  ['paid_week', $$coalesce(paid_at, '-infinity')$$], ['ship_by_week', $$coalesce(ship_by, 'infinity')$$]]);
analyze sales_order;
