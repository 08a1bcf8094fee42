-- A platform designates other couriers (指定快递) after conversion: a change of the order, with a hold of its own. Old rows are checked in 0050.
alter table order_difference drop constraint order_difference_kind_check;
alter table order_difference add constraint order_difference_kind_check check (kind in
  ('address', 'courier', 'memo', 'flag', 'message', 'closed', 'shipped_elsewhere', 'payment', 'left_line')) not valid;
alter table order_hold drop constraint order_hold_reason_check;
alter table order_hold add constraint order_hold_reason_check check (reason in
  ('ask_buyer', 'address', 'price', 'stock', 'risk', 'other', 'gift', 'refund_open', 'unmatched', 'platform_closed', 'shipped_elsewhere',
   'address_changed', 'courier_changed', 'line_left')) not valid;
