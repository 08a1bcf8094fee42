-- The figures of goods by day and shop without the SKU, and an index for the rows of some SKUs: a report shows a hundred SKUs, and all others
-- are the difference.

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

insert into report_goods_day
select day, shop_id, sum(order_count), sum(piece_count), sum(amount_fen), sum(refunded_pieces), sum(refunded_fen) from report_goods group by 1, 2;

create index report_goods_sku on report_goods (sku_id, day);
