-- Grants of warehouses, beside those of shops.
alter table app_user add column all_warehouses boolean not null default true,
  add column warehouse_ids bigint[] not null default '{}';
alter table api_key add column all_warehouses boolean not null default true,
  add column warehouse_ids bigint[] not null default '{}';
-- Whose parcel it is. An order that is released stays with its warehouse.
alter table delivery add column warehouse_id bigint;
update delivery d set warehouse_id = o.warehouse_id from sales_order o where o.id = d.order_id;
update batch set scope = scope || '{"warehouses": "all"}' where not scope ? 'warehouses';
