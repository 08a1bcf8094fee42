import { type Routes, route } from '../../core/http/http.ts'
import { idParams, pageOnly } from '../../core/http/http-contract.ts'
import { idsInput, outcomes } from '../../core/lists/list-contract.ts'
import { AppError } from '../../errors.ts'
import { blacklistBuyers, blacklistPage as readBlacklist, removeFromBlacklist } from './blacklist.ts'
import { blacklistInput, blacklistPage, blacklistQuery, historyPage } from './contract.ts'
import { buyerHistory } from './history.ts'

const tags = ['orders']
const response = { 200: outcomes }

/** The other orders of a buyer, and the blacklist. */
export const buyerRoutes: Routes = async (app) => {
  const { db, ring } = app
  app.get(
    '/api/orders/:id/history',
    route(
      'orders.read',
      'Other orders of the same buyer',
      {
        tags,
        params: idParams,
        querystring: pageOnly,
        response: { 200: historyPage },
      },
      ['not_found'],
    ),
    async ({ params, query, scope }) => {
      const page = { id: params.id, after: idAfter(query.after), limit: query.limit ?? 50 }
      const found = await buyerHistory(db, ring, page, scope)
      if (!found) throw new AppError('not_found', { what: { zh: '销售订单', en: 'Sales order' } })
      return found
    },
  )
  app.get(
    '/api/blacklist',
    route('orders.read', 'Blacklisted buyers', {
      tags,
      querystring: blacklistQuery,
      response: { 200: blacklistPage },
    }),
    ({ query, scope }) => readBlacklist(db, { after: idAfter(query.after), limit: query.limit ?? 50 }, scope),
  )
  app.post(
    '/api/orders/blacklist',
    route('orders.blacklist', 'Blacklist the buyers of orders', { tags, body: blacklistInput, response }),
    async ({ body: { ids, by, reason, until }, actor, scope }) => ({
      results: await db
        .transaction()
        .execute((tx) =>
          blacklistBuyers(
            tx,
            ring,
            ids,
            { by, reason, until: until ? new Date(until) : null },
            { actor, scope },
          ),
        ),
    }),
  )
  app.post(
    '/api/blacklist/remove',
    route('orders.blacklist', 'Take entries off the blacklist', { tags, body: idsInput, response }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => removeFromBlacklist(tx, body.ids, actor, scope)),
    }),
  )
}

function idAfter(after: string | undefined): string | undefined {
  if (after !== undefined && !/^[1-9]\d{0,17}$/.test(after)) throw new AppError('invalid_cursor')
  return after
}
