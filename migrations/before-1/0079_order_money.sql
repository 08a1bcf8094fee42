-- What the platform itself pays on top of what the buyer pays, kept apart: it is in no sum of an order.
alter table staged_trade add column subsidy_fen bigint not null default 0;
alter table sales_order add column subsidy_fen bigint not null default 0;

-- Goods, less the discount, with the freight, are what is due: where lines were left behind, the discount was that of the whole trade.
-- Below zero: the seller asked for more than the goods' price.
update order_line set discount_fen = price_fen * quantity - payment_fen
where discount_fen <> price_fen * quantity - payment_fen and not gift;
update sales_order set discount_fen = goods_fen + post_fee_fen - payment_fen
where discount_fen <> goods_fen + post_fee_fen - payment_fen;
