-- Platforms show changes late in peak hours. A stream notes what its list showed, so that it knows by how much.

alter table stream_cursor
  add column newest_at timestamptz,
  add column gap_ms integer,
  add column late_ms integer not null default 0,
  add column late_at timestamptz,
  add column next_late_ms integer not null default 0,
  add column deep_at timestamptz;
comment on column stream_cursor.complete_to is 'Everything before this time that the list showed is here. What the list shows late_ms late may be missing.';
comment on column stream_cursor.newest_at is 'The latest change that the list has shown; null: none, or it gives no times.';
comment on column stream_cursor.gap_ms is 'The usual time between two changes in the list; null: not known yet.';
comment on column stream_cursor.late_ms is 'By how much the list is late now, as measured; 0: it is not.';
comment on column stream_cursor.late_at is 'When the list was last that late.';
comment on column stream_cursor.next_late_ms is 'The greatest lateness since then.';
comment on column stream_cursor.deep_at is 'When the list was last read back to what it may show late.';
