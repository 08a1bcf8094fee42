-- `delivery` is rewritten: its generated column gets a new expression. The steps that a warehouse requires before a parcel leaves, and those that were done.

alter table warehouse add column ship_steps text[] not null default '{print}'
  constraint warehouse_ship_steps check (ship_steps <@ array['print', 'check', 'weigh']);
comment on column warehouse.ship_steps is 'The steps that are required before a parcel is shipped (发货前必须): print, check, weigh.';

alter table delivery
  add column ship_steps text[] not null default '{}',
  add column labelled boolean not null default false,
  add column printed_at timestamptz,
  add column printed_by text,
  add column checked_at timestamptz,
  add column checked_by text,
  add column weighed_at timestamptz,
  add column weighed_by text,
  add column weight_grams integer;
comment on column delivery.ship_steps is 'Copy of the warehouse''s steps, taken at release and renewed while the delivery is pending.';
comment on column delivery.labelled is 'Its waybill number was taken from a source, so there is a label to print; false: typed, or none.';
comment on column delivery.printed_at is 'When the label of its present number was printed first.';
comment on column delivery.checked_at is 'When the last piece was checked (验货).';

update delivery d set labelled = true
from waybill w where w.state = 'taken' and w.courier = d.courier and w.waybill_no = d.waybill_no and d.status <> 'cancelled';
update delivery d set printed_at = p.printed_at, printed_by = p.printed_by
from (
  select distinct on (p.waybill_id) p.waybill_id, p.ended_at as printed_at, j.created_by as printed_by
  from print_document p join print_job j on j.id = p.job_id where p.state = 'printed' order by p.waybill_id, p.ended_at
) p join waybill w on w.id = p.waybill_id and w.state = 'taken'
where w.courier = d.courier and w.waybill_no = d.waybill_no and d.labelled;

alter table delivery alter column standing set expression as (
  case
    when status = 'shipped' and write_back = 'failed' then 'failed'
    when status <> 'pending' then status
    when waybill_no = '' then 'number'
    when labelled and printed_at is null and 'print' = any(ship_steps) then 'print'
    when checked_at is null and 'check' = any(ship_steps) then 'check'
    when weighed_at is null and 'weigh' = any(ship_steps) then 'weigh'
    else 'ready'
  end);
comment on column delivery.standing is 'The tab of the list. The next step of a pending delivery: number, print, check, weigh, or ready to ship. Otherwise the status, or failed when the write-back failed.';
