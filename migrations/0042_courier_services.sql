-- Delivery to the door (送货上门) and insurance (保价) go along when a waybill number is asked for.
alter table sales_order add column insured_fen integer;
comment on column sales_order.insured_fen is 'The value for which its parcel is to be insured (保价), by a person; 0: it is not to be insured, null: the rule of the account decides.';

alter table waybill_account add column services jsonb not null default '[]',
  add column insure_from_fen integer,
  add column insure_most_fen integer;
comment on column waybill_account.services is 'The services that its branch offers, {code, name} each, when the source was asked last.';
comment on column waybill_account.insure_from_fen is 'Parcels whose goods are worth at least this are insured; null: only those of which a person says so.';
comment on column waybill_account.insure_most_fen is 'The courier insures at most this; null: no limit is known.';

update waybill_account set services = '[{"code": "valinsPay", "name": "保价"}]' where source = 'kuaidi100';
