-- 打单发货: what the labels of deliveries are sorted and batched by. Adding the check and the index reads all deliveries while nothing writes
-- them; only the pending ones, which are as many as the warehouse has work, get the values.

alter table delivery
  add column wanted_courier text not null default '',
  add column shape text not null default '' check (shape in ('', 'single', 'several', 'mixed')),
  add column sku_id bigint,
  add column piece_count integer not null default 0;
comment on column delivery.wanted_courier is 'The courier that was chosen for the order when it was released; empty: none was.';
comment on column delivery.shape is 'single: one piece. several: pieces of one SKU. mixed: several SKUs, or a merged shipment. Empty: released before this column existed.';
comment on column delivery.sku_id is 'The SKU of all its pieces, if there is only one. → sku.id';
comment on column delivery.piece_count is 'Number of pieces to pack.';

update delivery t set wanted_courier = o.courier, piece_count = g.pieces,
  shape = case when t.parcel is not null or g.skus > 1 then 'mixed' when g.pieces > 1 then 'several' else 'single' end,
  sku_id = case when t.parcel is null and g.skus = 1 then g.sku_id end
from sales_order o
cross join lateral (
  select count(distinct coalesce(sku_id, 0)) as skus, min(sku_id) as sku_id, coalesce(sum(quantity - refunded_quantity), 0)::int as pieces
  from order_line where order_id = o.id and refunded_quantity < quantity
) g
where t.status = 'pending' and o.id = t.order_id;

create index delivery_by_goods on delivery using btree (standing, coalesce(sku_id * 1000 + least(piece_count, 999), 999999999999999999), id);
create index waybill_asked_at on waybill (asked_at);
create index print_document_open on print_document (job_id) where state in ('waiting', 'spooled');
