-- A database that was restored from a backup: nothing leaves for a shop before it was read again.

alter table shop_gate add column restored_at timestamptz;
comment on column shop_gate.restored_at is 'The database was restored then, and the shop was not read again since: nothing is confirmed, shipped or sent for it. Null: it was.';

create table restore_record (
  id bigint generated always as identity,
  restored_at timestamptz not null default now(),
  taken_at timestamptz not null,
  backup text not null,
  constraint restore_record_pkey primary key (id)
);
comment on table restore_record is 'Each restore of this database from a backup (恢复), written by npm run restore.';
comment on column restore_record.taken_at is 'The time of the backup: later changes were lost, and are read again from the platforms.';
comment on column restore_record.backup is 'The folder of the backup.';
