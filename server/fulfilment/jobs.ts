import { systemActor, wholeScope } from '../core/access/actor.ts'
import type { Job } from '../core/jobs/job.ts'
import { receiveEvent } from '../events.ts'
import { completeOrders, lockOrdersById } from '../orders/holds/shipping.ts'
import { insertGoodsOff } from './intercepts/put-back-queries.ts'
import { refreshGoods } from './parcels.ts'
import { cancelVoided } from './shipping/release.ts'
import { takeNumbers } from './waybills/take.ts'
import { takeShownWaybills } from './write-back/shown-waybills.ts'

const idsOf = (payloads: readonly { orderIds: readonly string[] }[]) => [
  ...new Set(payloads.flatMap(({ orderIds }) => orderIds)),
]

export const fulfilmentJobs: readonly Job[] = [
  receiveEvent('fulfilment.orders_voided', ({ db }, payloads) =>
    db.transaction().execute((tx) => cancelVoided(tx, idsOf(payloads), systemActor)),
  ),
  receiveEvent('fulfilment.goods_off', ({ db }, payloads) => {
    const rows = payloads.flatMap(({ orderId, source, lines }) =>
      lines.map((line) => ({ orderId, source, ...line })),
    )
    return db.transaction().execute(async (tx) => {
      const orderIds = [...new Set(payloads.map(({ orderId }) => orderId))]
      await lockOrdersById(tx, orderIds)
      await insertGoodsOff(tx, rows)
      await refreshGoods(tx, orderIds)
    })
  }),
  receiveEvent('fulfilment.number_lost', async ({ db }, payloads) => {
    const ids = [...new Set(payloads.flatMap(({ deliveryIds }) => deliveryIds))]
    await db.transaction().execute((tx) => takeNumbers(tx, ids, { actor: systemActor, scope: wholeScope }))
  }),
  receiveEvent('fulfilment.trades_finished', ({ db }, payloads) =>
    db.transaction().execute((tx) => completeOrders(tx, idsOf(payloads), systemActor)),
  ),
  receiveEvent('fulfilment.waybills_shown', ({ db }, payloads) =>
    db.transaction().execute((tx) =>
      takeShownWaybills(
        tx,
        payloads.flatMap(({ shown }) => shown),
      ),
    ),
  ),
]
