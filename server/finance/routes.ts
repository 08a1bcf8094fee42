import { type Routes, route } from '../core/http/http.ts'
import { countExactly, countRows, listIds } from '../core/lists/list.ts'
import { exactCount, tabCounts } from '../core/lists/list-contract.ts'
import { mapConcurrent } from '../lib/few-at-a-time.ts'
import {
  settlementFilter,
  settlementList,
  settlementListQuery,
  settlementTabs,
  settlementTotals,
} from './contract.ts'
import { settlementQuery, settlementTable } from './settlement-list.ts'
import { settlementRows, settlementSums } from './settlement-rows.ts'

type App = Parameters<Routes>[0]
const tags = ['finance']

/** Routes of 零售结算单. */
export const financeRoutes: Routes = async (app) => {
  listRoutes(app)
  countRoutes(app)
}

function listRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/settlements',
    route('finance.read', 'Settlements', {
      tags,
      querystring: settlementListQuery,
      response: { 200: settlementList },
    }),
    async ({ query, scope }) => {
      const { sort, after, limit = 50, ...filter } = query
      const asked = settlementQuery(filter, scope, sort)
      const page = await listIds(db, settlementTable, asked, { limit, after })
      return { rows: await settlementRows(db, page.ids), next: page.next }
    },
  )
  app.get(
    '/api/settlements/totals',
    route('finance.read', 'Sums by kind, without what is voided', {
      tags,
      querystring: settlementFilter,
      response: { 200: settlementTotals },
    }),
    ({ query, scope }) => settlementSums(db, settlementQuery(query, scope, undefined)),
  )
}

function countRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/settlements/counts',
    route('finance.read', 'How many, by tab', {
      tags,
      querystring: settlementFilter,
      response: { 200: tabCounts },
    }),
    async ({ query, scope }) => {
      const counts = await mapConcurrent(settlementTabs, async (tab) => {
        const asked = settlementQuery({ ...query, tab }, scope, undefined)
        return [tab, await countRows(db, settlementTable, asked)] as const
      })
      return { tabs: Object.fromEntries(counts) }
    },
  )
  app.get(
    '/api/settlements/count',
    route('finance.read', 'How many exactly', {
      tags,
      querystring: settlementFilter,
      response: { 200: exactCount },
    }),
    async ({ query, scope }) => ({
      count: await countExactly(db, settlementTable, settlementQuery(query, scope, undefined)),
    }),
  )
}
