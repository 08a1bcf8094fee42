import { type Routes, route } from '../../core/http/http.ts'
import { idsInput } from '../../core/lists/list-contract.ts'
import { queueCounts, queueOutcomes } from '../contract.ts'
import { downloadQueue } from './lists.ts'
import { fetchQueued, queueCount, removeQueued } from './queue-list.ts'

export const queueRoutes: Routes = async (app) => {
  const { db, ring } = app

  app.get(
    '/api/download-queue/counts',
    route('queue.read', 'How many wait, capped, and since when', {
      querystring: downloadQueue(ring).filter,
      response: { 200: queueCounts },
    }),
    ({ query, scope }) => queueCount(db, ring, query, scope),
  )
  for (const [verb, run] of [
    ['download', fetchQueued],
    ['remove', removeQueued],
  ] as const) {
    app.post(
      `/api/download-queue/${verb}`,
      route('queue.write', `${verb}: one answer for each id`, {
        body: idsInput,
        response: { 200: queueOutcomes },
      }),
      async ({ body, actor, scope }) => ({
        results: await db.transaction().execute((tx) => run(tx, body.ids, { actor, scope })),
      }),
    )
  }
}
