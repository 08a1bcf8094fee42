-- Webhooks: subscriptions of programs, and what is sent to them. A message is made in the transaction of the change, by triggers on the
-- tables that each change passes: the histories of orders, returns and refunds, the deliveries, and the balances of stock.

create table webhook_subscription (
  id bigint generated always as identity primary key,
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
  constraint webhook_subscription_name_check check (name <> ''),
  constraint webhook_subscription_kinds_check check (cardinality(kinds) > 0),
  constraint webhook_subscription_state_check check (state in ('on', 'paused', 'stopped'))
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

-- No foreign key: a change of an order must not wait for a subscription that is being removed. Rows without a subscription are trimmed.
create table webhook_message (
  id bigint generated always as identity primary key,
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
  constraint webhook_message_state_check check (state in ('waiting', 'delivered', 'given_up'))
) with (fillfactor = 80);
create index webhook_message_order on webhook_message (subscription_id, document, id) where state = 'waiting';
create index webhook_message_due on webhook_message (subscription_id, due_at, id) where state = 'waiting';
create index webhook_message_listed on webhook_message (subscription_id, state, id);
create index webhook_message_created on webhook_message (created_at);
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

create function webhook_time(at timestamptz) returns text language sql immutable as $function$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$function$;

-- The kinds of events that entries of the histories are. Null: programs are not told of the entry.
create function webhook_kind(document text, entry text) returns text language sql immutable as $function$
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

create function webhooks_want(document text) returns boolean language sql stable as $function$
  select exists (select from webhook_subscription s cross join unnest(s.kinds) k (kind) where k.kind like document || '.%')
$function$;

-- Rows are locked in the order of their ids before their messages get ids, so that the ids of a document rise with its changes. The verbs
-- hold these locks already.
create function note_order_webhooks() returns trigger language plpgsql as $function$
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

create function note_return_webhooks() returns trigger language plpgsql as $function$
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

create function note_refund_webhooks() returns trigger language plpgsql as $function$
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

create function note_delivery_webhooks() returns trigger language plpgsql as $function$
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

create function note_stock_webhooks() returns trigger language plpgsql as $function$
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

create trigger webhooks_of_new after insert on order_event
  referencing new table as changed for each statement execute function note_order_webhooks();
create trigger webhooks_of_new after insert on return_event
  referencing new table as changed for each statement execute function note_return_webhooks();
create trigger webhooks_of_new after insert on refund_event
  referencing new table as changed for each statement execute function note_refund_webhooks();
create trigger webhooks_of_new after insert on delivery
  referencing new table as changed for each statement execute function note_delivery_webhooks();
create trigger webhooks_of_changed after update on delivery
  referencing old table as held new table as changed for each statement execute function note_delivery_webhooks();
create trigger webhooks_of_new after insert on stock
  referencing new table as changed for each statement execute function note_stock_webhooks();
create trigger webhooks_of_changed after update on stock
  referencing new table as changed for each statement execute function note_stock_webhooks();
