-- The list of staged trades is read from plain indexes too (docs/decisions/0022). What changes with a trade's life becomes facets, which writers keep:
-- after that of its refunds stand the status, the reason and the state. Words are counted as the code counts them. The table is rewritten once,
-- about half a minute a million trades with its indexes.

drop function note_staged_trade_weeks cascade;
drop procedure keep_weeks;
drop table staged_trade_week;
drop function list_week, lane_statistics;
drop statistics staged_trade_places;
drop index staged_trade_by_paid, staged_trade_by_ship_by, staged_trade_by_state_at, staged_trade_keys;

alter table staged_trade
  drop column lane, drop column marks, drop column keys,
  alter column facets type integer[] using facets[1:1] || array[
    5 * 67108864 + array_position(
      array['unpaid', 'paid', 'partly_shipped', 'shipped', 'finished', 'closed_unpaid', 'closed_refunded', 'unknown'],
      case state when 'fetching' then 'unknown' else status end),
    2 * 67108864 + coalesce(array_position(
      array['fetching', 'unknown_status', 'closed', 'not_paid', 'final_unpaid', 'platform_hold', 'shipped_elsewhere', 'refund_open',
        'all_refunded', 'before_go_live', 'duplicate', 'doubtful'], reason), 0),
    67108864 + array_position(array['fetching', 'staged', 'converted', 'processed'], state)
  ] || facets[2:];

create index staged_trade_by_paid on staged_trade (state, coalesce(paid_at, '-infinity'::timestamptz), id);
create index staged_trade_by_ship_by on staged_trade (state, coalesce(ship_by, 'infinity'::timestamptz), id);
create index staged_trade_by_state_at on staged_trade (state, state_at, id);
create index staged_trade_facets on staged_trade using gin (facets) with (fastupdate = on, gin_pending_list_limit = 2048);
analyze staged_trade;
