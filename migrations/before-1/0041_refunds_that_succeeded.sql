-- 自动转退单 converts refunds that succeeded by itself; whoever had it on converts all, as before.
update task set enabled = true, next_run_at = now(),
  params = params || jsonb_build_object('allStatuses', enabled)
where kind = 'auto_convert_refunds';
