-- Reads the lines of stock-takes that are not posted.
-- Two stock-takes of one SKU found the same difference and posted it twice. A line now knows the movements that its book quantity includes, so a stock-take that was posted later is seen.
alter table stock_document_line add column book_after bigint;
comment on column stock_document_line.book_after is 'Of a count: the last movement of the balance that book includes, or, of a counting task, that what was counted includes; 0: none. → stock_movement.id';
update stock_document_line l set book_after = coalesce((
  select m.id from stock_movement m
  where m.warehouse_id = d.warehouse_id and m.sku_id = l.sku_id and m.at <= d.created_at
  order by m.id desc limit 1
), 0)
from stock_document d
where d.id = l.document_id and d.kind = 'count' and d.status in ('draft', 'approved');
