-- 发货: one live delivery for each released order, and what became of telling the platform.
alter table sales_order add column written_back_at timestamptz;
-- False: some lines of its trade are not on it (shipped before us, refunded), so it ships by its lines.
alter table sales_order add column whole_trade boolean not null default true;

-- Withdrawn before anything left the house.
alter table platform_action drop constraint platform_action_state_check;
alter table platform_action add constraint platform_action_state_check
  check (state in ('pending', 'sending', 'succeeded', 'failed', 'unknown', 'forced', 'manual', 'withdrawn'));

create sequence delivery_no;

create table delivery (
  id bigint generated always as identity primary key,
  no text not null unique,
  -- Of the order, and never changing there: a delivery is found by any of the numbers that people hold.
  order_id bigint not null,
  order_no text not null,
  tid text not null,
  shop_id bigint not null,
  status text not null check (status in ('pending', 'shipped', 'cancelled')),
  courier text not null default '',
  waybill_no text not null default '',
  ship_by timestamptz,
  -- How the write-back of this shipping last ended; waiting: not yet.
  write_back text not null default '' check (write_back in ('', 'waiting', 'done', 'failed', 'forced', 'manual')),
  error_code text not null default '',
  -- How often it was shipped: each time is a platform action of its own.
  round integer not null default 0,
  action_id bigint,
  created_at timestamptz not null default now(),
  created_by text not null,
  shipped_at timestamptz,
  shipped_by text,
  cancelled_at timestamptz,
  cancelled_by text,
  standing text not null generated always as (
    case when status = 'shipped' and write_back = 'failed' then 'failed' else status end) stored,
  -- As lib/facets.ts packs them: 4 is shop, 28 writeBack.
  facets integer[] not null generated always as (array[
    4 * 67108864 + shop_id::integer,
    28 * 67108864 + case write_back when 'waiting' then 1 when 'done' then 2 when 'failed' then 3 when 'forced' then 4
      when 'manual' then 5 else 0 end]) stored,
  check (status <> 'shipped' or (courier <> '' and waybill_no <> '')),
  check ((status = 'shipped') = (write_back <> '')),
  check ((courier = '') = (waybill_no = ''))
) with (fillfactor = 80);
create unique index delivery_live on delivery (order_id) where status <> 'cancelled';
create unique index delivery_waybill on delivery (waybill_no, courier) where status <> 'cancelled' and waybill_no <> '';
create index delivery_of on delivery (order_id, id);
create index delivery_order_no on delivery (order_no);
create index delivery_tid on delivery (tid);
create index delivery_by_created on delivery (standing, created_at, id);
create index delivery_by_ship_by on delivery (standing, coalesce(ship_by, 'infinity'::timestamptz), id);
create index delivery_unwritten on delivery (coalesce(ship_by, 'infinity'::timestamptz), id)
  where status = 'shipped' and write_back in ('waiting', 'failed');
create index delivery_facets on delivery using gin (facets);

update role set permissions = permissions || '{fulfilment.read,fulfilment.release,fulfilment.ship,fulfilment.unship}'
where builtin is null and name = '仓库';
update role set permissions = permissions || '{fulfilment.read,fulfilment.release}' where builtin is null and name = '客服';
update role set permissions = permissions || '{fulfilment.read}' where builtin is null and name in ('财务', '只读');
