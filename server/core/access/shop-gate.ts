import { type RawBuilder, sql } from 'kysely'
import { unnestRows } from '../../lib/unnest.ts'
import { type Database, preparedStatement, type Tx } from '../db/db.ts'
import type { Row } from '../db/rows.ts'

export const authExpired = 'auth_expired'

/**
 * Pauses a shop for a reason such as 'auth_expired' or 'shop_disabled': no scheduled run and no platform action of the shop starts until
 * every reason is lifted. A run that a user requests still starts. A run that has begun stops at one of its next calls, within seconds.
 */
export async function pauseShopTasks(tx: Tx, shopId: string, reason: string): Promise<void> {
  await sql`
    insert into shop_gate (shop_id, paused) values (${shopId}::bigint, array[${reason}::text])
    on conflict (shop_id) do update
    set paused = array_append(shop_gate.paused, ${reason}::text), changed_at = now()
    where not ${reason}::text = any(shop_gate.paused)`.execute(tx)
}

/** Pauses a shop whose seller must authorise again. A shop that is live has a newer token than the one that was refused. */
export async function pauseUnauthorised(tx: Tx, shopId: string): Promise<void> {
  await sql`
    insert into shop_gate (shop_id, paused)
    select id, array[${authExpired}::text] from shop where id = ${shopId}::bigint and auth_state <> 'live' for share
    on conflict (shop_id) do update
    set paused = array_append(shop_gate.paused, ${authExpired}::text), changed_at = now()
    where not ${authExpired}::text = any(shop_gate.paused)`.execute(tx)
}

/** Lifts one reason. After the last reason, each task that became due during the pause runs once. */
export async function resumeShopTasks(tx: Tx, shopId: string, reason: string): Promise<void> {
  await sql`
    update shop_gate set paused = array_remove(paused, ${reason}::text), changed_at = now()
    where shop_id = ${shopId}::bigint and ${reason}::text = any(paused)`.execute(tx)
}

/**
 * Closes every connected shop of a database that was restored from a backup, until `openReadShops` of intake finds that it was read again.
 * Downloads go on.
 */
export const closeRestoredShops = `
  insert into shop_gate (shop_id, restored_at) select id, now() from shop where auth_state <> 'none'
  on conflict (shop_id) do update set restored_at = now(), changed_at = now()`

/** Returns those of these shops that were not read again since the database was restored. */
export async function shopsBeingRead(tx: Database | Tx, shopIds: readonly string[]): Promise<Set<string>> {
  const found = await sql<Row<'shop_gate', 'shopId'>>`${preparedStatement}
    select shop_id as "shopId" from shop_gate
    where shop_id = any(${[...new Set(shopIds)]}::bigint[]) and restored_at is not null`.execute(tx)
  return new Set(found.rows.map(({ shopId }) => shopId))
}

/** SQL: true if the shop of this id is one of `shopsBeingRead`. */
export const isBeingRead = (shopId: string): RawBuilder<boolean> =>
  sql<boolean>`exists (select from shop_gate where shop_id = ${sql.ref(shopId)} and restored_at is not null)`

/** Opens shops that were read up to a time after the restore. */
export async function openRestoredShops(
  db: Database,
  shops: readonly { shopId: string; readTo: Date }[],
): Promise<string[]> {
  const opened = await sql<Row<'shop_gate', 'shopId'>>`
    update shop_gate g set restored_at = null, changed_at = now()
    from ${unnestRows('d', shops, [
      ['shop_id', 'int8', ({ shopId }) => shopId],
      ['read_to', 'timestamptz', ({ readTo }) => readTo],
    ])}
    where g.shop_id = d.shop_id and g.restored_at <= d.read_to
    returning g.shop_id as "shopId"`.execute(db)
  return opened.rows.map(({ shopId }) => shopId)
}

/**
 * Forbids every call of the shop for `waitMs`, as the platform demanded. A longer ban that is stored already stays. Other processes notice
 * the ban when they claim work.
 */
export async function banShop(db: Database | Tx, shopId: string, waitMs: number): Promise<void> {
  await sql`
    insert into shop_gate (shop_id, ban_until)
    values (${shopId}::bigint, now() + ${waitMs}::float8 * interval '1 millisecond')
    on conflict (shop_id) do update set ban_until = greatest(shop_gate.ban_until, excluded.ban_until)`.execute(
    db,
  )
}
