-- 子母件: a delivery of several packages has a main waybill number, and a number for each package.

alter table delivery add column package_count smallint not null default 1;
comment on column delivery.package_count is 'Packages (包裹数) of which it consists. Its waybill is the main number of them all.';

alter table waybill add column package_count smallint not null default 1;
comment on column waybill.package_count is 'The number of packages for which it was asked.';
comment on column waybill.waybill_no is 'With several packages the main number (母单号), by which the parcel is shipped and followed.';
comment on column waybill.print_data is 'Sealed for the shop of the account. With several packages the label of the first.';

-- Never read: the main number is waybill_no.
alter table waybill drop column parent_no;

create table waybill_package (
  courier text not null,
  waybill_no text not null check (waybill_no <> ''),
  main_no text not null check (main_no <> ''),
  nth smallint not null check (nth > 0),
  waybill_id bigint references waybill (id),
  print_data bytea,
  scanned_at timestamptz,
  scanned_by text,
  primary key (waybill_no, courier),
  check ((waybill_id is null) = (print_data is null))
);
comment on table waybill_package is 'A package of a delivery that consists of several, with its sub-number (子单号). A waybill of one package has no row here.';
comment on column waybill_package.waybill_no is 'The first may have the main number itself.';
comment on column waybill_package.main_no is 'The main number (母单号), which the delivery has.';
comment on column waybill_package.nth is 'Its place among the packages, from 1.';
comment on column waybill_package.waybill_id is 'The request by which a source gave it; null: typed. → waybill.id';
comment on column waybill_package.print_data is 'Sealed for the shop of the account; null: typed.';
comment on column waybill_package.scanned_at is 'When its label was scanned at a station.';
create index waybill_package_of_main on waybill_package (courier, main_no);
create index waybill_package_of_waybill on waybill_package (waybill_id) where waybill_id is not null;

alter table print_document add column nth smallint not null default 1;
comment on column print_document.nth is 'The package whose label it is.';
