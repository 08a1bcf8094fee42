-- A window of tries begins with its first one; an office whose people mistype now and then would else never see an end of it.
alter table sign_in_failure add column began_at timestamptz not null default now();

-- The time step of the last one-time code that was taken: no code works twice, nor one older than it.
alter table user_two_factor add column last_step bigint not null default 0;
