-- What only grows looks the same after two per cent more of it; to sample it anew each time was a processor's hundredth in a busy hour.
alter table order_event set (autovacuum_analyze_scale_factor = 0.1);
alter table reservation set (autovacuum_analyze_scale_factor = 0.1);
alter table settlement set (autovacuum_analyze_scale_factor = 0.1);
alter table sales_order_person set (autovacuum_analyze_scale_factor = 0.1);
alter table staged_trade_person set (autovacuum_analyze_scale_factor = 0.1);
