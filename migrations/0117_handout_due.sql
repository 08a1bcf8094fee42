-- Reads the deliveries of spreadsheet shops once, by their facet.
create table handout_due (
  delivery_id bigint primary key references delivery (id),
  shop_id bigint not null
);
comment on table handout_due is 'Parcels of spreadsheet shops whose write-back is done since they were last in a sheet (发货表): those that wait for the next sheet, and few others.';
comment on column handout_due.delivery_id is '→ delivery.id';
comment on column handout_due.shop_id is '→ shop.id';
create index handout_due_of_shop on handout_due (shop_id, delivery_id);

-- The row is locked even if it is there, so that a sheet that is being made waits, and reads the waybill that was written back now.
create function note_handout_due() returns trigger language plpgsql as $$
begin
  insert into handout_due (delivery_id, shop_id)
  select new.id, new.shop_id from shop s where s.id = new.shop_id and s.platform = 'sheetshop'
  on conflict (delivery_id) do update set shop_id = excluded.shop_id;
  return null;
end
$$;

-- A trigger, because processes of the release before write results of write-backs on this schema too.
create trigger handout_due_of after update of write_back on delivery for each row
when (new.write_back in ('done', 'forced') and old.write_back is distinct from new.write_back)
execute function note_handout_due();

insert into handout_due (delivery_id, shop_id)
select d.id, d.shop_id
from shop s
cross join lateral (
  select id, shop_id, courier, waybill_no from delivery
  where facets @> array[(4 * 67108864 + s.id)::int] and shop_id = s.id and status = 'shipped' and write_back in ('done', 'forced') offset 0
) d
where s.platform = 'sheetshop' and not exists (
  select from handout_parcel p where p.delivery_id = d.id and p.courier = d.courier and p.waybill_no = d.waybill_no)
on conflict do nothing;
