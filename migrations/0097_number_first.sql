-- Reads waybill while nothing writes it: some seconds for a million numbers.
-- Scans at stations and typed numbers look for a number under any courier, so the number comes first. PostgreSQL 17 and older would read the whole index.
-- Release before: it works on; what it looks for by courier and number has this index too.
drop index waybill_no_once;
-- Release before: each number was unique with its courier already.
create unique index waybill_no_once on waybill (waybill_no, courier) where waybill_no <> '';
