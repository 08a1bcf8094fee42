import { type Actor, type Scope, systemActor } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { listIds } from '../core/lists/list.ts'
import { AppError } from '../errors.ts'
import { receiveEvent } from '../events.ts'
import { scopeNow } from '../users/current-rights.ts'
import { reportOfOrders } from './refunds/cancel-reports.ts'
import { syncAfterIntercepts } from './refunds/ended-intercepts.ts'
import { convertTrades } from './trades/convert.ts'
import { tradesOf, updateTradeReasons } from './trades/recheck.ts'
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

/**
 * An order of our own is voided: a trade with its number may convert, and does so now where somebody asked for it who may convert.
 */
export const numberFreed = receiveEvent('intake.number_freed', async ({ db }, payloads) => {
  for (const { shopId, tids, convertBy } of payloads) {
    const scope = convertBy && (await mayConvert(db, convertBy, shopId))
    await db.transaction().execute(async (tx) => {
      const ids = await tradesOf(tx, shopId, tids)
      await updateTradeReasons(tx, ids)
      if (scope) await convertTrades(tx, ids, { actor: convertBy, scope })
    })
  }
})

async function mayConvert(db: Database, actor: Actor, shopId: string): Promise<Scope | undefined> {
  try {
    return await scopeNow(db, actor, 'trades.convert', { shops: [shopId], warehouses: 'all' })
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
