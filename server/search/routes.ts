import { type Routes, route } from '../core/http/http.ts'
import { findRefunds, findTrades } from '../intake/find.ts'
import { findOrders } from '../orders/view/find.ts'
import { findParcels, findReturns } from '../returns/find.ts'
import { type Found, foundList, searchQuery } from './contract.ts'

/** Search over all kinds of documents that the user may read: by number, mobile or its last digits, name, nick, or goods. */
export const searchRoutes: Routes = async (app) => {
  app.get(
    '/api/search',
    route('signed_in', 'Documents by number, phone, name or goods', {
      querystring: searchQuery,
      response: { 200: foundList },
    }),
    async ({ query: { q, shop }, scope, permissions }) => {
      const parts = { ring: app.ring, text: q.trim(), shop: shop || undefined, scope }
      const [orders, trades, refunds] = await Promise.all([
        permissions.has('orders.read') ? findOrders(app.db, parts) : [],
        permissions.has('trades.read') ? findTrades(app.db, parts) : [],
        permissions.has('refunds.read') ? findRefunds(app.db, parts) : [],
      ])
      const mayReturns = permissions.has('returns.read')
      const [returns, parcels] = mayReturns
        ? await Promise.all([findReturns(app.db, parts), findParcels(app.db, parts)])
        : [[], []]
      return {
        rows: [
          ...named('order', orders),
          ...named('trade', trades),
          ...named('refund', refunds),
          ...named('return', returns),
          ...named('parcel', parcels),
        ],
      }
    },
  )
}

function named(kind: Found['kind'], rows: readonly { id: string; no: string; text: string }[]): Found[] {
  return rows.map((row) => ({ kind, ...row }))
}
