-- Reads staged_trade and sales_order once: a minute for some million trades.
-- Trades that were converted unpaid got no payment on their orders when the buyers paid. Stock is then asked for by the task reserve_waiting.
with due as materialized (
  select o.id, t.paid_at from staged_trade t join sales_order o on o.id = t.order_id
  where t.paid_at is not null and o.paid_at is null and not o.cod and o.origin = 'trade' and o.archived_at is null
), paid as (
  update sales_order o set paid_at = d.paid_at, version = o.version + 1, updated_at = now()
  from (
    select id, paid_at from due
    union all
    select part.id, due.paid_at from due join sales_order part on part.split_from = due.id and part.paid_at is null and part.archived_at is null
  ) d
  where o.id = d.id
  returning o.id
)
insert into order_event (order_id, event, actor_kind, actor_id, actor_name, detail)
select id, 'paid', 'system', '', '系统', '{}' from paid;
-- An entry by phone that has no key of a phone fits every buyer of its name, because the platform had withheld the phone.
update blacklist_entry set removed_at = now(), removed_by = '系统'
where kind = 'phone' and removed_at is null and first_key / 4294967296 % 4 = 2;
