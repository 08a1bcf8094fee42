-- What a busy day asks of every new order, thousands of times a second.

-- Other orders of the same phone, which is the first of a buyer's keys (server/lib/people.ts). The index of all keys lets new
-- rows wait beside it, and each look-up reads through them: 5 ms.
create index sales_order_phone on sales_order ((people[1]));

-- Confirming by rules takes what is new, the earliest payment first, and what stands still in turn, so that neither waits for
-- the other however many there are.
create index sales_order_to_judge on sales_order (shop_id, coalesce(paid_at, '-infinity'::timestamptz), id)
  where status = 'unconfirmed' and open_problems = 0;
drop index sales_order_problem;
create index sales_order_problem on sales_order (shop_id, id) where status = 'unconfirmed' and open_problems > 0;
-- The order that was looked at last of those that stand still; the next run goes on behind it.
alter table confirm_rules add column looked_to bigint not null default 0;

-- Converting by itself takes a shop's trades in the order of their payment.
create index staged_trade_to_convert on staged_trade (shop_id, coalesce(paid_at, ordered_at), id) where state = 'staged' and reason = '';

-- To analyse these takes seconds, for their arrays and the many values that are counted; at the usual 2 % a busy day spends an
-- eighth of a processor on it. What lists ask, the shares of states and facets, moves slowly.
alter table sales_order set (autovacuum_analyze_scale_factor = 0.1);
alter table staged_trade set (autovacuum_analyze_scale_factor = 0.1);
