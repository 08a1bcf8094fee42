import { type Routes, route } from '../../core/http/http.ts'
import { countExactly, countRows, listIds } from '../../core/lists/list.ts'
import { exactCount, tabCounts } from '../../core/lists/list-contract.ts'
import { refundTable } from '../refunds/lists.ts'
import {
  afterSalesFilter,
  afterSalesList,
  afterSalesListQuery,
  afterSalesTabs,
  statistics,
  statisticsQuery,
} from './desk-contract.ts'
import { afterSalesQuery } from './desk-list.ts'
import { afterSalesRows } from './desk-view.ts'
import { refundStatistics } from './refund-statistics.ts'

type App = Parameters<Routes>[0]
const tags = ['aftersale']

export const afterSalesRoutes: Routes = async (app) => {
  listRoutes(app)
}

function listRoutes(app: App): void {
  const { db, ring } = app
  app.get(
    '/api/aftersale',
    route('refunds.read', 'Refunds that wait for a decision, with what is suggested', {
      tags,
      querystring: afterSalesListQuery,
      response: { 200: afterSalesList },
    }),
    async ({ query, scope }) => {
      const { sort, after, limit = 50, ...filter } = query
      const asked = await afterSalesQuery(ring, filter, { db, scope }, sort)
      const page = await listIds(db, refundTable, asked, { limit, after })
      return { rows: await afterSalesRows(db, page.ids), next: page.next }
    },
  )
  app.get(
    '/api/aftersale/counts',
    route('refunds.read', 'How many, by tab', {
      tags,
      querystring: afterSalesFilter,
      response: { 200: tabCounts },
    }),
    async ({ query, scope }) => {
      const counts = await Promise.all(
        afterSalesTabs.map(async (tab) => {
          const asked = await afterSalesQuery(ring, { ...query, tab }, { db, scope })
          return [tab, await countRows(db, refundTable, asked)] as const
        }),
      )
      return { tabs: Object.fromEntries(counts) }
    },
  )
  app.get(
    '/api/aftersale/count',
    route('refunds.read', 'How many exactly', {
      tags,
      querystring: afterSalesFilter,
      response: { 200: exactCount },
    }),
    async ({ query, scope }) => ({
      count: await countExactly(db, refundTable, await afterSalesQuery(ring, query, { db, scope })),
    }),
  )
  app.get(
    '/api/aftersale/statistics',
    route('refunds.read', 'Why money is asked back: counts and sums of a period', {
      tags,
      querystring: statisticsQuery,
      response: { 200: statistics },
    }),
    ({ query, scope }) => refundStatistics(db, query, scope),
  )
}
