-- Alarms read what refunds hold: few rows, and none of any other reason.
create index order_hold_refunds on order_hold (held_at, order_id) where reason = 'refund_open' and released_at is null;
