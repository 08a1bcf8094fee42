import { type Routes, route } from '../../core/http/http.ts'
import { putAway, viewPutAway } from './put-away.ts'
import { putAwayAnswer, putAwayInput, putAwayQuery, putAwayWork } from './put-away-contract.ts'

const tags = ['stock']

/** 上架 */
export const putAwayRoutes: Routes = async (app) => {
  const { db } = app
  app.get(
    '/api/put-away',
    route(
      'inventory.read',
      'Goods that are to be put to a bin, and those put away today',
      { tags, querystring: putAwayQuery, response: { 200: putAwayWork } },
      ['not_found'],
    ),
    ({ query, scope }) => viewPutAway(db, query.warehouse, scope),
  )
  app.post(
    '/api/put-away',
    route(
      'inventory.write',
      'Pieces were put to a bin',
      { tags, body: putAwayInput, response: { 200: putAwayAnswer } },
      ['not_found', 'bin_choice', 'idempotency_mismatch'],
    ),
    ({ body, actor, scope }) => db.transaction().execute((tx) => putAway(tx, body, { actor, scope })),
  )
}
