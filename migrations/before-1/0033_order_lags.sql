-- How long after an order was made it was paid and must be shipped: each combination that occurs among the orders made in a week. From it
-- a list that is asked for a range of one time learns between which moments its rows lie in the order of another (docs/decisions/0015).

-- Where the steps begin in which such a lag is told, in hours: hourly for three days before and after, daily for a month, then coarsely.
create function list_lag_steps() returns float8[] language sql immutable parallel safe as $$
  select array(
    select step::float8 from (
      select generate_series(-72, 72) union select generate_series(-720, -96, 24) union select generate_series(96, 720, 24)
      union select unnest(array[-8760, -4320, -2160, -1440, 1440, 2160, 4320, 8760])
    ) s (step) order by step)
$$;

-- The step in which a time lies after `since`; 0 is before the first, -1 says that there is no time.
create function list_lag(at timestamptz, since timestamptz) returns smallint language sql immutable parallel safe as $$
  select coalesce(width_bucket(date_part('epoch', at - since) / 3600, list_lag_steps()), -1)::smallint
$$;

create table sales_order_lag (
  key_week smallint not null,
  paid_lag smallint not null,
  ship_by_lag smallint not null,
  primary key (key_week, paid_lag, ship_by_lag)
);

-- Most of what is noted is known: it is only compared.
create function note_sales_order_lags() returns trigger language plpgsql as $$
begin
  insert into sales_order_lag (key_week, paid_lag, ship_by_lag)
  select * from (
    select distinct list_week(created_at) as key_week, list_lag(paid_at, created_at) as paid_lag, list_lag(ship_by, created_at) as ship_by_lag
    from changed) c
  where not exists (select from sales_order_lag l where (l.key_week, l.paid_lag, l.ship_by_lag) = (c.key_week, c.paid_lag, c.ship_by_lag))
  order by key_week, paid_lag, ship_by_lag
  on conflict do nothing;
  return null;
end $$;
create trigger sales_order_lags_of_new after insert on sales_order
  referencing new table as changed for each statement execute function note_sales_order_lags();

-- Few statements change these times, and a trigger that sees whole sets cannot be told which.
create function note_sales_order_lag() returns trigger language plpgsql as $$
begin
  insert into sales_order_lag (key_week, paid_lag, ship_by_lag)
  values (list_week(new.created_at), list_lag(new.paid_at, new.created_at), list_lag(new.ship_by, new.created_at))
  on conflict do nothing;
  return null;
end $$;
create trigger sales_order_lag_of_changed after update of created_at, paid_at, ship_by on sales_order
  for each row when ((new.created_at, new.paid_at, new.ship_by) is distinct from (old.created_at, old.paid_at, old.ship_by))
  execute function note_sales_order_lag();

insert into sales_order_lag
select distinct list_week(created_at), list_lag(paid_at, created_at), list_lag(ship_by, created_at) from sales_order;

-- No platform gives own orders a deadline: a list of them need not look among the orders that have one.
alter table sales_order add constraint sales_order_own_ship_by
  check (ship_by is null or origin not in ('manual', 'import', 'copy', 'reship'));
