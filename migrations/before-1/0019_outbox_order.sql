-- What leaves first: within a shop and a kind, what is due soonest. Infinity: nobody waits for it.
alter table platform_action add column deadline timestamptz not null default 'infinity';
-- Put back because the platform did not answer: it is woken as soon as the platform does.
alter table platform_action add column away boolean not null default false;

update platform_action a set deadline = d.ship_by from delivery d
where d.action_id = a.id and a.next_at is not null and d.ship_by is not null;
update platform_action a set deadline = r.deadline from staged_refund r
where a.subject_type = 'staged_refund' and r.id::text = a.subject_id and a.next_at is not null and r.deadline is not null;

-- Every shop's waiting actions in the order of leaving; `next_at` is looked at inside the index.
drop index platform_action_due;
create index platform_action_due on platform_action (shop_id, kind, deadline, id, next_at) where next_at is not null;
-- Answers that only our side waits for: they need neither the shop nor its platform.
create index platform_action_answered on platform_action (next_at) where next_at is not null and answer is not null;
create index platform_action_away on platform_action (shop_id) where away;

-- The platform has stopped answering for this shop: one action asks, at `probe_at`, whether it is back.
alter table shop_gate add column away_since timestamptz;
alter table shop_gate add column probes integer not null default 0;
alter table shop_gate add column probe_at timestamptz;
alter table shop_gate add check ((away_since is null) = (probe_at is null));
