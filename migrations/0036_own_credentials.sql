-- Accounts of waybill numbers that are called without a shop's authorisation, as those of 快递100.

alter table waybill_account add column credentials bytea;
comment on column waybill_account.credentials is 'Keys of the source and the account at the courier, of an account that is called without its shop''s authorisation. Sealed for the shop; null: the shop''s authorisation is used.';

-- A source with plain labels offers none of its own.
alter table waybill_account drop constraint waybill_account_template_url_check;
comment on column waybill_account.template_url is 'The standard label that the print client lays under the data; empty: the page lays out the label.';

alter table waybill add column courier_order text not null default '';
comment on column waybill.courier_order is 'The courier''s own number of the request, which the source wants when the number is given back; empty: there is none.';
