-- What could not be read as it should, [{field, line, raw, guess}], and what of it a person has taken. Neither is personal data.
alter table staged_trade add column doubts jsonb, add column doubts_taken jsonb;
alter table staged_refund add column doubts jsonb, add column doubts_taken jsonb;

-- Staged trades with a line whose status is not known wait from now on: converting would leave that line behind.
update staged_trade t
set doubts = d.doubts, reason = 'unknown_status', lane = t.lane - t.lane % 16 + 2
from (
  select w.id, jsonb_agg(jsonb_build_object('field', 'line_status', 'line', line ->> 'oid', 'raw', line ->> 'platformStatus', 'guess', '')) as doubts
  from staged_trade w join staged_trade_lines g on g.trade_id = w.id cross join lateral jsonb_array_elements(g.lines) line
  where w.state = 'staged' and w.status <> 'unknown' and line ->> 'status' = 'unknown' and line ->> 'refund' <> 'succeeded'
  group by w.id
) d
where t.id = d.id and t.reason in ('', 'platform_hold', 'refund_open', 'before_go_live', 'duplicate');

update role set permissions = permissions || '{trades.doubts}' where builtin is null and permissions @> '{trades.convert,refunds.convert}';

-- A line that was left behind when its trade was converted, and can be shipped now.
alter table order_difference drop constraint order_difference_kind_check;
alter table order_difference add constraint order_difference_kind_check
  check (kind in ('address', 'memo', 'flag', 'message', 'closed', 'shipped_elsewhere', 'goods', 'payment', 'left_line')) not valid;
alter table order_difference validate constraint order_difference_kind_check;
