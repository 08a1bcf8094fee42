-- Columns of few words say so, as the others do. Not validated here: the scan would hold the tables' heaviest lock. 0095 does that.
-- A word that a platform invents cannot come here: connectors map it to `unknown` or `other`, which are listed, and keep the platform's own word beside it
-- (`platform_status`), which has no CHECK. `trade_type` of `staged_trade` and `download_queue` has none either: until the detail is here, it
-- is the platform's own word. Kinds of actions, tasks, events and problems are declared in code and need no migration.

alter table staged_trade add constraint staged_trade_status_check check (status in
  ('unpaid', 'paid', 'partly_shipped', 'shipped', 'finished', 'closed_unpaid', 'closed_refunded', 'unknown')) not valid;

alter table staged_refund
  add constraint staged_refund_status_check check (status in ('applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown')) not valid,
  add constraint staged_refund_kind_check check (kind in
    ('refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only')) not valid,
  add constraint staged_refund_goods_received_check check (goods_received in ('not_received', 'received', 'returned', 'unknown')) not valid;

alter table refund_notice
  add constraint refund_notice_refund_status_check check (refund_status in ('applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown')) not valid,
  add constraint refund_notice_kind_check check (kind in
    ('refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only')) not valid;

alter table order_refund
  add constraint order_refund_refund_status_check check (refund_status in ('applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown')) not valid,
  add constraint order_refund_kind_check check (kind in
    ('refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only')) not valid;

-- Waivers from before they knew the kind may have none.
alter table refund_waiver
  add constraint refund_waiver_refund_status_check check (refund_status in ('applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown')) not valid,
  add constraint refund_waiver_kind_check check (kind in
    ('', 'refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only')) not valid;

-- Empty: the return is of no refund.
alter table return_order add constraint return_order_refund_status_check check (refund_status in
  ('', 'applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown')) not valid;

alter table order_hold add constraint order_hold_reason_check check (reason in
  ('ask_buyer', 'address', 'price', 'stock', 'risk', 'other', 'gift', 'refund_open', 'unmatched', 'platform_closed', 'shipped_elsewhere',
   'address_changed', 'goods_changed', 'line_left')) not valid;

alter table order_event add constraint order_event_actor_kind_check check (actor_kind in ('user', 'api_key', 'task', 'system')) not valid;
alter table trade_event add constraint trade_event_actor_kind_check check (actor_kind in ('user', 'api_key', 'task', 'system')) not valid;
alter table refund_event add constraint refund_event_actor_kind_check check (actor_kind in ('user', 'api_key', 'task', 'system')) not valid;
alter table return_event add constraint return_event_actor_kind_check check (actor_kind in ('user', 'api_key', 'task', 'system')) not valid;

alter table house_process add constraint house_process_kind_check check (kind in ('web', 'worker')) not valid;
