-- Reads a sample of sales_order.
-- A list by planned time estimates its rows from these statistics; without them PostgreSQL assumes half a per cent of the planned orders for each range.
create statistics sales_order_ship_after on (coalesce(ship_after, 'infinity'::timestamptz)) from sales_order;
analyze sales_order (ship_after);
