import { type Routes, route } from '../../core/http/http.ts'
import { idParams, pageOnly } from '../../core/http/http-contract.ts'
import { AppError } from '../../errors.ts'
import { historyPage } from './contract.ts'
import { buyerHistory } from './history.ts'

const tags = ['orders']

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
      const page = { id: params.id, after: query.after, limit: query.limit ?? 50 }
      const found = await buyerHistory(db, ring, page, scope)
      if (!found) throw new AppError('not_found', { what: { zh: '销售订单', en: 'Sales order' } })
      return found
    },
  )
}
