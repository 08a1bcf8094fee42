-- 换货品: a person replaces the SKU of a line before it leaves. The line stays the platform's: its number, money and quantity are the buyer's.
alter table order_line
  add column substitute_for bigint,
  add column substitute_diff_fen bigint,
  add constraint order_line_substitute_check check (
    case when substitute_for is null then substitute_diff_fen is null else not gift and sku_id is not null and sku_id <> substitute_for end) not valid;

comment on column order_line.substitute_for is 'The SKU that the buyer ordered, where a person replaced it. → sku.id';
comment on column order_line.substitute_diff_fen is 'List price of one piece of the SKU that is sent, less that of the ordered one, when it was replaced; the seller bears it. Null: a price is not known.';
