import Type from 'typebox'
import { stockSyncTaskKind } from '../catalog/listings/match.ts'
import { defineTaskKind } from '../core/tasks/kinds.ts'
import type { OpenedShop } from '../shops/calls.ts'
import { calculateStockSync } from './calculate.ts'
import { listingsOfShop } from './queries.ts'

const batchSize = 500

const params = Type.Object(
  {
    again: Type.Boolean({
      default: false,
      title: '没变的也推',
      description: 'Tell what has not changed as well',
    }),
  },
  { additionalProperties: false },
)

/**
 * 库存同步: calculates every listing of the shop. The loop handles changed stock at once (`startStockSync`); this task finds the effects of
 * changed matches, bundles and warehouses. For a shop that is off it calculates for the page, and sends nothing.
 */
export const syncingStock = defineTaskKind<OpenedShop, typeof params>({
  kind: stockSyncTaskKind,
  name: { zh: '库存同步', en: 'Stock upload' },
  params,
  defaultSchedule: { everySeconds: 300 },
  applies: (shop) => shop.stock === true,
  async run({ db, shop, params: { again }, signal, progress }) {
    const total = { seen: 0, updated: 0, created: 0 }
    for (let after = '0'; ; ) {
      signal.throwIfAborted()
      const ids = await db.transaction().execute(async (tx) => {
        const found = await listingsOfShop(tx, shop.id, after, batchSize)
        if (found.length === 0) return found
        const { seen, changed, told } = await calculateStockSync(tx, found, { again })
        total.seen += seen
        total.updated += changed
        total.created += told
        return found
      })
      progress(total)
      const last = ids.at(-1)
      if (last === undefined) return { ...total, pages: 0 }
      after = last
    }
  },
})
