-- 改运单: the waybill of a parcel is corrected after its platform was told of it.

alter table delivery
  add column told_courier text not null default '',
  add column told_waybill text not null default '';
comment on column delivery.told_courier is 'The courier of told_waybill; empty: the platform shows that of the delivery, or none.';
comment on column delivery.told_waybill is 'The waybill that the platform was told before the delivery got another one (改运单), until it is told that one; empty: it was told none before.';
