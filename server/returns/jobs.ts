import Type from 'typebox'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { defineJob, type Job } from '../core/jobs/job.ts'
import { unshippedJob } from '../fulfilment/ship.ts'
import { holdOrders } from '../orders/holds/holds.ts'
import { matchParcelsJob } from './create.ts'
import { matchWaybills } from './parcels/parcels.ts'
import { voidUnshipped } from './receiving/unshipped.ts'
import { stopExchangeJob } from './transition.ts'

export const returnJobs: readonly Job[] = [
  defineJob({
    name: matchParcelsJob,
    payload: Type.Object({ waybillNo: Type.String() }),
    run: ({ db }, payloads) =>
      db
        .transaction()
        .execute((tx) => matchWaybills(tx, [...new Set(payloads.map(({ waybillNo }) => waybillNo))])),
  }),
  defineJob({
    name: stopExchangeJob,
    payload: Type.Object({ orderId: Type.String(), no: Type.String() }),
    run: ({ db }, payloads) => db.transaction().execute((tx) => stopExchanges(tx, payloads)),
  }),
  defineJob({
    name: unshippedJob,
    payload: Type.Object({ orderIds: Type.Array(Type.String()) }),
    run: ({ db }, payloads) => {
      const orderIds = [...new Set(payloads.flatMap((payload) => payload.orderIds))]
      return db.transaction().execute((tx) => voidUnshipped(tx, orderIds))
    },
  }),
]

/** The returns of these exchange orders were voided: what has not left stands still until a person decides. */
export async function stopExchanges(
  tx: Tx,
  stopped: readonly { orderId: string; no: string }[],
): Promise<void> {
  const numbers = [...new Set(stopped.map(({ no }) => no))].join('、').slice(0, 150)
  await holdOrders(
    tx,
    [...new Set(stopped.map(({ orderId }) => orderId))],
    { reason: 'other', note: `换货的退货单已作废：${numbers}`, until: null },
    systemActor,
    wholeScope,
  )
}
