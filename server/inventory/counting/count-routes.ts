import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { countAnswer, countDetail, countInput, countResults, madeCount, newCount } from './contract.ts'
import { countPlace, type OffShelf } from './count.ts'
import { makeCount, viewResults, viewTask } from './count-tasks.ts'

const tags = ['stock']
const refusals = ['not_found', 'count_refused', 'idempotency_mismatch'] as const

/** 盘点: counting tasks, and what is counted with a phone. */
export function countRoutes(offShelf: OffShelf): Routes {
  return async (app) => {
    const { db } = app
    app.get(
      '/api/count-tasks/:id',
      route(
        'inventory.read',
        'The places of a counting task, without quantities',
        { tags, params: idParams, response: { 200: countDetail } },
        ['not_found'],
      ),
      ({ params, scope }) => viewTask(db, params.id, scope),
    )
    app.get(
      '/api/count-tasks/:id/results',
      route(
        'inventory.read',
        'What was counted, without the quantities that are still counted',
        { tags, params: idParams, response: { 200: countResults } },
        ['not_found'],
      ),
      ({ params, scope }) => viewResults(db, params.id, scope),
    )
    app.post(
      '/api/count-tasks',
      route(
        'inventory.write',
        'Count bins or goods',
        { tags, body: newCount, response: { 200: madeCount } },
        refusals,
      ),
      ({ body, actor, scope }) => db.transaction().execute((tx) => makeCount(tx, body, { actor, scope })),
    )
    app.post(
      '/api/count-tasks/:id/count',
      route(
        'inventory.write',
        'What was counted at a place',
        { tags, params: idParams, body: countInput, response: { 200: countAnswer } },
        refusals,
      ),
      ({ params, body, actor, scope }) =>
        db.transaction().execute((tx) => countPlace(tx, params.id, body, { by: { actor, scope }, offShelf })),
    )
  }
}
