-- Reads the tables while others write them; 0094 has said what is checked.
alter table staged_trade validate constraint staged_trade_status_check;
alter table staged_refund validate constraint staged_refund_status_check;
alter table staged_refund validate constraint staged_refund_kind_check;
alter table staged_refund validate constraint staged_refund_goods_received_check;
alter table refund_notice validate constraint refund_notice_refund_status_check;
alter table refund_notice validate constraint refund_notice_kind_check;
alter table order_refund validate constraint order_refund_refund_status_check;
alter table order_refund validate constraint order_refund_kind_check;
alter table refund_waiver validate constraint refund_waiver_refund_status_check;
alter table refund_waiver validate constraint refund_waiver_kind_check;
alter table return_order validate constraint return_order_refund_status_check;
alter table order_hold validate constraint order_hold_reason_check;
alter table order_event validate constraint order_event_actor_kind_check;
alter table trade_event validate constraint trade_event_actor_kind_check;
alter table refund_event validate constraint refund_event_actor_kind_check;
alter table return_event validate constraint return_event_actor_kind_check;
alter table house_process validate constraint house_process_kind_check;
