-- Shops: one row for each shop on a marketplace. Secrets and tokens are sealed, bound to the shop.
create table shop (
  id bigint generated always as identity primary key,
  platform text not null,
  variant text not null,
  name text not null,
  -- The platform's own id of the shop; empty until it was verified.
  platform_shop_id text not null default '',
  seller_nick text not null default '',
  -- Sealed JSON of the credentials that the connector declares.
  credentials bytea,
  -- Sealed JSON {accessToken, refreshToken}.
  token bytea,
  token_expires_at timestamptz,
  refresh_expires_at timestamptz,
  -- Bumped with each new token, so that a slow refresher never writes over a newer one.
  token_version integer not null default 0,
  auth_state text not null default 'none' check (auth_state in ('none', 'live', 'expired')),
  auth_error text not null default '',
  auth_changed_at timestamptz not null default now(),
  enabled boolean not null default true,
  -- Trades paid before this are seen and never converted by accident.
  go_live_at timestamptz not null default now(),
  -- {"convertUnpaid": false, "reserveAt": "conversion", ...}
  settings jsonb not null default '{}',
  time_zone text not null default 'Asia/Shanghai',
  created_at timestamptz not null default now()
);
create unique index shop_platform_identity on shop (platform, platform_shop_id) where platform_shop_id <> '';
create unique index shop_name on shop (name);
