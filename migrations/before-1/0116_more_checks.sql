-- Reasons and failures that the code lists are checked as well, and counts of pieces and tries do not fall below zero. Validated by 0117.
alter table staged_trade add constraint staged_trade_reason_check check (reason in
  ('', 'fetching', 'unknown_status', 'closed', 'not_paid', 'final_unpaid', 'platform_hold', 'shipped_elsewhere', 'refund_open',
   'all_refunded', 'before_go_live', 'duplicate', 'doubtful')) not valid;
alter table staged_refund add constraint staged_refund_reason_check check (reason in
  ('', 'no_original', 'original_fetching', 'unknown_status', 'before_decision', 'doubtful')) not valid;
alter table stock_upload add constraint stock_upload_problem_check check (problem in
  ('', 'gone', 'unmatched', 'listing_gone', 'refused', 'not_told', 'manual')) not valid;
alter table return_order add constraint return_order_pieces_check check (quantity >= 0 and good >= 0 and defective >= 0) not valid;
alter table return_receipt add constraint return_receipt_pieces_check check (good >= 0 and defective >= 0) not valid;
alter table task add constraint task_failures_check check (failures >= 0 and losses >= 0) not valid;
alter table platform_action add constraint platform_action_tries_check check (attempt >= 0 and looks >= 0 and claim >= 0) not valid;

-- The key by which an entry is found has a name of its own instead of a place in the array.
alter table blacklist_entry add column first_key bigint not null generated always as (keys[1]) stored;
drop index blacklist_entry_live;
create index blacklist_entry_live on blacklist_entry (first_key) where removed_at is null;
comment on column blacklist_entry.keys is 'Search keys without a month.';
comment on column blacklist_entry.first_key is 'One of the keys, for the index: whoever has all keys has this one.';
comment on column sales_order.people is 'Keys by which the buyer is found: month, kind and keyed hash in one number; that of the phone is the first.';
comment on column staged_trade.people is 'Keys by which the buyer is found: month, kind and keyed hash in one number; that of the phone is the first.';
