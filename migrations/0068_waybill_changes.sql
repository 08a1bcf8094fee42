-- 改运单: the waybill of a parcel is corrected after its write-back.

alter table delivery
  add column shown_courier text not null default '',
  add column shown_waybill text not null default '';
comment on column delivery.shown_courier is 'The courier of shown_waybill; empty: the platform shows that of the delivery, or none.';
comment on column delivery.shown_waybill is 'The waybill that the platform shows of a delivery that got another one after its write-back (改运单), until that one is written back; empty: there was no such change.';

-- A newer detail of a trade asks whether its platform shows the new waybill now. Few rows are in this index at a time.
create index delivery_shown on delivery (order_id) where shown_waybill <> '';
