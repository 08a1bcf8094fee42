import { systemActor } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { noteAgain } from '../staged/notices.ts'
import { relinkable, updateRefundReasons } from '../staged/refund-queries.ts'
import { lockTrades } from '../staged/trade-queries.ts'
import { updateTradeReasonsOf } from '../trades/recheck.ts'

/**
 * Links refunds with their trades if two simultaneous transactions wrote them, so that neither saw the other's rows. Counts the refunds of
 * these trades again, and holds the orders that were made of them meanwhile.
 */
export async function relinkRefunds(db: Database, shopId: string): Promise<void> {
  const tids = await relinkable(db, shopId, 1000)
  if (tids.length === 0) return
  await db.transaction().execute(async (tx) => {
    await lockTrades(tx, shopId, tids)
    await updateRefundReasons(tx, shopId, tids)
    await updateTradeReasonsOf(tx, shopId, tids)
    await noteAgain(tx, shopId, tids, systemActor)
  })
}
