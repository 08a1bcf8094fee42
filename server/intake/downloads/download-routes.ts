import { type Routes, route } from '../../core/http/http.ts'
import { downloadInput, refundDownloadInput, runStarted } from '../contract.ts'
import { requestDownload } from './download-now.ts'

export const downloadRoutes: Routes = async (app) => {
  const { db } = app
  app.post(
    '/api/staged-trades/download',
    route(
      'trades.download',
      'Download by numbers or by a window; answers the run',
      { body: downloadInput, response: { 202: runStarted } },
      ['not_found', 'run_queue_full'],
    ),
    async ({ body, actor, scope }, reply) => {
      const runId = await db
        .transaction()
        .execute((tx) => requestDownload(tx, 'trade_pull', body, { actor, scope }))
      return reply.code(202).send({ runId })
    },
  )
  app.post(
    '/api/staged-refunds/download',
    route(
      'trades.download',
      'Download by numbers or by a window; answers the run',
      { body: refundDownloadInput, response: { 202: runStarted } },
      ['not_found', 'run_queue_full'],
    ),
    async ({ body, actor, scope }, reply) =>
      reply.code(202).send({
        runId: await db
          .transaction()
          .execute((tx) => requestDownload(tx, 'refund_pull', body, { actor, scope })),
      }),
  )
}
