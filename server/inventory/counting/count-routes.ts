import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import {
  countAnswer,
  countDetail,
  countInput,
  countList,
  endedCount,
  madeCount,
  newCount,
  warehouseAsked,
} from './contract.ts'
import { countPlace, endCount, type OffShelf } from './count.ts'
import { makeCount, viewTask, viewTasks } from './count-tasks.ts'

const tags = ['stock']
const refusals = ['not_found', 'count_refused', 'idempotency_mismatch'] as const

/** 盘点: counting tasks, and what is counted with a phone. */
export function countRoutes(offShelf: OffShelf): Routes {
  return async (app) => {
    const { db } = app
    app.get(
      '/api/count-tasks',
      route('inventory.read', 'What is to be counted in a warehouse', {
        tags,
        querystring: warehouseAsked,
        response: { 200: countList },
      }),
      async ({ query, scope }) => ({ rows: await viewTasks(db, query.warehouse, scope) }),
    )
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
    app.post(
      '/api/count-tasks/:id/end',
      route(
        'inventory.write',
        'End a counting task; its differences become a draft',
        { tags, params: idParams, response: { 200: endedCount } },
        refusals,
      ),
      ({ params, actor, scope }) =>
        db.transaction().execute((tx) => endCount(tx, params.id, { actor, scope })),
    )
  }
}
