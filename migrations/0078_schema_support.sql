-- Programs of two versions work on one schema while one replaces the other. The schema says which programs may still do so.

create table schema_support (
  only_row boolean not null default true,
  oldest_program integer not null,
  constraint schema_support_pkey primary key (only_row),
  constraint schema_support_only_row_check check (only_row)
);
comment on table schema_support is 'One row: which programs may work on this schema. A program with an older number ends.';
comment on column schema_support.oldest_program is 'The number of the last migration that the oldest program knows.';
insert into schema_support (oldest_program) values (78);

alter table house_process add column program integer not null default 0, add column version text not null default '';
comment on column house_process.program is 'The number of the last migration that its program knows; 0: a program from before this column.';
comment on column house_process.version is 'The version of its program, and the first digits of the commit.';
