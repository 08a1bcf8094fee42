import { systemActor } from '../core/access/actor.ts'
import { listIds } from '../core/lists/list.ts'
import { receiveEvent } from '../events.ts'
import { reportOfOrders } from './refunds/cancel-reports.ts'
import { syncAfterIntercepts } from './refunds/ended-intercepts.ts'
import { updateTradeReasons } from './trades/recheck.ts'
import { tradeTable } from './trades/trade-list.ts'

const chunk = 500

/** After a change of a shop's settings, determines again for each staged trade why it cannot be converted. */
export const updatingShopReasons = receiveEvent(
  'intake.recheck',
  async ({ db }, payloads) => {
    for (const { shopId } of payloads) {
      const query = {
        groups: ['staged'],
        shops: [shopId],
        facets: [],
        where: [],
        sort: 'paidAt' as const,
        descending: true,
      }
      let after: string | undefined
      do {
        const page = await listIds(db, tradeTable, query, { limit: chunk, after })
        await db.transaction().execute((tx) => updateTradeReasons(tx, page.ids))
        after = page.next ?? undefined
      } while (after !== undefined)
    }
  },
  { unique: true },
)

/** Reports to the platform that parcels with a printed label are stopped now. */
export const printedGivenUp = receiveEvent('intake.printed_given_up', async ({ db }, payloads) => {
  const orderIds = [...new Set(payloads.flatMap((one) => one.orderIds))]
  await db.transaction().execute((tx) => reportOfOrders(tx, orderIds, systemActor))
})

/**
 * After intercepts have ended, creates or voids returns. For shops that want it, reports to the platform whether the goods were stopped; a
 * lifted intercept is not reported.
 */
export const interceptEnded = receiveEvent('intake.intercept_ended', async ({ db }, payloads) => {
  const idsOf = (some: typeof payloads) => [...new Set(some.flatMap(({ orderIds }) => orderIds))]
  const decided = idsOf(payloads.filter(({ state }) => state !== 'lifted'))
  await db.transaction().execute((tx) => reportOfOrders(tx, decided, systemActor))
  for (const some of Map.groupBy(payloads, ({ by }) => JSON.stringify(by)).values())
    await syncAfterIntercepts(db, idsOf(some), some[0]?.by ?? systemActor)
})
