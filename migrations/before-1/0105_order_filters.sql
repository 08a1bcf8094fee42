-- Orders are filtered by a SKU of their lines and by their payment. Building both indexes takes about ten seconds a million orders.

create index order_line_sku on order_line (sku_id, order_id);
create index sales_order_payment on sales_order (payment_fen);
