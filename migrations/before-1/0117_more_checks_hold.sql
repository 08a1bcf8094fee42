-- Reads the tables while others write them; 0116 has said what is checked.
alter table staged_trade validate constraint staged_trade_reason_check;
alter table staged_refund validate constraint staged_refund_reason_check;
alter table stock_upload validate constraint stock_upload_problem_check;
alter table return_order validate constraint return_order_pieces_check;
alter table return_receipt validate constraint return_receipt_pieces_check;
alter table task validate constraint task_failures_check;
alter table platform_action validate constraint platform_action_tries_check;
