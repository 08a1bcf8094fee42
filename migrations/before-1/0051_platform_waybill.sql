-- The waybills that the platform shows for these goods instead of ours, as it was last told.
alter table delivery add column platform_waybill text not null default '';
