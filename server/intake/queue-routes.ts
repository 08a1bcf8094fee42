import type { Routes } from '../http.ts'
import { idsInput, outcomes, queueCounts, queueFilter, queueList, queueListQuery } from './contract.ts'
import { fetchQueued, queueCount, queuePage, removeQueued } from './queue-list.ts'

/** 待下载订单. */
export const queueRoutes: Routes = async (app) => {
  const { db } = app
  const tags = ['download queue']

  app.get(
    '/api/download-queue',
    { config: { permission: 'queue.read' }, schema: { tags, querystring: queueListQuery, response: { 200: queueList } } },
    ({ query: { sort: _, after, limit = 50, ...filter }, scope }) => queuePage(db, filter, scope, { limit, after }),
  )
  app.get(
    '/api/download-queue/counts',
    { config: { permission: 'queue.read' }, schema: { tags, querystring: queueFilter, response: { 200: queueCounts } } },
    ({ query, scope }) => queueCount(db, query, scope),
  )
  for (const [verb, run] of [['download', fetchQueued], ['remove', removeQueued]] as const) {
    app.post(
      `/api/download-queue/${verb}`,
      { config: { permission: 'queue.write' }, schema: { tags, body: idsInput, response: { 200: outcomes } } },
      async ({ body, actor, scope }) => ({ results: await db.transaction().execute((tx) => run(tx, body.ids, actor, scope)) }),
    )
  }
}
