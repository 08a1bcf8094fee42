/**
 * The tables of the directory, which is a database of its own. A merchant's database knows nothing of it. Statements that change these
 * tables are added below and can be run again.
 */
export const directoryTables = `
create table if not exists merchant_server (
  name text primary key check (name ~ '^[a-z][a-z0-9]{0,19}$'),
  -- For a role that may create databases and roles, not through a pooler; sealed.
  owner_url bytea not null,
  -- host:port of a pooler in transaction mode; null: web and workers use the server itself.
  pooler text,
  added_at timestamptz not null default now()
);
create table if not exists merchant (
  key text primary key check (key ~ '^[a-z][a-z0-9]{0,29}$'),
  state text not null check (state in ('making', 'active', 'suspended', 'moving')),
  server text not null references merchant_server,
  -- The server to which it moves; its database there is incomplete.
  moving_to text references merchant_server,
  -- The state that it has after its move.
  after_move text check (after_move in ('active', 'suspended')),
  -- Passwords of its two roles; sealed.
  secret bytea not null,
  -- The worker process that serves it.
  worker text,
  lease_until timestamptz,
  -- Until then its work is looked for each second, because its users are there.
  awake_until timestamptz not null default now(),
  added_at timestamptz not null default now(),
  check ((worker is null) = (lease_until is null)),
  check ((state = 'moving') = (moving_to is not null and after_move is not null))
);
create table if not exists merchant_host (
  host text primary key check (host = lower(host)),
  merchant text not null references merchant on delete cascade
);
create index if not exists merchant_host_merchant on merchant_host (merchant);
create table if not exists merchant_worker (
  name text primary key,
  seen_at timestamptz not null default now()
);
`
