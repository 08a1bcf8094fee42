import { type Actor, type Scope, systemActor } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { AppError } from '../errors.ts'
import { receiveEvent } from '../events.ts'
import { tradesOf, updateTradeReasons } from '../intake/trades/recheck.ts'
import { scopeNow } from '../users/current-rights.ts'
import { convertTrades } from './convert-trade.ts'
import { shipShownDeliveries } from './ship-shown.ts'

/**
 * Handles the voiding of an off-platform order: a trade with its number is no longer a duplicate. The trade is converted at once if
 * `convertBy` names a user who has the right to convert.
 */
export const numberFreed = receiveEvent('intake.number_freed', async ({ db }, payloads) => {
  for (const { shopId, tids, convertBy } of payloads) {
    const scope = convertBy && (await mayConvert(db, convertBy, shopId))
    await db.transaction().execute(async (tx) => {
      const ids = await tradesOf(tx, shopId, tids)
      await updateTradeReasons(tx, ids)
      if (scope) await convertTrades(tx, ids, { actor: convertBy, scope })
    })
  }
})

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

async function mayConvert(db: Database, actor: Actor, shopId: string): Promise<Scope | undefined> {
  try {
    return await scopeNow(db, actor, 'trades.convert', { shops: [shopId], warehouses: 'all' })
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
