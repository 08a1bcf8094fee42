-- Reads nothing: a null column.
alter table one_time_link add column made_by jsonb;
comment on column one_time_link.made_by is 'The person or program that made a link for a password. The link works while they may manage its user. null: nobody who is limited.';
