-- Words that no code has ever written are allowed no more, and two times that nothing reads go. The checks of old rows are in 0003.
alter table order_hold drop constraint order_hold_reason_check;
alter table order_hold add constraint order_hold_reason_check check (reason in
  ('ask_buyer', 'address', 'price', 'stock', 'risk', 'other', 'gift', 'refund_open', 'unmatched', 'platform_closed', 'shipped_elsewhere',
   'address_changed', 'line_left')) not valid;
alter table order_difference drop constraint order_difference_kind_check;
alter table order_difference add constraint order_difference_kind_check check (kind in
  ('address', 'memo', 'flag', 'message', 'closed', 'shipped_elsewhere', 'payment', 'left_line')) not valid;
alter table staged_refund drop constraint staged_refund_reason_check;
alter table staged_refund add constraint staged_refund_reason_check check (reason in
  ('', 'no_original', 'original_fetching', 'unknown_status', 'doubtful')) not valid;

alter table order_source drop column made_at;
alter table gift_rule_version drop column saved_at;

comment on table settlement_backlog is 'How far the task post_settlements of 0.1.0 went. No code reads or writes it; kept while that release may run.';
comment on table settlement_fact is 'Money from before there were settlements. No code reads or writes it; kept while the release 0.1.0, whose task posts it, may run.';
comment on column settlement_fact.posted_at is 'Null: not posted.';
