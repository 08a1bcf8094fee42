import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'
import type { NotNull, Row, Rows } from '../../core/db/rows.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type CallDeps, callShop, openCall } from '../../shops/calls.ts'

/** Seconds until a refused permission is asked for again; the operator has to subscribe the topics on the platform first. */
const againSeconds = 600
/** Seconds for which a worker claims the request of a shop. */
const claimSeconds = 60
const mostAtOnce = 5

type Wanted = Row<'push_shop', 'shopId'> & { version: Rows['shop']['tokenVersion'] }

/**
 * Asks the platforms to send the messages of shops that are not permitted yet, or whose seller authorised again since. One call for each
 * token. Never throws an error of a platform: a refusal is kept with its code and tried again.
 */
export async function permitShops(deps: CallDeps, signal: AbortSignal): Promise<void> {
  for (const wanted of await claimPermits(deps.db)) {
    signal.throwIfAborted()
    await permitShop(deps, wanted, signal)
  }
}

/** Only shops whose connector has push have rows. Where messages are posted, the seller has agreed in the platform's console. */
async function claimPermits(db: Database): Promise<Wanted[]> {
  const claimed = await sql<NotNull<Wanted>>`
    with due as (
      select p.shop_id, s.token_version as version from push_shop p join shop s on s.id = p.shop_id
      join push_channel c on c.channel = p.channel and not c.posted
      where p.permit_version is distinct from s.token_version and p.permit_next_at <= now() and s.auth_state = 'live' and s.enabled
      order by p.shop_id limit ${mostAtOnce} for update of p skip locked
    )
    update push_shop p set permit_next_at = now() + make_interval(secs => ${claimSeconds})
    from due where p.shop_id = due.shop_id
    returning p.shop_id as "shopId", due.version`.execute(db)
  return claimed.rows
}

async function permitShop(deps: CallDeps, { shopId, version }: Wanted, signal: AbortSignal): Promise<void> {
  try {
    const opened = await openCall(deps, shopId, { signal })
    await callShop(opened, async ({ push }, call) => {
      if (push && 'permit' in push) await push.permit(call)
    })
    await sql`
      update push_shop set permit_version = ${version}, permitted_at = coalesce(permitted_at, now()), permit_error_code = '',
        permit_next_at = now()
      where shop_id = ${shopId}::bigint`.execute(deps.db)
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    // A permission that was given before may still hold, so only its renewal has failed.
    await sql`
      update push_shop set permit_error_code = ${error.code},
        permit_next_at = now() + make_interval(secs => ${againSeconds})
      where shop_id = ${shopId}::bigint`.execute(deps.db)
  }
}
