-- A number that was asked for may stop being wanted before it arrives: its parcel lost a trade, or its address changed.

alter table waybill add column wanted boolean not null default true;
comment on column waybill.wanted is 'False: the parcel changed after the number was asked for; when the number arrives it is given back.';

drop index waybill_live;
create unique index waybill_live on waybill (delivery_id) where state in ('asked', 'taken') and wanted;
