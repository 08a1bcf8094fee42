import Type from 'typebox'
import { systemActor } from '../core/access/actor.ts'
import { defineJob, type Job } from '../core/jobs/job.ts'
import { goodsOffJob } from '../orders/allocation/goods-refunds.ts'
import { completeOrders } from '../orders/holds/shipping.ts'
import { ordersVoidedJob } from '../orders/status/void.ts'
import { insertGoodsOff } from './intercepts/put-back-queries.ts'
import { cancelVoided } from './release.ts'

/** Intake orders it when trades of converted orders end well. */
export const tradesFinishedJob = 'fulfilment.trades_finished'

const payload = Type.Object({ orderIds: Type.Array(Type.String()) })
const idsOf = (payloads: readonly { orderIds: string[] }[]) => [
  ...new Set(payloads.flatMap(({ orderIds }) => orderIds)),
]

export const fulfilmentJobs: readonly Job[] = [
  defineJob({
    name: ordersVoidedJob,
    payload,
    run: ({ db }, payloads) =>
      db.transaction().execute((tx) => cancelVoided(tx, idsOf(payloads), systemActor)),
  }),
  defineJob({
    name: goodsOffJob,
    payload: Type.Object({
      orderId: Type.String(),
      source: Type.String(),
      lines: Type.Array(Type.Object({ lineNo: Type.Integer(), quantity: Type.Integer() })),
    }),
    run: ({ db }, payloads) => {
      const rows = payloads.flatMap(({ orderId, source, lines }) =>
        lines.map((line) => ({ orderId, source, ...line })),
      )
      return db.transaction().execute((tx) => insertGoodsOff(tx, rows))
    },
  }),
  defineJob({
    name: tradesFinishedJob,
    payload,
    run: ({ db }, payloads) =>
      db.transaction().execute((tx) => completeOrders(tx, idsOf(payloads), systemActor)),
  }),
]
