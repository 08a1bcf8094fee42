import { type Routes, route } from '../../core/http/http.ts'
import { outcomes } from '../../core/lists/list-contract.ts'
import { shipOverInput } from './notice-contract.ts'
import { shipOverRefunds } from './ship-over.ts'

export const shipOverRoutes: Routes = async (app) => {
  app.post(
    '/api/orders/ship-over',
    route('orders.ship_over_refund', 'Let one order leave over its open refunds', {
      tags: ['orders'],
      body: shipOverInput,
      response: { 200: outcomes },
    }),
    async ({ body: { ids, reason }, actor, scope, ip, id }) => {
      const by = { actor, scope, request: { ip, id } }
      const [orderId = ''] = ids
      return {
        results: [await app.db.transaction().execute((tx) => shipOverRefunds(tx, orderId, reason, by))],
      }
    },
  )
}
