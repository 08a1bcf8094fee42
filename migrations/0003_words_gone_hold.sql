-- Reads the tables while others write them; 0002 has said what is checked.
alter table order_hold validate constraint order_hold_reason_check;
alter table order_difference validate constraint order_difference_kind_check;
alter table staged_refund validate constraint staged_refund_reason_check;
