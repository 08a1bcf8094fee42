import type { ArrivedTrade } from '../../server/intake/trades/ingest.ts'
import { hourMs } from '../../server/lib/time.ts'
import { rawOf } from './raw.ts'
import { makeTrade, tidOf } from './trades.ts'
import { type World, worldNow } from './world.ts'

/** The first digits of trades that the benchmarks add and delete. */
export const ownTids = '2961'

const batchSize = 500

export type Batch = { shopId: string; arrived: ArrivedTrade[] }

/** Returns trades of today, mostly paid and waiting to be shipped, numbered from `first`. */
export function freshBatches(
  { shops }: Pick<World, 'shops'>,
  first: number,
  count: number,
  total: number,
): Batch[] {
  return Array.from({ length: Math.ceil(count / batchSize) }, (_, batch) => {
    const shop = shops[batch % shops.length]
    if (!shop) throw new Error('a world without shops')
    const arrived = Array.from({ length: Math.min(batchSize, count - batch * batchSize) }, (__, at) => {
      const serial = first + batch * batchSize + at
      const createdAt = new Date(worldNow.getTime() - (1 - serial / total) * 6 * hourMs)
      const trade = makeTrade(shop, { tid: tidOf(ownTids, serial), createdAt, now: worldNow })
      return { trade, raw: rawOf(trade) }
    })
    return { shopId: shop.id, arrived }
  })
}
