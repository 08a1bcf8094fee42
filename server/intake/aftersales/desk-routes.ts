import { type Routes, route } from '../../core/http/http.ts'
import { statistics, statisticsQuery } from './desk-contract.ts'
import { refundStatistics } from './refund-statistics.ts'

export const afterSalesRoutes: Routes = async (app) => {
  app.get(
    '/api/aftersale/statistics',
    route('refunds.read', 'Why money is asked back: counts and sums of a period', {
      tags: ['aftersale'],
      querystring: statisticsQuery,
      response: { 200: statistics },
    }),
    ({ query, scope }) => refundStatistics(app.db, query, scope),
  )
}
