import { type Actor, wholeScope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { broughtBack, linkReturns } from '../../fulfilment/intercepts/for-returns.ts'
import { returnParcels } from '../create.ts'
import { newestOfOrders } from '../queries.ts'
import { voidUnshipped } from '../receiving/unshipped.ts'
import { type ReturnParcel, syncReturns } from './follow.ts'

// 拦截与退货. Goods come back by one of the two, never by both. While somebody looks for a parcel, no return is made of its order: what is
// stopped needs none. What becomes of the parcel decides:
//
// 拦到了    the shipping is undone, and returns that still waited for its goods are voided.
// 追回      the parcel has a return of its own (拒收), with all that is on no other; it is received when its waybill is scanned. Whoever
//           scans it first, before anybody noted 追回, notes that by it.
// 没拦到, 只退钱, 撤销    the goods are with the buyer: refunds that ask for them make their returns now; of money only, a person may.
//
// Of each line no more is asked for than left and is on no other return (create.ts), so nothing is received twice by any way.

/** After the intercepts of these orders have ended. Twice is once: what counts is where they stand now. */
export async function syncReturnsOfIntercepts(
  db: Database,
  orderIds: readonly string[],
  by: Actor,
): Promise<void> {
  // By themselves, since each locks orders besides these.
  await db.transaction().execute(async (tx) => {
    const parcels = await broughtBack(tx, orderIds)
    if (parcels.length > 0) await returnParcels(tx, parcels, { actor: by, scope: wholeScope })
  })
  await db.transaction().execute((tx) => voidUnshipped(tx, orderIds, 'parcel_pulled', by))
}

/** The refunds of these orders, which are locked with all that share them: what was missed is to be sent back after all. */
export async function createReturnsOfMissed(
  tx: Tx,
  orderIds: readonly string[],
  parcels: readonly ReturnParcel[],
  by: Actor,
): Promise<void> {
  await syncReturns(tx, parcels, by)
  await linkReturns(tx, await newestOfOrders(tx, orderIds))
}
