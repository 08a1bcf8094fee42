-- The list of orders is read from plain indexes: one for each sort, few small ones for rows that lack a time or lie far apart, and one of
-- facets (docs/decisions/0022). Weeks, lags, lanes, marks and keys leave, with the triggers that kept them. Dropping a generated column
-- rewrites nothing; building the indexes takes about fifteen seconds a million orders.

drop function note_sales_order_weeks, note_sales_order_lags, note_sales_order_lag cascade;
drop table sales_order_week, sales_order_lag;
drop function list_lag, list_lag_steps;
drop statistics sales_order_places;
drop index sales_order_by_created, sales_order_by_paid, sales_order_by_ship_by, sales_order_keys;
alter table sales_order drop column lane, drop column marks, drop column keys;
drop function facet_in, facet_keys;

-- The same expressions as the list's sorts.
create index sales_order_by_created on sales_order (status, created_at, id);
create index sales_order_by_paid on sales_order (status, coalesce(paid_at, '-infinity'::timestamptz), id);
create index sales_order_by_ship_by on sales_order (status, coalesce(ship_by, 'infinity'::timestamptz), id);
create index sales_order_facets on sales_order using gin (facets) with (fastupdate = on, gin_pending_list_limit = 2048);

-- An order is paid on the day it is made, and it is due, or planned to leave, within sixteen days: so a range of one time is also a range
-- of the others. The few orders of which that is not so have an index, and those that lack a time.
create function times_are_far(created timestamptz, paid timestamptz, due timestamptz, after timestamptz) returns boolean
language sql immutable parallel safe as $$
  select coalesce(abs(extract(epoch from paid - created)) > 86400, false)
    or coalesce(extract(epoch from due - created) not between 0 and 1382400, false)
    or coalesce(extract(epoch from after - created) not between 0 and 1382400, false)
$$;
create index sales_order_far on sales_order (status, created_at, id) where times_are_far(created_at, paid_at, ship_by, ship_after);
create index sales_order_unpaid on sales_order (status, created_at, id) where paid_at is null;
create index sales_order_undue on sales_order (status, created_at, id) where ship_by is null;

-- Presale orders, in each order of the list and by the date itself.
create index sales_order_planned on sales_order (status, coalesce(ship_after, 'infinity'::timestamptz), id) where ship_after is not null;
create index sales_order_planned_by_created on sales_order (status, created_at, id) where ship_after is not null;
create index sales_order_planned_by_paid on sales_order (status, coalesce(paid_at, '-infinity'::timestamptz), id) where ship_after is not null;
create index sales_order_planned_by_ship_by on sales_order (status, coalesce(ship_by, 'infinity'::timestamptz), id) where ship_after is not null;
analyze sales_order;
