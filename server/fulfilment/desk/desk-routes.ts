import Type from 'typebox'
import { type Routes, route } from '../../core/http/http.ts'
import type { Walkable } from '../../core/lists/define.ts'
import { listIds } from '../../core/lists/list.ts'
import { printFields } from '../printing/contract.ts'
import { printLabels } from '../printing/print.ts'
import {
  facetsAnswer,
  mostWhole,
  numberRunAnswer,
  openJobsAnswer,
  stopAnswer,
  wholeStarted,
} from './contract.ts'
import { deskFacets } from './facets.ts'
import { numberRun, stopNumberRun } from './number-run.ts'
import { openJobs } from './open-jobs.ts'

type App = Parameters<Routes>[0]
const tags = ['fulfilment']

/** 打单发货: what the page shows beside its list. */
export const deskRoutes =
  (deliveries: Walkable): Routes =>
  async (app) => {
    const { db } = app
    app.get<{ Querystring: Record<string, unknown> }>(
      '/api/deliveries/facets',
      route('fulfilment.read', 'Waiting deliveries by courier, shape and goods', {
        tags,
        querystring: deliveries.filter,
        response: { 200: facetsAnswer },
      }),
      ({ query, scope }) => deskFacets(deliveries, { db, scope }, query),
    )
    app.get(
      '/api/number-runs/last',
      route('fulfilment.ship', 'How far one’s own last run of requests for numbers is', {
        tags,
        response: { 200: numberRunAnswer },
      }),
      async ({ actor }) => ({ run: await numberRun(db, actor) }),
    )
    app.post(
      '/api/number-runs/stop',
      route('fulfilment.ship', 'Take back one’s own requests for numbers that were not sent yet', {
        tags,
        response: { 200: stopAnswer },
      }),
      ({ actor }) =>
        db.transaction().execute(async (tx) => ({ stopped: await stopNumberRun(tx, { actor }) })),
    )
    printRoutes(app, deliveries)
  }

function printRoutes(app: App, deliveries: Walkable): void {
  const { db } = app
  app.get(
    '/api/print-jobs',
    route('fulfilment.ship', 'One’s own print jobs that have not ended', {
      tags,
      response: { 200: openJobsAnswer },
    }),
    async ({ actor }) => ({ rows: await openJobs(db, actor.id) }),
  )
  const body = Type.Object({ filter: deliveries.filter, ...printFields }, { additionalProperties: false })
  app.post(
    '/api/print-jobs/whole',
    route('fulfilment.ship', 'Print the labels of all deliveries of a filter', {
      tags,
      body,
      response: { 200: wholeStarted },
    }),
    async ({ body: { filter, ...asked }, actor, scope }) => {
      const query = await deliveries.ask(filter, { db, scope }, 'shipBy')
      const { ids, next } = await listIds(db, deliveries.table, query, { limit: mostWhole, after: undefined })
      const started = await db
        .transaction()
        .execute((tx) => printLabels(tx, { ids, ...asked }, { actor, scope }))
      return { ...started, more: next !== null }
    },
  )
}
