-- Counting allows for pieces that nobody noted as picked. Rewrites nothing: the default is constant.

alter table count_entry add column maybe_packed integer not null default 0 check (maybe_packed >= 0);
comment on column count_entry.maybe_packed is 'Pieces of the SKU that may lie in parcels or wait to be put back, which nobody noted as picked: the shelf may hold as many less than expected.';
