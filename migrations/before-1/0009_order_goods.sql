-- An order knows its own goods, the warehouse they come from, and whether they are promised.
alter table sales_order add column warehouse_id bigint;

-- Orders from before: what the catalogue knows by now is filled in, the fifth facet says what their goods wait for
-- (27 is goods: 1 a line without SKU, 2 short, 4 not asked for), and those that are not shipped stand still until matched.
update order_line l set sku_id = g.sku_id
from sales_order o, listing g
where o.id = l.order_id and g.shop_id = o.shop_id and g.item_id = l.item_id and g.platform_sku_id = l.platform_sku_id
  and g.sku_id is not null and l.sku_id is null;

update sales_order o
set facets = o.facets[1:4] || 27 * 67108864 + case when o.origin = 'record' or o.status in ('shipped', 'completed') then 0 else n.bits end
  || o.facets[5:]
from (
  select order_id, bit_or(case when refunded_quantity >= quantity then 0 when sku_id is null then 1 else 4 end) as bits
  from order_line group by order_id
) n
where n.order_id = o.id;

insert into order_hold (order_id, reason, source, note, held_by)
select id, 'unmatched', '', '', '系统' from sales_order
where origin <> 'record' and status in ('unconfirmed', 'confirmed', 'released') and facets[5] & 1 = 1;

update sales_order set open_holds = open_holds + 1, facets[2] = 17 * 67108864 + 1
where origin <> 'record' and status in ('unconfirmed', 'confirmed', 'released') and facets[5] & 1 = 1;

-- Lines that wait for their listing to be matched.
create index order_line_unmatched on order_line (item_id, platform_sku_id) where sku_id is null;

-- Orders that stock can be asked for and was not, or not for all of their goods.
create index sales_order_unasked on sales_order (coalesce(paid_at, ordered_at), id)
  where facets[5] >= 27 * 67108864 + 4 and status in ('unconfirmed', 'confirmed') and (paid_at is not null or cod);
