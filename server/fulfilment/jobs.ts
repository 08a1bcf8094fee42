import Type from 'typebox'
import { systemActor } from '../actor.ts'
import { defineJob, type Job } from '../job.ts'
import { completeOrders } from '../orders/shipping.ts'
import { ordersVoidedJob } from '../orders/void.ts'
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
    name: tradesFinishedJob,
    payload,
    run: ({ db }, payloads) =>
      db.transaction().execute((tx) => completeOrders(tx, idsOf(payloads), systemActor)),
  }),
]
