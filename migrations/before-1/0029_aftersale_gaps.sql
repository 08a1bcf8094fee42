-- 售后: intercepts and returns know each other, and returns know how long the platform waits.

-- The return by which the goods of an intercept's parcel come in, once it has ended: its own, or the one that is left to do.
alter table intercept add column return_id bigint, add column return_no text not null default '';

-- Until then the platform wants its answer to the refund, as the orders last heard of it.
alter table return_order add column deadline timestamptz;
update return_order t set deadline = r.deadline from staged_refund r
where r.shop_id = t.shop_id and r.refund_no = t.refund_no and t.refund_no <> '' and r.deadline is not null;
create index return_order_due on return_order (deadline, id)
  where refund_status in ('applied', 'agreed') and status in ('unconfirmed', 'confirmed', 'received');
