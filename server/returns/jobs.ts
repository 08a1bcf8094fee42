import { systemActor, wholeScope } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import type { Job } from '../core/jobs/job.ts'
import { receiveEvent } from '../events.ts'
import { holdOrders } from '../orders/holds/holds.ts'
import { matchWaybills } from './parcels/parcels.ts'
import { voidUnshipped } from './receiving/unshipped.ts'

export const returnJobs: readonly Job[] = [
  receiveEvent('returns.match_parcels', ({ db }, payloads) =>
    db
      .transaction()
      .execute((tx) => matchWaybills(tx, [...new Set(payloads.map(({ waybillNo }) => waybillNo))])),
  ),
  receiveEvent('returns.stop_exchange', ({ db }, payloads) =>
    db.transaction().execute((tx) => stopExchanges(tx, payloads)),
  ),
  receiveEvent('fulfilment.unshipped', ({ db }, payloads) => {
    const orderIds = [...new Set(payloads.flatMap((payload) => payload.orderIds))]
    return db.transaction().execute((tx) => voidUnshipped(tx, orderIds))
  }),
]

/** Puts the unshipped exchange orders of voided returns, and of refunds that are closed or no exchange any more, on hold until a person decides. */
export async function stopExchanges(
  tx: Tx,
  stopped: readonly { orderId: string; no: string }[],
): Promise<void> {
  const numbers = [...new Set(stopped.map(({ no }) => no))].join('、').slice(0, 150)
  await holdOrders(
    tx,
    [...new Set(stopped.map(({ orderId }) => orderId))],
    { reason: 'other', note: `换货作废了或改退款了：${numbers}`, until: null },
    { actor: systemActor, scope: wholeScope },
  )
}
