-- The platform was told that what this refund is about was stopped, and pays on that word: nothing of it is let through any more.
alter table refund_notice add column told_stopped boolean not null default false;
update refund_notice n set told_stopped = true
from staged_refund r join platform_action a on a.kind = 'refund.cancel' and a.subject_type = 'staged_refund' and a.subject_id = r.id::text
  and a.state in ('pending', 'sending', 'unknown', 'succeeded', 'forced') and a.payload -> 'failure' = 'null'::jsonb
where n.shop_id = r.shop_id and n.refund_no = r.refund_no;
