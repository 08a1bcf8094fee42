-- A send of it went without an answer once, so the platform may have acted on it, whatever was answered since.
alter table platform_action add column unclear boolean not null default false;
update platform_action set unclear = true where state = 'unknown' or attempt > 1 and state in ('pending', 'failed', 'withdrawn');
