-- Reads all waybills once. The print desk counts the deliveries whose number is not being asked for yet, also while a run asks for tens of thousands.

create index waybill_being_asked on waybill (delivery_id) where state = 'asked' and wanted;
