-- The two largest tables of figures by month: a report over a year reads a thirtieth of the rows.

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

insert into report_goods_month
select date_trunc('month', day::timestamp)::date, shop_id, sku_id, sum(order_count), sum(piece_count), sum(amount_fen), sum(refunded_pieces), sum(refunded_fen)
from report_goods group by 1, 2, 3;
insert into report_causes_month
select date_trunc('month', day::timestamp)::date, shop_id, outer_id, buyer_reason, sum(refund_count), sum(asked_fen), sum(return_count), sum(piece_count),
  sum(succeeded_count), sum(succeeded_fen)
from report_causes group by 1, 2, 3, 4;
