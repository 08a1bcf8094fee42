import { systemActor } from '../core/access/actor.ts'
import { listIds } from '../core/lists/list.ts'
import { receiveEvent } from '../events.ts'
import { reportOfOrders } from './refunds/cancel-reports.ts'
import { syncAfterIntercepts } from './refunds/ended-intercepts.ts'
import { updateTradeReasons } from './trades/recheck.ts'
import { tradeTable } from './trades/trade-list.ts'

const chunk = 500

/** A shop's settings changed: asks of each of its staged trades again why it does not convert. */
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

/**
 * A parcel that was wanted back was stopped, or it is too late, or nobody wants it any more: returns follow, and the shop is told of
 * what people decided, if it wants to be.
 */
export const interceptEnded = receiveEvent('intake.intercept_ended', async ({ db }, payloads) => {
  const idsOf = (some: typeof payloads) => [...new Set(some.flatMap(({ orderIds }) => orderIds))]
  const decided = idsOf(payloads.filter(({ state }) => state !== 'lifted'))
  await db.transaction().execute((tx) => reportOfOrders(tx, decided, systemActor))
  for (const some of Map.groupBy(payloads, ({ by }) => JSON.stringify(by)).values())
    await syncAfterIntercepts(db, idsOf(some), some[0]?.by ?? systemActor)
})
