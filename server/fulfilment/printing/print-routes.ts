import { type Routes, route } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import { AppError } from '../../errors.ts'
import type { CallDeps } from '../../shops/calls.ts'
import {
  jobAnswer,
  labelAnswer,
  labelInput,
  nextAnswer,
  nextInput,
  printInput,
  printStarted,
  settleInput,
} from './contract.ts'
import { type NextRequest, nextDocuments, printLabels, settleDocuments, stopPrinting } from './print.ts'
import { labelsWithFields, printFieldsOf } from './print-fields.ts'
import { documentsOf, labelOf, lockJob } from './print-queries.ts'
import { showLabel } from './show-label.ts'

const tags = ['fulfilment']
const missing = ['not_found'] as const
/** Some labels need a field that is made with the shop's token. */
const fromShop = [
  ...missing,
  'shop_disabled',
  'credentials_missing',
  'reauthorise',
  'platform_unavailable',
  'platform_rejected',
] as const

/** 打印: the browser makes a job, hands its documents to the print client, and reports each back. */
export function printRoutes(calls: Omit<CallDeps, 'db' | 'ring'>): Routes {
  return async (app) => {
    jobRoutes(app)
    labelRoutes(app, { ...calls, db: app.db, ring: app.ring })
  }
}

type App = Parameters<Routes>[0]

function jobRoutes(app: App): void {
  const { db } = app
  app.post(
    '/api/print-jobs',
    route('fulfilment.ship', 'Print the labels of deliveries', {
      tags,
      body: printInput,
      response: { 200: printStarted },
    }),
    ({ body, actor, scope }) => db.transaction().execute((tx) => printLabels(tx, body, { actor, scope })),
  )
  app.get(
    '/api/print-jobs/:id',
    route(
      'fulfilment.ship',
      'The documents of one’s own print job',
      { tags, params: idParams, response: { 200: jobAnswer } },
      missing,
    ),
    ({ params: { id }, actor }) =>
      db.transaction().execute(async (tx) => {
        if (!(await lockJob(tx, id, actor.id)))
          throw new AppError('not_found', { what: { zh: '打印任务', en: 'Print job' } })
        return { rows: await documentsOf(tx, id) }
      }),
  )
  app.post(
    '/api/print-jobs/:id/settle',
    route(
      'fulfilment.ship',
      'Name the last label that came out',
      { tags, params: idParams, body: settleInput, response: nothing },
      missing,
    ),
    async ({ params: { id: jobId }, body, actor, scope }, reply) => {
      await db.transaction().execute((tx) => settleDocuments(tx, { jobId, ...body }, { actor, scope }))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/print-jobs/:id/stop',
    route(
      'fulfilment.ship',
      'Print no more of a job',
      { tags, params: idParams, response: nothing },
      missing,
    ),
    async ({ params: { id }, actor, scope }, reply) => {
      await db.transaction().execute((tx) => stopPrinting(tx, id, { actor, scope }))
      return reply.code(204).send(null)
    },
  )
}

/** The labels themselves. */
function labelRoutes(app: App, deps: CallDeps): void {
  const { db, ring } = deps
  app.post(
    '/api/deliveries/:id/label',
    route(
      'fulfilment.ship',
      'The label of a delivery, to be looked at',
      { tags, params: idParams, body: labelInput, response: { 200: labelAnswer } },
      fromShop,
    ),
    async ({ params: { id: deliveryId }, body, actor, scope }) => {
      const wanted = { deliveryId, n: body.package ?? 1 }
      const label = await labelOf(db, wanted, scope)
      const fields = await printFieldsOf(deps, label ? [label] : [])
      return db.transaction().execute((tx) => showLabel(tx, ring, { ...wanted, fields }, { actor, scope }))
    },
  )
  app.post(
    '/api/print-jobs/:id/next',
    route(
      'fulfilment.ship',
      'Report the printed documents, and take the next ones',
      { tags, params: idParams, body: nextInput, response: { 200: nextAnswer } },
      fromShop,
    ),
    async ({ params: { id: jobId }, body: { results, most }, actor, scope }) => {
      const next = async (of: Pick<NextRequest, 'results' | 'most' | 'fields'>) => ({
        documents: await db
          .transaction()
          .execute((tx) => nextDocuments(tx, ring, { jobId, ...of }, { actor, scope })),
      })
      const labels = most === 0 ? [] : await labelsWithFields(db, jobId)
      if (labels.length === 0) return next({ results, most })
      // Results are then written in a transaction of their own: a shop that cannot be opened must not lose them.
      await next({ results, most: 0 })
      return next({ results: [], most, fields: await printFieldsOf(deps, labels) })
    },
  )
}
