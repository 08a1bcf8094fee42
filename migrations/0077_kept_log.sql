-- The log of the embedded database is kept beside base backups, so that any second can be restored.

create table kept_log (
  only_row boolean not null default true,
  backup_place text not null,
  begun_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  sent_to text,
  sent_at timestamptz,
  restorable_from timestamptz,
  base_at timestamptz,
  failed_since timestamptz,
  failure jsonb,
  constraint kept_log_pkey primary key (only_row),
  constraint kept_log_only_row_check check (only_row)
);
comment on table kept_log is 'One row while the log of the embedded database is kept at the place of the backup (恢复到任意一秒), written by the log keeper.';
comment on column kept_log.seen_at is 'The last sign of the log keeper.';
comment on column kept_log.sent_to is 'The last segment of the log that the place has.';
comment on column kept_log.restorable_from is 'The end of the oldest base backup: every second since can be restored. Null: there is none yet.';
comment on column kept_log.base_at is 'The end of the newest base backup.';
comment on column kept_log.failed_since is 'Segments or base backups do not reach the place since then; failure says why.';
