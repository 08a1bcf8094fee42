import Type from 'typebox'
import { defineJob } from '../job.ts'
import { listIds } from '../list.ts'
import { numberFreedJob } from '../orders/void.ts'
import { convertTrades } from './convert.ts'
import { recheckTrades, tradesOf } from './recheck.ts'
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

/** An order of our own is voided: a trade with its number may convert, and does so now where a person asked for it. */
export const numberFreed = defineJob({
  name: numberFreedJob,
  payload: Type.Object({
    shopId: Type.String(),
    tids: Type.Array(Type.String()),
    convertBy: Type.Optional(
      Type.Object({
        kind: Type.Enum(['user', 'api_key', 'task', 'system']),
        id: Type.String(),
        name: Type.String(),
      }),
    ),
  }),
  async run({ db }, payloads) {
    for (const { shopId, tids, convertBy } of payloads)
      await db.transaction().execute(async (tx) => {
        const ids = await tradesOf(tx, shopId, tids)
        if (convertBy) await convertTrades(tx, ids, convertBy, { shops: [shopId], warehouses: 'all' })
        else await recheckTrades(tx, ids)
      })
  },
})
