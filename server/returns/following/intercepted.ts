import { type Actor, wholeScope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { broughtBack, linkReturns } from '../../fulfilment/intercepts/for-returns.ts'
import { returnParcels } from '../create.ts'
import { newestOfOrders } from '../queries.ts'
import { voidUnshipped } from '../receiving/unshipped.ts'
import { type ReturnParcel, syncReturns } from './follow.ts'

// 拦截与退货. Goods come back by an intercept or by a return, never by both. While an intercept is open, no return is created for its order. The
// result of the intercept decides:
// 拦到了: the shipping is undone, and open returns of these goods are voided.
// 追回: the goods of the parcel that are on no other return get a return of kind 拒收. It is received when the waybill is scanned. Scanning the
// waybill before 追回 was recorded also records 追回.
// 没拦到, 只退钱, 撤销: the goods are with the buyer. Refunds that ask for goods create their returns now; for refunds of money a person may create
// one.
// A return never has more pieces of a line than were shipped and are on no other return (create.ts), so no piece is received twice.

/**
 * Creates and voids returns after intercepts of these orders have ended. The present state of the intercepts decides, so the call can be
 * repeated.
 */
export async function syncReturnsOfIntercepts(
  db: Database,
  orderIds: readonly string[],
  by: Actor,
): Promise<void> {
  // Two transactions, since each locks further orders.
  await db.transaction().execute(async (tx) => {
    const parcels = await broughtBack(tx, orderIds)
    if (parcels.length > 0) await returnParcels(tx, parcels, { actor: by, scope: wholeScope })
  })
  await db.transaction().execute((tx) => voidUnshipped(tx, orderIds, 'parcel_pulled', by))
}

/**
 * Creates the returns of refunds whose parcel could not be stopped, and links the newest return of each order with its intercept. The
 * caller has locked the orders and all orders that share the refunds.
 */
export async function createReturnsOfMissed(
  tx: Tx,
  orderIds: readonly string[],
  parcels: readonly ReturnParcel[],
  by: Actor,
): Promise<void> {
  await syncReturns(tx, parcels, by)
  await linkReturns(tx, await newestOfOrders(tx, orderIds))
}
