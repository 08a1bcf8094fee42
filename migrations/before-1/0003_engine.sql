-- The engines: scheduled tasks and their runs, bulk work, actions on platforms, replayed answers.
-- Every claim is a lease: a process may die at any instant, and another one takes over when the lease has passed.

-- What stops all of a shop's traffic at once: pauses with their reasons, and a ban that the platform spoke.
create table shop_gate (
  shop_id bigint primary key references shop (id) on delete cascade,
  -- 'auth_expired', 'shop_disabled' … each is lifted by whoever set it.
  paused text[] not null default '{}',
  ban_until timestamptz,
  changed_at timestamptz not null default now()
);

create table task (
  id bigint generated always as identity primary key,
  kind text not null,
  shop_id bigint references shop (id) on delete cascade,
  -- Tells two tasks of one kind and shop apart; mostly empty.
  name text not null default '',
  enabled boolean not null default true,
  interval_seconds integer check (interval_seconds between 1 and 604800),
  cron text,
  time_zone text not null default 'Asia/Shanghai',
  params jsonb not null default '{}',
  next_run_at timestamptz not null default now(),
  -- The run that holds the task, by which worker, and until when without a sign of life.
  run_id bigint,
  worker text,
  lease_until timestamptz,
  last_run_id bigint,
  -- Failed, and lost, without a success in between: the pause before the next try grows with them.
  failures integer not null default 0,
  losses integer not null default 0,
  updated_at timestamptz not null default now(),
  check ((interval_seconds is null) <> (cron is null)),
  check ((run_id is null) = (lease_until is null)),
  unique nulls not distinct (kind, shop_id, name)
);
create index task_due on task (next_run_at) where enabled and run_id is null;
create index task_leased on task (lease_until) where run_id is not null;
create index task_of_shop on task (shop_id);

-- Grows with each claim of any task: the later claim of a cursor wins.
create sequence run_fence;

-- One row for each run, from the request of a person (queued) to its end.
create table task_run (
  id bigint generated always as identity primary key,
  task_id bigint not null references task (id) on delete cascade,
  kind text not null,
  shop_id bigint,
  trigger text not null check (trigger in ('schedule', 'person', 'again')),
  state text not null check (state in ('queued', 'running', 'done', 'failed', 'stopped', 'lost')),
  requested_by jsonb,
  requested_at timestamptz not null default now(),
  -- The window that a person asked for.
  asked_from timestamptz,
  asked_to timestamptz,
  -- Queued: what differs from the task's; afterwards: with what it ran.
  params jsonb not null default '{}',
  -- How often the same request was taken up again after its worker died.
  attempt integer not null default 1,
  worker text,
  fence bigint,
  stop_requested boolean not null default false,
  started_at timestamptz,
  ended_at timestamptz,
  window_from timestamptz,
  window_to timestamptz,
  pages integer not null default 0,
  seen integer not null default 0,
  created integer not null default 0,
  updated integer not null default 0,
  skipped jsonb not null default '{}',
  failed integer not null default 0,
  requests integer not null default 0,
  report jsonb,
  error_code text not null default '',
  error text not null default ''
);
create index task_run_queued on task_run (task_id, id) where state = 'queued';
create index task_run_by_task on task_run (task_id, id desc);
create index task_run_by_shop on task_run (shop_id, id desc);
create index task_run_by_kind on task_run (kind, id desc);
create index task_run_by_state on task_run (state, id desc) where state <> 'done';
create index task_run_requested on task_run (requested_at);

-- Up to when a stream of a shop is complete. Moves forward only, by the last claimant only, without gaps only.
create table stream_cursor (
  shop_id bigint not null references shop (id) on delete cascade,
  stream text not null,
  complete_to timestamptz not null,
  fence bigint not null default 0,
  moved_at timestamptz not null default now(),
  primary key (shop_id, stream)
);

create sequence batch_no;

create table batch (
  id bigint generated always as identity primary key,
  no text not null unique,
  action text not null,
  state text not null check (state in ('running', 'stopping', 'done', 'stopped')),
  actor jsonb not null,
  scope jsonb not null,
  -- Sealed JSON {filter, input}: a filter may hold a buyer's name or phone.
  request bytea not null,
  by_filter boolean not null,
  -- The walk over a filter: where it stands, where it ends (rows that come later are not meant), and whether it is there.
  walk_after text,
  walk_up_to text,
  walked boolean not null,
  retry_of bigint references batch (id) on delete set null,
  total integer not null,
  done integer not null default 0,
  succeeded integer not null default 0,
  refused integer not null default 0,
  -- {"refund_open": 12}
  reasons jsonb not null default '{}',
  error_code text not null default '',
  worker text,
  lease_until timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  check (done = succeeded + refused)
);
create index batch_unended on batch (id) where state in ('running', 'stopping');

-- Up to 500 ids that are done, and their results written, in one transaction.
create table batch_chunk (
  batch_id bigint not null references batch (id) on delete cascade,
  no integer not null,
  ids bigint[] not null,
  ended_at timestamptz,
  -- The succeeded ids and, at the same place, what each became; refusals are rows of their own.
  done_ids bigint[] not null default '{}',
  done_refs text[] not null default '{}',
  primary key (batch_id, no)
);
create index batch_chunk_open on batch_chunk (batch_id, no) where ended_at is null;

create table batch_refusal (
  batch_id bigint not null references batch (id) on delete cascade,
  id bigint not null,
  code text not null,
  message jsonb,
  ref text not null default '',
  primary key (batch_id, id)
);

-- The outbox: what we do on platforms. Lifecycle: pending → sending → succeeded | failed | unknown → (look, retry), forced, manual.
create table platform_action (
  id bigint generated always as identity primary key,
  shop_id bigint not null references shop (id),
  kind text not null,
  subject_type text not null,
  subject_id text not null,
  idempotency_key text not null unique,
  -- No personal data: that goes sealed, bound to the shop, into the next column.
  payload jsonb not null,
  secret bytea,
  state text not null
    check (state in ('pending', 'sending', 'succeeded', 'failed', 'unknown', 'forced', 'manual')),
  -- Sends that were begun. Each claim, for a send or for a look, takes a new number, and only its holder may end it.
  attempt integer not null default 0,
  claim integer not null default 0,
  looks integer not null default 0,
  worker text,
  lease_until timestamptz,
  -- Null: nothing more happens by itself.
  next_at timestamptz default now(),
  -- What the platform answered, when our own side could not be written yet.
  answer jsonb,
  result jsonb,
  error_code text not null default '',
  error text not null default '',
  created_by jsonb not null,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  ended_at timestamptz,
  -- Who settled it by hand, and why.
  settled_by jsonb,
  settled_reason text not null default ''
);
create index platform_action_due on platform_action (next_at) where next_at is not null;
create index platform_action_leased on platform_action (lease_until) where lease_until is not null;
create index platform_action_open on platform_action (shop_id, subject_type, subject_id, id)
  where state in ('pending', 'sending', 'unknown');
create index platform_action_of on platform_action (subject_type, subject_id, id);
create index platform_action_by_state on platform_action (state, id desc);
create index platform_action_by_shop on platform_action (shop_id, id desc);

-- One key, one effect: the first answer is given again for 24 hours.
create table idempotency_key (
  actor text not null,
  key text not null,
  request_hash bytea not null,
  -- Null while the first request is being worked on.
  status integer,
  -- Sealed, since answers may hold what only their asker may see.
  body bytea,
  content_type text,
  -- Another request may take over when the first one died.
  busy_until timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (actor, key)
);
create index idempotency_key_age on idempotency_key (created_at);
