import { type Routes, route } from '../../core/http/http.ts'
import { idsInput, outcomes } from '../../core/lists/list-contract.ts'
import { reviveSettlements } from './settlements.ts'

/** What of settlements needs their orders. */
export const orderSettlementRoutes: Routes = async (app) => {
  app.post(
    '/api/settlements/revive',
    route('finance.approve', 'Take back that documents were voided', {
      tags: ['finance'],
      body: idsInput,
      response: { 200: outcomes },
    }),
    async ({ body, actor, scope }) => ({
      results: await app.db.transaction().execute((tx) => reviveSettlements(tx, body.ids, actor, scope)),
    }),
  )
}
