import { type Actor, type Scope, systemActor } from '../core/access/actor.ts'
import { bisect } from '../core/batches/bisect.ts'
import type { Database } from '../core/db/db.ts'
import type { JobContext } from '../core/jobs/job.ts'
import { AppError } from '../errors.ts'
import { receiveEvent } from '../events.ts'
import { tradesOfNumbers, updateTradeReasons } from '../intake/trades/recheck.ts'
import { safeError } from '../lib/safe-error.ts'
import { scopeNow } from '../users/current-rights.ts'
import { convertTrades } from './convert-trade.ts'
import { shipShownDeliveries } from './ship-shown.ts'

/**
 * Handles the voiding of off-platform orders: trades with their numbers are no longer duplicates. A trade is converted at once if
 * `convertBy` names a user who has the right to convert. One that fails by an unexpected error stays staged, and does not stop those beside it.
 */
export const numberFreed = receiveEvent('intake.number_freed', async ({ db, log }, payloads) => {
  const freed = payloads.flatMap(({ shopId, tids, convertBy }) =>
    tids.map((tid) => ({ shopId, tid, convertBy })),
  )
  await db.transaction().execute(async (tx) => updateTradeReasons(tx, await tradesOfNumbers(tx, freed)))
  const byPerson = Map.groupBy(freed, ({ convertBy }) => JSON.stringify(convertBy ?? null))
  for (const some of byPerson.values()) await convertFreed({ db, log }, some)
})

type Freed = { shopId: string; tid: string; convertBy?: Actor | undefined }

async function convertFreed({ db, log }: JobContext, freed: readonly Freed[]): Promise<void> {
  const actor = freed[0]?.convertBy
  const shops = [...new Set(freed.map(({ shopId }) => shopId))]
  const scope = actor && (await mayConvert(db, actor, shops))
  if (!scope) return
  await db.transaction().execute(async (tx) =>
    bisect(
      tx,
      await tradesOfNumbers(tx, freed),
      (some) => convertTrades(tx, some, { actor, scope }),
      (id, error) => log.error({ id, err: safeError(error) }, 'a freed trade failed to convert'),
    ),
  )
}

/** Ships deliveries that left under their own waybill before this installation knew of it. */
export const shownShipped = receiveEvent('flows.shown_shipped', async ({ db }, payloads) => {
  await db.transaction().execute((tx) =>
    shipShownDeliveries(
      tx,
      payloads.flatMap(({ shown }) => shown),
      systemActor,
    ),
  )
})

async function mayConvert(db: Database, actor: Actor, shops: readonly string[]): Promise<Scope | undefined> {
  try {
    return await scopeNow(db, actor, 'trades.convert', { shops, warehouses: 'all' })
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
