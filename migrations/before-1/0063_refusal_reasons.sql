-- What stands behind a refusal's code where that is one word of a table, such as the reason of the hold.
alter table batch_refusal add column reason text not null default '';
