-- Rules for waves may make their waves by themselves: at times of day, or when enough parcels wait.

alter table wave_rule add column auto_times text[] not null default '{}', add column auto_orders integer;
comment on column wave_rule.auto_times is 'Times of day in China (14:40) at which its waves are made without a person; empty: none.';
comment on column wave_rule.auto_orders is 'Its waves are made without a person when so many parcels wait for it; null: never.';

create table wave_planning (
  warehouse_id bigint primary key references warehouse (id),
  planned_at timestamptz not null
);
comment on table wave_planning is 'Up to when the times of day of the rules of a warehouse were observed, so that each makes waves once.';
