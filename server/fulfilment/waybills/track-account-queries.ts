import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'

export type TrackAccount = Row<
  'waybill_account',
  'id' | 'shopId' | 'source' | 'credentials' | 'sender' | 'track' | 'trackHook' | 'trackSalt'
>

const accountColumns = sql`
  id, shop_id as "shopId", source, credentials, sender, track, track_hook as "trackHook", track_salt as "trackSalt"`

/** Returns the accounts that follow parcels now. */
export async function trackAccounts(db: Database): Promise<TrackAccount[]> {
  const found = await sql<TrackAccount>`
    select ${accountColumns} from waybill_account where enabled and track <> 'none' order by id`.execute(db)
  return found.rows
}

export async function trackAccount(
  db: Database | Tx,
  by: { id: string } | { hook: string },
): Promise<TrackAccount | undefined> {
  const is = 'id' in by ? sql`id = ${by.id}::bigint` : sql`track_hook = ${by.hook} and track_hook <> ''`
  const found = await sql<TrackAccount>`select ${accountColumns} from waybill_account where ${is}`.execute(db)
  return found.rows[0]
}

/** `address` null: the account keeps the address that it has. */
export async function writeTrack(
  tx: Tx,
  id: string,
  track: TrackAccount['track'],
  address: { hook: string; salt: Buffer } | null,
): Promise<void> {
  await sql`
    update waybill_account set track = ${track}, track_hook = coalesce(${address?.hook ?? null}, track_hook),
      track_salt = coalesce(${address?.salt ?? null}, track_salt)
    where id = ${id}::bigint`.execute(tx)
}
