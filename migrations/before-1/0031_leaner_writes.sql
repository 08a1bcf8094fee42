-- Weeks since 1970; before and after everything for a time that is infinite. Days are counted without asking for a time zone by its
-- name, which cost twice as much: the triggers and keys of the lists ask for some fifteen weeks an order.
create or replace function list_week(at timestamptz) returns smallint language sql immutable parallel safe as $$
  select case when at = 'infinity' then 32767 when at = '-infinity' then -1
    else least(greatest(date_part('day', at - '1970-01-01 00:00:00+00'::timestamptz)::integer / 7, 0), 32766) end::smallint
$$;

-- A gift's line is short. It went to the little room that is left on some old page of full ones, which was then logged whole.
alter table order_line set (fillfactor = 95);
