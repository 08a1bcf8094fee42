-- The tables that the migrations of this folder make. Generated: SCHEMA=write node --test server/rules/schema.test.ts

set local check_function_bodies = off;

create sequence batch_no;
create sequence count_task_no;
create sequence delivery_no;
create sequence extra_refund_no;
create sequence label_area_no;
create sequence parcel_id;
create sequence receiver_asking;
create sequence return_order_no;
create sequence run_fence;
create sequence sales_order_no;
create sequence settlement_no;
create sequence stock_document_no;
create sequence unclaimed_parcel_no;
create sequence wave_no;

CREATE OR REPLACE FUNCTION china_day(at timestamp with time zone)
 RETURNS date
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((at AT TIME ZONE 'Asia/Shanghai'::text))::date;

CREATE OR REPLACE FUNCTION keep_audit_rows()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'What was written into % stays as it is.', tg_table_name using errcode = 'insufficient_privilege';
end $function$;

CREATE OR REPLACE PROCEDURE keep_people(IN list text)
 LANGUAGE plpgsql
AS $procedure$
declare
  place constant text := list || '_person';
begin
  execute format('create table %I (key bigint not null, id bigint not null)', place);
  execute format('insert into %I select distinct unnest(people), id from %I', place, list);
  execute format('alter table %I add primary key (key, id)', place);
  execute format('create function %I() returns trigger language plpgsql as $t$
    begin
      insert into %I (key, id) select k.key, c.id from changed c cross join lateral unnest(c.people) k (key) order by 1, 2
      on conflict do nothing;
      return null;
    end $t$', 'note_' || place, place);
  execute format('create function %I() returns trigger language plpgsql as $t$
    begin
      delete from %2$I where id = old.id and key = any(old.people);
      if tg_op = ''UPDATE'' then
        insert into %2$I (key, id) select distinct unnest(new.people), new.id;
      end if;
      return null;
    end $t$', 'move_' || place, place);
  execute format('create trigger %I after insert on %I
    referencing new table as changed for each statement execute function %I()', place || '_of_new', list, 'note_' || place);
  execute format('create trigger %I after update of people on %I
    for each row when (old.people is distinct from new.people) execute function %I()', place || '_of_changed', list, 'move_' || place);
  execute format('create trigger %I after delete on %I
    for each row execute function %I()', place || '_of_removed', list, 'move_' || place);
  execute format('analyze %I', place);
end $procedure$;

CREATE OR REPLACE FUNCTION make_order_live()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.archived_at := null;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION move_sales_order_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      delete from sales_order_person where id = old.id and key = any(old.people);
      if tg_op = 'UPDATE' then
        insert into sales_order_person (key, id) select distinct unnest(new.people), new.id;
      end if;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION move_staged_trade_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      delete from staged_trade_person where id = old.id and key = any(old.people);
      if tg_op = 'UPDATE' then
        insert into staged_trade_person (key, id) select distinct unnest(new.people), new.id;
      end if;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION note_bill_due()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from bill_shop) then
    insert into bill_due (shop_id, tid)
    select distinct c.shop_id, c.tid from changed c join bill_shop b on b.shop_id = c.shop_id and c.created_at >= b.since
    where c.tid <> '';
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_delivery_webhooks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  ids bigint[];
  told text[];
begin
  if not webhooks_want('delivery') then return null; end if;
  if tg_op = 'INSERT' then
    select array_agg(id order by id), array_agg('delivery.created'::text order by id) into ids, told from changed;
  else
    select array_agg(c.id order by c.id), array_agg(case
        when c.status <> h.status then case c.status
          when 'shipped' then 'delivery.shipped' when 'cancelled' then 'delivery.cancelled' else 'delivery.unshipped' end
        when (c.courier, c.waybill_no) <> (h.courier, h.waybill_no) then 'delivery.waybill_changed'
        when c.write_back = 'failed' then 'delivery.write_back_failed'
        else 'delivery.written_back' end order by c.id)
      into ids, told
      from changed c join held h on h.id = c.id
      where c.status <> h.status or (c.courier, c.waybill_no) <> (h.courier, h.waybill_no)
        or (c.write_back <> h.write_back and c.write_back in ('done', 'forced', 'manual', 'failed'));
  end if;
  insert into webhook_message (subscription_id, kind, document, no, shop_id, warehouse_id, data)
  select s.id, k.kind, 'delivery:' || d.id, d.no, d.shop_id, d.warehouse_id, jsonb_build_object(
      'id', d.id::text, 'no', d.no, 'orderId', d.order_id::text, 'orderNo', d.order_no, 'tid', d.tid, 'shopId', d.shop_id::text,
      'warehouseId', d.warehouse_id::text, 'status', d.status, 'courier', d.courier, 'waybillNo', d.waybill_no,
      'packageCount', d.package_count, 'writeBack', d.write_back, 'errorCode', d.error_code, 'shipBy', webhook_time(d.ship_by),
      'createdAt', webhook_time(d.created_at), 'shippedAt', webhook_time(d.shipped_at), 'cancelledAt', webhook_time(d.cancelled_at))
  from unnest(ids, told) k (id, kind)
  join delivery d on d.id = k.id
  join webhook_subscription s on s.kinds && array[k.kind, 'delivery.*'] and (s.shop_ids is null or d.shop_id = any(s.shop_ids))
    and (s.warehouse_ids is null or d.warehouse_id = any(s.warehouse_ids))
  order by d.id, s.id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_handout_due()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into handout_due (delivery_id, shop_id)
  select new.id, new.shop_id from shop s where s.id = new.shop_id and s.platform = 'sheetshop'
  on conflict (delivery_id) do update set shop_id = excluded.shop_id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION note_order_webhooks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not webhooks_want('order') then return null; end if;
  insert into webhook_message (subscription_id, kind, document, no, shop_id, data)
  select s.id, e.kind, 'order:' || o.id, o.no, o.shop_id, jsonb_build_object(
      'id', o.id::text, 'no', o.no, 'shopId', o.shop_id::text, 'tid', o.tid, 'origin', o.origin, 'status', o.status, 'version', o.version,
      'warehouseId', o.warehouse_id::text, 'courier', o.courier, 'quantity', o.quantity, 'refundedQuantity', o.refunded_quantity,
      'openHolds', (select count(*) from order_hold h where h.order_id = o.id and h.released_at is null),
      'openProblems', o.open_problems, 'cod', o.cod, 'currency', o.currency, 'paymentFen', o.payment_fen, 'postFeeFen', o.post_fee_fen, 'refundedFen', o.refunded_fen, 'orderedAt', webhook_time(o.ordered_at),
      'paidAt', webhook_time(o.paid_at), 'shipBy', webhook_time(o.ship_by), 'createdAt', webhook_time(o.created_at))
  from (select id, order_id, webhook_kind('order', event) as kind from changed) e
  join (
    select * from sales_order
    where id in (select order_id from changed where webhook_kind('order', event) is not null)
    order by id for no key update
  ) o on o.id = e.order_id
  join webhook_subscription s on s.kinds && array[e.kind, 'order.*'] and (s.shop_ids is null or o.shop_id = any(s.shop_ids))
  where e.kind is not null
  order by e.id, s.id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_refund_webhooks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not webhooks_want('refund') then return null; end if;
  insert into webhook_message (subscription_id, kind, document, no, shop_id, data)
  select s.id, e.kind, 'refund:' || r.id, r.refund_no, r.shop_id, jsonb_build_object(
      'id', r.id::text, 'refundNo', r.refund_no, 'shopId', r.shop_id::text, 'tid', r.tid, 'oid', r.oid, 'state', r.state,
      'status', r.status, 'kind', r.kind, 'phase', r.phase, 'version', r.version, 'amountFen', r.amount_fen, 'quantity', r.quantity,
      'orderId', r.order_id::text, 'orderNo', r.order_no, 'deadline', webhook_time(r.deadline),
      'createdOnPlatform', webhook_time(r.created_on_platform), 'modifiedAt', webhook_time(r.modified_at))
  from (select id, shop_id, refund_no, webhook_kind('refund', event) as kind from changed) e
  join (
    select t.* from staged_refund t
    where (t.refund_no, t.shop_id) in (select refund_no, shop_id from changed where webhook_kind('refund', event) is not null)
    order by t.id for no key update
  ) r on r.refund_no = e.refund_no and r.shop_id = e.shop_id
  join webhook_subscription s on s.kinds && array[e.kind, 'refund.*'] and (s.shop_ids is null or r.shop_id = any(s.shop_ids))
  where e.kind is not null
  order by e.id, s.id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_report_confirmed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into report_due (day) select distinct china_day(at) from changed where event = 'confirm' and actor_kind = 'user';
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_report_delivery()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into report_due (day)
  select distinct china_day(at) from unnest(array[case when tg_op = 'UPDATE' and old.status = 'shipped' then old.shipped_at end,
    case when new.status = 'shipped' then new.shipped_at end]) at
  where at is not null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_report_line_changes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into report_due (day)
  select distinct china_day(o.paid_at) from (
    select distinct after.order_id from lines_after after
    left join lines_before before on before.order_id = after.order_id and before.line_no = after.line_no
    where (before.sku_id, before.quantity, before.payment_fen, before.refunded_quantity, before.refunded_fen)
      is distinct from (after.sku_id, after.quantity, after.payment_fen, after.refunded_quantity, after.refunded_fen)
  ) changed join sales_order o on o.id = changed.order_id
  where o.paid_at is not null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_report_lines()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into report_due (day)
  select distinct china_day(o.paid_at) from (select distinct order_id from changed) c join sales_order o on o.id = c.order_id
  where o.paid_at is not null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_report_order_paid()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into report_due (day)
  select distinct china_day(shipped_at) from delivery where order_id = new.id and status = 'shipped' and shipped_at is not null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_report_paid()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into report_due (day) select distinct china_day(at) from unnest(array[old.paid_at, new.paid_at]) at where at is not null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_report_refund()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into report_due (day)
  select distinct china_day(at) from unnest(array[old.created_on_platform, new.created_on_platform,
    case when old.status = 'succeeded' then old.modified_at end, case when new.status = 'succeeded' then new.modified_at end]) at
  where at is not null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_report_refunds()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into report_due (day)
  select china_day(created_on_platform) from changed
  union select china_day(modified_at) from changed where status = 'succeeded';
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_report_track()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into report_due (day) select china_day(shipped_at) from delivery where id = new.delivery_id and status = 'shipped';
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_report_trades()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into report_due (day) select distinct china_day(paid_at) from changed where paid_at is not null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_return_webhooks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not webhooks_want('return') then return null; end if;
  insert into webhook_message (subscription_id, kind, document, no, shop_id, warehouse_id, data)
  select s.id, e.kind, 'return:' || r.id, r.no, r.shop_id, r.warehouse_id, jsonb_build_object(
      'id', r.id::text, 'no', r.no, 'shopId', r.shop_id::text, 'orderId', r.order_id::text, 'orderNo', r.order_no, 'tid', r.tid,
      'kind', r.kind, 'origin', r.origin, 'refundNo', r.refund_no, 'refundStatus', r.refund_status, 'status', r.status,
      'version', r.version, 'warehouseId', r.warehouse_id::text, 'courier', r.courier, 'waybillNo', r.waybill_no,
      'amountFen', r.amount_fen, 'quantity', r.quantity, 'good', r.good, 'defective', r.defective, 'openProblems', r.open_problems,
      'exchangeOrderNo', r.exchange_order_no, 'createdAt', webhook_time(r.created_at), 'receivedAt', webhook_time(r.received_at))
  from (select id, return_id, webhook_kind('return', event) as kind from changed) e
  join (
    select * from return_order
    where id in (select return_id from changed where webhook_kind('return', event) is not null)
    order by id for no key update
  ) r on r.id = e.return_id
  join webhook_subscription s on s.kinds && array[e.kind, 'return.*'] and (s.shop_ids is null or r.shop_id = any(s.shop_ids))
    and (s.warehouse_ids is null or r.warehouse_id = any(s.warehouse_ids))
  where e.kind is not null
  order by e.id, s.id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_sales_order_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      insert into sales_order_person (key, id) select k.key, c.id from changed c cross join lateral unnest(c.people) k (key) order by 1, 2
      on conflict do nothing;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION note_staged_needs()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    insert into staged_need_due (trade_id) select id from changed where state = 'staged';
  elsif tg_op = 'DELETE' then
    insert into staged_need_due (trade_id) select id from held where state = 'staged';
  else
    insert into staged_need_due (trade_id)
    select changed.id from changed join held using (id)
    where changed.state = 'staged' or held.state = 'staged' and (
      (select true from staged_need n where n.trade_id = changed.id limit 1)
      -- A counter that is at it has taken the note already, but not for us: until it is done we see its note, and then its needs.
      or (select true from staged_need_due d where d.trade_id = changed.id limit 1));
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_staged_trade_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      insert into staged_trade_person (key, id) select k.key, c.id from changed c cross join lateral unnest(c.people) k (key) order by 1, 2
      on conflict do nothing;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION note_stock_webhooks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not webhooks_want('stock') then return null; end if;
  insert into webhook_message (subscription_id, kind, document, no, warehouse_id, data)
  select s.id, 'stock.changed', 'stock:' || c.warehouse_id || ':' || c.sku_id, g.code, c.warehouse_id, jsonb_build_object(
      'warehouseId', c.warehouse_id::text, 'skuId', c.sku_id::text, 'code', g.code, 'onHand', c.on_hand, 'reserved', c.reserved,
      'frozen', c.locked, 'short', c.short, 'available', c.on_hand - c.reserved - c.locked)
  from changed c
  join sku g on g.id = c.sku_id
  join webhook_subscription s on s.kinds && array['stock.changed', 'stock.*'] and (s.warehouse_ids is null or c.warehouse_id = any(s.warehouse_ids))
  order by c.warehouse_id, c.sku_id, s.id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION take_in_pending_list_rows()
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
AS $function$
  select gin_clean_pending_list(i.oid::regclass)
  from pg_class i join pg_am a on a.oid = i.relam
  where i.relkind = 'i' and a.amname = 'gin' and i.relnamespace = current_schema()::regnamespace
$function$;
do $$ begin execute format('alter function take_in_pending_list_rows() set search_path = %I, pg_temp', current_schema()); end $$;

CREATE OR REPLACE FUNCTION text_grams(words text)
 RETURNS integer[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (WITH letter AS (SELECT u.c, lead(u.c) OVER (ORDER BY u.n) AS next FROM unnest(string_to_array(text_grams.words, NULL::text)) WITH ORDINALITY u(c, n)) SELECT ARRAY(SELECT hashtext(letter.c) AS hashtext FROM letter UNION SELECT hashtext((letter.c || letter.next)) AS hashtext FROM letter WHERE (letter.next IS NOT NULL)) AS "array");

CREATE OR REPLACE FUNCTION times_are_far(created timestamp with time zone, paid timestamp with time zone, due timestamp with time zone, after timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select coalesce(abs(extract(epoch from paid - created)) > 86400, false)
    or coalesce(extract(epoch from due - created) not between 0 and 1382400, false)
    or coalesce(extract(epoch from after - created) not between 0 and 1382400, false)
$function$;

CREATE OR REPLACE FUNCTION webhook_kind(document text, entry text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case document
    when 'order' then case
      when entry in ('convert', 'create', 'split_from') then 'order.created'
      when entry = 'confirm' then 'order.confirmed'
      when entry = 'unconfirm' then 'order.unconfirmed'
      when entry = 'release' then 'order.released'
      when entry = 'unrelease' then 'order.unreleased'
      when entry = 'ship' then 'order.shipped'
      when entry = 'unship' then 'order.unshipped'
      when entry = 'complete' then 'order.completed'
      when entry = 'void' then 'order.voided'
      when entry = 'restore' then 'order.restored'
      when entry in ('hold', 'refund_hold') then 'order.held'
      when entry in ('release_hold', 'refund_release') then 'order.hold_lifted'
      when entry in ('edit_receiver', 'edit_courier', 'edit_services', 'edit_urgent', 'paid', 'ship_after', 'choose', 'split', 'unsplit',
        'merged', 'unmerged', 'substituted', 'rematched', 'gifts', 'gift_added', 'gift_removed', 'gift_off', 'difference_applied',
        'refund_reduce') then 'order.changed'
    end
    when 'return' then case
      when entry = 'created' then 'return.created'
      when entry = 'confirm' then 'return.confirmed'
      when entry = 'unconfirm' then 'return.unconfirmed'
      when entry = 'receive' then 'return.received'
      when entry = 'settle' then 'return.settled'
      when entry = 'void' then 'return.voided'
      when entry = 'revive' then 'return.revived'
      when entry in ('edited', 'receipt', 'problem', 'problem_settled', 'refund', 'exchanged') then 'return.changed'
    end
    when 'refund' then case
      when entry = 'downloaded' then 'refund.created'
      when entry = 'converted' then 'refund.converted'
      when entry = 'processed' then 'refund.processed'
      when entry = 'unprocessed' then 'refund.unprocessed'
      when entry in ('changed', 'reopened', 'refusing', 'refused', 'refuse_failed', 'agreeing', 'agreed', 'agree_failed', 'doubts_taken')
        then 'refund.changed'
    end
  end
$function$;

CREATE OR REPLACE FUNCTION webhook_time(at timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$function$;

CREATE OR REPLACE FUNCTION webhooks_want(document text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from webhook_subscription s cross join unnest(s.kinds) k (kind) where k.kind like document || '.%')
$function$;

create table alarm_channel (
  id bigint not null generated always as identity,
  name text not null,
  kind text not null,
  credentials bytea not null,
  kinds text[] not null default '{}'::text[],
  least_tone text not null default 'warn',
  quiet_from smallint,
  quiet_to smallint,
  quiet_passes_bad boolean not null default true,
  sends_end boolean not null default true,
  language text not null default 'zh',
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  created_by text not null,
  last_sent_at timestamptz,
  failed_since timestamptz,
  failure jsonb,
  attempts integer not null default 0,
  next_try_at timestamptz not null default now(),
  constraint alarm_channel_pkey primary key (id),
  constraint alarm_channel_kind_check check ((kind = any (array['dingtalk', 'wecom', 'feishu', 'mail', 'webhook']))),
  constraint alarm_channel_language_check check ((language = any (array['zh', 'en']))),
  constraint alarm_channel_least_tone_check check ((least_tone = any (array['warn', 'bad']))),
  constraint alarm_channel_name_check check ((name <> '')),
  constraint alarm_channel_quiet_check check ((((quiet_from is null) = (quiet_to is null)) and ((quiet_from >= 0) and (quiet_from <= 1439)) and ((quiet_to >= 0) and (quiet_to <= 1439)) and (quiet_from <> quiet_to)))
);
comment on table alarm_channel is 'A channel (告警通知) to which alarms are sent: the robot of a group chat, a mailbox, or a program''s address.';
comment on column alarm_channel.credentials is 'Address and secrets. Sealed with the word alarm_channel.';
comment on column alarm_channel.kinds is 'The kinds of alarms that are sent; empty: all.';
comment on column alarm_channel.least_tone is 'bad: only severe alarms are sent.';
comment on column alarm_channel.quiet_from is 'Quiet hours from this minute of the day (+08:00) to quiet_to, also over midnight; null: none.';
comment on column alarm_channel.quiet_passes_bad is 'Severe alarms are sent in quiet hours too.';
comment on column alarm_channel.sends_end is 'A recovery note is sent when an alarm ends.';
comment on column alarm_channel.failed_since is 'Since when every attempt failed; null: the last one succeeded.';
comment on column alarm_channel.failure is 'Why the last attempt failed, {zh, en}.';

create table alarm_notice (
  channel_id bigint not null,
  record_id bigint not null,
  what text not null,
  made_at timestamptz not null default now(),
  sent_at timestamptz,
  constraint alarm_notice_pkey primary key (channel_id, record_id, what),
  constraint alarm_notice_what_check check ((what = any (array['warn', 'bad', 'ended'])))
);
comment on table alarm_notice is 'What is sent to a channel about an alarm, once each: that it began or became severe, and that it ended.';
comment on column alarm_notice.sent_at is 'When the channel took it; null: it is still to be sent.';
create index alarm_notice_record on alarm_notice using btree (record_id);
create index alarm_notice_unsent on alarm_notice using btree (channel_id) where (sent_at is null);

create table alarm_record (
  id bigint not null generated always as identity,
  alarm_id text not null,
  kind text not null,
  tone text not null,
  title jsonb not null,
  detail jsonb not null,
  page text not null,
  documents integer not null,
  shop_id bigint,
  began_at timestamptz not null default now(),
  absent_since timestamptz,
  ended_at timestamptz,
  constraint alarm_record_pkey primary key (id),
  constraint alarm_record_tone_check check ((tone = any (array['warn', 'bad'])))
);
comment on table alarm_record is 'One span of an alarm, from when it was first seen to its end, with its latest words.';
comment on column alarm_record.page is 'The address of the page where a person can act.';
comment on column alarm_record.documents is 'The number of documents concerned.';
comment on column alarm_record.began_at is 'When the alarm was first seen. Its cause may be older.';
comment on column alarm_record.absent_since is 'Since when the alarm is not seen; after a minute of that it has ended.';
create index alarm_record_ended on alarm_record using btree (ended_at) where (ended_at is not null);
create unique index alarm_record_open on alarm_record using btree (alarm_id) where (ended_at is null);

create table alarm_turn (
  one boolean not null default true,
  worker text not null,
  leased_until timestamptz,
  looked_at timestamptz not null,
  constraint alarm_turn_pkey primary key (one),
  constraint alarm_turn_one_check check (one)
);
comment on table alarm_turn is 'Which process looks at the alarms and sends them now; one does at a time.';
comment on column alarm_turn.leased_until is 'Another process takes over after this time; null: the turn is over.';

create table api_key (
  id bigint not null generated always as identity,
  name text not null,
  prefix text not null,
  key_hash bytea not null,
  permissions text[] not null,
  all_shops boolean not null default false,
  shop_ids bigint[] not null default '{}'::bigint[],
  created_by bigint not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  all_warehouses boolean not null default true,
  warehouse_ids bigint[] not null default '{}'::bigint[],
  constraint api_key_pkey primary key (id),
  constraint api_key_key_hash_key unique (key_hash)
);
comment on table api_key is 'The key of a program that calls the API. Its permissions are given by the user who made it. A revoked key keeps its row.';
comment on column api_key.prefix is 'The first characters, by which a person recognises the key.';
comment on column api_key.key_hash is 'SHA-256 of the key; the key itself is shown once and not kept.';
comment on column api_key.all_shops is 'Granted every shop, also later ones.';
comment on column api_key.shop_ids is 'The granted shops, each → shop.id.';
comment on column api_key.all_warehouses is 'Granted every warehouse, also later ones.';
comment on column api_key.warehouse_ids is 'The granted warehouses, each → warehouse.id.';

create table app_user (
  id bigint not null generated always as identity,
  email text not null,
  name text not null,
  email_verified boolean not null default false,
  image text,
  two_factor_enabled boolean not null default false,
  all_shops boolean not null default false,
  shop_ids bigint[] not null default '{}'::bigint[],
  language text not null default 'zh',
  theme text not null default 'system',
  disabled_at timestamptz,
  last_sign_in_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  all_warehouses boolean not null default true,
  warehouse_ids bigint[] not null default '{}'::bigint[],
  constraint app_user_pkey primary key (id),
  constraint app_user_email_key unique (email),
  constraint app_user_email_check check ((email = lower(email))),
  constraint app_user_language_check check ((language = any (array['zh', 'en']))),
  constraint app_user_theme_check check ((theme = any (array['system', 'light', 'dark'])))
);
comment on table app_user is 'A user (用户): a person who signs in, with the shops and warehouses granted to them. Written by users; the sign-in rooms set the last sign-in and the second factor.';
comment on column app_user.email is 'In lower case, since the sign-in library looks it up so.';
comment on column app_user.email_verified is 'Not used; the sign-in library expects it.';
comment on column app_user.image is 'Not used; the sign-in library expects it.';
comment on column app_user.two_factor_enabled is 'A second factor is asked for at each sign-in.';
comment on column app_user.all_shops is 'Granted every shop, also later ones; shop_ids is then ignored.';
comment on column app_user.shop_ids is 'The granted shops, each → shop.id.';
comment on column app_user.disabled_at is 'Since when the user may not sign in; null: active.';
comment on column app_user.all_warehouses is 'Granted every warehouse, also later ones; warehouse_ids is then ignored.';
comment on column app_user.warehouse_ids is 'The granted warehouses, each → warehouse.id.';

create table audit_log (
  id bigint not null generated always as identity,
  at timestamptz not null default now(),
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  action text not null,
  subject_type text not null,
  subject_id text not null,
  shop_id bigint,
  detail jsonb not null default '{}'::jsonb,
  ip text not null default '',
  request_id text not null default '',
  xid xid8 not null default pg_current_xact_id(),
  constraint audit_log_pkey primary key (id),
  constraint audit_log_actor_kind_check check ((actor_kind = any (array['user', 'api_key', 'task', 'system'])))
);
comment on table audit_log is 'The audit log (审计日志): who did what, when, from where. Append-only, by a trigger and by grants.';
comment on column audit_log.action is 'A name of web/src/users/audit-words.ts.';
comment on column audit_log.shop_id is '→ shop.id';
comment on column audit_log.detail is 'Names of fields and counts; no personal data and no secret.';
comment on column audit_log.xid is 'The transaction: rows are linked into the audit chain in the order of (xid, id).';
create index audit_log_action on audit_log using btree (action, at, id);
create index audit_log_actor on audit_log using btree (actor_id, at, id);
create index audit_log_at on audit_log using btree (at, id);
create index audit_log_in_order on audit_log using btree (xid, id);
create index audit_log_shop on audit_log using btree (shop_id, at, id) where (shop_id is not null);
create index audit_log_subject on audit_log using btree (subject_id, at, id);
create trigger audit_log_stays before delete or update on audit_log for each row execute function keep_audit_rows();
create trigger audit_log_stays_whole before truncate on audit_log for each statement execute function keep_audit_rows();

create table audit_seal (
  id bigint not null generated always as identity,
  sealed_at timestamptz not null default now(),
  ids int8multirange not null,
  row_count integer not null,
  last_xid xid8 not null,
  last_id bigint not null,
  previous bytea not null,
  hash bytea not null,
  constraint audit_seal_pkey primary key (id),
  constraint audit_seal_previous_key unique (previous),
  constraint audit_seal_row_count_check check ((row_count > 0))
);
comment on table audit_seal is 'A link of the audit chain (审计链): the hash of the link before it and of up to 10,000 rows of the audit log.';
comment on column audit_seal.ids is 'The ids of the rows.';
comment on column audit_seal.last_xid is 'audit_log.xid of its last row.';
comment on column audit_seal.last_id is 'The last row. → audit_log.id';
comment on column audit_seal.previous is 'The hash of the link before; unique, so that the chain does not fork.';
comment on column audit_seal.hash is 'SHA-256.';
create index audit_seal_ids on audit_seal using gist (ids);
create trigger audit_seal_stays before delete or update on audit_seal for each row execute function keep_audit_rows();
create trigger audit_seal_stays_whole before truncate on audit_seal for each statement execute function keep_audit_rows();

create table batch (
  id bigint not null generated always as identity,
  no text not null,
  action text not null,
  state text not null,
  actor jsonb not null,
  scope jsonb not null,
  request bytea not null,
  by_filter boolean not null,
  walk_after text,
  walk_up_to text,
  walked boolean not null,
  retry_of bigint,
  total integer not null,
  done integer not null default 0,
  succeeded integer not null default 0,
  refused integer not null default 0,
  reasons jsonb not null default '{}'::jsonb,
  error_code text not null default '',
  worker text,
  lease_until timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  constraint batch_pkey primary key (id),
  constraint batch_no_key unique (no),
  constraint batch_check check ((done = (succeeded + refused))),
  constraint batch_state_check check ((state = any (array['running', 'stopping', 'done', 'stopped'])))
);
comment on table batch is 'A bulk action (批量操作) over a selection or a filter. running → done, or stopping → stopped.';
comment on column batch.action is 'A name of batchActions in server/worker.ts.';
comment on column batch.actor is 'JSON of the actor.';
comment on column batch.scope is 'JSON of the shops and warehouses that the actor could see.';
comment on column batch.request is 'Sealed JSON {filter, input}: a filter may contain a buyer''s name or phone.';
comment on column batch.by_filter is 'Over a filter, not over named ids.';
comment on column batch.walk_after is 'The last id that the walk over the filter reached.';
comment on column batch.walk_up_to is 'The end of the walk: later rows are not included.';
comment on column batch.walked is 'The walk has ended: all chunks are known.';
comment on column batch.retry_of is 'The bulk action whose refused ids this one tries again.';
comment on column batch.total is 'Number of ids.';
comment on column batch.reasons is 'Counts of refusals by code.';
comment on column batch.worker is 'The worker process that holds it.';
comment on column batch.lease_until is 'Another worker takes over after this time.';
create index batch_unended on batch using btree (id) where (state = any (array['running', 'stopping']));

create table batch_chunk (
  batch_id bigint not null,
  no integer not null,
  ids bigint[] not null,
  ended_at timestamptz,
  done_ids bigint[] not null default '{}'::bigint[],
  done_refs text[] not null default '{}'::text[],
  constraint batch_chunk_pkey primary key (batch_id, no)
);
comment on table batch_chunk is 'Up to 500 ids of a bulk action that are done in one transaction.';
comment on column batch_chunk.ids is 'The ids.';
comment on column batch_chunk.done_ids is 'The ids that succeeded.';
comment on column batch_chunk.done_refs is 'The result of each id of done_ids, at the same position.';
create index batch_chunk_open on batch_chunk using btree (batch_id, no) where (ended_at is null);

create table batch_refusal (
  batch_id bigint not null,
  id bigint not null,
  code text not null,
  message jsonb,
  ref text not null default '',
  reason text not null default '',
  constraint batch_refusal_pkey primary key (batch_id, id)
);
comment on table batch_refusal is 'An id that a bulk action refused, with the reason.';
comment on column batch_refusal.id is 'The refused id.';
comment on column batch_refusal.message is 'The reason in Chinese and English.';
comment on column batch_refusal.ref is 'The number of the document, for display.';
comment on column batch_refusal.reason is 'A word behind the code, such as the reason of the hold.';

create table bill_due (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  tid text not null,
  constraint bill_due_pkey primary key (id)
);
comment on table bill_due is 'A trade that is to be reconciled again. Written by a trigger on settlement, deleted by the task reconcile_bills.';
comment on column bill_due.shop_id is '→ shop.id';

create table bill_line (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  serial_no text not null,
  tid text not null,
  happened_at timestamptz not null,
  day date not null generated always as (((happened_at at time zone 'Asia/Shanghai'))::date) stored,
  kind text not null,
  type text not null,
  amount_fen bigint not null,
  note text not null default '',
  imported_at timestamptz not null default now(),
  imported_by text not null,
  constraint bill_line_pkey primary key (id),
  constraint bill_line_shop_id_serial_no_key unique (shop_id, serial_no),
  constraint bill_line_amount_fen_check check ((amount_fen <> 0)),
  constraint bill_line_kind_check check ((kind = any (array['receipt', 'refund', 'fee', 'transfer', 'other'])))
);
comment on table bill_line is 'A line of a platform''s bill (平台账单), imported from a file; never changed.';
comment on column bill_line.shop_id is '→ shop.id';
comment on column bill_line.serial_no is 'The platform''s number of the movement, or a hash of the row where it gives none, so that a line is stored once.';
comment on column bill_line.tid is 'Empty: money of no trade.';
comment on column bill_line.day is 'The day in China.';
comment on column bill_line.type is 'As the platform calls it.';
comment on column bill_line.amount_fen is 'Money that comes in is positive.';
create index bill_line_by_day on bill_line using btree (shop_id, day) include (kind, amount_fen);
create index bill_line_of on bill_line using btree (shop_id, tid) where (tid <> '');

create table bill_shop (
  shop_id bigint not null,
  since timestamptz not null,
  scan_from timestamptz,
  scan_to timestamptz,
  asked_at timestamptz not null default now(),
  constraint bill_shop_pkey primary key (shop_id)
);
comment on table bill_shop is 'A shop whose bills are imported.';
comment on column bill_shop.shop_id is '→ shop.id';
comment on column bill_shop.since is 'Settlements from this time on are reconciled.';
comment on column bill_shop.scan_from is 'Earlier settlements are still to be looked at, from this time; null: none.';
comment on column bill_shop.scan_to is 'The end of that look.';
comment on column bill_shop.asked_at is 'When bills were last imported.';

create table bill_trade (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  tid text not null,
  at timestamptz not null default now(),
  bill_in_fen bigint not null default 0,
  bill_out_fen bigint not null default 0,
  fee_fen bigint not null default 0,
  own_in_fen bigint not null default 0,
  own_out_fen bigint not null default 0,
  bill_day date,
  own_day date,
  cause text not null default '',
  explained_why text not null default '',
  explained_by text not null default '',
  explained_at timestamptz,
  gap_fen bigint not null generated always as ((((bill_in_fen + bill_out_fen) - own_in_fen) - own_out_fen)) stored,
  standing text not null generated always as (
case
    when (cause = '') then 'even'
    when (cause = 'later_day') then 'later'
    when (explained_at is not null) then 'explained'
    else 'open'
end) stored,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer)]) stored,
  constraint bill_trade_pkey primary key (id),
  constraint bill_trade_shop_id_tid_key unique (shop_id, tid),
  constraint bill_trade_cause_check check ((cause = any (array['', 'not_ours', 'not_theirs', 'amount', 'later_day'])))
);
comment on table bill_trade is 'The money of one trade on both sides, for reconciliation (对账). Written by reconciling only, which computes it from bill lines and settlements.';
comment on column bill_trade.shop_id is '→ shop.id';
comment on column bill_trade.at is 'When the first money moved, on either side.';
comment on column bill_trade.bill_in_fen is 'Receipts of the bill.';
comment on column bill_trade.bill_out_fen is 'Refunds of the bill, negative.';
comment on column bill_trade.fee_fen is 'Fees of the bill.';
comment on column bill_trade.own_in_fen is 'Receivables of our settlements.';
comment on column bill_trade.own_out_fen is 'Refunds of our settlements, negative.';
comment on column bill_trade.bill_day is 'The last day on which money moved on the bill.';
comment on column bill_trade.own_day is 'The last day on which money moved in our settlements.';
comment on column bill_trade.cause is 'Why both sides differ: not_ours: we have nothing. not_theirs: the bill has nothing. amount: the amounts differ. later_day: may follow on a later day. Empty: they agree.';
comment on column bill_trade.explained_why is 'A person accepted the difference, with this reason.';
comment on column bill_trade.gap_fen is 'The difference: bill less ours.';
comment on column bill_trade.standing is 'The tab of the list: even, later, explained, open.';
create index bill_trade_by_at on bill_trade using btree (standing, at, id);
create index bill_trade_facets on bill_trade using gin (facets) with (fastupdate='on', gin_pending_list_limit='2048');
create index bill_trade_tid on bill_trade using btree (tid);

create table bin (
  id bigint not null generated always as identity,
  warehouse_id bigint not null,
  code text not null,
  route integer not null,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  created_by text not null,
  constraint bin_pkey primary key (id),
  constraint bin_once unique (warehouse_id, code),
  constraint bin_code_check check ((code ~ '^[A-Z0-9][A-Z0-9-]{0,29}$')),
  constraint bin_route_check check ((route >= 0))
);
comment on table bin is 'A bin (库位): an address in a warehouse where goods lie, such as A-03-12. Written by inventory/bins; retired, never deleted.';
comment on column bin.route is 'Position on the way of a picker; the smaller is passed first.';
comment on column bin.active is 'False: retired; no SKU may lie there.';
create index bin_route on bin using btree (warehouse_id, route, id);

create table blacklist_entry (
  id bigint not null generated always as identity,
  kind text not null,
  keys bigint[] not null,
  region text not null default '',
  masked text not null,
  personal bytea not null,
  reason text not null,
  until timestamptz,
  shop_id bigint not null,
  order_id bigint not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  removed_at timestamptz,
  removed_by text,
  first_key bigint not null generated always as (keys[1]) stored,
  constraint blacklist_entry_pkey primary key (id),
  constraint blacklist_entry_keys_check check ((cardinality(keys) > 0)),
  constraint blacklist_entry_kind_check check ((kind = any (array['phone', 'address', 'nick'])))
);
comment on table blacklist_entry is 'A buyer who is to be recognised again (黑名单), by keyed hashes. Means a receiver who has all of the keys, and lives in the region if one is given.';
comment on column blacklist_entry.keys is 'Search keys without a month.';
comment on column blacklist_entry.region is 'Empty: everywhere.';
comment on column blacklist_entry.masked is 'For display.';
comment on column blacklist_entry.personal is 'Sealed, so that the keys can be made again when the sealing key changes.';
comment on column blacklist_entry.until is 'Null: no end.';
comment on column blacklist_entry.shop_id is 'Who may see it: users of this shop. It is recognised in every shop. → shop.id';
comment on column blacklist_entry.order_id is 'The order from which it was taken. → sales_order.id';
comment on column blacklist_entry.removed_at is 'Null: in force.';
comment on column blacklist_entry.first_key is 'One of the keys, for the index: whoever has all keys has this one.';
create index blacklist_entry_by_id on blacklist_entry using btree (id desc) where (removed_at is null);
create index blacklist_entry_live on blacklist_entry using btree (first_key) where (removed_at is null);

create table bundle_part (
  bundle_id bigint not null,
  part_id bigint not null,
  quantity integer not null,
  bundle boolean not null default true,
  part boolean not null default false,
  constraint bundle_part_pkey primary key (bundle_id, part_id),
  constraint bundle_part_bundle_check check (bundle),
  constraint bundle_part_part_check check ((not part)),
  constraint bundle_part_quantity_check check (((quantity >= 1) and (quantity <= 10000)))
);
comment on table bundle_part is 'One part of a bundle (套餐). Bundles do not nest, which the foreign keys hold.';
comment on column bundle_part.bundle_id is 'The bundle.';
comment on column bundle_part.part_id is 'The part.';
comment on column bundle_part.quantity is 'Pieces of the part in one bundle.';
comment on column bundle_part.bundle is 'Always true; part of a foreign key.';
comment on column bundle_part.part is 'Always false; part of a foreign key.';
create index bundle_part_of on bundle_part using btree (part_id);

create table choice_rules (
  kind text not null,
  rules jsonb not null,
  reach jsonb not null default '{}'::jsonb,
  version integer not null default 1,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  constraint choice_rules_pkey primary key (kind),
  constraint choice_rules_kind_check check ((kind = any (array['warehouse', 'courier'])))
);
comment on table choice_rules is 'The sourcing rules (分仓、选快递): one row for warehouses, one for couriers. The first rule that fits decides.';
comment on column choice_rules.rules is 'JSON of orders/sourcing.';
comment on column choice_rules.reach is 'Of couriers: the regions to which each does not go.';
comment on column choice_rules.version is 'Rises with each change; an edit of an older version is refused.';

create table clock_skew (
  machine text not null,
  ahead_ms bigint not null,
  seen_at timestamptz not null default now(),
  constraint clock_skew_pkey primary key (machine)
);
comment on table clock_skew is 'A machine whose clock differs from the database''s by more than 5 s.';
comment on column clock_skew.ahead_ms is 'Positive: ahead of the database.';

create table confirm_rules (
  shop_id bigint not null,
  rules jsonb not null,
  version integer not null default 1,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  looked_to bigint not null default 0,
  constraint confirm_rules_pkey primary key (shop_id)
);
comment on table confirm_rules is 'The confirm rules of a shop (自动确认规则): the first that is on and whose dates include now is in force.';
comment on column confirm_rules.rules is 'JSON of orders/review: name, dates, and the checks that are on.';
comment on column confirm_rules.version is 'Rises with each change; an edit of an older version is refused.';
comment on column confirm_rules.looked_to is 'The order that the task auto_confirm looked at last among those with problems. → sales_order.id';

create table count_entry (
  task_id bigint not null,
  line_no smallint not null,
  round smallint not null,
  quantity integer not null,
  expected integer not null,
  counted_at timestamptz not null default now(),
  counted_by text not null,
  counted_by_id text not null,
  maybe_packed integer not null default 0,
  constraint count_entry_pkey primary key (task_id, line_no, round),
  constraint count_entry_maybe_packed_check check ((maybe_packed >= 0)),
  constraint count_entry_quantity_check check ((quantity >= 0)),
  constraint count_entry_round_check check (((round >= 1) and (round <= 2)))
);
comment on table count_entry is 'What one person counted at a place. Round 2 is asked for when round 1 differs from the books.';
comment on column count_entry.task_id is '→ count_task.id';
comment on column count_entry.expected is 'Pieces of the SKU in all its places at that moment: on hand, less what was picked for parcels that have not left.';
comment on column count_entry.maybe_packed is 'Pieces of the SKU that may lie in parcels or wait to be put back, which nobody noted as picked: the shelf may hold as many less than expected.';

create table count_line (
  task_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  bin_id bigint,
  constraint count_line_pkey primary key (task_id, line_no),
  constraint count_line_once unique nulls not distinct (task_id, sku_id, bin_id)
);
comment on table count_line is 'A SKU at a place of a counting task. The places of a SKU are counted one by one, and their sum is compared with the books.';
comment on column count_line.bin_id is 'Null: no bin is known for the SKU.';
create index count_line_sku on count_line using btree (sku_id, task_id);

create table count_task (
  id bigint not null generated always as identity,
  no text not null,
  warehouse_id bigint not null,
  status text not null default 'open',
  note text not null default '',
  document_id bigint,
  created_at timestamptz not null default now(),
  created_by text not null,
  ended_at timestamptz,
  ended_by text,
  constraint count_task_pkey primary key (id),
  constraint count_task_no_once unique (no),
  constraint count_task_ended check (((status = 'open') = (ended_at is null))),
  constraint count_task_status_check check ((status = any (array['open', 'done', 'cancelled'])))
);
comment on table count_task is 'Goods that are counted blind with a phone (盘点任务). open → done, or cancelled. Its differences become a stock document of the kind count.';
comment on column count_task.document_id is 'The draft with its differences; null: there is none. → stock_document.id';
create index count_task_by_status on count_task using btree (status, id);
create index count_task_open on count_task using btree (warehouse_id, id) where (status = 'open');

create table courier (
  code text not null,
  ordinal integer not null,
  zh text not null,
  en text not null,
  constraint courier_pkey primary key (code),
  constraint courier_ordinal_key unique (ordinal),
  constraint courier_code_check check ((code <> ''))
);
comment on table courier is 'A courier company (快递公司) with our own code. The program knows the same ones (connectors/couriers.ts), which a test compares.';
comment on column courier.ordinal is 'Its place in lists. Facets of orders keep it: it never changes, and new couriers go to the end.';

create table courier_code (
  courier text not null,
  system text not null,
  code text not null,
  constraint courier_code_pkey primary key (courier, system),
  constraint courier_code_once unique (system, code),
  constraint courier_code_code_check check ((code <> '')),
  constraint courier_code_system_check check ((system <> ''))
);
comment on table courier_code is 'The code of a courier in another system. A courier without a row is not known there.';
comment on column courier_code.courier is '→ courier.code';
comment on column courier_code.system is 'A platform: its codes for shipping; a source of waybill numbers or of tracking: its own codes. pinduoduo_waybill, kuaishou_waybill and jd_waybill have other codes than pinduoduo, kuaishou and jd.';

create table delivery (
  id bigint not null generated always as identity,
  no text not null,
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  shop_id bigint not null,
  status text not null,
  courier text not null default '',
  waybill_no text not null default '',
  ship_by timestamptz,
  write_back text not null default '',
  error_code text not null default '',
  round integer not null default 0,
  action_id bigint,
  created_at timestamptz not null default now(),
  created_by text not null,
  shipped_at timestamptz,
  shipped_by text,
  cancelled_at timestamptz,
  cancelled_by text,
  standing text not null generated always as (
case
    when ((status = 'shipped') and (write_back = 'failed')) then 'failed'
    when (status <> 'pending') then status
    when (waybill_no = '') then 'number'
    when (labelled and (printed_at is null) and ('print' = any (ship_steps))) then 'print'
    when ((picked_at is null) and ('wave' = any (ship_steps))) then 'wave'
    when ((checked_at is null) and ('check' = any (ship_steps))) then 'check'
    when ((weighed_at is null) and ('weigh' = any (ship_steps))) then 'weigh'
    else 'ready'
end) stored,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer), ((28 * 67108864) +
case write_back
    when 'waiting' then 1
    when 'done' then 2
    when 'failed' then 3
    when 'forced' then 4
    when 'manual' then 5
    when 'none' then 6
    when 'stopped' then 7
    else 0
end)]) stored,
  warehouse_id bigint,
  parcel bigint,
  beside boolean not null default false,
  platform_waybill text not null default '',
  ship_steps text[] not null default '{}'::text[],
  labelled boolean not null default false,
  printed_at timestamptz,
  printed_by text,
  checked_at timestamptz,
  checked_by text,
  weighed_at timestamptz,
  weighed_by text,
  weight_grams integer,
  checked_pieces integer,
  wanted_courier text not null default '',
  shape text not null default '',
  sku_id bigint,
  piece_count integer not null default 0,
  picked_at timestamptz,
  picked_by text,
  wave_id bigint,
  basket smallint,
  package_count smallint not null default 1,
  shown_courier text not null default '',
  shown_waybill text not null default '',
  constraint delivery_pkey primary key (id),
  constraint delivery_no_key unique (no),
  constraint delivery_check check (((status <> 'shipped') or ((courier <> '') and (waybill_no <> '')))),
  constraint delivery_check1 check (((status = 'shipped') = (write_back <> ''))),
  constraint delivery_check2 check (((courier = '') = (waybill_no = ''))),
  constraint delivery_check3 check (((parcel is not null) or (not beside))),
  constraint delivery_shape_check check ((shape = any (array['', 'single', 'several', 'mixed']))),
  constraint delivery_status_check check ((status = any (array['pending', 'shipped', 'cancelled']))),
  constraint delivery_write_back_check check ((write_back = any (array['', 'waiting', 'done', 'failed', 'forced', 'manual', 'none', 'stopped'])))
) with (fillfactor=80);
comment on table delivery is 'A delivery (发货单): what the warehouse packs and ships for one order. pending → shipped, or cancelled. An order has at most one that is not cancelled.';
comment on column delivery.order_id is '→ sales_order.id';
comment on column delivery.order_no is 'The number of the order, which never changes.';
comment on column delivery.shop_id is '→ shop.id';
comment on column delivery.status is 'Written by fulfilment only; it changes with the status of the order.';
comment on column delivery.courier is 'A code of connectors/couriers.ts; empty until shipped.';
comment on column delivery.ship_by is 'The platform''s deadline for shipping.';
comment on column delivery.write_back is 'How the write-back of this shipping ended. waiting: not yet. none: there is no platform. stopped: a refund prevents it. forced, manual: a person settled it.';
comment on column delivery.error_code is 'Why the write-back failed.';
comment on column delivery.round is 'How often it was shipped: each time is a platform action of its own.';
comment on column delivery.action_id is 'The platform action of the write-back. → platform_action.id';
comment on column delivery.standing is 'The tab of the list. The next step of a pending delivery: number, print, wave, check, weigh, or ready to ship. Otherwise the status, or failed when the write-back failed.';
comment on column delivery.warehouse_id is '→ warehouse.id';
comment on column delivery.parcel is 'The shipment in which it leaves with others. → parcel_order.parcel';
comment on column delivery.beside is 'It shares the waybill of another delivery of its shipment.';
comment on column delivery.platform_waybill is 'The waybills that the platform shows for these goods instead of ours.';
comment on column delivery.ship_steps is 'Copy of the warehouse''s steps, taken at release and renewed while the delivery is pending.';
comment on column delivery.labelled is 'Its waybill number was taken from a source, so there is a label to print; false: typed, or none.';
comment on column delivery.printed_at is 'When the label of its present number was printed first.';
comment on column delivery.checked_at is 'When the last piece was checked (验货).';
comment on column delivery.checked_pieces is 'Pieces of the order when it was checked. If the order has another number of pieces now, it is checked again.';
comment on column delivery.wanted_courier is 'The courier that was chosen for the order when it was released; empty: none was.';
comment on column delivery.shape is 'single: one piece. several: pieces of one SKU. mixed: several SKUs, or a merged shipment. Empty: released before this column existed.';
comment on column delivery.sku_id is 'The SKU of all its pieces, if there is only one. → sku.id';
comment on column delivery.piece_count is 'Number of pieces to pack.';
comment on column delivery.picked_at is 'When all its goods were picked in a wave (已拣); null: not yet.';
comment on column delivery.wave_id is 'The wave in which it was picked. → wave.id';
comment on column delivery.basket is 'The numbered basket of the wave; null: the wave has no baskets.';
comment on column delivery.package_count is 'Packages (包裹数) of which it consists. Its waybill is the main number of them all.';
comment on column delivery.shown_courier is 'The courier of shown_waybill; empty: the platform shows that of the delivery, or none.';
comment on column delivery.shown_waybill is 'The waybill that the platform shows of a delivery that got another one after its write-back (改运单), until that one is written back; empty: there was no such change.';
create index delivery_by_created on delivery using btree (standing, created_at, id);
create index delivery_by_goods on delivery using btree (standing, coalesce(((sku_id * 1000) + least(piece_count, 999)), '999999999999999999'::bigint), id);
create index delivery_by_ship_by on delivery using btree (standing, coalesce(ship_by, 'infinity'::timestamptz), id);
create index delivery_facets on delivery using gin (facets);
create unique index delivery_live on delivery using btree (order_id) where (status <> 'cancelled');
create index delivery_of on delivery using btree (order_id, id);
create index delivery_order_no on delivery using btree (order_no);
create index delivery_parcel on delivery using btree (parcel) where (parcel is not null);
create index delivery_shipped_at on delivery using btree (shipped_at) where (status = 'shipped');
create index delivery_shown on delivery using btree (order_id) where (shown_waybill <> '');
create index delivery_tid on delivery using btree (tid);
create index delivery_unwritten on delivery using btree (coalesce(ship_by, 'infinity'::timestamptz), id) where ((status = 'shipped') and (write_back = any (array['waiting', 'failed'])));
create index delivery_waiting on delivery using btree (shop_id) where (status = 'pending');
create unique index delivery_waybill on delivery using btree (waybill_no, courier, (
case
    when beside then order_id
    else (0)::bigint
end)) where ((status <> 'cancelled') and (waybill_no <> ''));
create trigger handout_due_of after update of write_back on delivery for each row when (((new.write_back = any (array['done', 'forced'])) and (old.write_back is distinct from new.write_back))) execute function note_handout_due();
create trigger report_delivery_changed after update of status, shipped_at, shop_id, warehouse_id, courier, package_count, weight_grams, ship_by, piece_count, printed_by, picked_by, checked_by, weighed_by, shipped_by on delivery for each row when ((((old.status = 'shipped') or (new.status = 'shipped')) and ((((((((((((((old.status is distinct from new.status) or (old.shipped_at is distinct from new.shipped_at)) or (old.shop_id is distinct from new.shop_id)) or (old.warehouse_id is distinct from new.warehouse_id)) or (old.courier is distinct from new.courier)) or (old.package_count is distinct from new.package_count)) or (old.weight_grams is distinct from new.weight_grams)) or (old.ship_by is distinct from new.ship_by)) or (old.piece_count is distinct from new.piece_count)) or (old.printed_by is distinct from new.printed_by)) or (old.picked_by is distinct from new.picked_by)) or (old.checked_by is distinct from new.checked_by)) or (old.weighed_by is distinct from new.weighed_by)) or (old.shipped_by is distinct from new.shipped_by)))) execute function note_report_delivery();
create trigger report_delivery_new after insert on delivery for each row when ((new.status = 'shipped')) execute function note_report_delivery();
create trigger webhooks_of_changed after update on delivery referencing old table as held new table as changed for each statement execute function note_delivery_webhooks();
create trigger webhooks_of_new after insert on delivery referencing new table as changed for each statement execute function note_delivery_webhooks();

create table delivery_serial (
  delivery_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  serial text not null,
  scanned_at timestamptz not null default now(),
  scanned_by text not null,
  constraint delivery_serial_pkey primary key (delivery_id, serial),
  constraint delivery_serial_serial_check check ((serial <> ''))
);
comment on table delivery_serial is 'A serial number (串号, IMEI) of a piece in a delivery, scanned at a station. The platform gets it with the shipping.';
comment on column delivery_serial.sku_id is '→ sku.id';

create table download_queue (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  tid text not null,
  modified_at timestamptz not null,
  platform_status text not null,
  trade_type text not null,
  payment_fen bigint,
  buyer_masked text not null default '',
  receiver_masked text not null default '',
  is_new boolean not null,
  waiting_since timestamptz not null default now(),
  urgent boolean not null default false,
  buyer_hash bigint,
  receiver_hash bigint,
  constraint download_queue_pkey primary key (id),
  constraint download_queue_tid_shop_id_key unique (tid, shop_id)
);
comment on table download_queue is 'A trade that a list shows as newer than the stored one (待下载订单); only on platforms whose lists lack goods. Deleted when its detail is requested.';
comment on column download_queue.modified_at is 'The platform''s time of the listed version.';
comment on column download_queue.trade_type is 'The platform''s own word.';
comment on column download_queue.is_new is 'We have no trade of this number.';
comment on column download_queue.urgent is 'A person requested it: goes before the rest.';
comment on column download_queue.buyer_hash is 'Keyed hash of the nick, for the search.';
comment on column download_queue.receiver_hash is 'Keyed hash of the receiver''s name, for the search.';
create index download_queue_order on download_queue using btree (shop_id, urgent desc, id);

create table erased_trade (
  tid text not null,
  shop_id bigint not null,
  erasure_id bigint not null,
  erased_at timestamptz,
  constraint erased_trade_pkey primary key (tid, shop_id)
);
comment on table erased_trade is 'A trade, or an off-platform order, whose buyer is erased. Downloads store nothing personal of it.';
comment on column erased_trade.tid is 'The trade number; of an off-platform order the number that its maker gave it.';
comment on column erased_trade.shop_id is '→ shop.id';
comment on column erased_trade.erasure_id is '→ erasure.id';
comment on column erased_trade.erased_at is 'When its rows were erased; null: they are next.';
create index erased_trade_of on erased_trade using btree (erasure_id, tid, shop_id) where (erased_at is null);

create table erasure (
  id bigint not null generated always as identity,
  trade_count integer not null,
  erased_rows jsonb not null default '{}'::jsonb,
  actor jsonb not null,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  constraint erasure_pkey primary key (id),
  constraint erasure_trade_count_check check ((trade_count > 0))
);
comment on table erasure is 'A request by which the personal data of one buyer is erased (抹去). It does not say whose.';
comment on column erasure.trade_count is 'The number of trades and off-platform orders that it concerns.';
comment on column erasure.erased_rows is 'Rows that were overwritten or deleted, by table.';
comment on column erasure.actor is 'JSON of the user who asked for it.';
comment on column erasure.ended_at is 'Null: it still runs.';
create index erasure_open on erasure using btree (id) where (ended_at is null);

create table extra_refund (
  id bigint not null generated always as identity,
  no text not null,
  shop_id bigint not null,
  order_id bigint not null,
  order_no text not null,
  refund_no text not null default '',
  kind text not null,
  amount_fen bigint not null,
  reason text not null,
  status text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  constraint extra_refund_pkey primary key (id),
  constraint extra_refund_no_key unique (no),
  constraint extra_refund_amount_fen_check check ((amount_fen > 0)),
  constraint extra_refund_kind_check check ((kind = any (array['compensation', 'price_difference', 'return_freight', 'deposit', 'cashback', 'goods', 'other']))),
  constraint extra_refund_status_check check ((status = any (array['draft', 'approved', 'voided'])))
);
comment on table extra_refund is 'An extra refund (额外退款): money that we grant besides the platform''s refunds. draft → approved or voided.';
comment on column extra_refund.order_no is 'The number of the order, which never changes.';
comment on column extra_refund.refund_no is 'The platform''s refund that it belongs to; empty: none.';
create index extra_refund_by_status on extra_refund using btree (status, id desc);
create index extra_refund_of on extra_refund using btree (order_id);

create table gift_rule (
  id bigint not null generated always as identity,
  position integer not null,
  version integer not null default 1,
  places_taken integer not null default 0,
  removed_at timestamptz,
  constraint gift_rule_pkey primary key (id),
  constraint gift_rule_places_taken_check check ((places_taken >= 0))
);
comment on table gift_rule is 'A gift rule (赠品规则): its place and how many of the first N are used. Its content is in gift_rule_version. Never deleted.';
comment on column gift_rule.position is 'The order in which rules are applied.';
comment on column gift_rule.version is 'The version in force.';
comment on column gift_rule.places_taken is 'Orders that have a place among the first N; never given back.';
comment on column gift_rule.removed_at is 'A person deleted the rule; orders still name it.';
create index gift_rule_live on gift_rule using btree ("position") where (removed_at is null);

create table gift_rule_version (
  rule_id bigint not null,
  version integer not null,
  rule jsonb not null,
  constraint gift_rule_version_pkey primary key (rule_id, version)
);
comment on table gift_rule_version is 'The content of a gift rule, one row for each change. Append-only.';
comment on column gift_rule_version.rule_id is '→ gift_rule.id';
comment on column gift_rule_version.rule is 'JSON of orders/gifts/contract.ts.';

create table gift_rules (
  single boolean not null default true,
  version integer not null,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  constraint gift_rules_pkey primary key (single),
  constraint gift_rules_single_check check (single)
);
comment on table gift_rules is 'The version of all gift rules together, as a person saves them together. One row.';
comment on column gift_rules.single is 'Always true: the table has one row.';

create table handout (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  parcels integer not null,
  columns jsonb not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  constraint handout_pkey primary key (id)
);
comment on table handout is '发货表: parcels of a spreadsheet shop that were handed out in one sheet. It can be downloaded again.';
comment on column handout.shop_id is '→ shop.id';
comment on column handout.columns is 'The columns of the sheet, with their titles.';
create index handout_of_shop on handout using btree (shop_id, id);

create table handout_due (
  delivery_id bigint not null,
  shop_id bigint not null,
  constraint handout_due_pkey primary key (delivery_id)
);
comment on table handout_due is 'Parcels of spreadsheet shops whose write-back is done since they were last in a sheet (发货表): those that wait for the next sheet, and few others.';
comment on column handout_due.delivery_id is '→ delivery.id';
comment on column handout_due.shop_id is '→ shop.id';
create index handout_due_of_shop on handout_due using btree (shop_id, delivery_id);

create table handout_parcel (
  handout_id bigint not null,
  delivery_id bigint not null,
  courier text not null,
  waybill_no text not null,
  constraint handout_parcel_pkey primary key (delivery_id, courier, waybill_no)
);
comment on table handout_parcel is 'The parcels of each hand-out. A delivery is handed out once with one waybill; with a corrected one it is handed out anew.';
comment on column handout_parcel.handout_id is '→ handout.id';
comment on column handout_parcel.delivery_id is '→ delivery.id';
create index handout_parcel_of_handout on handout_parcel using btree (handout_id);

create table house_process (
  name text not null,
  kind text not null,
  seen_at timestamptz not null default now(),
  ahead_ms integer not null,
  free_bytes bigint not null,
  size_bytes bigint not null,
  program integer not null default 0,
  version text not null default '',
  constraint house_process_pkey primary key (name),
  constraint house_process_kind_check check ((kind = any (array['web', 'worker'])))
);
comment on table house_process is 'A web or worker process of this installation, with its last heartbeat. Deleted when it stops.';
comment on column house_process.name is 'Host, process and a random part.';
comment on column house_process.seen_at is 'The last heartbeat.';
comment on column house_process.ahead_ms is 'Its clock less that of the database.';
comment on column house_process.free_bytes is 'Free space of the fullest disk that holds its data folder.';
comment on column house_process.size_bytes is 'Size of that disk.';
comment on column house_process.program is 'The number of the last migration that its program knows; 0: a program from before this column.';
comment on column house_process.version is 'The version of its program, and the first digits of the commit.';

create table idempotency_key (
  actor text not null,
  key text not null,
  request_hash bytea not null,
  status integer,
  body bytea,
  content_type text,
  busy_until timestamptz not null,
  created_at timestamptz not null default now(),
  rights_hash bytea,
  constraint idempotency_key_pkey primary key (actor, key)
);
comment on table idempotency_key is 'The answer to a request with an Idempotency-Key, given again for 24 hours.';
comment on column idempotency_key.actor is 'kind:id.';
comment on column idempotency_key.request_hash is 'Keyed hash of the request: another request with the same key is refused.';
comment on column idempotency_key.status is 'HTTP status of the answer; null while the first request runs.';
comment on column idempotency_key.body is 'The answer, sealed.';
comment on column idempotency_key.busy_until is 'Another request may take over after this time.';
comment on column idempotency_key.rights_hash is 'Hash of the actor''s rights then: the answer is not given under others.';
create index idempotency_key_age on idempotency_key using btree (created_at);

create table intercept (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  delivery_no text not null,
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  shop_id bigint not null,
  warehouse_id bigint,
  courier text not null,
  waybill_no text not null,
  refund_no text not null,
  amount_fen bigint not null,
  deadline timestamptz,
  way text not null,
  state text not null,
  note text not null default '',
  created_at timestamptz not null default now(),
  created_by text not null,
  asked_at timestamptz,
  asked_by text,
  ended_at timestamptz,
  ended_by text,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer)]) stored,
  return_id bigint,
  return_no text not null default '',
  constraint intercept_pkey primary key (id),
  constraint intercept_check check (((state = any (array['open', 'asked'])) = (ended_at is null))),
  constraint intercept_check1 check (((state <> 'asked') or (asked_at is not null))),
  constraint intercept_state_check check ((state = any (array['open', 'asked', 'pulled', 'returned', 'missed', 'money', 'lifted']))),
  constraint intercept_way_check check ((way = any (array['pull', 'recall'])))
) with (fillfactor=80);
comment on table intercept is 'An intercept (拦截): a shipped delivery that is wanted back for a refund. open → asked → pulled, returned, missed, money or lifted. A delivery has at most one that is open or asked.';
comment on column intercept.delivery_id is '→ delivery.id';
comment on column intercept.order_id is '→ sales_order.id';
comment on column intercept.shop_id is '→ shop.id';
comment on column intercept.warehouse_id is '→ warehouse.id';
comment on column intercept.refund_no is 'The refund for which it was made.';
comment on column intercept.deadline is 'Until then the platform wants an answer.';
comment on column intercept.way is 'pull: the warehouse stops it before the platform knows of the shipping. recall: the courier is asked.';
comment on column intercept.state is 'pulled, returned: the goods are back. missed: they were not stopped. money: only money is refunded. lifted: no longer wanted.';
comment on column intercept.return_id is 'The return by which the goods come in. → return_order.id';
create index intercept_by_created on intercept using btree (state, created_at, id);
create index intercept_by_deadline on intercept using btree (state, coalesce(deadline, 'infinity'::timestamptz), id);
create index intercept_delivery_no on intercept using btree (delivery_no);
create index intercept_facets on intercept using gin (facets);
create unique index intercept_live on intercept using btree (delivery_id) where (ended_at is null);
create index intercept_of on intercept using btree (delivery_id, id);
create index intercept_order on intercept using btree (order_id);
create index intercept_order_no on intercept using btree (order_no);
create index intercept_tid on intercept using btree (tid);
create index intercept_waybill on intercept using btree (waybill_no);

create table kept_log (
  only_row boolean not null default true,
  backup_place text not null,
  begun_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  sent_to text,
  sent_at timestamptz,
  restorable_from timestamptz,
  base_at timestamptz,
  failed_since timestamptz,
  failure jsonb,
  constraint kept_log_pkey primary key (only_row),
  constraint kept_log_only_row_check check (only_row)
);
comment on table kept_log is 'One row while the log of the embedded database is kept at the place of the backup (恢复到任意一秒), written by the log keeper.';
comment on column kept_log.seen_at is 'The last sign of the log keeper.';
comment on column kept_log.sent_to is 'The last segment of the log that the place has.';
comment on column kept_log.restorable_from is 'The end of the oldest base backup: every second since can be restored. Null: there is none yet.';
comment on column kept_log.base_at is 'The end of the newest base backup.';
comment on column kept_log.failed_since is 'Segments or base backups do not reach the place since then; failure says why.';

create table label_area (
  id bigint not null default (1000000000 + nextval('label_area_no'::regclass)),
  name text not null,
  width_mm integer not null,
  height_mm integer not null,
  options jsonb not null,
  shop_ids bigint[] not null default '{}'::bigint[],
  couriers text[] not null default '{}'::text[],
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  constraint label_area_pkey primary key (id),
  constraint label_area_height_mm_check check (((height_mm >= 20) and (height_mm <= 420))),
  constraint label_area_name_check check ((name <> '')),
  constraint label_area_width_mm_check check (((width_mm >= 20) and (width_mm <= 420)))
);
comment on table label_area is 'A template of a custom area (面单自定义区) that we lay out ourselves and the print client prints over a label. Without a row labels have none. Written by fulfilment/papers.';
comment on column label_area.id is 'Above the numbers of paper_template, so that a template is known by its number.';
comment on column label_area.options is 'Fields, columns and sizes: PaperOptions of fulfilment/papers/paper-rules.ts.';
comment on column label_area.shop_ids is 'Only labels of these shops use it; empty: of every shop.';
comment on column label_area.couriers is 'Only labels of these couriers use it; empty: of every courier.';

create table listing (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  item_id text not null,
  platform_sku_id text not null,
  outer_item_id text not null default '',
  outer_sku_id text not null default '',
  title text not null default '',
  spec text not null default '',
  picture_url text not null default '',
  price_fen bigint,
  quantity integer,
  status text not null,
  modified_at timestamptz not null,
  listed_at timestamptz,
  sku_id bigint,
  matched_how text not null default '',
  matched_by text not null default '',
  matched_at timestamptz,
  words text not null generated always as (lower(((((((((((title || ' ') || spec) || ' ') || outer_sku_id) || ' ') || outer_item_id) || ' ') || item_id) || ' ') || platform_sku_id))) stored,
  grams integer[] not null generated always as (text_grams(lower(((((((((((title || ' ') || spec) || ' ') || outer_sku_id) || ' ') || outer_item_id) || ' ') || item_id) || ' ') || platform_sku_id)))) stored,
  standing text not null generated always as (
case
    when (sku_id is not null) then 'matched'
    when (status = 'gone') then 'gone'
    else 'unmatched'
end) stored,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer), ((24 * 67108864) +
case status
    when 'on_sale' then 1
    when 'in_stock' then 2
    when 'gone' then 3
    else 4
end), ((25 * 67108864) +
case matched_how
    when 'outer_id' then 1
    when 'hand' then 2
    when 'import' then 3
    else 0
end)]) stored,
  created_at timestamptz not null default now(),
  former_sku_id bigint,
  constraint listing_pkey primary key (id),
  constraint listing_shop_id_item_id_platform_sku_id_key unique (shop_id, item_id, platform_sku_id),
  constraint listing_check check (((sku_id is null) = (matched_how = ''))),
  constraint listing_matched_how_check check ((matched_how = any (array['', 'outer_id', 'hand', 'import']))),
  constraint listing_status_check check ((status = any (array['on_sale', 'in_stock', 'gone', 'seen'])))
);
comment on table listing is 'A listing (平台商品): one platform SKU of a shop, or the item where it has no SKUs. Written by catalog/listings from the shop''s list and from trades; never deleted.';
comment on column listing.item_id is 'The platform''s number of the item.';
comment on column listing.platform_sku_id is 'The platform''s number of the SKU; empty: the item has none.';
comment on column listing.outer_item_id is 'The outer code of the item.';
comment on column listing.outer_sku_id is 'The outer code of the SKU.';
comment on column listing.quantity is 'The stock that the platform shows.';
comment on column listing.status is 'on_sale, in_stock: as the shop''s list says. gone: the list no longer has it. seen: known from a trade only.';
comment on column listing.modified_at is 'The platform''s time of the stored version; of a listing that was only seen, when its trade was made.';
comment on column listing.listed_at is 'When the shop''s list last had it.';
comment on column listing.sku_id is 'The match: the SKU that this listing sells.';
comment on column listing.matched_how is 'outer_id: by code. hand: by a person. import: by a sheet. Empty: not matched.';
comment on column listing.matched_by is 'The person who decided, also that it matches nothing: codes then change nothing. Empty: the codes decide.';
comment on column listing.words is 'The searched text in lower case.';
comment on column listing.former_sku_id is 'The match before this one, so that orders that wait for those goods follow. → sku.id';
create index listing_by_created on listing using btree (standing, created_at, id);
create index listing_by_modified on listing using btree (standing, modified_at, id);
create index listing_facets on listing using gin (facets);
create index listing_grams on listing using gin (grams);
create index listing_listed on listing using btree (shop_id, listed_at) where (status = any (array['on_sale', 'in_stock']));
create index listing_of_sku on listing using btree (sku_id) where (sku_id is not null);
create index listing_outer_item on listing using btree (outer_item_id) where (outer_item_id <> '');
create index listing_outer_sku on listing using btree (outer_sku_id) where (outer_sku_id <> '');

create table mall_document (
  shop_id bigint not null,
  kind text not null,
  number text not null,
  tid text not null,
  version_at timestamptz not null,
  received_at timestamptz not null,
  sealed bytea not null,
  constraint mall_document_pkey primary key (number, shop_id, kind),
  constraint mall_document_kind_check check ((kind = any (array['trade', 'refund']))),
  constraint mall_document_number_check check ((number <> '')),
  constraint mall_document_tid_check check ((tid <> ''))
);
comment on table mall_document is 'The newest version of each trade and refund that a mall has posted. Its lists and details are read here.';
comment on column mall_document.shop_id is '→ shop.id';
comment on column mall_document.number is 'The mall''s number of the trade or refund.';
comment on column mall_document.tid is 'The number of the trade: of a refund, the one that it is about.';
comment on column mall_document.version_at is 'When the mall changed it last, as the mall says. A document with an older or the same time changes nothing.';
comment on column mall_document.received_at is 'When this version came, by the clock of the database.';
comment on column mall_document.sealed is 'The document as it was posted, sealed for the shop.';
create index mall_document_of_trade on mall_document using btree (shop_id, tid) where (kind = 'refund');
create index mall_document_received on mall_document using btree (shop_id, kind, received_at, number);

create table migration (
  name text not null,
  applied_at timestamptz not null default now(),
  constraint migration_pkey primary key (name)
);
comment on table migration is 'The files of migrations/ that were applied.';

create table one_time_link (
  token_hash bytea not null,
  purpose text not null,
  user_id bigint,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  made_by jsonb,
  constraint one_time_link_pkey primary key (token_hash),
  constraint one_time_link_check check (((purpose = 'setup') = (user_id is null))),
  constraint one_time_link_purpose_check check ((purpose = any (array['setup', 'password'])))
);
comment on table one_time_link is 'A link that works once: for the first set-up, or for a new password.';
comment on column one_time_link.token_hash is 'SHA-256 of the token in the link.';
comment on column one_time_link.purpose is 'setup: makes the first administrator and has no user. password: sets a password.';
comment on column one_time_link.made_by is 'The person or program that made a link for a password. The link works while they may manage its user. null: nobody who is limited.';

create table order_difference (
  id bigint not null generated always as identity,
  order_id bigint not null,
  kind text not null,
  old_value text not null default '',
  new_value text not null default '',
  personal bytea,
  region text not null default '',
  facets integer[],
  people bigint[],
  trade_version timestamptz not null,
  seen_at timestamptz not null default now(),
  settled_at timestamptz,
  settled_by text,
  settled_how text,
  receiver_hash integer,
  constraint order_difference_pkey primary key (id),
  constraint order_difference_kind_check check ((kind = any (array['address', 'courier', 'memo', 'flag', 'message', 'closed', 'shipped_elsewhere', 'payment', 'left_line']))),
  constraint order_difference_settled_how_check check ((settled_how = any (array['applied', 'ignored', 'superseded'])))
);
comment on table order_difference is 'A platform change (平台改动) of a trade after its conversion, kept beside the order until it is applied or ignored; never applied silently.';
comment on column order_difference.old_value is 'Without personal data: of an address only that it changed.';
comment on column order_difference.personal is 'Sealed: the new receiver of a changed address.';
comment on column order_difference.region is 'Of a changed address.';
comment on column order_difference.people is 'Of a changed address: the search keys of the receiver.';
comment on column order_difference.trade_version is 'The platform''s modified time of the trade that showed it.';
comment on column order_difference.settled_how is 'applied, ignored by a person, or superseded by a later change.';
comment on column order_difference.receiver_hash is 'Of a changed address: keyed hash of the receiver.';
create unique index order_difference_once on order_difference using btree (order_id, kind, trade_version);
create index order_difference_open on order_difference using btree (order_id) where (settled_at is null);

create table order_event (
  id bigint not null generated always as identity,
  order_id bigint not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  constraint order_event_pkey primary key (order_id, id),
  constraint order_event_actor_kind_check check ((actor_kind = any (array['user', 'api_key', 'task', 'system'])))
) with (autovacuum_analyze_scale_factor=0.1);
comment on table order_event is 'The history of an order: who did what, when. Append-only.';
comment on column order_event.order_id is '→ sales_order.id';
comment on column order_event.event is 'A transition of orders/order/lifecycle.ts, or another act.';
comment on column order_event.actor_id is 'Id of the user, API key or task; empty: the system.';
comment on column order_event.detail is 'Facts of the act. No personal data.';
create index order_event_confirmed on order_event using btree (at) where ((event = 'confirm') and (actor_kind = 'user'));
create trigger report_confirmed after insert on order_event referencing new table as changed for each statement execute function note_report_confirmed();
create trigger webhooks_of_new after insert on order_event referencing new table as changed for each statement execute function note_order_webhooks();

create table order_gift (
  order_id bigint not null,
  rule_id bigint not null,
  times integer not null,
  version integer,
  given_at timestamptz not null default now(),
  constraint order_gift_pkey primary key (order_id, rule_id),
  constraint order_gift_times_check check ((times >= 0))
);
comment on table order_gift is 'A gift rule that gave something to an order: once, however often it is computed. Stays when the gift is removed.';
comment on column order_gift.order_id is '→ sales_order.id';
comment on column order_gift.rule_id is '→ gift_rule.id';
comment on column order_gift.times is 'How many times the gift was given; 0: removed, but its place among the first N stays used.';
comment on column order_gift.version is 'The version of the rule against which refunds are compared; null: none any more, as the goods are on several orders.';

create table order_hold (
  id bigint not null generated always as identity,
  order_id bigint not null,
  reason text not null,
  source text not null,
  note text not null default '',
  held_by text not null,
  held_at timestamptz not null default now(),
  until timestamptz,
  released_by text,
  released_at timestamptz,
  constraint order_hold_pkey primary key (id),
  constraint order_hold_reason_check check ((reason = any (array['ask_buyer', 'address', 'price', 'stock', 'risk', 'other', 'gift', 'refund_open', 'unmatched', 'platform_closed', 'shipped_elsewhere', 'address_changed', 'courier_changed', 'line_left'])))
);
comment on table order_hold is 'A hold (挂起): a reason for which an order must not move on. Open until released_at; lifted rows stay as history.';
comment on column order_hold.reason is 'A name of holdReasons in orders/order/lifecycle.ts.';
comment on column order_hold.source is 'The refund number or kind of change that placed it; empty: a person. Each source holds an order once.';
comment on column order_hold.until is 'A person''s hold ends by itself then.';
comment on column order_hold.released_at is 'When the hold was lifted; null: open.';
create index order_hold_of on order_hold using btree (order_id);
create unique index order_hold_open on order_hold using btree (order_id, reason, source) where (released_at is null);
create index order_hold_refunds on order_hold using btree (held_at, order_id) where ((reason = 'refund_open') and (released_at is null));
create index order_hold_source on order_hold using btree (source) where (released_at is null);
create index order_hold_until on order_hold using btree (until) where ((released_at is null) and (until is not null));

create table order_line (
  order_id bigint not null,
  line_no smallint not null,
  tid text not null,
  oid text not null,
  sku_id bigint,
  item_id text not null,
  platform_sku_id text not null,
  outer_item_id text not null,
  outer_sku_id text not null,
  title text not null,
  spec text not null,
  picture_url text not null,
  quantity integer not null,
  refunded_quantity integer not null default 0,
  price_fen bigint not null,
  discount_fen bigint not null,
  payment_fen bigint not null,
  refunded_fen bigint not null default 0,
  gift boolean not null default false,
  gift_rule_id bigint,
  gift_off_by text,
  plan_at timestamptz,
  substitute_for bigint,
  substitute_diff_fen bigint,
  constraint order_line_pkey primary key (order_id, line_no),
  constraint order_line_check check (((refunded_quantity >= 0) and (refunded_quantity <= quantity))),
  constraint order_line_gift check (
case
    when gift then ((price_fen = 0) and (payment_fen = 0) and (refunded_fen = 0) and (oid = '') and (sku_id is not null))
    else ((gift_rule_id is null) and (gift_off_by is null))
end),
  constraint order_line_quantity_check check ((quantity > 0)),
  constraint order_line_refunded_fen_check check ((refunded_fen >= 0)),
  constraint order_line_substitute_check check (
case
    when (substitute_for is null) then (substitute_diff_fen is null)
    else ((not gift) and (sku_id is not null) and (sku_id <> substitute_for))
end)
) with (fillfactor=95);
comment on table order_line is 'A line of an order: one kind of goods. Written when the order is made, cut by split, and changed by refunds and gifts.';
comment on column order_line.order_id is '→ sales_order.id';
comment on column order_line.tid is 'The trade that the line came from.';
comment on column order_line.oid is 'The platform''s number of the trade line; empty for gifts and off-platform orders.';
comment on column order_line.sku_id is 'Null: its listing is not matched. → sku.id';
comment on column order_line.item_id is 'The platform''s number of the item.';
comment on column order_line.platform_sku_id is 'The platform''s number of the SKU; empty: the item has none.';
comment on column order_line.outer_item_id is 'The outer code of the item when it was ordered.';
comment on column order_line.outer_sku_id is 'The outer code of the SKU when it was ordered.';
comment on column order_line.refunded_quantity is 'Pieces that refunds took off; of a gift, pieces that were removed.';
comment on column order_line.price_fen is 'Price of one piece.';
comment on column order_line.payment_fen is 'Its part of the payment for goods.';
comment on column order_line.refunded_fen is 'Money that refunds took back.';
comment on column order_line.gift is 'Given on top: costs nothing, and the platform does not know it.';
comment on column order_line.gift_rule_id is 'The rule that gave it; null: a person. → gift_rule.id';
comment on column order_line.gift_off_by is 'The person who removed it; no rule gives that SKU to the order again.';
comment on column order_line.plan_at is 'The day that the platform names for this line of a presale.';
comment on column order_line.substitute_for is 'The SKU that the buyer ordered, where a person replaced it. → sku.id';
comment on column order_line.substitute_diff_fen is 'List price of one piece of the SKU that is sent, less that of the ordered one, when it was replaced; the seller bears it. Null: a price is not known.';
create index order_line_sku on order_line using btree (sku_id, order_id);
create index order_line_unmatched on order_line using btree (item_id, platform_sku_id) where (sku_id is null);
create trigger report_lines_changed after update on order_line referencing old table as lines_before new table as lines_after for each statement execute function note_report_line_changes();
create trigger report_lines_new after insert on order_line referencing new table as changed for each statement execute function note_report_lines();
create trigger report_lines_removed after delete on order_line referencing old table as changed for each statement execute function note_report_lines();

create table order_problem (
  order_id bigint not null,
  reason text not null,
  detail jsonb not null,
  found_at timestamptz not null default now(),
  waived_by text,
  waived_at timestamptz,
  constraint order_problem_pkey primary key (order_id, reason)
);
comment on table order_problem is 'A problem (问题单): a review check that an order fails. A waiver holds as long as the detail stays the same.';
comment on column order_problem.order_id is '→ sales_order.id';
comment on column order_problem.reason is 'A name of orders/review/checks.ts.';
comment on column order_problem.detail is 'Figures from which the text is made. No personal data.';
comment on column order_problem.waived_at is 'When a person accepted the problem; null: open.';

create table order_refund (
  order_id bigint not null,
  refund_no text not null,
  shop_id bigint not null,
  oid text not null,
  kind text not null,
  refund_status text not null,
  version text not null,
  modified_at timestamptz not null,
  amount_fen bigint not null,
  quantity integer not null,
  effect text not null,
  applied_at timestamptz not null default now(),
  fact text,
  counted_fen bigint not null default 0,
  counted_quantity integer not null default 0,
  counted_oid text not null default '',
  takes_goods boolean not null default false,
  phase text not null default 'onsale',
  constraint order_refund_pkey primary key (order_id, refund_no),
  constraint order_refund_check check (((fact is not null) or ((counted_fen = 0) and (counted_quantity = 0)))),
  constraint order_refund_counted_fen_check check ((counted_fen >= 0)),
  constraint order_refund_counted_quantity_check check ((counted_quantity >= 0)),
  constraint order_refund_effect_check check ((effect = any (array['hold', 'release', 'reduce', 'money', 'record']))),
  constraint order_refund_fact_check check ((fact = any (array['order_refund', 'return_refund', 'void_refund', 'refund_only']))),
  constraint order_refund_kind_check check ((kind = any (array['refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only']))),
  constraint order_refund_phase_check check ((phase = any (array['onsale', 'aftersale']))),
  constraint order_refund_refund_status_check check ((refund_status = any (array['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown'])))
);
comment on table order_refund is 'An applied refund (已转退单): a refund as it was last applied to an order, and how much of it counts. A newer version replaces its own part and nothing else.';
comment on column order_refund.refund_no is 'The platform''s number of the refund.';
comment on column order_refund.shop_id is '→ shop.id';
comment on column order_refund.oid is 'The refunded trade line; empty: the whole trade.';
comment on column order_refund.version is 'The platform''s version of the refund.';
comment on column order_refund.modified_at is 'The platform''s time of that version.';
comment on column order_refund.effect is 'What the last version did to the order.';
comment on column order_refund.fact is 'The kind of settlement that its last succeeded version caused; null: no money went back.';
comment on column order_refund.counted_fen is 'Money that counts on this order.';
comment on column order_refund.counted_quantity is 'Pieces that count on this order.';
comment on column order_refund.counted_oid is 'The line on which it counts.';
comment on column order_refund.takes_goods is 'False: money only, though the refund names a quantity, since the order was voided or shipped by then.';
comment on column order_refund.phase is 'onsale: applied for before the trade was finished (售中). aftersale: after that (售后).';
create index order_refund_no on order_refund using btree (shop_id, refund_no);

create table order_source (
  order_id bigint not null,
  source_id bigint not null,
  reason text not null default '',
  constraint order_source_pkey primary key (order_id)
);
comment on table order_source is 'The order from which a copy or a reship was made.';
comment on column order_source.order_id is '→ sales_order.id';
comment on column order_source.source_id is '→ sales_order.id';
create index order_source_of on order_source using btree (source_id);

create table paper_template (
  id bigint not null generated always as identity,
  kind text not null,
  name text not null,
  width_mm integer not null,
  height_mm integer not null,
  options jsonb not null,
  shop_ids bigint[] not null default '{}'::bigint[],
  couriers text[] not null default '{}'::text[],
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  constraint paper_template_pkey primary key (id),
  constraint paper_template_height_mm_check check (((height_mm >= 20) and (height_mm <= 420))),
  constraint paper_template_kind_check check ((kind <> '')),
  constraint paper_template_name_check check ((name <> '')),
  constraint paper_template_width_mm_check check (((width_mm >= 20) and (width_mm <= 420)))
);
comment on table paper_template is 'A template (打印模板) of one of our own papers, such as the packing slip (随箱清单). Without a row the default of the kind is used. Written by fulfilment/papers.';
comment on column paper_template.kind is 'A key of fulfilment/papers/paper-rules.ts.';
comment on column paper_template.options is 'Fields, columns and sizes: PaperOptions of fulfilment/papers/paper-rules.ts.';
comment on column paper_template.shop_ids is 'Only deliveries of these shops use it; empty: of every shop.';
comment on column paper_template.couriers is 'Only deliveries with these couriers use it; empty: with every courier.';

create table parcel_order (
  parcel bigint not null,
  order_id bigint not null,
  constraint parcel_order_pkey primary key (parcel, order_id)
);
comment on table parcel_order is 'Which orders are, or were, in a shipment of several orders (合并发货). The column sales_order.parcel decides.';
comment on column parcel_order.parcel is 'Number of the shipment, from the sequence parcel_id.';
comment on column parcel_order.order_id is '→ sales_order.id';

create table parcel_subscription (
  id bigint not null generated always as identity,
  account_id bigint not null,
  courier text not null,
  waybill_no text not null,
  order_id bigint not null,
  shop_id bigint not null,
  state text not null default 'asked',
  times integer not null default 1,
  asked_at timestamptz not null default now(),
  again_at timestamptz,
  reason text not null default '',
  constraint parcel_subscription_pkey primary key (id),
  constraint parcel_subscription_once unique (waybill_no, courier, account_id),
  constraint parcel_subscription_state_check check ((state = any (array['asked', 'live', 'ended', 'failed']))),
  constraint parcel_subscription_times_check check ((times > 0)),
  constraint parcel_subscription_waybill_no_check check ((waybill_no <> ''))
);
comment on table parcel_subscription is 'A waybill whose scans the source of an account sends us (订阅). asked → live or failed; live → ended. Once for each waybill, again after the source gave it up.';
comment on column parcel_subscription.order_id is 'The order whose receiver''s phone is given to couriers that ask for it. → sales_order.id';
comment on column parcel_subscription.times is 'Subscriptions so far. The source allows four for a waybill within a month.';
comment on column parcel_subscription.again_at is 'When it is asked for again, because the source gave it up without a scan; null: it is not.';
comment on column parcel_subscription.reason is 'Why it failed or ended; empty: signed for.';
create index parcel_subscription_again on parcel_subscription using btree (again_at) where (again_at is not null);

create table parcel_track (
  delivery_id bigint not null,
  shop_id bigint not null,
  warehouse_id bigint,
  courier text not null,
  waybill_no text not null,
  state text not null default 'unknown',
  moved_at timestamptz,
  left_at timestamptz not null default now(),
  asked_at timestamptz,
  next_at timestamptz,
  misses integer not null default 0,
  account_id bigint,
  constraint parcel_track_pkey primary key (delivery_id),
  constraint parcel_track_state_check check ((state = any (array['unknown', 'collected', 'in_transit', 'out_for_delivery', 'at_pickup', 'signed', 'problem', 'returning', 'returned'])))
);
comment on table parcel_track is 'Where the parcel of a shipped delivery is (物流). Begun as it leaves, and asked for until it is signed for or back.';
comment on column parcel_track.state is 'By the courier''s last scan. unknown: not scanned.';
comment on column parcel_track.moved_at is 'The time of the last scan.';
comment on column parcel_track.asked_at is 'When the platform answered last; null: it has not answered.';
comment on column parcel_track.next_at is 'When it is asked for again; null: never, because it has arrived, is back, or left more than 30 days ago.';
comment on column parcel_track.misses is 'Refused questions in a row.';
comment on column parcel_track.account_id is 'The account that follows the parcel; null: its platform. → waybill_account.id';
create index parcel_track_due on parcel_track using btree (shop_id, next_at) where (next_at is not null);
create index parcel_track_followed on parcel_track using btree (account_id, next_at) where ((account_id is not null) and (next_at is not null));
create index parcel_track_number on parcel_track using btree (waybill_no) where (account_id is not null);
create index parcel_track_open on parcel_track using btree (state, coalesce(moved_at, left_at), delivery_id) where ((next_at is not null) and (asked_at is not null));
create index parcel_track_unfollowed on parcel_track using btree (delivery_id) where ((account_id is null) and (asked_at is null) and (next_at is not null));
create trigger report_track_changed after update of state, moved_at on parcel_track for each row when ((((old.state = 'signed') or (new.state = 'signed')) and ((old.state is distinct from new.state) or (old.moved_at is distinct from new.moved_at)))) execute function note_report_track();
create trigger report_track_new after insert on parcel_track for each row when ((new.state = 'signed')) execute function note_report_track();

create table parked_item (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  kind text not null,
  platform_id text not null default '',
  reason text not null,
  sealed bytea not null,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  times integer not null default 1,
  settled_at timestamptz,
  fingerprint text not null,
  constraint parked_item_pkey primary key (id),
  constraint parked_item_shop_id_kind_fingerprint_key unique (shop_id, kind, fingerprint),
  constraint parked_item_kind_check check ((kind = any (array['trade', 'refund'])))
);
comment on table parked_item is 'A parked item (异常数据): a document that could not be read at all. One row for each document, with the newest text.';
comment on column parked_item.platform_id is 'The number of the document; empty: it has none.';
comment on column parked_item.reason is 'What could not be read.';
comment on column parked_item.sealed is 'The raw text, sealed.';
comment on column parked_item.times is 'How often it was received.';
comment on column parked_item.settled_at is 'When a person closed it; null: open. A new text opens it again.';
comment on column parked_item.fingerprint is 'The number of the document, or a hash of its text where it has none.';
create index parked_item_open on parked_item using btree (shop_id, id) where (settled_at is null);

create table phone_scan (
  key text not null,
  user_id text not null,
  kind text not null,
  answer jsonb not null,
  at timestamptz not null default now(),
  constraint phone_scan_pkey primary key (key),
  constraint phone_scan_key_check check (((length(key) >= 16) and (length(key) <= 64)))
);
comment on table phone_scan is 'A scan of a phone and its answer, written in the transaction of what it did. A scan that comes again gets this answer. Deleted after 90 days.';
comment on column phone_scan.key is 'Made by the phone, one for each scan.';
comment on column phone_scan.kind is 'What the scan was for, such as pick, put_away or count, with the id of its document.';
create index phone_scan_at on phone_scan using btree (at);

create table platform_action (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  kind text not null,
  subject_type text not null,
  subject_id text not null,
  idempotency_key text not null,
  payload jsonb not null,
  secret bytea,
  state text not null,
  attempt integer not null default 0,
  claim integer not null default 0,
  looks integer not null default 0,
  worker text,
  lease_until timestamptz,
  next_at timestamptz default now(),
  answer jsonb,
  result jsonb,
  error_code text not null default '',
  error text not null default '',
  created_by jsonb not null,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  ended_at timestamptz,
  settled_by jsonb,
  settled_reason text not null default '',
  deadline timestamptz not null default 'infinity'::timestamptz,
  away boolean not null default false,
  unclear boolean not null default false,
  constraint platform_action_pkey primary key (id),
  constraint platform_action_idempotency_key_key unique (idempotency_key),
  constraint platform_action_state_check check ((state = any (array['pending', 'sending', 'succeeded', 'failed', 'unknown', 'forced', 'manual', 'withdrawn']))),
  constraint platform_action_tries_check check (((attempt >= 0) and (looks >= 0) and (claim >= 0)))
);
comment on table platform_action is 'A platform action (平台回写) in the outbox: one intent to change something on a platform. pending → sending → succeeded, failed or unknown; forced, manual: a person settled it; withdrawn: not sent.';
comment on column platform_action.kind is 'A name of actionHandlers in server/worker.ts, such as trade.ship.';
comment on column platform_action.subject_type is 'The kind of document that it is about.';
comment on column platform_action.subject_id is 'Id of that document.';
comment on column platform_action.idempotency_key is 'One intent has one key: it is never made twice.';
comment on column platform_action.payload is 'What is sent. No personal data.';
comment on column platform_action.secret is 'Personal data of the payload, sealed.';
comment on column platform_action.attempt is 'Sends that were begun.';
comment on column platform_action.claim is 'Number of the last claim: only its holder may end it.';
comment on column platform_action.looks is 'Verifications after an unclear send.';
comment on column platform_action.worker is 'The worker process that holds it.';
comment on column platform_action.lease_until is 'Another worker takes over after this time.';
comment on column platform_action.next_at is 'When it is due; null: nothing more happens by itself.';
comment on column platform_action.answer is 'The platform''s answer, while our own side is not written yet.';
comment on column platform_action.result is 'JSON, by kind.';
comment on column platform_action.created_by is 'JSON of the actor.';
comment on column platform_action.settled_by is 'JSON of the person who settled it by hand.';
comment on column platform_action.deadline is 'What is due first leaves first; infinity: no deadline.';
comment on column platform_action.away is 'Put back because the platform did not answer; sent as soon as it does.';
comment on column platform_action.unclear is 'A send of it once got no answer: the platform may have acted on it.';
create index platform_action_answered on platform_action using btree (next_at) where ((next_at is not null) and (answer is not null));
create index platform_action_away on platform_action using btree (shop_id) where away;
create index platform_action_by_shop on platform_action using btree (shop_id, id desc);
create index platform_action_by_state on platform_action using btree (state, id desc);
create index platform_action_due on platform_action using btree (shop_id, kind, deadline, id, next_at) where (next_at is not null);
create index platform_action_leased on platform_action using btree (lease_until) where (lease_until is not null);
create index platform_action_not_stock on platform_action using btree (state, id desc) where (kind <> 'stock_upload');
create index platform_action_of on platform_action using btree (subject_type, subject_id, id);
create index platform_action_open on platform_action using btree (shop_id, subject_type, subject_id, id) where (state = any (array['pending', 'sending', 'unknown']));

create table print_document (
  job_id bigint not null,
  seq integer not null,
  waybill_id bigint not null,
  state text not null,
  message text not null default '',
  spooled_at timestamptz,
  ended_at timestamptz,
  nth smallint not null default 1,
  constraint print_document_pkey primary key (job_id, seq),
  constraint print_document_seq_check check ((seq > 0)),
  constraint print_document_state_check check ((state = any (array['waiting', 'spooled', 'printed', 'failed', 'dropped'])))
);
comment on table print_document is 'A label of a print job, in the order of printing. waiting → spooled → printed or failed; a spooled one without an answer is settled by a person; waiting → dropped.';
comment on column print_document.waybill_id is '→ waybill.id';
comment on column print_document.state is 'spooled: handed to the browser, which hands it to the print client; it may or may not have been printed.';
comment on column print_document.nth is 'The package whose label it is.';
create index print_document_of_waybill on print_document using btree (waybill_id);
create index print_document_open on print_document using btree (job_id) where (state = any (array['waiting', 'spooled']));

create table print_job (
  id bigint not null generated always as identity,
  printer text not null,
  reason text not null default '',
  created_at timestamptz not null default now(),
  created_by text not null,
  created_by_id text not null,
  constraint print_job_pkey primary key (id)
);
comment on table print_job is 'A print job (打印任务): labels that one person prints one after another on one printer.';
comment on column print_job.printer is 'The printer''s name at the print client; empty: its default printer.';
comment on column print_job.reason is 'Why labels are printed again; empty: none of them was printed before.';
comment on column print_job.created_by_id is 'Only this user''s browser takes the documents.';

create table product (
  id bigint not null generated always as identity,
  code text not null,
  name text not null,
  category text not null default '',
  brand text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_pkey primary key (id),
  constraint product_code_key unique (code),
  constraint product_code_check check (((code = btrim(code)) and (code <> '')))
);
comment on table product is 'A product (商品) that groups SKUs.';
create index product_grams on product using gin (text_grams(lower(((code || ' ') || name))));

create table push_channel (
  channel text not null,
  platform text not null,
  worker text,
  lease_until timestamptz,
  opened_at timestamptz,
  heard_at timestamptz,
  silent_since timestamptz default now(),
  error_code text not null default '',
  posted boolean not null default false,
  constraint push_channel_pkey primary key (channel),
  constraint push_channel_channel_check check ((channel <> ''))
);
comment on table push_channel is 'A way on which a platform tells one app what happens in its shops: a connection, which one worker at a time holds, or posts to our address.';
comment on column push_channel.channel is 'Platform and key of the app: taobao:12497914.';
comment on column push_channel.worker is 'The worker that holds the connection until lease_until; null: none.';
comment on column push_channel.opened_at is 'Since when the channel has been live without a longer break; null: it is not.';
comment on column push_channel.heard_at is 'The last sign of the platform, a message or not; null: never.';
comment on column push_channel.silent_since is 'Since when it has not been live; null: it is.';
comment on column push_channel.error_code is 'Why the last connection failed or ended; empty: it stands.';
comment on column push_channel.posted is 'True: the platform posts messages to our address, so nobody holds a connection, and quiet hours say nothing.';

create table push_message (
  id bigint not null generated always as identity,
  channel text not null,
  message_id text not null,
  topic text not null,
  shop_id bigint,
  kind text not null,
  tid text not null default '',
  refund_no text not null default '',
  sealed bytea not null,
  heard_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  tries integer not null default 0,
  handled_at timestamptz,
  outcome text not null default '',
  constraint push_message_pkey primary key (id),
  constraint push_message_once unique (message_id, channel),
  constraint push_message_handled check (((handled_at is null) = (outcome = ''))),
  constraint push_message_kind_check check ((kind = any (array['trade', 'refund', 'other'])))
);
comment on table push_message is 'A message of a platform, stored before it is acknowledged. It is a hint: what it names is fetched, and nothing else is read of it.';
comment on column push_message.shop_id is 'The shop that the message names, if the channel tells of it; null: it does not. → shop.id';
comment on column push_message.kind is 'What the topic is about: a trade, a refund, or something that we do not fetch.';
comment on column push_message.tid is 'The trade that the message names; empty: none.';
comment on column push_message.refund_no is 'The refund that the message names; empty: none.';
comment on column push_message.sealed is 'The whole message as it was received. Sealed for the channel.';
comment on column push_message.due_at is 'When it is handled next; while a worker handles it, the end of its claim.';
comment on column push_message.outcome is 'fetched, processed (a person marked the trade so), not_found, parked, failed, left (the lists were faster), other (nothing to fetch), no_shop; empty: not handled.';
create index push_message_due on push_message using btree (shop_id, due_at) where (handled_at is null);
create index push_message_heard on push_message using btree (heard_at);

create table push_shop (
  shop_id bigint not null,
  channel text not null,
  permit_version integer,
  permit_next_at timestamptz not null default now(),
  permit_error_code text not null default '',
  permitted_at timestamptz,
  heard_at timestamptz,
  missed_at timestamptz,
  constraint push_shop_pkey primary key (shop_id)
);
comment on table push_shop is 'A shop of which a channel tells. Rows follow the shops that are live and have push switched on.';
comment on column push_shop.permit_version is 'The version of the shop''s token with which the platform was asked to send its messages; null: never.';
comment on column push_shop.permit_error_code is 'Why the platform refused to send the messages of the shop; empty: it agreed, or was not asked yet.';
comment on column push_shop.heard_at is 'About when the last message of the shop came; null: none yet.';
comment on column push_shop.missed_at is 'When a list showed a new trade of which no message had come for minutes; null: never.';
create index push_shop_channel on push_shop using btree (channel);

create table push_today (
  shop_id bigint not null,
  kind text not null,
  day date not null,
  created integer not null,
  updated integer not null,
  constraint push_today_pkey primary key (shop_id, kind),
  constraint push_today_kind_check check ((kind = any (array['trade', 'refund'])))
);
comment on table push_today is 'The trades and refunds that push brought to a shop on the last day on which it brought any, for the count of today''s downloads.';
comment on column push_today.shop_id is '→ shop.id';
comment on column push_today.day is 'A day of China. On a later day the counts begin at 0.';
comment on column push_today.created is 'Those that were new here.';
comment on column push_today.updated is 'Those that changed.';

create table put_away (
  id bigint not null generated always as identity,
  warehouse_id bigint not null,
  sku_id bigint not null,
  bin_id bigint not null,
  spare boolean not null,
  quantity integer not null,
  put_at timestamptz not null default now(),
  put_by text not null,
  put_by_id text not null,
  constraint put_away_pkey primary key (id),
  constraint put_away_quantity_check check ((quantity > 0))
);
comment on table put_away is 'Who put how many pieces of a SKU to which bin (上架); append-only. It moves no stock: a bin has no quantity.';
comment on column put_away.spare is 'True: the bin was the spare bin of the SKU.';
create index put_away_of on put_away using btree (warehouse_id, put_at);

create table put_away_due (
  warehouse_id bigint not null,
  sku_id bigint not null,
  quantity integer not null,
  since timestamptz not null default now(),
  constraint put_away_due_pkey primary key (warehouse_id, sku_id),
  constraint put_away_due_quantity_check check ((quantity >= 0))
);
comment on table put_away_due is 'Pieces that came into a warehouse with bins and were not yet put away (待上架). Stock counts them already.';
comment on column put_away_due.since is 'When goods came last.';

create table put_back (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  delivery_no text not null,
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  shop_id bigint not null,
  warehouse_id bigint,
  courier text not null,
  waybill_no text not null,
  line_no smallint not null,
  sku_id bigint,
  title text not null,
  spec text not null,
  quantity integer not null,
  source text not null,
  state text not null default 'open',
  created_at timestamptz not null default now(),
  done_at timestamptz,
  done_by text,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer)]) stored,
  constraint put_back_pkey primary key (id),
  constraint put_back_check check (((state = 'open') = (done_at is null))),
  constraint put_back_quantity_check check ((quantity > 0)),
  constraint put_back_state_check check ((state = any (array['open', 'done', 'unpicked'])))
) with (fillfactor=80);
comment on table put_back is 'A put-back (待放回): pieces of a delivery that are not shipped any more and may have been picked; one row for each part of a bundle.';
comment on column put_back.delivery_id is '→ delivery.id';
comment on column put_back.order_id is '→ sales_order.id';
comment on column put_back.shop_id is '→ shop.id';
comment on column put_back.warehouse_id is '→ warehouse.id';
comment on column put_back.line_no is '→ order_line.line_no';
comment on column put_back.sku_id is 'Null: the line had no match. → sku.id';
comment on column put_back.source is 'The reason: void, unrelease, or the version of the order that a refund changed. A job that runs twice writes once.';
comment on column put_back.state is 'open → done, or unpicked: the pieces had not left the shelf.';
create index put_back_by_created on put_back using btree (state, created_at, id);
create index put_back_delivery on put_back using btree (delivery_no);
create index put_back_facets on put_back using gin (facets);
create unique index put_back_once on put_back using btree (delivery_id, line_no, coalesce(sku_id, (0)::bigint), source);
create index put_back_order on put_back using btree (order_no);
create index put_back_sku on put_back using btree (sku_id);
create index put_back_tid on put_back using btree (tid);
create index put_back_waybill on put_back using btree (waybill_no) where (waybill_no <> '');

create table raw_payload (
  kind text not null,
  shop_id bigint not null,
  platform_id text not null,
  modified_at timestamptz not null,
  sealed bytea not null,
  constraint raw_payload_pkey primary key (platform_id, shop_id, kind),
  constraint raw_payload_kind_check check ((kind = any (array['trade', 'refund'])))
) with (toast_tuple_target=8160);
comment on table raw_payload is 'The newest raw text of each trade and refund, sealed.';
comment on column raw_payload.shop_id is '→ shop.id';
comment on column raw_payload.platform_id is 'The number of the trade or refund.';
alter table raw_payload alter column sealed set storage external;

create table receiver_answer (
  order_id bigint not null,
  receiver_hash integer not null,
  asked bigint not null,
  grp integer,
  at timestamptz not null default now(),
  constraint receiver_answer_pkey primary key (order_id)
);
comment on table receiver_answer is 'Which masked receivers a platform called the same, when it was asked (核对收件人). Only answers of one request can be compared.';
comment on column receiver_answer.order_id is '→ sales_order.id';
comment on column receiver_answer.receiver_hash is 'The receiver for which it was asked: a changed one has no answer yet.';
comment on column receiver_answer.asked is 'Number of the request; 0: the receiver is known in clear, so that no request was needed.';
comment on column receiver_answer.grp is 'Orders of one request and one group have the same receiver; null: the platform did not say.';
create index receiver_answer_at on receiver_answer using btree (at);

create table refund_ask (
  shop_id bigint not null,
  asked_to timestamptz,
  answered_at timestamptz,
  tried_at timestamptz,
  error_code text not null default '',
  next_at timestamptz not null default now(),
  constraint refund_ask_pkey primary key (shop_id)
);
comment on table refund_ask is 'The refund check (核退款) of a shop: up to when its refunds are known.';
comment on column refund_ask.shop_id is '→ shop.id';
comment on column refund_ask.asked_to is 'Every change of a refund before then is here; null: never checked.';
comment on column refund_ask.answered_at is 'When the platform last answered.';
comment on column refund_ask.tried_at is 'The last try.';
comment on column refund_ask.error_code is 'Why the last try had no answer.';
comment on column refund_ask.next_at is 'The worker checks again then; a check that runs holds the row until then.';

create table refund_ask_trade (
  shop_id bigint not null,
  tid text not null,
  asked_to timestamptz not null,
  constraint refund_ask_trade_pkey primary key (shop_id, tid)
);
comment on table refund_ask_trade is 'The refund check of one trade, on platforms that are asked by trade. Deleted when the trade no longer waits.';
comment on column refund_ask_trade.shop_id is '→ shop.id';
comment on column refund_ask_trade.asked_to is 'Every change of a refund before then is here.';

create table refund_event (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  refund_no text not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  constraint refund_event_pkey primary key (refund_no, shop_id, id),
  constraint refund_event_actor_kind_check check ((actor_kind = any (array['user', 'api_key', 'task', 'system'])))
);
comment on table refund_event is 'The history of a staged refund: who did what, when. Append-only.';
comment on column refund_event.shop_id is '→ shop.id';
comment on column refund_event.actor_id is 'Id of the user, API key or task; empty: the system.';
create trigger webhooks_of_new after insert on refund_event referencing new table as changed for each statement execute function note_refund_webhooks();

create table refund_notice (
  shop_id bigint not null,
  refund_no text not null,
  tid text not null,
  oid text not null,
  source text not null,
  names text not null default '',
  kind text not null,
  phase text not null,
  refund_status text not null,
  version text not null,
  modified_at timestamptz not null,
  amount_fen bigint not null,
  quantity integer not null,
  agreeing text not null default '',
  settled boolean not null default false,
  noted_at timestamptz not null default clock_timestamp(),
  told_stopped boolean not null default false,
  constraint refund_notice_pkey primary key (shop_id, refund_no),
  constraint refund_notice_agreeing_check check ((agreeing = any (array['', 'asked', 'done']))),
  constraint refund_notice_kind_check check ((kind = any (array['refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only']))),
  constraint refund_notice_phase_check check ((phase = any (array['onsale', 'aftersale']))),
  constraint refund_notice_refund_status_check check ((refund_status = any (array['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown']))),
  constraint refund_notice_source_check check ((source = any (array['refund', 'line'])))
) with (fillfactor=80);
comment on table refund_notice is 'A refund notice (退款提醒): the newest version of each refund of a trade from its first download on, converted or not. It holds orders. Written by intake through orders/refunds.';
comment on column refund_notice.shop_id is '→ shop.id';
comment on column refund_notice.refund_no is 'The platform''s number; line/<oid> for a refund that a trade names before the refund is known.';
comment on column refund_notice.oid is 'Empty: the whole trade.';
comment on column refund_notice.source is 'refund: from the refund itself. line: from the trade line.';
comment on column refund_notice.names is 'Of source line: the number of the refund that the line names.';
comment on column refund_notice.version is 'The platform''s version; text that is compared, not counted with.';
comment on column refund_notice.modified_at is 'The platform''s time of that version.';
comment on column refund_notice.agreeing is 'asked: our agreement is being sent. done: the platform took it, and no newer version is here.';
comment on column refund_notice.settled is 'A person looked at the platform and says that it is settled.';
comment on column refund_notice.noted_at is 'When it was written, under the locks of its orders.';
comment on column refund_notice.told_stopped is 'The platform was told that the goods were stopped and pays on that word: nothing of it may leave.';
create index refund_notice_trade on refund_notice using btree (tid, shop_id);

create table refund_waiver (
  id bigint not null generated always as identity,
  order_id bigint not null,
  refund_no text not null,
  refund_status text not null,
  amount_fen bigint not null,
  quantity integer not null,
  reason text not null,
  given_by text not null,
  given_at timestamptz not null default now(),
  ended_at timestamptz,
  kind text not null,
  constraint refund_waiver_pkey primary key (id),
  constraint refund_waiver_kind_check check ((kind = any (array['', 'refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only']))),
  constraint refund_waiver_refund_status_check check ((refund_status = any (array['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown'])))
);
comment on table refund_waiver is 'A refund waiver (退款中照发): a person lets one order leave over one open refund, as the refund was then.';
comment on column refund_waiver.refund_status is 'The status of the refund then.';
comment on column refund_waiver.ended_at is 'When it ceased to count; null: in force.';
comment on column refund_waiver.kind is 'The kind of the refund then; empty in rows from before it was stored.';
create index refund_waiver_of on refund_waiver using btree (order_id);
create unique index refund_waiver_open on refund_waiver using btree (order_id, refund_no) where (ended_at is null);

create table relay (
  id bigint not null generated always as identity,
  name text not null,
  key_id bigint not null,
  heard_at timestamptz,
  created_at timestamptz not null default now(),
  constraint relay_pkey primary key (id),
  constraint relay_key unique (key_id),
  constraint relay_name unique (name),
  constraint relay_name_check check ((name <> ''))
);
comment on table relay is 'A relay (中继): a process of ours in a platform''s cloud. It has the secrets of apps, signs and makes the calls of its shops, and dials us with a key of its own.';
comment on column relay.key_id is 'The API key with which it dials. → api_key.id';
comment on column relay.heard_at is 'About when it asked for work last; null: never.';

create table relay_call (
  number text not null,
  relay_id bigint not null,
  shop_id bigint not null,
  request bytea not null,
  created_at timestamptz not null default now(),
  begin_until timestamptz not null,
  taken_by text,
  taken_at timestamptz,
  answer bytea,
  constraint relay_call_pkey primary key (number),
  constraint relay_call_taken check (((taken_by is null) = (taken_at is null)))
);
comment on table relay_call is 'A call on its way through a relay. The process that waits for its answer deletes it.';
comment on column relay_call.number is 'Random, so that a relay never takes it for an earlier one.';
comment on column relay_call.shop_id is '→ shop.id';
comment on column relay_call.request is 'The request before it is signed. Sealed for the relay.';
comment on column relay_call.begin_until is 'The relay does not begin it later.';
comment on column relay_call.taken_by is 'The memory (folder) of the relay to which it was handed out, and to no other; null: to none, so it certainly was not made.';
comment on column relay_call.answer is 'What the relay said of it. Sealed for the relay; null: nothing yet.';
create index relay_call_open on relay_call using btree (relay_id, created_at) where (answer is null);

create table removed_mark (
  shop_id bigint not null,
  tid text not null,
  kind text not null,
  removed_at timestamptz not null default now(),
  removed_by text not null,
  constraint removed_mark_pkey primary key (kind, tid, shop_id),
  constraint removed_mark_kind_check check ((kind = any (array['trade', 'refund'])))
);
comment on table removed_mark is 'A document that a person removed; the next list run requests it again, also when the platform does not list it as changed.';

create table report_causes (
  day date not null,
  shop_id bigint not null,
  outer_id text not null,
  buyer_reason text not null,
  refund_count integer not null,
  asked_fen bigint not null,
  return_count integer not null,
  piece_count integer not null,
  succeeded_count integer not null,
  succeeded_fen bigint not null,
  constraint report_causes_pkey primary key (day, shop_id, outer_id, buyer_reason)
);
comment on table report_causes is 'Figures of refunds by goods and cause (退货原因), by the day on which the buyer asked.';
comment on column report_causes.outer_id is 'The outer code of the goods; empty: none.';
comment on column report_causes.buyer_reason is 'The buyer''s reason in the platform''s words; empty: none given.';
comment on column report_causes.return_count is 'Those of the refunds with goods to come back.';

create table report_causes_month (
  day date not null,
  shop_id bigint not null,
  outer_id text not null,
  buyer_reason text not null,
  refund_count integer not null,
  asked_fen bigint not null,
  return_count integer not null,
  piece_count integer not null,
  succeeded_count integer not null,
  succeeded_fen bigint not null,
  constraint report_causes_month_pkey primary key (day, shop_id, outer_id, buyer_reason)
);
comment on table report_causes_month is 'The sums of report_causes by month, computed again with each of its days.';
comment on column report_causes_month.day is 'The first day of the month.';

create table report_day (
  day date not null,
  computed_at timestamptz not null,
  took_ms integer not null,
  constraint report_day_pkey primary key (day)
);
comment on table report_day is 'A day in China (+08:00) whose report figures were computed. Without a row in report_due they equal their rows.';

create table report_due (
  id bigint not null generated always as identity,
  day date not null,
  constraint report_due_pkey primary key (id)
);
comment on table report_due is 'A day of which a row changed since its figures were computed. Written by triggers in the transaction of the change; a day may stand here many times.';
create index report_due_day on report_due using btree (day);

create table report_goods (
  day date not null,
  shop_id bigint not null,
  sku_id bigint not null,
  order_count integer not null,
  piece_count integer not null,
  amount_fen bigint not null,
  refunded_pieces integer not null,
  refunded_fen bigint not null,
  constraint report_goods_pkey primary key (day, shop_id, sku_id)
);
comment on table report_goods is 'Figures of a SKU (商品销售), of sales orders that are not voided, by the day they were paid on.';
comment on column report_goods.sku_id is '0: the line has no SKU. → sku.id';
comment on column report_goods.refunded_pieces is 'Of these pieces, those that refunds took off until now.';
comment on column report_goods.refunded_fen is 'Of this amount, the part that refunds took back until now.';
create index report_goods_sku on report_goods using btree (sku_id, day);

create table report_goods_day (
  day date not null,
  shop_id bigint not null,
  order_count integer not null,
  piece_count integer not null,
  amount_fen bigint not null,
  refunded_pieces integer not null,
  refunded_fen bigint not null,
  constraint report_goods_day_pkey primary key (day, shop_id)
);
comment on table report_goods_day is 'The sums of report_goods by day and shop, computed again with each day.';

create table report_goods_month (
  day date not null,
  shop_id bigint not null,
  sku_id bigint not null,
  order_count integer not null,
  piece_count integer not null,
  amount_fen bigint not null,
  refunded_pieces integer not null,
  refunded_fen bigint not null,
  constraint report_goods_month_pkey primary key (day, shop_id, sku_id)
);
comment on table report_goods_month is 'The sums of report_goods by month, computed again with each of its days.';
comment on column report_goods_month.day is 'The first day of the month.';
comment on column report_goods_month.sku_id is '0: the line has no SKU. → sku.id';

create table report_mail (
  subscription_id bigint not null,
  period date not null,
  state text not null,
  error text not null default '',
  stop_hash bytea,
  begun_at timestamptz not null default now(),
  ended_at timestamptz,
  tries smallint not null default 1,
  again_at timestamptz,
  constraint report_mail_pkey primary key (subscription_id, period),
  constraint report_mail_state_check check ((state = any (array['sending', 'sent', 'failed'])))
);
comment on table report_mail is 'One mail of a subscription. The key makes it once for each period, whatever process ends between.';
comment on column report_mail.period is 'The day on which it is due: of a week the Monday, of a month the first, after the days that it shows.';
comment on column report_mail.state is 'sending: a process has begun to send it. If that process ends, the mail was sent or not, and is due again at again_at.';
comment on column report_mail.error is 'Why it failed, as a code or as the mail server said it.';
comment on column report_mail.stop_hash is 'The hash of the word in the mail''s link that ends the subscription.';
comment on column report_mail.tries is 'How often it was begun.';
comment on column report_mail.again_at is 'When it is due again by itself; null: it was sent, or only its user may send it again.';
create unique index report_mail_stop on report_mail using btree (stop_hash) where (stop_hash is not null);

create table report_people (
  day date not null,
  shop_id bigint not null,
  warehouse_id bigint not null,
  person_name text not null,
  confirmed_count integer not null,
  printed_count integer not null,
  picked_count integer not null,
  checked_count integer not null,
  weighed_count integer not null,
  shipped_count integer not null,
  piece_count integer not null,
  constraint report_people_pkey primary key (day, shop_id, warehouse_id, person_name)
);
comment on table report_people is 'Figures of a person (人员): orders confirmed on the day, and the steps of the deliveries that were shipped on it.';
comment on column report_people.warehouse_id is '0: none, or the person confirmed orders. → warehouse.id';
comment on column report_people.piece_count is 'Pieces in the deliveries that the person shipped.';

create table report_regions (
  day date not null,
  shop_id bigint not null,
  province text not null,
  order_count integer not null,
  piece_count integer not null,
  amount_fen bigint not null,
  constraint report_regions_pkey primary key (day, shop_id, province)
);
comment on table report_regions is 'Figures of a province (地区), of sales orders that are not voided, by the day they were paid on.';
comment on column report_regions.province is 'The province of the receiver as the order has it; empty: not known.';

create table report_sales (
  day date not null,
  shop_id bigint not null,
  trade_count integer not null,
  trade_fen bigint not null,
  own_count integer not null,
  own_order_fen bigint not null,
  order_count integer not null,
  refund_count integer not null,
  refund_fen bigint not null,
  parcel_count integer not null,
  constraint report_sales_pkey primary key (day, shop_id)
);
comment on table report_sales is 'Figures of a shop and a day (店铺日报).';
comment on column report_sales.shop_id is '→ shop.id';
comment on column report_sales.trade_count is 'Trades by the day they were paid on.';
comment on column report_sales.own_count is 'Off-platform orders that are not voided, by the day they were paid on.';
comment on column report_sales.order_count is 'Sales orders that are not voided, by the day they were paid on.';
comment on column report_sales.refund_count is 'Refunds that succeeded, by the day of the platform''s version that says so.';
comment on column report_sales.parcel_count is 'Deliveries by the day they were shipped on.';

create table report_shipping (
  day date not null,
  shop_id bigint not null,
  warehouse_id bigint not null,
  courier text not null,
  parcel_count integer not null,
  package_count integer not null,
  weighed_count integer not null,
  total_grams bigint not null,
  due_count integer not null,
  on_time_count integer not null,
  late_count integer not null,
  late_minutes bigint not null,
  paid_count integer not null,
  paid_minutes bigint not null,
  signed_count integer not null,
  signed_minutes bigint not null,
  constraint report_shipping_pkey primary key (day, shop_id, warehouse_id, courier)
);
comment on table report_shipping is 'Figures of shipped deliveries (快递, 发货时效), by the day they were shipped on.';
comment on column report_shipping.warehouse_id is '0: none. → warehouse.id';
comment on column report_shipping.weighed_count is 'Deliveries with a weight; total_grams is the sum of theirs.';
comment on column report_shipping.due_count is 'Deliveries with a deadline of the platform: on_time_count and late_count are its parts.';
comment on column report_shipping.late_minutes is 'By how much the late ones were late, in sum.';
comment on column report_shipping.paid_count is 'Deliveries of orders whose payment time is known; paid_minutes is the time from payment to shipping, in sum.';
comment on column report_shipping.signed_count is 'Deliveries whose parcel was signed for; signed_minutes is the time from shipping to that, in sum.';

create table report_subscription (
  id bigint not null generated always as identity,
  user_id bigint not null,
  report text not null,
  row_kind text not null,
  measure text not null,
  shop_id bigint,
  every text not null,
  hour smallint not null,
  language text not null,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  single boolean,
  channel_id bigint,
  constraint report_subscription_pkey primary key (id),
  constraint report_subscription_every_check check ((every = any (array['day', 'week', 'month']))),
  constraint report_subscription_hour_check check (((hour >= 0) and (hour <= 23))),
  constraint report_subscription_language_check check ((language = any (array['zh', 'en'])))
);
comment on table report_subscription is 'A report that a user gets by mail or in a group chat (订阅).';
comment on column report_subscription.row_kind is 'The rows of the report: shop, sku, province …';
comment on column report_subscription.measure is 'The figure of the cells.';
comment on column report_subscription.shop_id is '→ shop.id; null: all shops of the user.';
comment on column report_subscription.every is 'day: the day before; week: the week before, on Mondays; month: the month before, on the first.';
comment on column report_subscription.hour is 'The hour in China at which the mail is due.';
comment on column report_subscription.enabled is 'False: the user has ended it, by a click in the mail or on the page.';
comment on column report_subscription.single is 'True: no other single one is the same. Null: made before this was asked.';
comment on column report_subscription.channel_id is '→ alarm_channel.id: the robot of a group chat that gets it; null: it goes by mail.';
create unique index report_subscription_robot on report_subscription using btree (user_id, report, row_kind, measure, coalesce(shop_id, (0)::bigint), every, hour, language, channel_id) where (channel_id is not null);
create unique index report_subscription_single on report_subscription using btree (user_id, report, row_kind, measure, coalesce(shop_id, (0)::bigint), every, hour, language) where single;
create index report_subscription_user on report_subscription using btree (user_id);

create table report_threshold (
  id bigint not null generated always as identity,
  user_id bigint not null,
  figure text not null,
  bound double precision not null,
  least_count integer not null,
  hour smallint not null,
  shop_id bigint,
  channel_id bigint,
  language text not null,
  enabled boolean not null default true,
  looked_at timestamptz,
  created_at timestamptz not null default now(),
  constraint report_threshold_pkey primary key (id),
  constraint report_threshold_hour_check check (((hour >= 0) and (hour <= 23))),
  constraint report_threshold_language_check check ((language = any (array['zh', 'en'])))
);
comment on table report_threshold is 'A figure of today of which a user is notified when it is beyond a bound in a shop (订阅).';
comment on column report_threshold.figure is 'Which figure, and whether too much or too little of it is reported: server/reports/thresholds/threshold-rules.ts.';
comment on column report_threshold.bound is 'A percentage is of 100, money is in fen.';
comment on column report_threshold.least_count is 'A shop with fewer orders or deliveries today is left out.';
comment on column report_threshold.hour is 'The hour in China from which it is looked at.';
comment on column report_threshold.shop_id is '→ shop.id; null: each shop of the user.';
comment on column report_threshold.channel_id is '→ alarm_channel.id: the robot of a group chat that gets it; null: it goes by mail.';
comment on column report_threshold.enabled is 'False: the user has switched it off.';
comment on column report_threshold.looked_at is 'The last look; there is one in each hour.';
create unique index report_threshold_single on report_threshold using btree (user_id, figure, bound, least_count, hour, coalesce(shop_id, (0)::bigint), coalesce(channel_id, (0)::bigint), language);

create table report_threshold_notice (
  threshold_id bigint not null,
  day date not null,
  shop_id bigint not null,
  state text not null,
  error text not null default '',
  value double precision not null,
  counted integer not null,
  begun_at timestamptz not null default now(),
  ended_at timestamptz,
  stop_hash bytea,
  tries smallint not null default 0,
  again_at timestamptz,
  constraint report_threshold_notice_pkey primary key (threshold_id, day, shop_id),
  constraint report_threshold_notice_state_check check ((state = any (array['due', 'sending', 'sent', 'failed'])))
);
comment on table report_threshold_notice is 'A shop that was beyond the bound on this day. The key makes it once for each shop and day; those found by one look are one message.';
comment on column report_threshold_notice.day is 'The day in China.';
comment on column report_threshold_notice.state is 'due: to be sent. sending: a process has begun to send it; if that process ends, the notice was sent or not, and is due again at again_at.';
comment on column report_threshold_notice.error is 'Why it failed, as a code or as the receiver said it.';
comment on column report_threshold_notice.value is 'The figure when it was found.';
comment on column report_threshold_notice.counted is 'The orders or deliveries of the shop then.';
comment on column report_threshold_notice.stop_hash is 'The hash of the word in the mail''s link that switches the threshold off; the notices of one mail have the same.';
comment on column report_threshold_notice.tries is 'How often it was begun.';
comment on column report_threshold_notice.again_at is 'When it is due again by itself; null: it was sent, or only its user may send it again.';
create index report_threshold_notice_again on report_threshold_notice using btree (threshold_id, day) where (again_at is not null);
create index report_threshold_notice_due on report_threshold_notice using btree (threshold_id, day) where (state = 'due');
create index report_threshold_notice_stop on report_threshold_notice using btree (stop_hash) where (stop_hash is not null);

create table reservation (
  order_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  warehouse_id bigint not null,
  per_line integer not null default 1,
  wanted integer not null,
  reserved integer not null,
  shipped boolean not null default false,
  paid_at timestamptz not null,
  constraint reservation_pkey primary key (order_id, line_no, sku_id),
  constraint reservation_check check (((reserved = 0) or (reserved = wanted))),
  constraint reservation_check1 check (((not shipped) or (reserved = wanted))),
  constraint reservation_per_line_check check ((per_line > 0)),
  constraint reservation_wanted_check check ((wanted > 0))
) with (fillfactor=80, autovacuum_analyze_scale_factor=0.1);
comment on table reservation is 'Pieces of a SKU that are reserved for a line of an order (占用); one row for each part of a bundle. A row is reserved whole or not at all.';
comment on column reservation.order_id is '→ sales_order.id';
comment on column reservation.line_no is '→ order_line.line_no';
comment on column reservation.sku_id is '→ sku.id';
comment on column reservation.warehouse_id is '→ warehouse.id';
comment on column reservation.per_line is 'Pieces of this SKU in one piece of the line.';
comment on column reservation.wanted is 'Pieces that the line needs.';
comment on column reservation.reserved is '0: backordered. Else equal to wanted.';
comment on column reservation.shipped is 'The pieces have left.';
comment on column reservation.paid_at is 'When the order was paid: the earlier is served first.';
create index reservation_open on reservation using btree (warehouse_id, sku_id, order_id, line_no) where (not shipped);
create index reservation_short on reservation using btree (warehouse_id, sku_id, paid_at, order_id, line_no) where ((reserved < wanted) and (not shipped));

create table restore_record (
  id bigint not null generated always as identity,
  restored_at timestamptz not null default now(),
  taken_at timestamptz not null,
  backup text not null,
  constraint restore_record_pkey primary key (id)
);
comment on table restore_record is 'Each restore of this database from a backup (恢复), written by npm run restore.';
comment on column restore_record.taken_at is 'The time of the backup: later changes were lost, and are read again from the platforms.';
comment on column restore_record.backup is 'The folder of the backup.';

create table return_event (
  id bigint not null generated always as identity,
  return_id bigint not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  constraint return_event_pkey primary key (return_id, id),
  constraint return_event_actor_kind_check check ((actor_kind = any (array['user', 'api_key', 'task', 'system'])))
);
comment on table return_event is 'The history of a return: who did what, when. Append-only.';
comment on column return_event.return_id is '→ return_order.id';
comment on column return_event.actor_id is 'Id of the user, API key or task; empty: the system.';
create trigger webhooks_of_new after insert on return_event referencing new table as changed for each statement execute function note_return_webhooks();

create table return_line (
  return_id bigint not null,
  line_no smallint not null,
  order_id bigint not null,
  order_line_no smallint not null,
  tid text not null,
  oid text not null,
  sku_id bigint,
  outer_code text not null,
  title text not null,
  spec text not null,
  picture_url text not null,
  quantity integer not null,
  good integer not null default 0,
  defective integer not null default 0,
  constraint return_line_pkey primary key (return_id, line_no),
  constraint return_line_return_id_order_id_order_line_no_key unique (return_id, order_id, order_line_no),
  constraint return_line_check check (((good + defective) <= quantity)),
  constraint return_line_defective_check check ((defective >= 0)),
  constraint return_line_good_check check ((good >= 0)),
  constraint return_line_quantity_check check ((quantity > 0))
) with (fillfactor=80);
comment on table return_line is 'A line of a return, with the order line that it came from.';
comment on column return_line.order_id is '→ sales_order.id';
comment on column return_line.order_line_no is '→ order_line.line_no';
comment on column return_line.sku_id is '→ sku.id';
comment on column return_line.outer_code is 'The outer code, for a line without a SKU.';
comment on column return_line.quantity is 'Pieces that are to come back.';
create index return_line_of on return_line using btree (order_id, order_line_no);
create index return_line_sku on return_line using btree (sku_id, return_id) where (sku_id is not null);

create table return_order (
  id bigint not null generated always as identity,
  no text not null,
  shop_id bigint not null,
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  kind text not null,
  origin text not null,
  refund_no text not null default '',
  refund_status text not null default '',
  delivery_id bigint,
  status text not null,
  version integer not null default 1,
  warehouse_id bigint,
  courier text not null default '',
  waybill_no text not null default '',
  reason text not null default '',
  amount_fen bigint not null default 0,
  quantity integer not null,
  good integer not null default 0,
  defective integer not null default 0,
  open_problems integer not null default 0,
  exchange_when text not null default 'received',
  exchange_order_id bigint,
  exchange_order_no text not null default '',
  told text not null default '',
  error_code text not null default '',
  action_id bigint,
  created_at timestamptz not null default now(),
  created_by text not null,
  confirmed_at timestamptz,
  confirmed_by text,
  received_at timestamptz,
  received_by text,
  settled_at timestamptz,
  settled_by text,
  voided_at timestamptz,
  voided_by text,
  void_reason text not null default '',
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer), ((23 * 67108864) + (coalesce(warehouse_id, (0)::bigint))::integer)]) stored,
  deadline timestamptz,
  constraint return_order_pkey primary key (id),
  constraint return_order_exchange_order_id_key unique (exchange_order_id),
  constraint return_order_no_key unique (no),
  constraint return_order_check check (((kind <> 'exchange') or (delivery_id is null))),
  constraint return_order_check1 check (((status = any (array['received', 'settled'])) = (received_at is not null))),
  constraint return_order_exchange_when_check check ((exchange_when = any (array['confirmed', 'received']))),
  constraint return_order_kind_check check ((kind = any (array['return', 'exchange', 'refused']))),
  constraint return_order_open_problems_check check ((open_problems >= 0)),
  constraint return_order_origin_check check ((origin = any (array['refund', 'person', 'parcel']))),
  constraint return_order_pieces_check check (((quantity >= 0) and (good >= 0) and (defective >= 0))),
  constraint return_order_refund_status_check check ((refund_status = any (array['', 'applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown']))),
  constraint return_order_status_check check ((status = any (array['unconfirmed', 'confirmed', 'received', 'settled', 'voided']))),
  constraint return_order_told_check check ((told = any (array['', 'waiting', 'done', 'failed', 'forced', 'manual', 'none'])))
) with (fillfactor=80);
comment on table return_order is 'A return (退货单): goods that come back from a buyer. unconfirmed → confirmed → received → settled, or voided.';
comment on column return_order.shop_id is '→ shop.id';
comment on column return_order.order_id is 'The order of its first line. → sales_order.id';
comment on column return_order.kind is 'return: goods against money. exchange: goods against goods. refused: a parcel that the buyer did not accept.';
comment on column return_order.origin is 'Made by a refund, a person, or a parcel that came back.';
comment on column return_order.refund_no is 'The platform''s refund; empty: none.';
comment on column return_order.refund_status is 'The status of the refund as the orders know it; empty: no refund.';
comment on column return_order.delivery_id is 'The refused delivery. → delivery.id';
comment on column return_order.version is 'Rises with each change; an edit of an older version is refused.';
comment on column return_order.warehouse_id is 'Where the goods are to arrive. → warehouse.id';
comment on column return_order.quantity is 'Pieces that are to come back; the sum of the lines.';
comment on column return_order.good is 'Pieces that came back good.';
comment on column return_order.defective is 'Pieces that came back defective.';
comment on column return_order.open_problems is 'Number of open rows in return_problem.';
comment on column return_order.exchange_when is 'When the order of the exchange is made.';
comment on column return_order.exchange_order_id is 'The order of the exchange. → sales_order.id';
comment on column return_order.told is 'How the write-back of the receipt ended; empty: nothing to write back.';
comment on column return_order.error_code is 'Why the write-back failed.';
comment on column return_order.action_id is 'The platform action of the write-back. → platform_action.id';
comment on column return_order.deadline is 'Until then the platform wants our answer to the refund.';
create index return_order_by_created on return_order using btree (status, created_at, id);
create unique index return_order_delivery on return_order using btree (delivery_id) where ((delivery_id is not null) and (status <> 'voided'));
create index return_order_due on return_order using btree (deadline, id) where ((refund_status = any (array['applied', 'agreed'])) and (status = any (array['unconfirmed', 'confirmed', 'received'])));
create index return_order_exchange on return_order using btree (id) where ((kind = 'exchange') and (exchange_order_id is null) and (status <> 'voided'));
create index return_order_facets on return_order using gin (facets);
create index return_order_of on return_order using btree (order_id);
create index return_order_order_no on return_order using btree (order_no);
create index return_order_problem on return_order using btree (id) where (open_problems > 0);
create unique index return_order_refund on return_order using btree (shop_id, refund_no) where (refund_no <> '');
create index return_order_refund_no on return_order using btree (refund_no) where (refund_no <> '');
create index return_order_tid on return_order using btree (tid);
create index return_order_waybill on return_order using btree (waybill_no) where (waybill_no <> '');

create table return_problem (
  id bigint not null generated always as identity,
  return_id bigint not null,
  kind text not null,
  line_no smallint not null default 0,
  sku_id bigint,
  quantity integer not null,
  note text not null default '',
  found_at timestamptz not null default now(),
  found_by text not null,
  settled_at timestamptz,
  settled_by text,
  settled_note text not null default '',
  constraint return_problem_pkey primary key (id),
  constraint return_problem_kind_check check ((kind = any (array['short', 'wrong', 'refund_closed']))),
  constraint return_problem_quantity_check check ((quantity >= 0))
);
comment on table return_problem is 'A discrepancy (收货有问题) of a return, open until a person settles it.';
comment on column return_problem.kind is 'short: fewer pieces. wrong: other goods. refund_closed: the refund was closed.';
comment on column return_problem.line_no is 'Of kind short: the line.';
comment on column return_problem.sku_id is 'Of kind wrong: the SKU that came. → sku.id';
create index return_problem_of on return_problem using btree (return_id);
create unique index return_problem_open on return_problem using btree (return_id, kind, line_no, coalesce(sku_id, (0)::bigint)) where (settled_at is null);

create table return_receipt (
  return_id bigint not null,
  step smallint not null,
  at timestamptz not null default now(),
  by text not null,
  warehouse_id bigint not null,
  good integer not null,
  defective integer not null,
  constraint return_receipt_pkey primary key (return_id, step),
  constraint return_receipt_pieces_check check (((good >= 0) and (defective >= 0)))
);
comment on table return_receipt is 'One unpacking of a return (收货).';
comment on column return_receipt.step is 'Its number, and the step of its stock movements.';
comment on column return_receipt.warehouse_id is '→ warehouse.id';

create table reveal_count (
  actor text not null,
  actor_name text not null,
  minute timestamptz not null,
  in_minute integer not null default 0,
  day date not null,
  in_day integer not null default 0,
  over_at timestamptz,
  constraint reveal_count_pkey primary key (actor)
);
comment on table reveal_count is 'How often a user or API key looked at buyers'' data, for the limits by minute and day.';
comment on column reveal_count.actor is 'kind:id.';
comment on column reveal_count.minute is 'The minute that in_minute counts.';
comment on column reveal_count.day is 'The day that in_day counts.';
comment on column reveal_count.over_at is 'When a limit was last exceeded; an alarm for a day.';
create index reveal_count_over on reveal_count using btree (over_at) where (over_at is not null);

create table role (
  id bigint not null generated always as identity,
  builtin text,
  name text not null,
  name_en text not null default '',
  permissions text[] not null default '{}'::text[],
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint role_pkey primary key (id),
  constraint role_builtin_key unique (builtin),
  constraint role_name_key unique (name),
  constraint role_builtin_check check ((builtin = 'admin'))
);
comment on table role is 'A role (角色): permissions under a name. Six are made by the migrations.';
comment on column role.builtin is 'The administrators'' role can be neither changed nor deleted.';
comment on column role.name is 'The Chinese name.';
comment on column role.permissions is 'Names of server/users/permissions.ts; * is every permission, also those of later versions.';

create table sales_order (
  id bigint not null generated always as identity,
  no text not null,
  shop_id bigint not null,
  origin text not null,
  tid text not null,
  status text not null,
  version integer not null default 1,
  cod boolean not null,
  currency text not null default 'CNY',
  goods_fen bigint not null,
  post_fee_fen bigint not null,
  discount_fen bigint not null,
  payment_fen bigint not null,
  refunded_fen bigint not null default 0,
  quantity integer not null,
  refunded_quantity integer not null default 0,
  paid_at timestamptz,
  ordered_at timestamptz not null,
  ship_by timestamptz,
  flag smallint not null default 0,
  open_holds integer not null default 0,
  differences integer not null default 0,
  facets integer[] not null,
  people bigint[] not null default '{}'::bigint[],
  buyer_message text not null default '',
  seller_memo text not null default '',
  receiver_masked text not null default '',
  region text not null default '',
  personal bytea,
  void_reason text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  created_by text not null,
  warehouse_id bigint,
  courier text not null default '',
  own_note text not null default '',
  urgent boolean not null default false,
  locked_by text,
  locked_name text not null default '',
  locked_at timestamptz,
  open_problems integer not null default 0,
  written_back_at timestamptz,
  whole_trade boolean not null default true,
  warehouse_by_hand boolean not null default false,
  courier_by_hand boolean not null default false,
  ship_after timestamptz,
  split_from bigint,
  parcel bigint,
  receiver_hash integer not null default 0,
  came_back boolean not null default false,
  subsidy_fen bigint not null default 0,
  insured_fen integer,
  archived_at timestamptz,
  constraint sales_order_pkey primary key (id),
  constraint sales_order_no_key unique (no),
  constraint sales_order_check check (((refunded_quantity >= 0) and (refunded_quantity <= quantity))),
  constraint sales_order_differences_check check ((differences >= 0)),
  constraint sales_order_open_holds_check check ((open_holds >= 0)),
  constraint sales_order_open_problems_check check ((open_problems >= 0)),
  constraint sales_order_origin_check check ((origin = any (array['trade', 'record', 'manual', 'import', 'copy', 'reship', 'split']))),
  constraint sales_order_own_ship_by check (((ship_by is null) or (origin <> all (array['manual', 'import', 'copy', 'reship'])))),
  constraint sales_order_payment_fen_check check ((payment_fen >= 0)),
  constraint sales_order_refunded_fen_check check ((refunded_fen >= 0)),
  constraint sales_order_status_check check ((status = any (array['unconfirmed', 'confirmed', 'released', 'shipped', 'completed', 'voided'])))
) with (toast_tuple_target=256, fillfactor=90, autovacuum_vacuum_insert_scale_factor=0.01, autovacuum_vacuum_scale_factor=0.02, autovacuum_analyze_scale_factor=0.1);
comment on table sales_order is 'A sales order (销售订单): the goods of one trade, or of none, that we ship from one warehouse. unconfirmed → confirmed → released → shipped → completed; voided ends an unshipped one. Written by the rooms of orders; status by orders/order only.';
comment on column sales_order.shop_id is '→ shop.id';
comment on column sales_order.origin is 'trade: converted. record: shipped by others, without stock. manual, import, copy, reship: off-platform. split: a child of another order.';
comment on column sales_order.tid is 'The trade number; of an off-platform order the number that its maker gave it. Unique by shop among orders that may ship, but for children.';
comment on column sales_order.status is 'Written by writeStatus of orders/order only.';
comment on column sales_order.version is 'Rises with each change; an edit of an older version is refused.';
comment on column sales_order.cod is 'Cash on delivery (货到付款).';
comment on column sales_order.goods_fen is 'Sum of price × quantity of the lines.';
comment on column sales_order.post_fee_fen is 'Freight that the buyer pays.';
comment on column sales_order.discount_fen is 'goods_fen + post_fee_fen − payment_fen.';
comment on column sales_order.payment_fen is 'What the buyer pays for goods and freight.';
comment on column sales_order.refunded_fen is 'Money that refunds took back; the sum of the lines.';
comment on column sales_order.quantity is 'Pieces; the sum of the lines.';
comment on column sales_order.refunded_quantity is 'Pieces that refunds took off; the sum of the lines.';
comment on column sales_order.paid_at is 'Null: not paid.';
comment on column sales_order.ordered_at is 'When the buyer ordered.';
comment on column sales_order.ship_by is 'The platform''s deadline for shipping; null: none.';
comment on column sales_order.flag is 'The seller''s flag on the platform (旗标), 0 to 5.';
comment on column sales_order.open_holds is 'Number of open rows in order_hold.';
comment on column sales_order.differences is 'Number of platform changes that are not settled.';
comment on column sales_order.people is 'Keys by which the buyer is found: month, kind and keyed hash in one number; that of the phone is the first.';
comment on column sales_order.buyer_message is 'The buyer''s note on the trade (买家留言).';
comment on column sales_order.seller_memo is 'The seller''s memo on the platform (卖家备注).';
comment on column sales_order.receiver_masked is 'The receiver, masked, for display.';
comment on column sales_order.region is 'Province, city, district.';
comment on column sales_order.personal is 'One seal for the buyer''s nick and the receiver''s name, phone and address.';
comment on column sales_order.void_reason is 'Why it was voided.';
comment on column sales_order.warehouse_id is 'Null: not chosen yet. → warehouse.id';
comment on column sales_order.courier is 'A code of connectors/couriers.ts; empty: not chosen yet.';
comment on column sales_order.own_note is 'For colleagues; never sent to the platform (内部备注).';
comment on column sales_order.locked_by is 'The user or API key who locked it for editing, as kind:id; null: not locked.';
comment on column sales_order.open_problems is 'Number of rows in order_problem that are not waived.';
comment on column sales_order.written_back_at is 'When the platform took our shipping.';
comment on column sales_order.whole_trade is 'False: it lacks lines of its trade, so it is written back by its lines.';
comment on column sales_order.warehouse_by_hand is 'A person chose the warehouse: rules leave it alone.';
comment on column sales_order.courier_by_hand is 'A person chose the courier: rules leave it alone.';
comment on column sales_order.ship_after is 'Presale: not released before this time.';
comment on column sales_order.split_from is 'The order that it was split from. → sales_order.id';
comment on column sales_order.parcel is 'The shipment in which it leaves with others (合并发货). → parcel_order.parcel';
comment on column sales_order.receiver_hash is 'Keyed hash of the receiver; 0: not known.';
comment on column sales_order.came_back is 'Goods of it came back into stock: its shipping cannot be undone.';
comment on column sales_order.subsidy_fen is 'What the platform pays on top; it is in no other sum.';
comment on column sales_order.insured_fen is 'The value for which its parcel is to be insured (保价), by a person; 0: it is not to be insured, null: the rule of the account decides.';
comment on column sales_order.archived_at is 'When it was archived (归档); null: live. Any other change of the row makes it live again.';
create index sales_order_archived_by_created on sales_order using btree (status, created_at, id) where (archived_at is not null);
create index sales_order_archived_by_paid on sales_order using btree (status, coalesce(paid_at, '-infinity'::timestamptz), id) where (archived_at is not null);
create index sales_order_archived_by_ship_by on sales_order using btree (status, coalesce(ship_by, 'infinity'::timestamptz), id) where (archived_at is not null);
create index sales_order_archived_facets on sales_order using gin (facets) with (fastupdate='on', gin_pending_list_limit='2048') where (archived_at is not null);
create index sales_order_differs on sales_order using btree (id) where (differences > 0);
create index sales_order_ended on sales_order using btree (updated_at, id) where ((archived_at is null) and (status = any (array['completed', 'voided'])));
create index sales_order_far on sales_order using btree (status, created_at, id) where times_are_far(created_at, paid_at, ship_by, ship_after);
create index sales_order_held on sales_order using btree (id) where (open_holds > 0);
create index sales_order_live_by_created on sales_order using btree (status, created_at, id) where (archived_at is null);
create index sales_order_live_by_paid on sales_order using btree (status, coalesce(paid_at, '-infinity'::timestamptz), id) where (archived_at is null);
create index sales_order_live_by_ship_by on sales_order using btree (status, coalesce(ship_by, 'infinity'::timestamptz), id) where (archived_at is null);
create index sales_order_live_facets on sales_order using gin (facets) with (fastupdate='on', gin_pending_list_limit='2048') where (archived_at is null);
create unique index sales_order_own on sales_order using btree (tid, shop_id) where (origin = any (array['manual', 'import', 'copy', 'reship']));
create index sales_order_own_shipped on sales_order using btree (id) where ((status = 'shipped') and (origin = any (array['manual', 'import', 'copy', 'reship'])));
create index sales_order_part on sales_order using btree (tid, shop_id) where (origin = 'split');
create index sales_order_payment on sales_order using btree (payment_fen);
create index sales_order_planned on sales_order using btree (status, coalesce(ship_after, 'infinity'::timestamptz), id) where (ship_after is not null);
create index sales_order_planned_by_created on sales_order using btree (status, created_at, id) where (ship_after is not null);
create index sales_order_planned_by_paid on sales_order using btree (status, coalesce(paid_at, '-infinity'::timestamptz), id) where (ship_after is not null);
create index sales_order_planned_by_ship_by on sales_order using btree (status, coalesce(ship_by, 'infinity'::timestamptz), id) where (ship_after is not null);
create index sales_order_problem on sales_order using btree (shop_id, id) where ((status = 'unconfirmed') and (open_problems > 0));
create index sales_order_receiver on sales_order using btree (receiver_hash, id) where ((status = any (array['unconfirmed', 'confirmed'])) and (receiver_hash <> 0));
create index sales_order_split on sales_order using btree (split_from) where (split_from is not null);
create index sales_order_to_judge on sales_order using btree (shop_id, coalesce(paid_at, '-infinity'::timestamptz), id) where ((status = 'unconfirmed') and (open_problems = 0));
create unique index sales_order_trade on sales_order using btree (tid, shop_id) where ((origin = any (array['trade', 'record'])) or ((status <> 'voided') and (origin <> 'split')));
create index sales_order_unasked on sales_order using btree (coalesce(paid_at, ordered_at), id) where ((facets[5] >= ((27 * 67108864) + 4)) and (status = any (array['unconfirmed', 'confirmed', 'released'])) and ((paid_at is not null) or cod));
create index sales_order_undue on sales_order using btree (status, created_at, id) where (ship_by is null);
create index sales_order_unpaid on sales_order using btree (status, created_at, id) where (paid_at is null);
create trigger report_order_changed after update of status, paid_at, payment_fen, quantity, region, shop_id on sales_order for each row when ((((((((old.status = 'voided') is distinct from (new.status = 'voided')) or (old.paid_at is distinct from new.paid_at)) or (old.payment_fen is distinct from new.payment_fen)) or (old.quantity is distinct from new.quantity)) or (old.region is distinct from new.region)) or (old.shop_id is distinct from new.shop_id))) execute function note_report_paid();
create trigger report_order_paid after update of paid_at on sales_order for each row when ((old.paid_at is distinct from new.paid_at)) execute function note_report_order_paid();
create trigger report_orders_new after insert on sales_order referencing new table as changed for each statement execute function note_report_trades();
create trigger report_orders_removed after delete on sales_order referencing old table as changed for each statement execute function note_report_trades();
create trigger sales_order_comes_back before update on sales_order for each row when (((old.archived_at is not null) and (new.archived_at is not null))) execute function make_order_live();
create trigger sales_order_person_of_changed after update of people on sales_order for each row when ((old.people is distinct from new.people)) execute function move_sales_order_person();
create trigger sales_order_person_of_new after insert on sales_order referencing new table as changed for each statement execute function note_sales_order_person();
create trigger sales_order_person_of_removed after delete on sales_order for each row execute function move_sales_order_person();
alter table sales_order alter column facets set statistics 400;

create table sales_order_person (
  key bigint not null,
  id bigint not null,
  constraint sales_order_person_pkey primary key (key, id)
) with (autovacuum_analyze_scale_factor=0.1);
comment on table sales_order_person is 'For the list of orders: one row for each key by which the buyer of an order is found. Written by triggers.';

create table saved_view (
  id bigint not null generated always as identity,
  user_id bigint not null,
  list text not null,
  name text not null,
  query text not null,
  shared boolean not null default false,
  position integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint saved_view_pkey primary key (id),
  constraint saved_view_user_id_list_name_key unique (user_id, list, name)
);
comment on table saved_view is 'A saved view (保存的视图): the filters and columns of a list under a name, for one user or shared with all.';
comment on column saved_view.list is 'The name of the list, as in its address.';
comment on column saved_view.query is 'The query string of the list, with columns and density.';
comment on column saved_view.position is 'Order among the views of the list.';
create index saved_view_shared on saved_view using btree (list) where shared;

create table schema_support (
  only_row boolean not null default true,
  oldest_program integer not null,
  constraint schema_support_pkey primary key (only_row),
  constraint schema_support_only_row_check check (only_row)
);
comment on table schema_support is 'One row: which programs may work on this schema. A program with an older number ends.';
comment on column schema_support.oldest_program is 'The number of the last migration that the oldest program knows.';

create table sealing_key (
  number smallint not null,
  fingerprint text not null,
  first_seen_at timestamptz not null default now(),
  dropped_at timestamptz,
  constraint sealing_key_pkey primary key (number)
);
comment on table sealing_key is 'A sealing key (密钥) with which values of this database were sealed. Only its fingerprint is stored; the key is in the key file.';
comment on column sealing_key.number is 'The number that sealed values name.';
comment on column sealing_key.fingerprint is 'Distinguishes keys and reveals nothing of them.';
comment on column sealing_key.dropped_at is 'No value names the key any more.';

create table settlement (
  id bigint not null generated always as identity,
  no text not null,
  shop_id bigint not null,
  order_id bigint,
  order_no text not null default '',
  tid text not null,
  kind text not null,
  source text not null,
  version integer not null,
  amount_fen bigint not null,
  status text not null,
  withdrawn boolean not null default false,
  void_reason text not null default '',
  created_at timestamptz not null default now(),
  created_by text not null,
  approved_at timestamptz,
  approved_by text,
  posted_at timestamptz,
  posted_by text,
  settled_at timestamptz,
  settled_by text,
  voided_at timestamptz,
  voided_by text,
  kind_no smallint not null generated always as (
case kind
    when 'order_receipt' then 1
    when 'cod_receipt' then 2
    when 'order_refund' then 5
    when 'return_refund' then 6
    when 'void_refund' then 7
    when 'extra_refund' then 8
    else 11
end) stored,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer), ((29 * 67108864) +
case kind
    when 'order_receipt' then 1
    when 'cod_receipt' then 2
    when 'order_refund' then 5
    when 'return_refund' then 6
    when 'void_refund' then 7
    when 'extra_refund' then 8
    else 11
end)]) stored,
  constraint settlement_pkey primary key (id),
  constraint settlement_no_key unique (no),
  constraint settlement_amount_fen_check check ((amount_fen <> 0)),
  constraint settlement_check check (((not withdrawn) or (status = 'voided'))),
  constraint settlement_check1 check (((status = 'voided') = (voided_at is not null))),
  constraint settlement_check2 check (((status <> all (array['approved', 'posted', 'settled'])) or (approved_at is not null))),
  constraint settlement_kind_check check ((kind = any (array['order_receipt', 'cod_receipt', 'order_refund', 'return_refund', 'void_refund', 'extra_refund', 'refund_only']))),
  constraint settlement_status_check check ((status = any (array['draft', 'approved', 'posted', 'settled', 'voided']))),
  constraint settlement_version_check check ((version > 0))
) with (autovacuum_analyze_scale_factor=0.1);
comment on table settlement is 'A settlement (结算单): money that an order, a refund or an extra refund owes. draft → approved → posted → settled, or voided. The documents of one source and kind add up to the amount owed.';
comment on column settlement.shop_id is '→ shop.id';
comment on column settlement.order_id is 'Null: a refund of a trade that never became an order. → sales_order.id';
comment on column settlement.kind is 'order_receipt and cod_receipt come in; the refunds go back.';
comment on column settlement.source is 'Number of the order, refund or extra refund that owes it; orders that share a refund add their number.';
comment on column settlement.version is 'The number among those of its source and kind: nothing is made twice.';
comment on column settlement.amount_fen is 'Money that comes in is positive, money that goes back negative.';
comment on column settlement.withdrawn is 'Voided by the system because it is no longer owed, not by a person.';
comment on column settlement.kind_no is 'The kind as a number (finance/lifecycle.ts).';
create index settlement_by_created on settlement using btree (status, created_at, id) include (shop_id, kind_no, amount_fen);
create index settlement_facets on settlement using gin (facets) with (fastupdate='on', gin_pending_list_limit='2048');
create index settlement_of on settlement using btree (order_id);
create unique index settlement_once on settlement using btree (source, kind, shop_id, version);
create index settlement_tid on settlement using btree (tid);
create trigger bill_due_of_changed after update on settlement referencing new table as changed for each statement execute function note_bill_due();
create trigger bill_due_of_new after insert on settlement referencing new table as changed for each statement execute function note_bill_due();

create table settlement_backlog (
  single boolean not null default true,
  done_to bigint not null,
  last_order bigint not null,
  constraint settlement_backlog_pkey primary key (single),
  constraint settlement_backlog_single_check check (single)
);
comment on table settlement_backlog is 'How far the task post_settlements of 0.1.0 went. No code reads or writes it; kept while that release may run.';
comment on column settlement_backlog.single is 'Always true: the table has one row.';
comment on column settlement_backlog.done_to is 'Orders up to this id are done. → sales_order.id';
comment on column settlement_backlog.last_order is 'The last order to do. → sales_order.id';

create table settlement_fact (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  order_id bigint,
  tid text not null,
  kind text not null,
  amount_fen bigint not null,
  source text not null,
  created_at timestamptz not null default now(),
  posted_at timestamptz,
  constraint settlement_fact_pkey primary key (id),
  constraint settlement_fact_kind_check check ((kind = any (array['order_refund', 'return_refund', 'void_refund', 'extra_refund', 'refund_only'])))
);
comment on table settlement_fact is 'Money from before there were settlements. No code reads or writes it; kept while the release 0.1.0, whose task posts it, may run.';
comment on column settlement_fact.shop_id is '→ shop.id';
comment on column settlement_fact.source is 'Number of the refund or extra refund.';
comment on column settlement_fact.posted_at is 'Null: not posted.';
create index settlement_fact_of on settlement_fact using btree (order_id);
create index settlement_fact_open on settlement_fact using btree (id) where ((posted_at is null) and (order_id is null));
create index settlement_fact_source on settlement_fact using btree (shop_id, source);
create unique index settlement_fact_unposted on settlement_fact using btree (shop_id, source, kind) where (posted_at is null);

create table sheet_layout (
  shop_id bigint not null,
  head text not null,
  columns jsonb not null,
  used_at timestamptz not null,
  used_by text not null,
  constraint sheet_layout_pkey primary key (shop_id, head),
  constraint sheet_layout_head_check check ((head <> ''))
);
comment on table sheet_layout is 'Which column of a shop''s sheet is which field, for each head that its sheets had. The layout that was used last also serves heads that are new.';
comment on column sheet_layout.shop_id is '→ shop.id';
comment on column sheet_layout.head is 'SHA-256 of the titles of the columns, without spaces and joined by line breaks.';
comment on column sheet_layout.columns is 'The title of the column for each field.';

create table shop (
  id bigint not null generated always as identity,
  platform text not null,
  variant text not null,
  name text not null,
  platform_shop_id text not null default '',
  seller_nick text not null default '',
  credentials bytea,
  token bytea,
  token_expires_at timestamptz,
  refresh_expires_at timestamptz,
  token_version integer not null default 0,
  auth_state text not null default 'none',
  auth_error text not null default '',
  auth_changed_at timestamptz not null default now(),
  enabled boolean not null default true,
  go_live_at timestamptz not null default now(),
  settings jsonb not null default '{}'::jsonb,
  time_zone text not null default 'Asia/Shanghai',
  created_at timestamptz not null default now(),
  relay_id bigint,
  constraint shop_pkey primary key (id),
  constraint shop_auth_state_check check ((auth_state = any (array['none', 'live', 'expired'])))
);
comment on table shop is 'A shop (店铺): one seller''s account on one platform, with its authorisation. Written by shops.';
comment on column shop.platform is 'Id of a connector.';
comment on column shop.variant is 'The kind of shop inside the platform (店铺类型), such as tmall.';
comment on column shop.platform_shop_id is 'The platform''s id of the shop; empty until the platform confirmed it.';
comment on column shop.seller_nick is 'The seller''s name on the platform.';
comment on column shop.credentials is 'Sealed JSON of the fields that the connector declares.';
comment on column shop.token is 'Sealed JSON of access token and refresh token.';
comment on column shop.token_expires_at is 'End of the access token.';
comment on column shop.refresh_expires_at is 'End of the refresh token: the seller must authorise again by then.';
comment on column shop.token_version is 'Rises with each new token, so that a slow refresh never overwrites a newer one.';
comment on column shop.auth_state is 'none: never authorised. live: authorised. expired: the seller must authorise again.';
comment on column shop.auth_error is 'Why the authorisation ended.';
comment on column shop.enabled is 'A disabled shop is neither downloaded nor written to.';
comment on column shop.go_live_at is 'Trades that were paid, or else ordered, before this time are not converted (上线时间).';
comment on column shop.settings is 'JSON of the settings in shops/contract.ts.';
comment on column shop.relay_id is 'The relay through which the shop is called, which then has the secrets of its app; null: we call the platform ourselves. → relay.id';
create unique index shop_name on shop using btree (name);
create unique index shop_platform_identity on shop using btree (platform, platform_shop_id) where (platform_shop_id <> '');

create table shop_gate (
  shop_id bigint not null,
  paused text[] not null default '{}'::text[],
  ban_until timestamptz,
  changed_at timestamptz not null default now(),
  away_since timestamptz,
  probes integer not null default 0,
  probe_at timestamptz,
  restored_at timestamptz,
  constraint shop_gate_pkey primary key (shop_id),
  constraint shop_gate_check check (((away_since is null) = (probe_at is null)))
);
comment on table shop_gate is 'Whether a shop''s calls may leave: pauses, a ban, an outage. Written by core/access and core/outbox; a shop without a row is open.';
comment on column shop_gate.shop_id is '→ shop.id';
comment on column shop_gate.paused is 'Reasons, each lifted by the code that set it: auth_expired, shop_disabled and so on.';
comment on column shop_gate.ban_until is 'The platform refuses every call of the shop until then.';
comment on column shop_gate.away_since is 'The circuit breaker is open since then: the platform does not answer for this shop.';
comment on column shop_gate.probes is 'Probes since then.';
comment on column shop_gate.probe_at is 'When the next probe may be sent.';
comment on column shop_gate.restored_at is 'The database was restored then, and the shop was not read again since: nothing is confirmed, shipped or sent for it. Null: it was.';

create table sign_in_failure (
  subject bytea not null,
  failures integer not null,
  locked_until timestamptz,
  last_at timestamptz not null default now(),
  began_at timestamptz not null default now(),
  constraint sign_in_failure_pkey primary key (subject)
);
comment on table sign_in_failure is 'How many failed tries an account, an address, a device or a signed-in user has used up. A try is counted before the password is compared.';
comment on column sign_in_failure.subject is 'A hash of the limited subject, so that no e-mail address is stored here.';
comment on column sign_in_failure.began_at is 'When the current window of tries began.';
create index sign_in_failure_last on sign_in_failure using btree (last_at);

create table sku (
  id bigint not null generated always as identity,
  code text not null,
  product_id bigint not null,
  spec text not null default '',
  weight_g integer,
  price_fen bigint,
  reference_fen bigint,
  picture_url text not null default '',
  is_bundle boolean not null default false,
  active boolean not null default true,
  version integer not null default 1,
  words text not null,
  grams integer[] not null generated always as (text_grams(words)) stored,
  standing text not null generated always as (
case
    when active then 'active'
    else 'retired'
end) stored,
  facets integer[] not null generated always as (array[((26 * 67108864) +
case
    when is_bundle then 2
    else 1
end)]) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  scan_once boolean not null default false,
  needs_serial boolean not null default false,
  constraint sku_pkey primary key (id),
  constraint sku_code_key unique (code),
  constraint sku_id_is_bundle_key unique (id, is_bundle),
  constraint sku_code_check check (((code = btrim(code)) and (code <> ''))),
  constraint sku_price_fen_check check ((price_fen >= 0)),
  constraint sku_reference_fen_check check ((reference_fen >= 0)),
  constraint sku_weight_g_check check ((weight_g >= 0))
);
comment on table sku is 'A SKU (规格): one kind of goods that can be stocked and sold, or a bundle of such. Written by catalog; retired, never deleted.';
comment on column sku.code is 'The merchant code (商家编码): what shops write as their outer code.';
comment on column sku.weight_g is 'Grams.';
comment on column sku.price_fen is 'The usual price.';
comment on column sku.reference_fen is 'The lowest plausible price: below it a price is a typing error.';
comment on column sku.is_bundle is 'A bundle (套餐) has parts in bundle_part and no stock of its own.';
comment on column sku.active is 'False: retired.';
comment on column sku.version is 'Rises with each change; an edit of an older version is refused.';
comment on column sku.words is 'The searched text in lower case: code, product code and name, spec.';
comment on column sku.scan_once is 'One scan at a station counts all its pieces in the parcel (整单一扫).';
comment on column sku.needs_serial is 'Each piece has a serial number (串号, IMEI), which is scanned at a station and sent to the platform.';
create index sku_by_code on sku using btree (standing, code, id);
create index sku_by_created on sku using btree (standing, created_at, id);
create index sku_by_updated on sku using btree (standing, updated_at, id);
create index sku_facets on sku using gin (facets);
create index sku_grams on sku using gin (grams);
create index sku_of_product on sku using btree (product_id);

create table sku_barcode (
  code text not null,
  sku_id bigint not null,
  constraint sku_barcode_pkey primary key (code),
  constraint sku_barcode_code_check check (((code = btrim(code)) and (code <> '')))
);
comment on table sku_barcode is 'One barcode of a SKU; a barcode belongs to one SKU.';
create index sku_barcode_of on sku_barcode using btree (sku_id);

create table sku_bin (
  warehouse_id bigint not null,
  sku_id bigint not null,
  main_bin_id bigint,
  spare_bin_id bigint,
  constraint sku_bin_pkey primary key (warehouse_id, sku_id),
  constraint sku_bin_some check (((main_bin_id is not null) or (spare_bin_id is not null)))
);
comment on table sku_bin is 'Where a SKU lies in a warehouse: its main bin (主库位), from which it is picked, and its spare bin (备库位).';
create index sku_bin_main on sku_bin using btree (main_bin_id);
create index sku_bin_spare on sku_bin using btree (spare_bin_id);

create table staged_need (
  trade_id bigint not null,
  shop_id bigint not null,
  item_id text not null,
  platform_sku_id text not null,
  quantity integer not null,
  constraint staged_need_pkey primary key (trade_id, item_id, platform_sku_id),
  constraint staged_need_quantity_check check ((quantity > 0))
);
comment on table staged_need is 'Pieces of a listing that a staged trade will need as an order (待转占用). Written by one counter, never by staging or converting.';
comment on column staged_need.trade_id is '→ staged_trade.id';
comment on column staged_need.shop_id is '→ shop.id';
comment on column staged_need.item_id is 'The platform''s number of the item.';
comment on column staged_need.platform_sku_id is 'The platform''s number of the SKU; empty: the item has none.';
create index staged_need_of on staged_need using btree (shop_id, item_id, platform_sku_id) include (quantity);

create table staged_need_due (
  id bigint not null generated always as identity,
  trade_id bigint not null,
  constraint staged_need_due_pkey primary key (id)
);
comment on table staged_need_due is 'A staged trade whose needs are to be counted again. Written by a trigger, deleted by the counter.';
comment on column staged_need_due.trade_id is '→ staged_trade.id';
create index staged_need_due_trade on staged_need_due using btree (trade_id);

create table staged_refund (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  refund_no text not null,
  tid text not null,
  oid text not null default '',
  state text not null,
  state_at timestamptz not null default now(),
  state_by text not null default '',
  modified_at timestamptz not null,
  version text not null,
  status text not null,
  platform_status text not null,
  kind text not null,
  phase text not null,
  amount_fen bigint not null,
  quantity integer not null,
  deadline timestamptz,
  detail_missing boolean not null default false,
  created_on_platform timestamptz not null,
  reason text not null default '',
  decided_on jsonb,
  order_id bigint,
  order_no text not null default '',
  outcome text not null default '',
  error text not null default '',
  facets integer[] not null,
  people bigint[] not null default '{}'::bigint[],
  title text not null default '',
  spec text not null default '',
  picture_url text not null default '',
  outer_id text not null default '',
  buyer_reason text not null default '',
  description text not null default '',
  goods_received text not null default 'unknown',
  carrier text not null default '',
  waybill_no text not null default '',
  constraint_word text not null default '',
  buyer_masked text not null default '',
  personal bytea,
  created_at timestamptz not null default now(),
  duty text not null default '',
  duty_note text not null default '',
  duty_by text not null default '',
  duty_at timestamptz,
  doubts jsonb,
  doubts_taken jsonb,
  constraint staged_refund_pkey primary key (id),
  constraint staged_refund_refund_no_shop_id_key unique (refund_no, shop_id),
  constraint staged_refund_duty_check check ((duty = any (array['', 'buyer', 'seller', 'warehouse', 'courier', 'platform']))),
  constraint staged_refund_goods_received_check check ((goods_received = any (array['not_received', 'received', 'returned', 'unknown']))),
  constraint staged_refund_kind_check check ((kind = any (array['refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only']))),
  constraint staged_refund_phase_check check ((phase = any (array['onsale', 'aftersale']))),
  constraint staged_refund_reason_check check ((reason = any (array['', 'no_original', 'original_fetching', 'unknown_status', 'doubtful']))),
  constraint staged_refund_state_check check ((state = any (array['staged', 'converted', 'processed', 'refusing', 'refused']))),
  constraint staged_refund_status_check check ((status = any (array['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown'])))
) with (toast_tuple_target=256);
comment on table staged_refund is 'A staged refund (待转入退单): a downloaded refund of a shop. staged → converted or processed; staged → refusing → refused. Written by intake/refunds.';
comment on column staged_refund.oid is 'The refunded trade line; empty: the whole trade.';
comment on column staged_refund.state is 'converted: applied to the order. processed: a person closed it. refusing: our refusal is being sent. refused: the platform took it.';
comment on column staged_refund.state_at is 'Since when it is in this state.';
comment on column staged_refund.modified_at is 'The platform''s time of the stored version; an older version never overwrites a newer one.';
comment on column staged_refund.version is 'The platform''s version; text that is compared and sent back, not counted with.';
comment on column staged_refund.status is 'The refund status in our words; unknown: the platform''s word is not known to the connector.';
comment on column staged_refund.platform_status is 'The platform''s own word, kept as it is.';
comment on column staged_refund.phase is 'onsale: applied for before the trade was finished (售中). aftersale: after that (售后).';
comment on column staged_refund.deadline is 'Silence until then often means consent.';
comment on column staged_refund.detail_missing is 'Only the list''s version is here; its detail is requested again.';
comment on column staged_refund.reason is 'Why it cannot be converted; empty: it can.';
comment on column staged_refund.decided_on is 'Facts of the version on which a person decided, with which a later version is compared.';
comment on column staged_refund.order_no is 'The number of its order.';
comment on column staged_refund.outcome is 'What converting did.';
comment on column staged_refund.error is 'Why our refusal failed.';
comment on column staged_refund.people is 'Keys by which the buyer is found.';
comment on column staged_refund.outer_id is 'The outer code of the goods.';
comment on column staged_refund.carrier is 'The courier of the buyer''s parcel, as the platform writes it.';
comment on column staged_refund.constraint_word is 'What the platform limits for this refund, in its own word.';
comment on column staged_refund.personal is 'Sealed: the buyer''s nick.';
comment on column staged_refund.duty is 'Responsibility (责任): who bears the refund; empty: not decided.';
comment on column staged_refund.doubts is 'Unclear values (存疑): a JSON list of {field, line, raw, guess}; null: none.';
comment on column staged_refund.doubts_taken is 'The unclear values that a person accepted.';
create index staged_refund_by_deadline on staged_refund using btree (state, coalesce(deadline, 'infinity'::timestamptz), id);
create index staged_refund_by_modified on staged_refund using btree (state, modified_at, id);
create index staged_refund_by_state_at on staged_refund using btree (state, state_at, id);
create index staged_refund_facets on staged_refund using gin (facets) with (fastupdate='on', gin_pending_list_limit='2048');
create index staged_refund_gone on staged_refund using btree (modified_at, shop_id) where ((status = 'succeeded') and (state <> 'converted'));
create index staged_refund_people on staged_refund using gin (people) with (fastupdate='on', gin_pending_list_limit='2048');
create index staged_refund_statistics on staged_refund using btree (created_on_platform, id) include (shop_id, kind, status, amount_fen, quantity, duty, buyer_reason, outer_id);
create index staged_refund_trade on staged_refund using btree (tid, shop_id);
create index staged_refund_unfinished on staged_refund using btree (shop_id, id) where detail_missing;
create trigger report_refund_changed after update of created_on_platform, modified_at, status, kind, amount_fen, quantity, outer_id, buyer_reason, shop_id on staged_refund for each row when ((((((((((old.created_on_platform is distinct from new.created_on_platform) or (old.modified_at is distinct from new.modified_at)) or (old.status is distinct from new.status)) or (old.kind is distinct from new.kind)) or (old.amount_fen is distinct from new.amount_fen)) or (old.quantity is distinct from new.quantity)) or (old.outer_id is distinct from new.outer_id)) or (old.buyer_reason is distinct from new.buyer_reason)) or (old.shop_id is distinct from new.shop_id))) execute function note_report_refund();
create trigger report_refunds_new after insert on staged_refund referencing new table as changed for each statement execute function note_report_refunds();
create trigger report_refunds_removed after delete on staged_refund referencing old table as changed for each statement execute function note_report_refunds();

create table staged_trade (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  tid text not null,
  state text not null,
  state_at timestamptz not null default now(),
  state_by text not null default '',
  modified_at timestamptz not null,
  detail_at timestamptz,
  fetched_at timestamptz,
  status text not null,
  platform_status text not null,
  trade_type text not null,
  ordered_at timestamptz,
  paid_at timestamptz,
  ship_by timestamptz,
  cod boolean not null default false,
  final_unpaid boolean not null default false,
  flag smallint not null default 0,
  payment_fen bigint not null default 0,
  post_fee_fen bigint not null default 0,
  discount_fen bigint not null default 0,
  quantity integer not null default 0,
  line_count smallint not null default 0,
  lines_applied smallint not null default 0,
  lines_refunded smallint not null default 0,
  open_refunds integer not null default 0,
  receiver_hash integer not null default 0,
  reason text not null default '',
  order_id bigint,
  order_no text not null default '',
  facets integer[] not null,
  people bigint[] not null default '{}'::bigint[],
  holds text[] not null default '{}'::text[],
  buyer_message text not null default '',
  seller_memo text not null default '',
  buyer_masked text not null default '',
  receiver_masked text not null default '',
  region text not null default '',
  note text not null default '',
  personal bytea,
  created_at timestamptz not null default now(),
  plan_at timestamptz,
  doubts jsonb,
  doubts_taken jsonb,
  subsidy_fen bigint not null default 0,
  constraint staged_trade_pkey primary key (id),
  constraint staged_trade_tid_shop_id_key unique (tid, shop_id),
  constraint staged_trade_reason_check check ((reason = any (array['', 'fetching', 'unknown_status', 'closed', 'not_paid', 'final_unpaid', 'platform_hold', 'shipped_elsewhere', 'refund_open', 'all_refunded', 'before_go_live', 'duplicate', 'doubtful']))),
  constraint staged_trade_state_check check ((state = any (array['fetching', 'staged', 'converted', 'processed']))),
  constraint staged_trade_status_check check ((status = any (array['unpaid', 'paid', 'partly_shipped', 'shipped', 'finished', 'closed_unpaid', 'closed_refunded', 'unknown'])))
) with (fillfactor=90, autovacuum_vacuum_insert_scale_factor=0.01, autovacuum_analyze_scale_factor=0.1);
comment on table staged_trade is 'A staged trade (待转入订单): a downloaded trade that is not an order yet, or is kept after it became one. fetching → staged → converted or processed. Written by intake.';
comment on column staged_trade.shop_id is '→ shop.id';
comment on column staged_trade.state is 'fetching: its detail is not here yet. staged: can become an order. converted: is one. processed: a person closed it.';
comment on column staged_trade.state_at is 'Since when it is in this state.';
comment on column staged_trade.modified_at is 'The platform''s time of the stored version; an older version never overwrites a newer one.';
comment on column staged_trade.detail_at is 'The platform''s time of the stored detail; null: there is none.';
comment on column staged_trade.fetched_at is 'When that detail was requested.';
comment on column staged_trade.status is 'The trade status in our words; unknown: the platform''s word is not known to the connector.';
comment on column staged_trade.platform_status is 'The platform''s own word, kept as it is.';
comment on column staged_trade.trade_type is 'In our words once the detail is here; before that the platform''s own word.';
comment on column staged_trade.final_unpaid is 'Presale whose final payment is open.';
comment on column staged_trade.flag is 'The seller''s flag on the platform (旗标), 0 to 5.';
comment on column staged_trade.line_count is 'Number of lines.';
comment on column staged_trade.lines_applied is 'Lines with an open refund, as the trade says.';
comment on column staged_trade.lines_refunded is 'Lines whose refund succeeded, as the trade says.';
comment on column staged_trade.open_refunds is 'Open refunds that were downloaded for it.';
comment on column staged_trade.receiver_hash is 'Keyed hash of the whole receiver: shows that the address changed without unsealing it.';
comment on column staged_trade.reason is 'Why it cannot be converted; empty: it can.';
comment on column staged_trade.order_id is 'The order that it became. → sales_order.id';
comment on column staged_trade.order_no is 'The number of that order, which never changes.';
comment on column staged_trade.people is 'Keys by which the buyer is found: month, kind and keyed hash in one number; that of the phone is the first.';
comment on column staged_trade.holds is 'Why the platform forbids shipping now.';
comment on column staged_trade.note is 'Why the system processed it by itself; empty: a person did, or it is not processed.';
comment on column staged_trade.personal is 'One seal for the buyer and the receiver.';
comment on column staged_trade.plan_at is 'Presale: the day on which the seller plans to ship.';
comment on column staged_trade.doubts is 'Unclear values (存疑): a JSON list of {field, line, raw, guess}; null: none.';
comment on column staged_trade.doubts_taken is 'The unclear values that a person accepted.';
comment on column staged_trade.subsidy_fen is 'What the platform pays on top.';
create index staged_trade_by_paid on staged_trade using btree (state, coalesce(paid_at, '-infinity'::timestamptz), id);
create index staged_trade_by_ship_by on staged_trade using btree (state, coalesce(ship_by, 'infinity'::timestamptz), id);
create index staged_trade_by_state_at on staged_trade using btree (state, state_at, id);
create index staged_trade_facets on staged_trade using gin (facets) with (fastupdate='on', gin_pending_list_limit='2048');
create index staged_trade_far on staged_trade using btree (state, state_at, id) where ((extract(epoch from (paid_at - state_at)) < ('-259200'::integer)::numeric) or (extract(epoch from (paid_at - state_at)) > (86400)::numeric));
create index staged_trade_kinds on staged_trade using btree (state, reason, status, shop_id);
create index staged_trade_paid on staged_trade using btree (paid_at, shop_id) where (paid_at is not null);
create index staged_trade_standing on staged_trade using btree (reason, shop_id) where (state = any (array['staged', 'fetching']));
create index staged_trade_to_convert on staged_trade using btree (shop_id, coalesce(paid_at, ordered_at), id) where ((state = 'staged') and (reason = ''));
create trigger report_trade_changed after update of paid_at, payment_fen, shop_id on staged_trade for each row when ((((old.paid_at is distinct from new.paid_at) or (old.payment_fen is distinct from new.payment_fen)) or (old.shop_id is distinct from new.shop_id))) execute function note_report_paid();
create trigger report_trades_new after insert on staged_trade referencing new table as changed for each statement execute function note_report_trades();
create trigger report_trades_removed after delete on staged_trade referencing old table as changed for each statement execute function note_report_trades();
create trigger staged_needs_of_changed after update on staged_trade referencing old table as held new table as changed for each statement execute function note_staged_needs();
create trigger staged_needs_of_new after insert on staged_trade referencing new table as changed for each statement execute function note_staged_needs();
create trigger staged_needs_of_removed after delete on staged_trade referencing old table as held for each statement execute function note_staged_needs();
create trigger staged_trade_person_of_changed after update of people on staged_trade for each row when ((old.people is distinct from new.people)) execute function move_staged_trade_person();
create trigger staged_trade_person_of_new after insert on staged_trade referencing new table as changed for each statement execute function note_staged_trade_person();
create trigger staged_trade_person_of_removed after delete on staged_trade for each row execute function move_staged_trade_person();
alter table staged_trade alter column facets set statistics 400;

create table staged_trade_lines (
  trade_id bigint not null,
  lines jsonb not null,
  constraint staged_trade_lines_pkey primary key (trade_id)
);
comment on table staged_trade_lines is 'The lines of a staged trade, as its detail says, apart from the row that lists read.';
comment on column staged_trade_lines.trade_id is '→ staged_trade.id';
comment on column staged_trade_lines.lines is 'JSON list of trade lines (connectors/connector.ts).';

create table staged_trade_person (
  key bigint not null,
  id bigint not null,
  constraint staged_trade_person_pkey primary key (key, id)
) with (autovacuum_analyze_scale_factor=0.1);
comment on table staged_trade_person is 'For the list of staged trades: one row for each key by which the buyer of a trade is found. Written by triggers.';

create table station_count (
  delivery_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  counted integer not null,
  counted_at timestamptz not null default now(),
  constraint station_count_pkey primary key (delivery_id, line_no, sku_id),
  constraint station_count_counted_check check ((counted >= 0))
);
comment on table station_count is 'Pieces of a delivery that were scanned, by line and part of a bundle. Removed when the parcel is checked.';
comment on column station_count.sku_id is '0: the line has no SKU. → sku.id';

create table station_parcel (
  delivery_id bigint not null,
  station text not null,
  user_name text not null,
  opened_at timestamptz not null default now(),
  touched_at timestamptz not null default now(),
  stop jsonb,
  asks_serial jsonb,
  constraint station_parcel_pkey primary key (delivery_id),
  constraint station_parcel_once unique (station),
  constraint station_parcel_station_check check ((station <> ''))
);
comment on table station_parcel is 'The parcel on each station (验货台). It is removed when the parcel is shipped or set aside.';
comment on column station_parcel.delivery_id is 'The first delivery of the parcel. → delivery.id';
comment on column station_parcel.stop is 'Why the station does nothing more with it until its waybill, or a basket LJ-nn, is scanned: code and message.';
comment on column station_parcel.asks_serial is 'The piece that was scanned and whose serial number is scanned next: line_no, sku_id and delivery_id.';

create table station_scan (
  key text not null,
  station text not null,
  user_id text not null,
  user_name text not null,
  delivery_id bigint,
  at timestamptz not null default now(),
  kind text not null,
  verdict jsonb not null,
  constraint station_scan_pkey primary key (key)
);
comment on table station_scan is 'A scan or a weighing at a station, with the answer. A key that comes again gets the same answer and changes nothing.';
create index station_scan_at on station_scan using btree (at);

create table stock (
  warehouse_id bigint not null,
  sku_id bigint not null,
  on_hand integer not null default 0,
  reserved integer not null default 0,
  locked integer not null default 0,
  short integer not null default 0,
  constraint stock_pkey primary key (warehouse_id, sku_id),
  constraint stock_check check (((reserved + locked) <= on_hand)),
  constraint stock_locked_check check ((locked >= 0)),
  constraint stock_reserved_check check ((reserved >= 0)),
  constraint stock_short_check check ((short >= 0))
) with (fillfactor=50);
comment on table stock is 'The balance of a SKU in a warehouse. Available is on_hand − reserved − locked. Written by inventory only, under the lock of this row.';
comment on column stock.warehouse_id is '→ warehouse.id';
comment on column stock.sku_id is '→ sku.id';
comment on column stock.on_hand is 'Pieces in the warehouse; the sum of its stock_movement rows.';
comment on column stock.reserved is 'Pieces reserved for orders.';
comment on column stock.locked is 'Pieces frozen by documents of kind lock.';
comment on column stock.short is 'Pieces that orders wait for (缺货).';
create index stock_locked on stock using btree (sku_id, warehouse_id) where (locked > 0);
create index stock_of_sku on stock using btree (sku_id, warehouse_id);
create index stock_short on stock using btree (sku_id, warehouse_id) where (short > 0);
create trigger webhooks_of_changed after update on stock referencing new table as changed for each statement execute function note_stock_webhooks();
create trigger webhooks_of_new after insert on stock referencing new table as changed for each statement execute function note_stock_webhooks();

create table stock_change (
  sku_id bigint not null,
  version bigint not null,
  changed_at timestamptz not null,
  taken bigint not null default 0,
  dirty boolean not null generated always as ((version > taken)) stored,
  constraint stock_change_pkey primary key (sku_id)
) with (fillfactor=50);
comment on table stock_change is 'The version of the available quantity of a SKU, for stock sync. Rises with each change.';
comment on column stock_change.sku_id is '→ sku.id';
comment on column stock_change.taken is 'The version that stock sync has calculated with.';
comment on column stock_change.dirty is 'Stock sync has to calculate again.';
create index stock_change_dirty on stock_change using btree (sku_id) where dirty;

create table stock_document (
  id bigint not null generated always as identity,
  no text not null,
  kind text not null,
  status text not null,
  version integer not null default 1,
  warehouse_id bigint not null,
  to_warehouse_id bigint,
  lock_kind text,
  starts_at timestamptz,
  ends_at timestamptz,
  note text not null default '',
  quantity integer not null,
  line_count integer not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  approved_by text,
  approved_at timestamptz,
  sent_by text,
  sent_at timestamptz,
  posted_by text,
  posted_at timestamptz,
  voided_by text,
  voided_at timestamptz,
  released_by text,
  released_at timestamptz,
  constraint stock_document_pkey primary key (id),
  constraint stock_document_no_key unique (no),
  constraint stock_document_check check ((to_warehouse_id <> warehouse_id)),
  constraint stock_document_check1 check (((kind = 'transfer') = (to_warehouse_id is not null))),
  constraint stock_document_check2 check (((kind = 'lock') = (lock_kind is not null))),
  constraint stock_document_check3 check (((not (lock_kind is distinct from 'promotion')) = ((starts_at is not null) and (ends_at is not null)))),
  constraint stock_document_check4 check ((starts_at < ends_at)),
  constraint stock_document_kind_check check ((kind = any (array['adjustment', 'transfer', 'count', 'lock']))),
  constraint stock_document_lock_kind_check check ((lock_kind = any (array['normal', 'promotion']))),
  constraint stock_document_status_check check ((status = any (array['draft', 'approved', 'sent', 'posted', 'voided'])))
);
comment on table stock_document is 'A stock document (库存单据): adjustment, transfer, count, or lock (freeze). draft → approved → posted; a transfer is sent in between; voided ends a document that was not posted.';
comment on column stock_document.no is 'AD, TR, CN or LK, the date, and a running number.';
comment on column stock_document.version is 'Rises with each change; an edit of an older version is refused.';
comment on column stock_document.warehouse_id is 'Of a transfer: where the goods leave.';
comment on column stock_document.to_warehouse_id is 'Of a transfer: where the goods arrive.';
comment on column stock_document.lock_kind is 'normal: until a person releases it. promotion: from starts_at to ends_at.';
comment on column stock_document.quantity is 'Sum of the lines.';
comment on column stock_document.line_count is 'Number of lines.';
comment on column stock_document.released_at is 'Of a lock: nothing of it is frozen any more.';
create index stock_document_by_status on stock_document using btree (status, id);

create table stock_document_line (
  document_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  quantity integer not null,
  book integer,
  released integer not null default 0,
  book_after bigint,
  constraint stock_document_line_pkey primary key (document_id, line_no),
  constraint stock_document_line_document_id_sku_id_key unique (document_id, sku_id),
  constraint stock_document_line_released_check check ((released >= 0))
);
comment on table stock_document_line is 'One SKU of a stock document.';
comment on column stock_document_line.quantity is 'Adjustment: the difference. Transfer and lock: pieces. Count: pieces that were counted.';
comment on column stock_document_line.book is 'Of a count: pieces in the books when it was written. Later movements are no difference.';
comment on column stock_document_line.released is 'Of a lock: pieces that are not frozen any more.';
comment on column stock_document_line.book_after is 'Of a count: the last movement of the balance that book includes, or, of a counting task, that what was counted includes; 0: none. → stock_movement.id';

create table stock_movement (
  id bigint not null generated always as identity,
  at timestamptz not null default now(),
  warehouse_id bigint not null,
  sku_id bigint not null,
  quantity integer not null,
  document_kind text not null,
  document_id bigint not null,
  line_no smallint not null,
  step smallint not null,
  created_by text not null,
  constraint stock_movement_pkey primary key (document_kind, document_id, line_no, warehouse_id, sku_id, step),
  constraint stock_movement_document_kind_check check ((document_kind = any (array['order', 'adjustment', 'transfer', 'count', 'return', 'parcel']))),
  constraint stock_movement_quantity_check check ((quantity <> 0))
);
comment on table stock_movement is 'A change of stock.on_hand; append-only. The key makes each posting happen once.';
comment on column stock_movement.warehouse_id is '→ warehouse.id';
comment on column stock_movement.sku_id is '→ sku.id';
comment on column stock_movement.quantity is 'Positive: comes in.';
comment on column stock_movement.document_kind is 'order: shipping. adjustment, transfer, count: stock_document. return: return_order. parcel: unclaimed_parcel.';
comment on column stock_movement.document_id is 'Id of the document, by its kind.';
comment on column stock_movement.line_no is 'Line of the document.';
comment on column stock_movement.step is 'Of an order: odd numbers ship, even ones undo that. Of a transfer: 1 goes out, 2 comes in. Of a return: the number of the receipt.';
create index stock_movement_of on stock_movement using btree (warehouse_id, sku_id, id);

create table stock_upload (
  id bigint not null,
  shop_id bigint not null,
  item_id text not null,
  rule jsonb,
  paused boolean not null default false,
  shop_on boolean not null default false,
  quantity integer,
  trace jsonb,
  version bigint not null default 0,
  calculated_at timestamptz,
  told_quantity integer,
  told_version bigint not null default 0,
  told_at timestamptz,
  action_id bigint,
  problem text not null default '',
  problem_text text not null default '',
  problem_at timestamptz,
  created_at timestamptz not null default now(),
  standing text not null generated always as (
case
    when paused then 'paused'
    when ((not shop_on) or (problem = 'gone')) then 'off'
    when (problem <> '') then 'failed'
    when ((told_version > 0) and (action_id is null)) then 'synced'
    else 'waiting'
end) stored,
  facets integer[] not null generated always as (array[((4 * 67108864) + (shop_id)::integer)]) stored,
  constraint stock_upload_pkey primary key (id),
  constraint stock_upload_check check (((problem = '') = (problem_at is null))),
  constraint stock_upload_problem_check check ((problem = any (array['', 'gone', 'unmatched', 'listing_gone', 'refused', 'not_told', 'manual']))),
  constraint stock_upload_quantity_check check ((quantity >= 0))
) with (fillfactor=80);
comment on table stock_upload is 'Stock sync of one listing: the quantity to send, the quantity that the platform took last, and the problem. Written by stock-sync.';
comment on column stock_upload.id is '→ listing.id';
comment on column stock_upload.shop_id is '→ shop.id';
comment on column stock_upload.item_id is 'The platform''s number of the item.';
comment on column stock_upload.rule is 'Of this listing; null: that of the shop.';
comment on column stock_upload.paused is 'A person paused this listing.';
comment on column stock_upload.shop_on is 'Copy of upload_shop.enabled.';
comment on column stock_upload.quantity is 'The quantity to send.';
comment on column stock_upload.trace is 'How quantity was calculated, for a person to read.';
comment on column stock_upload.version is 'Rises with each quantity to send; an answer to an older version never hides a newer one.';
comment on column stock_upload.told_quantity is 'The quantity that the platform took last.';
comment on column stock_upload.told_version is 'The version that the platform took last; 0: none, or it does not count any more.';
comment on column stock_upload.action_id is 'The platform action that sends it or failed to. → platform_action.id';
comment on column stock_upload.problem is 'A name of stock-sync/lifecycle.ts; empty: none.';
comment on column stock_upload.problem_text is 'The platform''s words.';
create index stock_upload_by_created on stock_upload using btree (standing, created_at, id);
create index stock_upload_facets on stock_upload using gin (facets);
create index stock_upload_item on stock_upload using btree (shop_id, item_id);

create table stream_cursor (
  shop_id bigint not null,
  stream text not null,
  complete_to timestamptz not null,
  fence bigint not null default 0,
  moved_at timestamptz not null default now(),
  newest_at timestamptz,
  gap_ms integer,
  late_ms integer not null default 0,
  late_at timestamptz,
  next_late_ms integer not null default 0,
  deep_at timestamptz,
  constraint stream_cursor_pkey primary key (shop_id, stream)
);
comment on table stream_cursor is 'Up to when a stream of downloads (下载进度) of a shop is complete. Moves forward only, and only by the last claim.';
comment on column stream_cursor.stream is 'trades, trades_first, refunds and so on.';
comment on column stream_cursor.complete_to is 'Everything before this time that the list showed is here. What the list shows late_ms late may be missing.';
comment on column stream_cursor.fence is 'The claim that moved it last, as task_run.fence.';
comment on column stream_cursor.newest_at is 'The latest change that the list has shown; null: none, or it gives no times.';
comment on column stream_cursor.gap_ms is 'The usual time between two changes in the list; null: not known yet.';
comment on column stream_cursor.late_ms is 'By how much the list is late now, as measured; 0: it is not.';
comment on column stream_cursor.late_at is 'When the list was last that late.';
comment on column stream_cursor.next_late_ms is 'The greatest lateness since then.';
comment on column stream_cursor.deep_at is 'When the list was last read back to what it may show late.';

create table table_size (
  day date not null,
  name text not null,
  byte_count bigint not null,
  row_count bigint not null,
  constraint table_size_pkey primary key (day, name)
);
comment on table table_size is 'The size of each table, with its indexes, on each day; written by the task that trims.';
comment on column table_size.name is 'The table; empty: the whole database.';
comment on column table_size.row_count is 'As PostgreSQL estimates it.';

create table task (
  id bigint not null generated always as identity,
  kind text not null,
  shop_id bigint,
  name text not null default '',
  enabled boolean not null default true,
  interval_seconds integer,
  cron text,
  time_zone text not null default 'Asia/Shanghai',
  params jsonb not null default '{}'::jsonb,
  next_run_at timestamptz not null default now(),
  run_id bigint,
  worker text,
  lease_until timestamptz,
  last_run_id bigint,
  failures integer not null default 0,
  losses integer not null default 0,
  updated_at timestamptz not null default now(),
  constraint task_pkey primary key (id),
  constraint task_kind_shop_id_name_key unique nulls not distinct (kind, shop_id, name),
  constraint task_check check (((interval_seconds is null) <> (cron is null))),
  constraint task_check1 check (((run_id is null) = (lease_until is null))),
  constraint task_failures_check check (((failures >= 0) and (losses >= 0))),
  constraint task_interval_seconds_check check (((interval_seconds >= 1) and (interval_seconds <= 604800)))
);
comment on table task is 'A scheduled task (计划任务): work of one kind, for a shop or for the installation. Runs by interval or cron.';
comment on column task.kind is 'A name of taskKinds in server/worker.ts.';
comment on column task.name is 'Distinguishes two tasks of one kind and shop; mostly empty.';
comment on column task.params is 'JSON, by kind.';
comment on column task.run_id is 'The run that holds the task now. → task_run.id';
comment on column task.worker is 'The worker process of that run.';
comment on column task.lease_until is 'Another worker takes over after this time.';
comment on column task.last_run_id is '→ task_run.id';
comment on column task.failures is 'Failed runs since the last success: the pause before the next try grows with them.';
comment on column task.losses is 'Runs whose worker died since the last success.';
create index task_due on task using btree (next_run_at) where (enabled and (run_id is null));
create index task_leased on task using btree (lease_until) where (run_id is not null);
create index task_of_shop on task using btree (shop_id);

create table task_run (
  id bigint not null generated always as identity,
  task_id bigint not null,
  kind text not null,
  shop_id bigint,
  trigger text not null,
  state text not null,
  requested_by jsonb,
  requested_at timestamptz not null default now(),
  asked_from timestamptz,
  asked_to timestamptz,
  params jsonb not null default '{}'::jsonb,
  attempt integer not null default 1,
  worker text,
  fence bigint,
  stop_requested boolean not null default false,
  started_at timestamptz,
  ended_at timestamptz,
  window_from timestamptz,
  window_to timestamptz,
  pages integer not null default 0,
  seen integer not null default 0,
  created integer not null default 0,
  updated integer not null default 0,
  skipped jsonb not null default '{}'::jsonb,
  failed integer not null default 0,
  requests integer not null default 0,
  report jsonb,
  error_code text not null default '',
  error text not null default '',
  constraint task_run_pkey primary key (id),
  constraint task_run_state_check check ((state = any (array['queued', 'running', 'done', 'failed', 'stopped', 'lost']))),
  constraint task_run_trigger_check check ((trigger = any (array['schedule', 'person', 'again'])))
);
comment on table task_run is 'One run of a task (运行记录), from the request of a person or its start to its end.';
comment on column task_run.shop_id is '→ shop.id';
comment on column task_run.trigger is 'schedule, a person, or again: the same request after its worker died.';
comment on column task_run.state is 'queued → running → done, failed, stopped or lost: its worker died.';
comment on column task_run.requested_by is 'JSON of the actor; null: the schedule.';
comment on column task_run.asked_from is 'Start of the time span that a person asked for.';
comment on column task_run.params is 'Of a queued run: the differences from the task. Afterwards: all parameters of the run.';
comment on column task_run.attempt is 'How often the same request was started.';
comment on column task_run.fence is 'Number of the claim: of two workers that move a cursor, the later claim wins.';
comment on column task_run.window_from is 'Start of the download window.';
comment on column task_run.skipped is 'Counts by reason.';
comment on column task_run.report is 'JSON that the page of the run shows, by kind.';
create index task_run_by_kind on task_run using btree (kind, id desc);
create index task_run_by_shop on task_run using btree (shop_id, id desc);
create index task_run_by_state on task_run using btree (state, id desc) where (state <> 'done');
create index task_run_by_task on task_run using btree (task_id, id desc);
create index task_run_queued on task_run using btree (task_id, id) where (state = 'queued');
create index task_run_requested on task_run using btree (requested_at);

create table trade_event (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  tid text not null,
  at timestamptz not null default now(),
  event text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  detail jsonb,
  constraint trade_event_pkey primary key (tid, shop_id, id),
  constraint trade_event_actor_kind_check check ((actor_kind = any (array['user', 'api_key', 'task', 'system'])))
);
comment on table trade_event is 'The history of a staged trade: who did what, when. Append-only.';
comment on column trade_event.shop_id is '→ shop.id';
comment on column trade_event.actor_id is 'Id of the user, API key or task; empty: the system.';

create table trade_fetch (
  trade_id bigint not null,
  shop_id bigint not null,
  tid text not null,
  wanted_at timestamptz not null,
  urgent boolean not null default false,
  tries integer not null default 0,
  error text not null default '',
  next_at timestamptz not null default now(),
  lease_until timestamptz,
  claim integer not null default 0,
  asked_after timestamptz not null default '-infinity'::timestamptz,
  constraint trade_fetch_pkey primary key (trade_id)
);
comment on table trade_fetch is 'A detail request (取明细): a trade whose detail is still to be requested. Deleted when the detail is stored.';
comment on column trade_fetch.shop_id is '→ shop.id';
comment on column trade_fetch.wanted_at is 'The platform''s time of the version that is wanted.';
comment on column trade_fetch.urgent is 'A person requested it: goes before the rest.';
comment on column trade_fetch.next_at is 'Not before this time.';
comment on column trade_fetch.claim is 'Number of the last claim: only its holder may write the answer.';
comment on column trade_fetch.asked_after is 'An answer that was requested before this time is too old: we changed the trade since.';
create index trade_fetch_due on trade_fetch using btree (shop_id, urgent desc, next_at);
create index trade_fetch_failing on trade_fetch using btree (shop_id, tries) where (tries >= 3);

create table unasked_parcel (
  delivery_id bigint not null,
  round integer not null,
  order_id bigint not null,
  shop_id bigint not null,
  tid text not null,
  left_at timestamptz not null default now(),
  known_to timestamptz,
  let_by text not null,
  answered_at timestamptz,
  outcome text not null default '',
  constraint unasked_parcel_pkey primary key (delivery_id, round),
  constraint unasked_parcel_check check (((answered_at is null) = (outcome = ''))),
  constraint unasked_parcel_let_by_check check ((let_by = any (array['patience', 'setting']))),
  constraint unasked_parcel_outcome_check check ((outcome = any (array['', 'clear', 'refund', 'undone'])))
);
comment on table unasked_parcel is 'An unchecked shipment (没核退款就发): a delivery that was shipped although the platform did not answer the refund check.';
comment on column unasked_parcel.delivery_id is '→ delivery.id';
comment on column unasked_parcel.round is 'The shipping, as delivery.round.';
comment on column unasked_parcel.order_id is '→ sales_order.id';
comment on column unasked_parcel.shop_id is '→ shop.id';
comment on column unasked_parcel.known_to is 'Up to when refunds were known; null: never checked.';
comment on column unasked_parcel.let_by is 'patience: the platform had been silent for a short time only. setting: the shop allows it.';
comment on column unasked_parcel.outcome is 'clear: no refund. refund: there was one. undone: the shipping was undone. Empty: not answered yet.';
create index unasked_parcel_open on unasked_parcel using btree (shop_id, left_at) where (answered_at is null);

create table unclaimed_line (
  parcel_id bigint not null,
  line_no smallint not null,
  sku_id bigint not null,
  good integer not null,
  defective integer not null,
  constraint unclaimed_line_pkey primary key (parcel_id, line_no),
  constraint unclaimed_line_parcel_id_sku_id_key unique (parcel_id, sku_id),
  constraint unclaimed_line_check check (((good + defective) > 0)),
  constraint unclaimed_line_defective_check check ((defective >= 0)),
  constraint unclaimed_line_good_check check ((good >= 0))
);
comment on table unclaimed_line is 'One SKU of an unclaimed parcel.';
comment on column unclaimed_line.good is 'Good pieces.';
comment on column unclaimed_line.defective is 'Defective pieces.';
create index unclaimed_line_sku on unclaimed_line using btree (sku_id);

create table unclaimed_parcel (
  id bigint not null generated always as identity,
  no text not null,
  status text not null,
  warehouse_id bigint not null,
  courier text not null default '',
  waybill_no text not null default '',
  phone_key bigint,
  note text not null default '',
  quantity integer not null,
  return_id bigint,
  return_no text not null default '',
  claimed_how text not null default '',
  created_at timestamptz not null default now(),
  created_by text not null,
  stocked_at timestamptz,
  stocked_by text,
  claimed_at timestamptz,
  claimed_by text,
  facets integer[] not null generated always as (array[((23 * 67108864) + (warehouse_id)::integer)]) stored,
  constraint unclaimed_parcel_pkey primary key (id),
  constraint unclaimed_parcel_no_key unique (no),
  constraint unclaimed_parcel_check check (((status = 'claimed') = (return_id is not null))),
  constraint unclaimed_parcel_claimed_how_check check ((claimed_how = any (array['', 'waybill', 'person']))),
  constraint unclaimed_parcel_status_check check ((status = any (array['unclaimed', 'stocked', 'claimed'])))
) with (fillfactor=80);
comment on table unclaimed_parcel is 'An unclaimed parcel (无主件): a parcel whose return is not known. unclaimed → stocked → claimed.';
comment on column unclaimed_parcel.status is 'stocked: its goods are in stock already, before its return is known.';
comment on column unclaimed_parcel.warehouse_id is '→ warehouse.id';
comment on column unclaimed_parcel.phone_key is 'Keyed hash of the sender''s phone.';
comment on column unclaimed_parcel.return_id is 'The return to which it was assigned. → return_order.id';
comment on column unclaimed_parcel.claimed_how is 'By its waybill, or by a person.';
create index unclaimed_parcel_by_created on unclaimed_parcel using btree (status, created_at, id);
create index unclaimed_parcel_facets on unclaimed_parcel using gin (facets);
create index unclaimed_parcel_phone on unclaimed_parcel using btree (phone_key) where (phone_key is not null);
create index unclaimed_parcel_return on unclaimed_parcel using btree (return_id) where (return_id is not null);
create unique index unclaimed_parcel_waybill on unclaimed_parcel using btree (waybill_no) where ((waybill_no <> '') and (status <> 'claimed'));

create table upload_shop (
  shop_id bigint not null,
  enabled boolean not null default false,
  rule jsonb not null,
  version integer not null default 1,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  constraint upload_shop_pkey primary key (shop_id)
);
comment on table upload_shop is 'Stock sync (库存同步) of a shop: switch and rule. A shop without a row is off and has the usual rule.';
comment on column upload_shop.rule is 'JSON {warehouses, percent, plus, min, max, safety}.';
comment on column upload_shop.version is 'Rises with each change; an edit of an older version is refused.';

create table user_credential (
  id bigint not null generated always as identity,
  user_id bigint not null,
  account_id text not null,
  provider_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_credential_pkey primary key (id),
  constraint user_credential_user_id_provider_id_key unique (user_id, provider_id)
);
comment on table user_credential is 'The password of a user. Written by users/sign-in; the other columns belong to the sign-in library.';
comment on column user_credential.account_id is 'The library''s name of the account: the id of the user.';
comment on column user_credential.provider_id is 'The way to sign in: credential.';
comment on column user_credential.password is 'scrypt, salted.';
create unique index user_credential_account on user_credential using btree (provider_id, account_id);

create table user_role (
  user_id bigint not null,
  role_id bigint not null,
  constraint user_role_pkey primary key (user_id, role_id)
);
comment on table user_role is 'One role of one user.';
create index user_role_role on user_role using btree (role_id);

create table user_session (
  id bigint not null generated always as identity,
  user_id bigint not null,
  token text not null,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_session_pkey primary key (id),
  constraint user_session_token_key unique (token)
);
comment on table user_session is 'One browser in which a user is signed in. Written by the sign-in library.';
comment on column user_session.token is 'The secret of the session cookie.';
comment on column user_session.updated_at is 'The last use, to within a few minutes.';
create index user_session_expiry on user_session using btree (expires_at);
create index user_session_user on user_session using btree (user_id);

create table user_two_factor (
  id bigint not null generated always as identity,
  user_id bigint not null,
  secret text not null,
  backup_codes text not null,
  verified boolean not null default true,
  failed_verification_count integer not null default 0,
  locked_until timestamptz,
  last_step bigint not null default 0,
  constraint user_two_factor_pkey primary key (id),
  constraint user_two_factor_user_id_key unique (user_id)
);
comment on table user_two_factor is 'The second factor of a user. Written by the sign-in library and users/sign-in.';
comment on column user_two_factor.secret is 'The secret of the one-time codes, encrypted.';
comment on column user_two_factor.backup_codes is 'Encrypted.';
comment on column user_two_factor.verified is 'The user has entered a first code.';
comment on column user_two_factor.failed_verification_count is 'Wrong codes in a row.';
comment on column user_two_factor.last_step is 'The time step of the last accepted code; no code works twice, nor an older one.';

create table user_verification (
  id bigint not null generated always as identity,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_verification_pkey primary key (id)
);
comment on table user_verification is 'A sign-in that waits for its one-time code. Written by the sign-in library.';
comment on column user_verification.identifier is 'The library''s key of the waiting sign-in.';
comment on column user_verification.value is 'The library''s data of the waiting sign-in.';
create index user_verification_identifier on user_verification using btree (identifier);

create table warehouse (
  id bigint not null generated always as identity,
  code text not null,
  name text not null,
  kind text not null,
  province text not null default '',
  city text not null default '',
  priority integer not null default 100,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  defective_of bigint,
  ship_steps text[] not null default '{print}'::text[],
  prints_last boolean not null default false,
  constraint warehouse_pkey primary key (id),
  constraint warehouse_code_key unique (code),
  constraint warehouse_defective_of_key unique (defective_of),
  constraint warehouse_name_key unique (name),
  constraint warehouse_kind_check check (((kind = any (array['own', 'outer', 'defective'])) and ((kind = 'defective') = (defective_of is not null)))),
  constraint warehouse_ship_steps check ((ship_steps <@ array['print', 'wave', 'check', 'weigh']))
);
comment on table warehouse is 'A warehouse (仓库). Written by inventory; retired, never deleted.';
comment on column warehouse.kind is 'own: ours. outer: of a service provider. defective: for goods that cannot be sold (次品仓), beside another warehouse.';
comment on column warehouse.priority is 'The smaller is tried first.';
comment on column warehouse.active is 'False: retired; it takes nothing new.';
comment on column warehouse.defective_of is 'The warehouse whose defective goods it holds.';
comment on column warehouse.ship_steps is 'The steps that are required before a parcel is shipped (发货前必须): print, wave, check, weigh.';
comment on column warehouse.prints_last is 'The number is taken and the label printed at the last piece that is checked (后置打印), if both steps are required.';

create table wave (
  id bigint not null generated always as identity,
  no text not null,
  warehouse_id bigint not null,
  rule_name text not null,
  sorting text not null,
  courier text not null default '',
  status text not null,
  order_count integer not null,
  piece_count integer not null,
  ship_by timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  claimed_at timestamptz,
  claimed_by text,
  claimed_by_id text,
  picked_at timestamptz,
  done_at timestamptz,
  done_by text,
  cancelled_at timestamptz,
  cancelled_by text,
  constraint wave_pkey primary key (id),
  constraint wave_no_once unique (no),
  constraint wave_claim check (((status = any (array['open', 'cancelled'])) or (claimed_by_id is not null))),
  constraint wave_sorting_check check ((sorting = any (array['none', 'picking', 'after']))),
  constraint wave_status_check check ((status = any (array['open', 'picking', 'picked', 'sorting', 'done', 'cancelled'])))
);
comment on table wave is 'A wave (波次): deliveries of a warehouse that one person picks on one way. open → picking → picked → sorting → done, or cancelled.';
comment on column wave.rule_name is 'The rule as it was called when it made the wave.';
comment on column wave.courier is 'Empty: several couriers.';
comment on column wave.order_count is 'Parcels when it was made.';
comment on column wave.ship_by is 'The earliest deadline of its deliveries.';
comment on column wave.claimed_by_id is 'The user who picks.';
create index wave_by_status on wave using btree (warehouse_id, status, coalesce(ship_by, 'infinity'::timestamptz), id);
create index wave_done on wave using btree (done_at) where (status = 'done');

create table wave_delivery (
  wave_id bigint not null,
  delivery_id bigint not null,
  order_id bigint not null,
  shop_id bigint not null,
  basket smallint not null,
  live boolean not null default true,
  keeps boolean not null default false,
  left_reason text not null default '',
  left_at timestamptz,
  constraint wave_delivery_pkey primary key (wave_id, delivery_id),
  constraint wave_delivery_basket_check check ((basket > 0)),
  constraint wave_delivery_keeps check ((not (live and keeps))),
  constraint wave_delivery_left check (((live = (left_reason = '')) and (live = (left_at is null)))),
  constraint wave_delivery_left_reason_check check ((left_reason = any (array['', 'short', 'stopped', 'gone', 'cut', 'cancelled'])))
);
comment on table wave_delivery is 'A delivery in a wave, and its basket. Deliveries of a merged shipment share a basket.';
comment on column wave_delivery.order_id is '→ sales_order.id';
comment on column wave_delivery.shop_id is '→ shop.id';
comment on column wave_delivery.live is 'False: it has left the wave. A delivery is in one wave.';
comment on column wave_delivery.keeps is 'It has left, and the pieces that were picked for it wait in its basket; a later wave picks only the others.';
comment on column wave_delivery.left_reason is 'short: goods were not found. stopped: a refund, a hold or a new address. gone: it was cancelled or shipped. cut: cut out by a person. cancelled: with its wave.';
create index wave_delivery_kept on wave_delivery using btree (delivery_id) where keeps;
create unique index wave_delivery_live on wave_delivery using btree (delivery_id) where live;

create table wave_line (
  wave_id bigint not null,
  seq integer not null,
  sku_id bigint not null,
  bin_id bigint,
  picked integer not null default 0,
  missing integer not null default 0,
  done_at timestamptz,
  done_by text,
  constraint wave_line_pkey primary key (wave_id, seq)
);
comment on table wave_line is 'A stop on the way of a wave: one SKU at one bin, in the order of the route.';
comment on column wave_line.bin_id is 'Null: no bin is known for the SKU.';
comment on column wave_line.missing is 'Pieces that were not found there.';
comment on column wave_line.done_by is 'Who picked there last.';
create index wave_line_done on wave_line using btree (done_at) where (done_at is not null);
create unique index wave_line_open on wave_line using btree (wave_id, sku_id) where (done_at is null);

create table wave_piece (
  wave_id bigint not null,
  delivery_id bigint not null,
  sku_id bigint not null,
  wanted integer not null,
  picked integer not null default 0,
  sorted integer not null default 0,
  constraint wave_piece_pkey primary key (wave_id, delivery_id, sku_id),
  constraint wave_piece_check check (((picked >= 0) and (picked <= wanted))),
  constraint wave_piece_check1 check (((sorted >= 0) and (sorted <= picked))),
  constraint wave_piece_wanted_check check ((wanted > 0))
);
comment on table wave_piece is 'Pieces of a SKU that a delivery needs from its wave, and how many of them were picked and sorted into its basket.';

create table wave_planning (
  warehouse_id bigint not null,
  planned_at timestamptz not null,
  constraint wave_planning_pkey primary key (warehouse_id)
);
comment on table wave_planning is 'Up to when the times of day of the rules of a warehouse were observed, so that each makes waves once.';

create table wave_rule (
  id bigint not null generated always as identity,
  warehouse_id bigint not null,
  position integer not null,
  name text not null,
  enabled boolean not null default true,
  goods text not null,
  pieces_from integer not null default 1,
  pieces_to integer,
  couriers text[] not null default '{}'::text[],
  provinces text[] not null default '{}'::text[],
  hours_left integer,
  by_courier boolean not null default false,
  by_province boolean not null default false,
  orders_from integer not null default 1,
  orders_to integer not null,
  sorting text not null,
  auto_times text[] not null default '{}'::text[],
  auto_orders integer,
  constraint wave_rule_pkey primary key (id),
  constraint wave_rule_position unique (warehouse_id, "position"),
  constraint wave_rule_goods_check check ((goods = any (array['same', 'single', 'many', 'any']))),
  constraint wave_rule_name_check check ((name <> '')),
  constraint wave_rule_orders_from_check check ((orders_from > 0)),
  constraint wave_rule_orders_to_check check (((orders_to >= 1) and (orders_to <= 500))),
  constraint wave_rule_pieces check (((pieces_to is null) or (pieces_to >= pieces_from))),
  constraint wave_rule_pieces_from_check check ((pieces_from > 0)),
  constraint wave_rule_size check ((orders_from <= orders_to)),
  constraint wave_rule_sorting_check check ((sorting = any (array['none', 'picking', 'after'])))
);
comment on table wave_rule is 'A rule that makes waves (建波规则) in a warehouse. Rules are asked by position; a delivery is in one wave.';
comment on column wave_rule.goods is 'same: parcels with one SKU, a wave for each SKU and quantity. single: parcels with one SKU. many: with several SKUs. any: all.';
comment on column wave_rule.couriers is 'Codes of connectors/couriers.ts; empty: every courier.';
comment on column wave_rule.provinces is 'Short names of provinces; empty: every province.';
comment on column wave_rule.hours_left is 'Only parcels with so few hours to their deadline; null: all.';
comment on column wave_rule.sorting is 'none: no baskets. picking: sorted into baskets while picking. after: picked first, then sorted.';
comment on column wave_rule.auto_times is 'Times of day in China (14:40) at which its waves are made without a person; empty: none.';
comment on column wave_rule.auto_orders is 'Its waves are made without a person when so many parcels wait for it; null: never.';

create table wave_scan (
  wave_id bigint not null,
  kind text not null,
  key text not null,
  user_id text not null,
  user_name text not null,
  at timestamptz not null default now(),
  answer jsonb not null,
  constraint wave_scan_pkey primary key (wave_id, kind, key),
  constraint wave_scan_kind_check check ((kind = any (array['pick', 'short', 'sort'])))
);
comment on table wave_scan is 'A scan of a picker: pieces that were picked, missing or sorted, with the answer. A key that comes again gets the same answer and changes nothing.';
create index wave_scan_at on wave_scan using btree (at);

create table waybill (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  round integer not null,
  account_id bigint not null,
  shop_id bigint not null,
  courier text not null,
  state text not null,
  waybill_no text not null default '',
  print_data bytea,
  error_code text not null default '',
  error text not null default '',
  action_id bigint,
  asked_at timestamptz not null default now(),
  asked_by text not null,
  ended_at timestamptz,
  wanted boolean not null default true,
  sends integer not null default 1,
  courier_order text not null default '',
  package_count smallint not null default 1,
  constraint waybill_pkey primary key (id),
  constraint waybill_round unique (delivery_id, round),
  constraint waybill_data check (((waybill_no = '') or (print_data is not null))),
  constraint waybill_number check (((state = any (array['asked', 'failed'])) = (waybill_no = ''))),
  constraint waybill_round_check check ((round > 0)),
  constraint waybill_sends_check check ((sends > 0)),
  constraint waybill_state_check check ((state = any (array['asked', 'taken', 'failed', 'returning', 'returned', 'kept'])))
);
comment on table waybill is 'A waybill number (运单号) asked of a source for a delivery, with the sealed data of its label. asked → taken or failed; taken → returning → returned, or kept.';
comment on column waybill.delivery_id is 'The first delivery of the parcel. → delivery.id';
comment on column waybill.round is 'Counts the numbers asked for this delivery, from 1.';
comment on column waybill.shop_id is 'The shop of the delivery.';
comment on column waybill.state is 'kept: the source did not take the number back, and nothing more is tried.';
comment on column waybill.waybill_no is 'With several packages the main number (母单号), by which the parcel is shipped and followed.';
comment on column waybill.print_data is 'Sealed for the shop of the account. With several packages the label of the first.';
comment on column waybill.action_id is 'The platform action that asks for the number, later the one that gives it back.';
comment on column waybill.wanted is 'False: the parcel changed after the number was asked for; when the number arrives it is given back.';
comment on column waybill.sends is 'How often it was sent to the source until it was answered, and once more if the last answer never came; above 1, a source that neither looks up nor repeats may have given a number that no delivery has.';
comment on column waybill.courier_order is 'The courier''s own number of the request, which the source wants when the number is given back; empty: there is none.';
comment on column waybill.package_count is 'The number of packages for which it was asked.';
create index waybill_asked_at on waybill using btree (asked_at);
create index waybill_being_asked on waybill using btree (delivery_id) where ((state = 'asked') and wanted);
create unique index waybill_live on waybill using btree (delivery_id) where ((state = any (array['asked', 'taken'])) and wanted);
create unique index waybill_no_once on waybill using btree (waybill_no, courier) where (waybill_no <> '');
create index waybill_of_account on waybill using btree (account_id);
create index waybill_of_action on waybill using btree (action_id);

create table waybill_account (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  source text not null,
  courier text not null,
  branch_code text not null default '',
  branch_name text not null default '',
  sender bytea not null,
  template_name text not null default '',
  template_url text not null,
  warehouse_id bigint,
  enabled boolean not null default true,
  balance integer,
  balance_at timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  template_gone_at timestamptz,
  custom_area_url text not null default '',
  custom_area jsonb not null default '{}'::jsonb,
  credentials bytea,
  track text not null default 'none',
  track_hook text not null default '',
  track_salt bytea,
  services jsonb not null default '[]'::jsonb,
  insure_from_fen integer,
  insure_most_fen integer,
  constraint waybill_account_pkey primary key (id),
  constraint waybill_account_once unique nulls not distinct (shop_id, source, courier, branch_code, warehouse_id),
  constraint waybill_account_courier_check check ((courier <> '')),
  constraint waybill_account_source_check check ((source <> '')),
  constraint waybill_account_track_check check ((track = any (array['none', 'query', 'subscribe'])))
);
comment on table waybill_account is 'An account (电子面单账号) from which waybill numbers are taken: a courier''s branch at a source, called with the authorisation of a shop.';
comment on column waybill_account.source is 'Id of the source: cainiao …';
comment on column waybill_account.sender is 'Name, phones and address of the sender. Sealed for the shop.';
comment on column waybill_account.template_url is 'The standard label that the print client lays under the data; empty: the page lays out the label.';
comment on column waybill_account.warehouse_id is 'Only deliveries of this warehouse use it; null: of every warehouse.';
comment on column waybill_account.balance is 'Numbers left when the source was asked last; null: not asked, or the courier settles monthly.';
comment on column waybill_account.template_gone_at is 'Since when the source no longer offers this label; null: it does, or was not asked.';
comment on column waybill_account.custom_area_url is 'The custom area (自定义区) that the print client lays over the label; empty: none.';
comment on column waybill_account.custom_area is 'For each key of the custom area the field of ours that fills it: a key of fulfilment/papers/custom-area-rules.ts.';
comment on column waybill_account.credentials is 'Keys of the source and the account at the courier, of an account that is called without its shop''s authorisation. Sealed for the shop; null: the shop''s authorisation is used.';
comment on column waybill_account.track is 'How it follows parcels that their platform does not: query asks again and again, subscribe is told by the source, none follows nothing.';
comment on column waybill_account.track_hook is 'The last part of the address to which the source sends news of parcels. Random; empty: no such address yet.';
comment on column waybill_account.track_salt is 'Signs the messages to that address. Sealed for the shop.';
comment on column waybill_account.services is 'The services that its branch offers, {code, name} each, when the source was asked last.';
comment on column waybill_account.insure_from_fen is 'Parcels whose goods are worth at least this are insured; null: only those of which a person says so.';
comment on column waybill_account.insure_most_fen is 'The courier insures at most this; null: no limit is known.';
create unique index waybill_account_hook on waybill_account using btree (track_hook) where (track_hook <> '');

create table waybill_count (
  id bigint not null generated always as identity,
  shop_id bigint not null,
  source text not null,
  courier text not null,
  branch_code text not null,
  branch_name text not null,
  counted_at timestamptz not null default now(),
  given integer not null,
  ours integer not null,
  surplus integer not null,
  delivery_ids bigint[] not null default '{}'::bigint[],
  constraint waybill_count_pkey primary key (id)
);
comment on table waybill_count is 'A count of a branch (网点): the numbers that the source says it has given, against our rows.';
comment on column waybill_count.given is 'Numbers that the source has given to this branch''s account so far, less those that it took back.';
comment on column waybill_count.ours is 'The same of our rows.';
comment on column waybill_count.surplus is 'How many more the source gave than we have since the count before; below 0: some were given back without us.';
comment on column waybill_count.delivery_ids is 'If there is a surplus: the deliveries whose number was asked for more than once since the count before. → delivery.id';
create index waybill_count_of_branch on waybill_count using btree (shop_id, source, courier, branch_code, id);
create index waybill_count_surplus on waybill_count using btree (counted_at) where (surplus > 0);

create table waybill_package (
  courier text not null,
  waybill_no text not null,
  main_no text not null,
  nth smallint not null,
  waybill_id bigint,
  print_data bytea,
  scanned_at timestamptz,
  scanned_by text,
  constraint waybill_package_pkey primary key (waybill_no, courier),
  constraint waybill_package_check check (((waybill_id is null) = (print_data is null))),
  constraint waybill_package_main_no_check check ((main_no <> '')),
  constraint waybill_package_nth_check check ((nth > 0)),
  constraint waybill_package_waybill_no_check check ((waybill_no <> ''))
);
comment on table waybill_package is 'A package of a delivery that consists of several, with its sub-number (子单号). A waybill of one package has no row here.';
comment on column waybill_package.waybill_no is 'The first may have the main number itself.';
comment on column waybill_package.main_no is 'The main number (母单号), which the delivery has.';
comment on column waybill_package.nth is 'Its place among the packages, from 1.';
comment on column waybill_package.waybill_id is 'The request by which a source gave it; null: typed. → waybill.id';
comment on column waybill_package.print_data is 'Sealed for the shop of the account; null: typed.';
comment on column waybill_package.scanned_at is 'When its label was scanned at a station.';
create index waybill_package_of_main on waybill_package using btree (courier, main_no);
create index waybill_package_of_waybill on waybill_package using btree (waybill_id) where (waybill_id is not null);

create table waybill_rule (
  position integer not null,
  platform text not null default '',
  courier text not null default '',
  warehouse_id bigint,
  account_id bigint not null,
  enabled boolean not null default true,
  constraint waybill_rule_pkey primary key ("position"),
  constraint waybill_rule_position_check check (("position" > 0))
);
comment on table waybill_rule is 'A rule (取号规则) that chooses the account from which a delivery gets its waybill number. Rules are asked by position; the first that fits decides.';
comment on column waybill_rule.platform is 'Only deliveries for trades of this platform; own: only those whose orders a person made; empty: all.';
comment on column waybill_rule.courier is 'Only deliveries whose order asks for this courier; empty: those whose order asks for the account''s courier or for none.';
comment on column waybill_rule.warehouse_id is 'Only deliveries of this warehouse; null: of every warehouse.';

create table waybill_rules (
  single boolean not null default true,
  version integer not null,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  constraint waybill_rules_pkey primary key (single),
  constraint waybill_rules_single check (single)
);
comment on table waybill_rules is 'The version of all rules for waybill numbers together, as a person saves them together. One row.';
comment on column waybill_rules.single is 'Always true: the table has one row.';

create table webhook_message (
  id bigint not null generated always as identity,
  subscription_id bigint not null,
  kind text not null,
  document text not null,
  no text not null,
  shop_id bigint,
  warehouse_id bigint,
  created_at timestamptz not null default now(),
  data jsonb not null,
  state text not null default 'waiting',
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  claim integer not null default 0,
  tried_at timestamptz,
  answer_status smallint,
  answer_ms integer,
  failure jsonb,
  constraint webhook_message_pkey primary key (id),
  constraint webhook_message_state_check check ((state = any (array['waiting', 'delivered', 'given_up'])))
) with (fillfactor=80);
comment on table webhook_message is 'An event that is sent to a subscription, with the facts at the time of the event. waiting → delivered, or given_up.';
comment on column webhook_message.id is 'Rises for each document, because its row is locked when the message is made.';
comment on column webhook_message.subscription_id is '→ webhook_subscription.id';
comment on column webhook_message.document is 'Kind and id of the document, such as order:12. Messages of one document are sent one after the other.';
comment on column webhook_message.no is 'The number by which a person knows the document.';
comment on column webhook_message.shop_id is 'Null: stock, which belongs to no shop. → shop.id';
comment on column webhook_message.warehouse_id is 'Of deliveries, returns and stock. → warehouse.id';
comment on column webhook_message.data is 'What is sent. No personal data.';
comment on column webhook_message.due_at is 'Next attempt. While a worker sends it: when another worker may take it over.';
comment on column webhook_message.claim is 'Rises with each attempt; a worker that lost its claim records nothing.';
comment on column webhook_message.answer_status is 'HTTP status of the last answer; null: there was none.';
create index webhook_message_created on webhook_message using btree (created_at);
create index webhook_message_due on webhook_message using btree (subscription_id, due_at, id) where (state = 'waiting');
create index webhook_message_listed on webhook_message using btree (subscription_id, state, id);
create index webhook_message_order on webhook_message using btree (subscription_id, document, id) where (state = 'waiting');

create table webhook_subscription (
  id bigint not null generated always as identity,
  name text not null,
  credentials bytea not null,
  kinds text[] not null,
  shop_ids bigint[],
  warehouse_ids bigint[],
  state text not null default 'on',
  state_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  created_by text not null,
  last_sent_at timestamptz,
  failed_since timestamptz,
  failures integer not null default 0,
  failure jsonb,
  constraint webhook_subscription_pkey primary key (id),
  constraint webhook_subscription_kinds_check check ((cardinality(kinds) > 0)),
  constraint webhook_subscription_name_check check ((name <> '')),
  constraint webhook_subscription_state_check check ((state = any (array['on', 'paused', 'stopped'])))
);
comment on table webhook_subscription is 'A subscription (事件推送): a program''s address and the kinds of events that are sent there.';
comment on column webhook_subscription.credentials is 'Address and signing secrets. Sealed with the word webhook_subscription.';
comment on column webhook_subscription.kinds is 'Kinds of events, such as order.shipped, or order.* for all of a document.';
comment on column webhook_subscription.shop_ids is 'Events of these shops only; null: of all. → shop.id';
comment on column webhook_subscription.warehouse_ids is 'Deliveries, returns and stock of these warehouses only; null: of all. → warehouse.id';
comment on column webhook_subscription.state is 'paused: by a person. stopped: by itself, after days of failures or an answer of 410.';
comment on column webhook_subscription.failed_since is 'Since when every attempt failed; null: the last one succeeded.';
comment on column webhook_subscription.failures is 'Attempts since the last success.';
comment on column webhook_subscription.failure is 'Why the last attempt failed, {zh, en}.';

alter table alarm_notice add constraint alarm_notice_channel_id_fkey foreign key (channel_id) references alarm_channel(id) on delete cascade;
alter table alarm_notice add constraint alarm_notice_record_id_fkey foreign key (record_id) references alarm_record(id) on delete cascade;
alter table api_key add constraint api_key_created_by_fkey foreign key (created_by) references app_user(id);
alter table batch add constraint batch_retry_of_fkey foreign key (retry_of) references batch(id) on delete set null;
alter table batch_chunk add constraint batch_chunk_batch_id_fkey foreign key (batch_id) references batch(id) on delete cascade;
alter table batch_refusal add constraint batch_refusal_batch_id_fkey foreign key (batch_id) references batch(id) on delete cascade;
alter table bin add constraint bin_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);
alter table bundle_part add constraint bundle_part_bundle_id_bundle_fkey foreign key (bundle_id, bundle) references sku(id, is_bundle);
alter table bundle_part add constraint bundle_part_part_id_part_fkey foreign key (part_id, part) references sku(id, is_bundle);
alter table confirm_rules add constraint confirm_rules_shop_id_fkey foreign key (shop_id) references shop(id);
alter table count_line add constraint count_line_bin_id_fkey foreign key (bin_id) references bin(id);
alter table count_line add constraint count_line_sku_id_fkey foreign key (sku_id) references sku(id);
alter table count_line add constraint count_line_task_id_fkey foreign key (task_id) references count_task(id);
alter table count_task add constraint count_task_document_id_fkey foreign key (document_id) references stock_document(id);
alter table count_task add constraint count_task_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);
alter table download_queue add constraint download_queue_shop_id_fkey foreign key (shop_id) references shop(id);
alter table extra_refund add constraint extra_refund_order_id_fkey foreign key (order_id) references sales_order(id);
alter table extra_refund add constraint extra_refund_shop_id_fkey foreign key (shop_id) references shop(id);
alter table handout add constraint handout_shop_id_fkey foreign key (shop_id) references shop(id);
alter table handout_due add constraint handout_due_delivery_id_fkey foreign key (delivery_id) references delivery(id);
alter table handout_parcel add constraint handout_parcel_delivery_id_fkey foreign key (delivery_id) references delivery(id);
alter table handout_parcel add constraint handout_parcel_handout_id_fkey foreign key (handout_id) references handout(id);
alter table listing add constraint listing_shop_id_fkey foreign key (shop_id) references shop(id);
alter table listing add constraint listing_sku_id_fkey foreign key (sku_id) references sku(id);
alter table mall_document add constraint mall_document_shop_id_fkey foreign key (shop_id) references shop(id);
alter table one_time_link add constraint one_time_link_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table order_difference add constraint order_difference_order_id_fkey foreign key (order_id) references sales_order(id);
alter table order_hold add constraint order_hold_order_id_fkey foreign key (order_id) references sales_order(id);
alter table order_refund add constraint order_refund_order_id_fkey foreign key (order_id) references sales_order(id);
alter table parcel_subscription add constraint parcel_subscription_account_id_fkey foreign key (account_id) references waybill_account(id);
alter table parcel_subscription add constraint parcel_subscription_shop_id_fkey foreign key (shop_id) references shop(id);
alter table parcel_track add constraint parcel_track_delivery_id_fkey foreign key (delivery_id) references delivery(id);
alter table parcel_track add constraint parcel_track_shop_id_fkey foreign key (shop_id) references shop(id);
alter table parked_item add constraint parked_item_shop_id_fkey foreign key (shop_id) references shop(id);
alter table platform_action add constraint platform_action_shop_id_fkey foreign key (shop_id) references shop(id);
alter table print_document add constraint print_document_job_id_fkey foreign key (job_id) references print_job(id);
alter table print_document add constraint print_document_waybill_id_fkey foreign key (waybill_id) references waybill(id);
alter table push_shop add constraint push_shop_shop_id_fkey foreign key (shop_id) references shop(id);
alter table push_today add constraint push_today_shop_id_fkey foreign key (shop_id) references shop(id);
alter table put_away add constraint put_away_bin_id_fkey foreign key (bin_id) references bin(id);
alter table put_away add constraint put_away_sku_id_fkey foreign key (sku_id) references sku(id);
alter table put_away add constraint put_away_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);
alter table put_away_due add constraint put_away_due_sku_id_fkey foreign key (sku_id) references sku(id);
alter table put_away_due add constraint put_away_due_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);
alter table refund_waiver add constraint refund_waiver_order_id_fkey foreign key (order_id) references sales_order(id);
alter table relay add constraint relay_key_id_fkey foreign key (key_id) references api_key(id);
alter table relay_call add constraint relay_call_relay_id_fkey foreign key (relay_id) references relay(id);
alter table removed_mark add constraint removed_mark_shop_id_fkey foreign key (shop_id) references shop(id);
alter table report_mail add constraint report_mail_subscription_id_fkey foreign key (subscription_id) references report_subscription(id) on delete cascade;
alter table report_subscription add constraint report_subscription_user_id_fkey foreign key (user_id) references app_user(id);
alter table report_threshold add constraint report_threshold_user_id_fkey foreign key (user_id) references app_user(id);
alter table report_threshold_notice add constraint report_threshold_notice_threshold_id_fkey foreign key (threshold_id) references report_threshold(id) on delete cascade;
alter table return_line add constraint return_line_return_id_fkey foreign key (return_id) references return_order(id);
alter table return_problem add constraint return_problem_return_id_fkey foreign key (return_id) references return_order(id);
alter table return_receipt add constraint return_receipt_return_id_fkey foreign key (return_id) references return_order(id);
alter table saved_view add constraint saved_view_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table settlement_fact add constraint settlement_fact_order_id_fkey foreign key (order_id) references sales_order(id);
alter table sheet_layout add constraint sheet_layout_shop_id_fkey foreign key (shop_id) references shop(id);
alter table shop add constraint shop_relay_id_fkey foreign key (relay_id) references relay(id);
alter table shop_gate add constraint shop_gate_shop_id_fkey foreign key (shop_id) references shop(id) on delete cascade;
alter table sku add constraint sku_product_id_fkey foreign key (product_id) references product(id);
alter table sku_barcode add constraint sku_barcode_sku_id_fkey foreign key (sku_id) references sku(id);
alter table sku_bin add constraint sku_bin_main_bin_id_fkey foreign key (main_bin_id) references bin(id);
alter table sku_bin add constraint sku_bin_sku_id_fkey foreign key (sku_id) references sku(id);
alter table sku_bin add constraint sku_bin_spare_bin_id_fkey foreign key (spare_bin_id) references bin(id);
alter table sku_bin add constraint sku_bin_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);
alter table staged_refund add constraint staged_refund_order_id_fkey foreign key (order_id) references sales_order(id);
alter table staged_refund add constraint staged_refund_shop_id_fkey foreign key (shop_id) references shop(id);
alter table stock_document add constraint stock_document_to_warehouse_id_fkey foreign key (to_warehouse_id) references warehouse(id);
alter table stock_document add constraint stock_document_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);
alter table stock_document_line add constraint stock_document_line_document_id_fkey foreign key (document_id) references stock_document(id);
alter table stock_document_line add constraint stock_document_line_sku_id_fkey foreign key (sku_id) references sku(id);
alter table stock_upload add constraint stock_upload_id_fkey foreign key (id) references listing(id);
alter table stream_cursor add constraint stream_cursor_shop_id_fkey foreign key (shop_id) references shop(id) on delete cascade;
alter table task add constraint task_shop_id_fkey foreign key (shop_id) references shop(id) on delete cascade;
alter table task_run add constraint task_run_task_id_fkey foreign key (task_id) references task(id) on delete cascade;
alter table trade_fetch add constraint trade_fetch_trade_id_fkey foreign key (trade_id) references staged_trade(id) on delete cascade;
alter table unclaimed_line add constraint unclaimed_line_parcel_id_fkey foreign key (parcel_id) references unclaimed_parcel(id);
alter table unclaimed_line add constraint unclaimed_line_sku_id_fkey foreign key (sku_id) references sku(id);
alter table upload_shop add constraint upload_shop_shop_id_fkey foreign key (shop_id) references shop(id);
alter table user_credential add constraint user_credential_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table user_role add constraint user_role_role_id_fkey foreign key (role_id) references role(id);
alter table user_role add constraint user_role_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table user_session add constraint user_session_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table user_two_factor add constraint user_two_factor_user_id_fkey foreign key (user_id) references app_user(id) on delete cascade;
alter table warehouse add constraint warehouse_defective_of_fkey foreign key (defective_of) references warehouse(id);
alter table wave add constraint wave_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);
alter table wave_delivery add constraint wave_delivery_delivery_id_fkey foreign key (delivery_id) references delivery(id);
alter table wave_delivery add constraint wave_delivery_wave_id_fkey foreign key (wave_id) references wave(id);
alter table wave_line add constraint wave_line_bin_id_fkey foreign key (bin_id) references bin(id);
alter table wave_line add constraint wave_line_sku_id_fkey foreign key (sku_id) references sku(id);
alter table wave_line add constraint wave_line_wave_id_fkey foreign key (wave_id) references wave(id);
alter table wave_piece add constraint wave_piece_delivery_id_fkey foreign key (delivery_id) references delivery(id);
alter table wave_piece add constraint wave_piece_sku_id_fkey foreign key (sku_id) references sku(id);
alter table wave_piece add constraint wave_piece_wave_id_fkey foreign key (wave_id) references wave(id);
alter table wave_planning add constraint wave_planning_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);
alter table wave_rule add constraint wave_rule_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);
alter table wave_scan add constraint wave_scan_wave_id_fkey foreign key (wave_id) references wave(id);
alter table waybill add constraint waybill_account_id_fkey foreign key (account_id) references waybill_account(id);
alter table waybill add constraint waybill_delivery_id_fkey foreign key (delivery_id) references delivery(id);
alter table waybill add constraint waybill_shop_id_fkey foreign key (shop_id) references shop(id);
alter table waybill_account add constraint waybill_account_shop_id_fkey foreign key (shop_id) references shop(id);
alter table waybill_account add constraint waybill_account_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);
alter table waybill_count add constraint waybill_count_shop_id_fkey foreign key (shop_id) references shop(id);
alter table waybill_package add constraint waybill_package_waybill_id_fkey foreign key (waybill_id) references waybill(id);
alter table waybill_rule add constraint waybill_rule_account_id_fkey foreign key (account_id) references waybill_account(id);
alter table waybill_rule add constraint waybill_rule_warehouse_id_fkey foreign key (warehouse_id) references warehouse(id);

create statistics sales_order_paid_at on coalesce(paid_at, '-infinity'::timestamptz) from sales_order;
create statistics sales_order_ship_after on coalesce(ship_after, 'infinity'::timestamptz) from sales_order;
create statistics sales_order_ship_by on coalesce(ship_by, 'infinity'::timestamptz) from sales_order;
