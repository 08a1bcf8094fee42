-- `delivery` is rewritten: its generated column gets a new expression. A delivery says when its goods were picked, in which wave and in which
-- basket, and a warehouse may require that.

alter table warehouse drop constraint warehouse_ship_steps;
alter table warehouse add constraint warehouse_ship_steps check (ship_steps <@ array['print', 'wave', 'check', 'weigh']);
comment on column warehouse.ship_steps is 'The steps that are required before a parcel is shipped (发货前必须): print, wave, check, weigh.';

alter table delivery
  add column picked_at timestamptz,
  add column picked_by text,
  add column wave_id bigint,
  add column basket smallint;
comment on column delivery.picked_at is 'When all its goods were picked in a wave (已拣); null: not yet.';
comment on column delivery.wave_id is 'The wave in which it was picked. → wave.id';
comment on column delivery.basket is 'The numbered basket of the wave; null: the wave has no baskets.';

alter table delivery alter column standing set expression as (
  case
    when status = 'shipped' and write_back = 'failed' then 'failed'
    when status <> 'pending' then status
    when waybill_no = '' then 'number'
    when labelled and printed_at is null and 'print' = any(ship_steps) then 'print'
    when picked_at is null and 'wave' = any(ship_steps) then 'wave'
    when checked_at is null and 'check' = any(ship_steps) then 'check'
    when weighed_at is null and 'weigh' = any(ship_steps) then 'weigh'
    else 'ready'
  end);
comment on column delivery.standing is 'The tab of the list. The next step of a pending delivery: number, print, wave, check, weigh, or ready to ship. Otherwise the status, or failed when the write-back failed.';
