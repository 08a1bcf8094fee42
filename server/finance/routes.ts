import { type Routes, route } from '../core/http/http.ts'
import type { Filter } from '../core/lists/define-query.ts'
import { settlementTotals } from './contract.ts'
import { settlements } from './lists.ts'
import { settlementSums } from './settlement-rows.ts'

export const financeRoutes: Routes = async (app) => {
  const { db } = app
  app.get<{ Querystring: Filter }>(
    '/api/settlements/totals',
    route('finance.read', 'Sums by kind, without what is voided', {
      tags: ['finance'],
      querystring: settlements.filter,
      response: { 200: settlementTotals },
    }),
    async ({ query, scope }) =>
      settlementSums(db, settlements.table, await settlements.ask(query, { db, scope })),
  )
}
