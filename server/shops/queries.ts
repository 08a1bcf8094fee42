import { sql } from 'kysely'
import Value from 'typebox/value'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { defaultSettings, type ShopSettings, shopSettings } from './contract.ts'

export type ShopRow = Row<
  'shop',
  | 'id'
  | 'platform'
  | 'variant'
  | 'name'
  | 'platformShopId'
  | 'sellerNick'
  | 'tokenExpiresAt'
  | 'refreshExpiresAt'
  | 'tokenVersion'
  | 'authState'
  | 'authError'
  | 'authChangedAt'
  | 'enabled'
  | 'goLiveAt'
  | 'timeZone'
  | 'createdAt'
  | 'relayId'
> & {
  hasCredentials: boolean
  hasToken: boolean
  settings: ShopSettings
}

/** A shop with its sealed secrets, for the functions that open them. */
export type SealedShop = ShopRow & Row<'shop', 'credentials' | 'token'>

type Raw<R extends ShopRow> = Omit<R, 'settings'> & Row<'shop', 'settings'>

const id = sql.ref('shop.id')

const columns = sql`
  id, platform, variant, name, platform_shop_id as "platformShopId", seller_nick as "sellerNick",
  credentials is not null as "hasCredentials", token is not null as "hasToken",
  token_expires_at as "tokenExpiresAt", refresh_expires_at as "refreshExpiresAt", token_version as "tokenVersion",
  auth_state as "authState", auth_error as "authError", auth_changed_at as "authChangedAt", enabled,
  go_live_at as "goLiveAt", settings, time_zone as "timeZone", created_at as "createdAt",
  relay_id as "relayId"`

/** Returns the shops within the scope, by platform and name. */
export async function shopsIn(db: Database, scope: Scope): Promise<ShopRow[]> {
  const found = await sql<Raw<ShopRow>>`
    select ${columns} from shop
    where ${scopeSql(scope, id)}
    order by platform, name`.execute(db)
  return found.rows.map(withSettings)
}

export async function shopById(db: Database, shopId: string, scope: Scope): Promise<ShopRow | undefined> {
  const found = await sql<Raw<ShopRow>>`
    select ${columns} from shop
    where id = ${shopId}::bigint and ${scopeSql(scope, id)}`.execute(db)
  return found.rows.map(withSettings)[0]
}

export async function sealedShop(
  db: Database,
  shopId: string,
  scope: Scope,
): Promise<SealedShop | undefined> {
  const found = await sql<Raw<SealedShop>>`
    select ${columns}, credentials, token from shop
    where id = ${shopId}::bigint and ${scopeSql(scope, id)}`.execute(db)
  return found.rows.map(withSettings)[0]
}

/** Returns the enabled shops that are authorised, by id. */
export async function liveShops(db: Database): Promise<SealedShop[]> {
  const found = await sql<Raw<SealedShop>>`
    select ${columns}, credentials, token from shop
    where enabled and auth_state = 'live' and credentials is not null order by id`.execute(db)
  return found.rows.map(withSettings)
}

/** Locks shops in the order of their ids, so that two bulk changes cannot deadlock. */
export async function lockShops(tx: Tx, shopIds: string[], scope: Scope): Promise<SealedShop[]> {
  const found = await sql<Raw<SealedShop>>`
    select ${columns}, credentials, token from shop
    where id = any(${shopIds}::bigint[]) and ${scopeSql(scope, id)}
    order by id for update`.execute(tx)
  return found.rows.map(withSettings)
}

export type NewShop = {
  platform: string
  variant: string
  name: string
  goLiveAt: Date | null
  settings: ShopSettings
  timeZone: string
  relayId: string | null
}

/** Inserts a shop and returns its id; undefined if the name is taken. */
export async function insertShop(tx: Tx, shop: NewShop): Promise<string | undefined> {
  const made = await sql<Row<'shop', 'id'>>`
    insert into shop (platform, variant, name, go_live_at, settings, time_zone, relay_id)
    values (${shop.platform}, ${shop.variant}, ${shop.name}, coalesce(${shop.goLiveAt}::timestamptz, now()),
      ${JSON.stringify(shop.settings)}::jsonb, ${shop.timeZone}, ${shop.relayId}::bigint)
    on conflict (name) do nothing
    returning id`.execute(tx)
  return made.rows[0]?.id
}

/**
 * Stores credentials. `dropToken`: also deletes the token, because the credentials now belong to another app or address, where it is not
 * valid.
 */
export async function storeCredentials(
  tx: Tx,
  shopId: string,
  credentials: Buffer,
  dropToken: boolean,
): Promise<void> {
  await sql`
    update shop set credentials = ${credentials},
      token = case when ${dropToken} then null else token end,
      token_expires_at = case when ${dropToken} then null else token_expires_at end,
      refresh_expires_at = case when ${dropToken} then null else refresh_expires_at end,
      token_version = token_version + case when ${dropToken} then 1 else 0 end,
      auth_changed_at = case when ${dropToken} and auth_state <> 'none' then now() else auth_changed_at end,
      auth_state = case when ${dropToken} then 'none' else auth_state end,
      auth_error = case when ${dropToken} then '' else auth_error end
    where id = ${shopId}::bigint`.execute(tx)
}

export type NewToken = { token: Buffer; expiresAt: Date | null; refreshExpiresAt: Date | null }

/**
 * Stores a token if the token version is still `seenVersion`. Returns false if another token was stored meanwhile, or the token was
 * dropped.
 */
export async function storeToken(
  tx: Tx,
  shopId: string,
  seenVersion: number,
  fresh: NewToken,
): Promise<boolean> {
  const done = await sql<Row<'shop', 'id'>>`
    update shop set token = ${fresh.token}, token_expires_at = ${fresh.expiresAt},
      refresh_expires_at = ${fresh.refreshExpiresAt}, token_version = token_version + 1, auth_error = ''
    where id = ${shopId}::bigint and token_version = ${seenVersion}
    returning id`.execute(tx)
  return done.rows.length === 1
}

/** Locks the shop's token until the transaction ends, so that one process at a time renews it. */
export async function lockToken(tx: Tx, shopId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('shop.token:' || ${shopId}::text, 0))`.execute(tx)
}

/**
 * Marks the shop as expired. Returns true if it was live before. With `seenVersion`, nothing changes if the token has another version,
 * because an answer to an old token says nothing of the new one.
 */
export async function setExpired(
  tx: Tx,
  shopId: string,
  error: string,
  seenVersion: number | null,
): Promise<boolean> {
  const done = await sql<Row<'shop', 'id'>>`
    update shop set auth_state = 'expired', auth_error = ${error}, auth_changed_at = now()
    where id = ${shopId}::bigint and auth_state = 'live'
      and (${seenVersion}::int is null or token_version = ${seenVersion}::int)
    returning id`.execute(tx)
  return done.rows.length === 1
}

/** Notes that the token could not be renewed, unless another process has renewed the one of `seenVersion` meanwhile. */
export async function setAuthError(
  db: Database,
  shopId: string,
  error: string,
  seenVersion: number,
): Promise<void> {
  await sql`
    update shop set auth_error = ${error} where id = ${shopId}::bigint and token_version = ${seenVersion}`.execute(
    db,
  )
}

export async function setLive(tx: Tx, shopId: string): Promise<boolean> {
  const done = await sql<Row<'shop', 'id'>>`
    update shop set auth_state = 'live', auth_error = '', auth_changed_at = now()
    where id = ${shopId}::bigint and auth_state <> 'live'
    returning id`.execute(tx)
  return done.rows.length === 1
}

/** Returns the name of another shop row that has the same shop of the platform; undefined: there is none. */
export async function sameShopElsewhere(
  tx: Tx,
  shopId: string,
  platform: string,
  platformShopId: string,
): Promise<string | undefined> {
  const found = await sql<Row<'shop', 'name'>>`
    select name from shop
    where platform = ${platform} and platform_shop_id = ${platformShopId} and id <> ${shopId}::bigint`.execute(
    tx,
  )
  return found.rows[0]?.name
}

export async function setIdentity(
  tx: Tx,
  shopId: string,
  platformShopId: string,
  sellerNick: string,
): Promise<void> {
  await sql`
    update shop set platform_shop_id = ${platformShopId}, seller_nick = ${sellerNick}
    where id = ${shopId}::bigint`.execute(tx)
}

function withSettings<Row extends ShopRow>(
  raw: Raw<Row>,
): Omit<Row, 'settings'> & { settings: ShopSettings } {
  return { ...raw, settings: readSettings(raw.settings) }
}

/**
 * Returns the stored settings of a shop. A setting that the row lacks gets its default; a stored setting that no longer exists is left out.
 */
export function readSettings(stored: unknown): ShopSettings {
  const known: unknown = Value.Clean(shopSettings, Value.Clone(stored))
  const settings: unknown = { ...defaultSettings, ...(typeof known === 'object' ? known : {}) }
  if (!Value.Check(shopSettings, settings)) throw new Error('The stored settings of a shop are not valid.')
  return settings
}

export type ShopChange = {
  id: string
  name: string
  variant: string
  enabled: boolean
  goLiveAt: Date
  settings: ShopSettings
  timeZone: string
}

/** Writes shops that `lockShops` has locked. */
export async function writeShops(tx: Tx, changes: ShopChange[]): Promise<void> {
  await sql`
    update shop set name = new.name, variant = new.variant, enabled = new.enabled, go_live_at = new."goLiveAt",
      settings = new.settings, time_zone = new."timeZone"
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as new (id bigint, name text, variant text,
      enabled boolean, "goLiveAt" timestamptz, settings jsonb, "timeZone" text)
    where shop.id = new.id`.execute(tx)
}

export async function nameTaken(tx: Tx, name: string, shopIds: string[]): Promise<boolean> {
  const found = await sql<Row<'shop', 'id'>>`
    select id from shop where name = ${name} and id <> all(${shopIds}::bigint[])`.execute(tx)
  return found.rows.length > 0
}
