-- Machines whose clock differs from the database's by minutes, as their workers last saw it.
create table clock_skew (
  machine text primary key,
  -- Positive: ahead of the database.
  ahead_ms bigint not null,
  seen_at timestamptz not null default now()
);

-- Lists of trades and refunds are read every twenty seconds, where nobody chose another time. The tasks of a shop are made in one
-- transaction, and only a person changes one: so a task that nobody touched still bears the time of another one.
update task t set interval_seconds = 20, next_run_at = least(next_run_at, now())
where kind in ('trade_list', 'refund_list') and interval_seconds = 120
  and exists (select from task o where o.shop_id = t.shop_id and o.id <> t.id and o.updated_at = t.updated_at);
