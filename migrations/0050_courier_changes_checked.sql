-- Reads the tables while others write them; 0049 has said what is checked.
alter table order_difference validate constraint order_difference_kind_check;
alter table order_hold validate constraint order_hold_reason_check;
