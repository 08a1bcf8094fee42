-- 自有商城: a mall that the merchant built posts whole trades and refunds to our API; there is no platform to ask.

create table mall_document (
  shop_id bigint not null references shop (id),
  kind text not null check (kind in ('trade', 'refund')),
  number text not null check (number <> ''),
  tid text not null check (tid <> ''),
  version_at timestamptz not null,
  received_at timestamptz not null,
  sealed bytea not null,
  primary key (number, shop_id, kind)
);
comment on table mall_document is 'The newest version of each trade and refund that a mall has posted. Its lists and details are read here.';
comment on column mall_document.shop_id is '→ shop.id';
comment on column mall_document.number is 'The mall''s number of the trade or refund.';
comment on column mall_document.tid is 'The number of the trade: of a refund, the one that it is about.';
comment on column mall_document.version_at is 'When the mall changed it last, as the mall says. A document with an older or the same time changes nothing.';
comment on column mall_document.received_at is 'When this version came, by the clock of the database.';
comment on column mall_document.sealed is 'The document as it was posted, sealed for the shop.';
create index mall_document_received on mall_document (shop_id, kind, received_at, number);
create index mall_document_of_trade on mall_document (shop_id, tid) where kind = 'refund';

insert into courier_code (courier, system, code)
select code, 'ownshop', code from courier;
