import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { NotNull, Row } from '../../core/db/rows.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { secondMs } from '../../lib/time.ts'

/**
 * A process that died while it renewed a token keeps others from it for this time. It is longer than a relay may take for a renewal
 * (`grantTimes`), so that no second one begins while the first may still come.
 */
export const claimMs = 40 * secondMs

/** The right of one process to renew the token of one shop. */
export type RenewalClaim = NotNull<Row<'relay_call', 'number' | 'takenBy'>>

// A renewal through a relay needs connections for its call, so it holds none meanwhile, and its claim is a row. It is among the calls of the
// relay: it is removed with the relay, is in no backup, and is handed out to no relay, because it counts as taken.

const numberOf = (shopId: string) => `renewal:${shopId}`

/** Claims the renewal of the shop's token. Undefined: another process has claimed it. */
export async function claimRenewal(
  tx: Tx,
  ring: KeyRing,
  { shopId, relayId }: { shopId: string; relayId: string },
): Promise<RenewalClaim | undefined> {
  const nothing = seal(ring, relayId, '')
  const claimed = await sql<RenewalClaim>`
    insert into relay_call (number, relay_id, shop_id, request, created_at, begin_until, taken_by, taken_at)
    values (${numberOf(shopId)}, ${relayId}::bigint, ${shopId}::bigint, ${nothing}, clock_timestamp(), clock_timestamp(), gen_random_uuid(),
      clock_timestamp())
    on conflict (number) do update set created_at = excluded.created_at, taken_by = excluded.taken_by, taken_at = excluded.taken_at
    where relay_call.created_at < clock_timestamp() - ${claimMs}::int * interval '1 millisecond'
    returning number, taken_by as "takenBy"`.execute(tx)
  return claimed.rows[0]
}

/** Gives a claim back. One that another process has taken over meanwhile stays. */
export async function releaseRenewal(db: Database, { number, takenBy }: RenewalClaim): Promise<void> {
  await sql`delete from relay_call where number = ${number} and taken_by = ${takenBy}`.execute(db)
}
