-- The same subscription of a user exists once. Of those that exist several times the oldest that is on is the single one; the others stay until the user ends them.

alter table report_subscription add column single boolean;
update report_subscription set single = true where id in (
  select distinct on (user_id, report, row_kind, measure, shop_id, every, hour, language) id from report_subscription
  order by user_id, report, row_kind, measure, shop_id, every, hour, language, enabled desc, id);
-- Release before: it leaves `single` empty, so no row of it is refused.
create unique index report_subscription_single
  on report_subscription (user_id, report, row_kind, measure, coalesce(shop_id, 0), every, hour, language) where single;
comment on column report_subscription.single is 'True: no other single one is the same. Null: made before this was asked.';
