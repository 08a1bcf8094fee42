-- What the overview and the alarms ask every few seconds: each a small index of what stands out, never of everything.

-- Paid orders by the hour. New trades are paid last, so entries are added at its right end.
create index staged_trade_paid on staged_trade (paid_at, shop_id) where paid_at is not null;

-- Details that fail again and again.
create index trade_fetch_failing on trade_fetch (shop_id, tries) where tries >= 3;

-- What could not be understood and waits.
create index parked_item_open on parked_item (shop_id, id) where settled_at is null;

-- Money that went out without going through the conversion.
create index staged_refund_gone on staged_refund (modified_at, shop_id) where status = 'succeeded' and state <> 'converted';

-- Why trades stand, by shop: the figures of the overview are counted in it without touching a row.
create index staged_trade_standing on staged_trade (reason, shop_id) where state in ('staged', 'fetching');
