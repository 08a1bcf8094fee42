import { bodyless, noteReveal, revealErrors } from '../../core/access/reveals.ts'
import { type Routes, route, secret } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import { personalView, revealBody } from '../../core/lists/list-contract.ts'
import { AppError } from '../../errors.ts'
import { plainReceiver } from '../../orders/view/for-papers.ts'
import type { CallDeps } from '../../shops/calls.ts'
import { assertPermission } from '../../users/sign-in/authenticate.ts'
import {
  customAreaInput,
  customAreaList,
  handoverAnswer,
  handoverQuery,
  paperAnswer,
  paperQuery,
  templateInput,
  templateList,
  templateSaved,
} from './contract.ts'
import { customAreasOf, saveCustomArea } from './custom-area.ts'
import { deliveriesOnPaper, parcelsOfDay } from './paper-queries.ts'
import { papersOf } from './papers.ts'
import { removeTemplate, saveTemplate, templatesFor } from './templates.ts'

type App = Parameters<Routes>[0]
const tags = ['fulfilment']

/** The most parcels of one handover manifest. */
const mostParcels = 5000

/** 打印模板: the templates of our own papers, and what the papers show. */
export const paperRoutes =
  (calls: Omit<CallDeps, 'db' | 'ring'>): Routes =>
  async (app) => {
    const { db } = app
    templateRoutes(app)
    receiverRoute(app)
    customAreaRoutes(app, calls)
    app.get(
      '/api/papers',
      route('fulfilment.read', 'What packing slips and pick lists of deliveries show', {
        tags,
        querystring: paperQuery,
        response: { 200: paperAnswer },
      }),
      async ({ query, scope }) => ({ rows: await papersOf(db, query.ids.split(','), scope) }),
    )
    app.get(
      '/api/handovers',
      route('fulfilment.read', 'The parcels that left on a day, for the manifests of the couriers', {
        tags,
        querystring: handoverQuery,
        response: { 200: handoverAnswer },
      }),
      async ({ query: { day, warehouse }, scope }) => {
        const rows = await parcelsOfDay(db, { day, warehouse, limit: mostParcels + 1 }, scope)
        return { rows: rows.slice(0, mostParcels), more: rows.length > mostParcels }
      },
    )
  }

/**
 * The receiver of a plain label. Whoever ships sees it while the delivery waits, since the label in the hand says the same; at any other
 * time it needs the permission for buyers' data.
 */
function receiverRoute(app: App): void {
  const { db, ring, config } = app
  app.post(
    '/api/papers/:id/reveal',
    {
      ...secret(
        route(
          'fulfilment.read',
          'The receiver of a delivery for a plain label, of an order that was made here; leaves an audit row. Needs personal.reveal, or fulfilment.ship while it is to be shipped',
          { tags, params: idParams, body: revealBody, response: { 200: personalView } },
          [...revealErrors, 'masked_receiver'],
        ),
      ),
      preValidation: bodyless,
    },
    async ({ params: { id }, body, scope, actor, ip, id: requestId, permissions }) => {
      const [delivery] = await deliveriesOnPaper(db, [id], scope)
      if (!delivery) throw new AppError('not_found', { what: { zh: '发货单', en: 'Delivery' } })
      if (!delivery.pending || !permissions.has('fulfilment.ship'))
        assertPermission({ permissions }, 'personal.reveal')
      const plain = await plainReceiver(db, ring, delivery.orderId)
      if (!plain) throw new AppError('masked_receiver')
      const { shopId, receiver, nick } = plain
      const subject = { type: 'delivery', id }
      const entry = { actor, action: 'delivery.reveal', subject, shopId, request: { ip, id: requestId } }
      await noteReveal(db, config.reveals, entry, body.reason)
      return { ...receiver, nick }
    },
  )
}

function customAreaRoutes(app: App, calls: Omit<CallDeps, 'db' | 'ring'>): void {
  const { db, ring } = app
  app.get(
    '/api/waybill-accounts/:id/custom-areas',
    route(
      'fulfilment.papers',
      'The custom areas that the seller has designed for the label of an account, asked now',
      { tags, params: idParams, response: { 200: customAreaList } },
      [
        'not_found',
        'shop_disabled',
        'credentials_missing',
        'reauthorise',
        'platform_rejected',
        'platform_unavailable',
      ],
    ),
    async ({ params: { id }, scope }) => ({
      rows: await customAreasOf({ ...calls, db, ring }, id, { scope }),
    }),
  )
  app.put(
    '/api/waybill-accounts/:id/custom-area',
    route(
      'fulfilment.papers',
      'Choose the custom area of an account and what fills its keys',
      { tags, params: idParams, body: customAreaInput, response: nothing },
      ['not_found'],
    ),
    async ({ params: { id }, body: { areaUrl: url, keys }, actor, scope }, reply) => {
      await db.transaction().execute((tx) => saveCustomArea(tx, { id, url, keys }, { actor, scope }))
      return reply.code(204).send(null)
    },
  )
}

function templateRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/paper-templates',
    route('signed_in', 'The templates of our own papers', { tags, response: { 200: templateList } }),
    async ({ scope }) => ({ rows: await templatesFor(db, scope) }),
  )
  app.post(
    '/api/paper-templates',
    route(
      'fulfilment.papers',
      'Add or change a template of a paper',
      { tags, body: templateInput, response: { 200: templateSaved } },
      ['not_found', 'conflict', 'invalid_input', 'outside_scope'],
    ),
    ({ body, actor, scope, ip, id }) =>
      db.transaction().execute((tx) => saveTemplate(tx, body, { actor, scope, request: { ip, id } })),
  )
  app.delete(
    '/api/paper-templates/:id',
    route(
      'fulfilment.papers',
      'Remove a template, so that the next fitting one or the default is used',
      { tags, params: idParams, response: nothing },
      ['not_found', 'outside_scope'],
    ),
    async ({ params, actor, scope, ip, id }, reply) => {
      const by = { actor, scope, request: { ip, id } }
      await db.transaction().execute((tx) => removeTemplate(tx, params.id, by))
      return reply.code(204).send(null)
    },
  )
}
