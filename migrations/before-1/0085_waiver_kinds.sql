-- Another kind of refund is another matter: whoever let an order leave did so over the kind that it had.
alter table refund_waiver add column kind text not null default '';
update refund_waiver w set kind = n.kind
from sales_order o join refund_notice n on n.shop_id = o.shop_id
where o.id = w.order_id and n.refund_no = w.refund_no;
alter table refund_waiver alter column kind drop default;
