-- The sizes of the tables are noted each night, so that the page 健康 can say how fast they grow and until when the disk lasts.

create table table_size (
  day date not null,
  name text not null,
  byte_count bigint not null,
  row_count bigint not null,
  constraint table_size_pkey primary key (day, name)
);
comment on table table_size is 'The size of each table, with its indexes, on each day; written by the task that trims.';
comment on column table_size.name is 'The table; empty: the whole database.';
comment on column table_size.row_count is 'As PostgreSQL estimates it.';
