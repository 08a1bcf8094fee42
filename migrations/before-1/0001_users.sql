-- People, what they may do, and what was done. Credentials, sessions and one-time codes are kept by better-auth,
-- whose tables are frozen here (renamed, in snake case); roles, grants, API keys and the audit log are ours.

create table app_user (
  id bigint generated always as identity primary key,
  -- Lower case: better-auth looks it up so.
  email text not null unique check (email = lower(email)),
  name text not null,
  email_verified boolean not null default false,
  image text,
  two_factor_enabled boolean not null default false,
  -- Grants: every shop, or those of the list (no foreign key: an array cannot have one, and a lost shop grants nothing).
  all_shops boolean not null default false,
  shop_ids bigint[] not null default '{}',
  language text not null default 'zh' check (language in ('zh', 'en')),
  theme text not null default 'system' check (theme in ('system', 'light', 'dark')),
  disabled_at timestamptz,
  last_sign_in_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table user_session (
  id bigint generated always as identity primary key,
  user_id bigint not null references app_user (id) on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  -- The last time it was used, to within a few minutes.
  updated_at timestamptz not null default now()
);
create index user_session_user on user_session (user_id);
create index user_session_expiry on user_session (expires_at);

create table user_credential (
  id bigint generated always as identity primary key,
  user_id bigint not null references app_user (id) on delete cascade,
  account_id text not null,
  provider_id text not null,
  -- scrypt, salted.
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, provider_id)
);
create unique index user_credential_account on user_credential (provider_id, account_id);

-- Half-done sign-ins that wait for their one-time code.
create table user_verification (
  id bigint generated always as identity primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index user_verification_identifier on user_verification (identifier);

create table user_two_factor (
  id bigint generated always as identity primary key,
  user_id bigint not null unique references app_user (id) on delete cascade,
  -- Both encrypted with a key from the key file.
  secret text not null,
  backup_codes text not null,
  verified boolean not null default true,
  failed_verification_count integer not null default 0,
  locked_until timestamptz
);

-- Failed tries, counted before the password is looked at: parallel guesses cannot slip past the limit.
create table sign_in_failure (
  -- A hash of what is limited (address and account, account, or address), so that no e-mail address lies here.
  subject bytea primary key,
  failures integer not null,
  locked_until timestamptz,
  last_at timestamptz not null default now()
);
create index sign_in_failure_last on sign_in_failure (last_at);

-- Links that work once: the first set-up, and a (new) password for a user.
create table one_time_link (
  token_hash bytea primary key,
  purpose text not null check (purpose in ('setup', 'password')),
  user_id bigint references app_user (id) on delete cascade,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  check ((purpose = 'setup') = (user_id is null))
);

create table role (
  id bigint generated always as identity primary key,
  -- The administrators' role can neither be changed nor lost.
  builtin text unique check (builtin in ('admin')),
  name text not null unique,
  name_en text not null default '',
  -- '*' is every permission, also those of later versions.
  permissions text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table user_role (
  user_id bigint not null references app_user (id) on delete cascade,
  role_id bigint not null references role (id),
  primary key (user_id, role_id)
);
create index user_role_role on user_role (role_id);

insert into role (builtin, name, name_en, permissions) values
  ('admin', '管理员', 'Administrator', '{*}'),
  (null, '接口员', 'Intake clerk', '{overview.read,queue.read,queue.write,trades.read,trades.convert,trades.process,trades.remove,trades.download,refunds.read,refunds.convert,refunds.process,refunds.refuse,refunds.extra,orders.read,shops.read,tasks.read,tasks.run,actions.read,actions.write,export}'),
  (null, '客服', 'Order clerk', '{overview.read,trades.read,refunds.read,refunds.process,refunds.refuse,refunds.extra,orders.read,orders.void,orders.hold,memo.write,shops.read,actions.read,personal.reveal}'),
  (null, '财务', 'Finance', '{overview.read,trades.read,refunds.read,refunds.agree,refunds.extra,refunds.extra_approve,orders.read,shops.read,actions.read,audit.read,export}'),
  (null, '只读', 'Viewer', '{overview.read,queue.read,trades.read,refunds.read,orders.read,shops.read,tasks.read,actions.read}');

create table api_key (
  id bigint generated always as identity primary key,
  name text not null,
  -- The first characters, by which a person recognises it.
  prefix text not null,
  -- SHA-256 of 256 random bits; a slow hash would protect nothing more.
  key_hash bytea not null unique,
  permissions text[] not null,
  all_shops boolean not null default false,
  shop_ids bigint[] not null default '{}',
  created_by bigint not null references app_user (id),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now()
);

-- Append-only: who did what, from where. `detail` names fields and counts, never a buyer's data or a secret.
create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor_kind text not null check (actor_kind in ('user', 'api_key', 'task', 'system')),
  actor_id text not null,
  actor_name text not null,
  action text not null,
  subject_type text not null,
  subject_id text not null,
  shop_id bigint,
  detail jsonb not null default '{}',
  ip text not null default '',
  request_id text not null default ''
);
create index audit_log_at on audit_log (at, id);
create index audit_log_actor on audit_log (actor_id, at, id);
create index audit_log_subject on audit_log (subject_id, at, id);
create index audit_log_action on audit_log (action, at, id);
create index audit_log_shop on audit_log (shop_id, at, id) where shop_id is not null;

-- A list's filters under a name, for one person or shared with all.
create table saved_view (
  id bigint generated always as identity primary key,
  user_id bigint not null references app_user (id) on delete cascade,
  list text not null,
  name text not null,
  -- The list's query string, as the address bar shows it, with columns and density.
  query text not null,
  shared boolean not null default false,
  position integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, list, name)
);
create index saved_view_shared on saved_view (list) where shared;
