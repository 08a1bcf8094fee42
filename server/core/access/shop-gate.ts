import { sql } from 'kysely'
import type { Database, Tx } from '../db/db.ts'

/** The reason for pausing a shop whose platform wants the seller to authorise again. */
export const authExpired = 'auth_expired'

/**
 * Pauses a shop: no scheduled run and no platform action of the shop starts until every reason is lifted; a run that a user requests still
 * starts. Reasons: 'auth_expired', 'shop_disabled' … A run that has begun is stopped at one of its next calls, within seconds.
 */
export async function pauseShopTasks(tx: Tx, shopId: string, reason: string): Promise<void> {
  await sql`
    insert into shop_gate (shop_id, paused) values (${shopId}::bigint, array[${reason}::text])
    on conflict (shop_id) do update
    set paused = array_append(shop_gate.paused, ${reason}::text), changed_at = now()
    where not ${reason}::text = any(shop_gate.paused)`.execute(tx)
}

/** Lifts one reason. After the last one, the tasks that became due during the pause run at once, each task once. */
export async function resumeShopTasks(tx: Tx, shopId: string, reason: string): Promise<void> {
  await sql`
    update shop_gate set paused = array_remove(paused, ${reason}::text), changed_at = now()
    where shop_id = ${shopId}::bigint and ${reason}::text = any(paused)`.execute(tx)
}

/**
 * Forbids every call of the shop for `waitMs`, as the platform demanded; a ban that ends later is kept. Other processes notice the ban at
 * their next claim.
 */
export async function banShop(db: Database | Tx, shopId: string, waitMs: number): Promise<void> {
  await sql`
    insert into shop_gate (shop_id, ban_until)
    values (${shopId}::bigint, now() + ${waitMs}::float8 * interval '1 millisecond')
    on conflict (shop_id) do update set ban_until = greatest(shop_gate.ban_until, excluded.ban_until)`.execute(
    db,
  )
}
