import Type from 'typebox'
import { defineJob } from '../job.ts'
import { listIds } from '../list.ts'
import { recheckTrades } from './recheck.ts'
import { tradeTable } from './trade-list.ts'

const chunk = 500

/** A shop's settings changed: asks of each of its staged trades again why it does not convert. */
export const recheckShop = defineJob({
  name: 'intake.recheck',
  payload: Type.Object({ shopId: Type.String() }),
  unique: true,
  async run({ db }, payloads) {
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
        await db.transaction().execute((tx) => recheckTrades(tx, page.ids))
        after = page.next ?? undefined
      } while (after !== undefined)
    }
  },
})
