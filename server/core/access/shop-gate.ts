import { sql } from 'kysely'
import type { Database, Tx } from '../db/db.ts'

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

/** Lifts one reason. After the last reason, each task that became due during the pause runs once. */
export async function resumeShopTasks(tx: Tx, shopId: string, reason: string): Promise<void> {
  await sql`
    update shop_gate set paused = array_remove(paused, ${reason}::text), changed_at = now()
    where shop_id = ${shopId}::bigint and ${reason}::text = any(paused)`.execute(tx)
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
