import { type Routes, route } from '../core/http/http.ts'
import { idParams } from '../core/http/http-contract.ts'
import { idsInput, outcomes } from '../core/lists/list-contract.ts'
import {
  createdReturns,
  createReturnInput,
  returnableLines,
  returnDetail,
  scanAnswer,
  scanQuery,
} from './contract.ts'
import { createReturns, returnParcels } from './create.ts'
import { parcelRoutes } from './view/parcel-routes.ts'
import { scan, viewReturn, viewReturnable } from './view/view.ts'

type App = Parameters<Routes>[0]
const tags = ['returns']
const _response = { 200: outcomes }

export const returnRoutes: Routes = async (app) => {
  viewRoutes(app)
  makingRoutes(app)
  parcelRoutes(app)
}

function viewRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/returns/scan',
    route('returns.read', 'What a scanned number means', {
      tags,
      querystring: scanQuery,
      response: { 200: scanAnswer },
    }),
    ({ query, scope }) => scan(db, query.no, scope),
  )
  app.get(
    '/api/orders/:id/returnable',
    route(
      'returns.read',
      'What of an order can still come back',
      { tags, params: idParams, response: { 200: returnableLines } },
      ['not_found'],
    ),
    ({ params, scope }) => viewReturnable(db, params.id, scope),
  )
  app.get(
    '/api/returns/:id',
    route('returns.read', 'A return order', { tags, params: idParams, response: { 200: returnDetail } }, [
      'not_found',
    ]),
    ({ params, scope }) => viewReturn(db, params.id, scope),
  )
}

function makingRoutes(app: App): void {
  const { db } = app
  app.post(
    '/api/returns',
    route('returns.write', 'Make returns of shipped orders', {
      tags,
      body: createReturnInput,
      response: { 200: createdReturns },
    }),
    async ({ body, actor, scope }) => {
      const wishes = body.returns.map(({ reason = '', courier = '', waybillNo = '', ...wish }) => ({
        ...wish,
        reason: reason.trim(),
        courier,
        waybillNo: waybillNo.toUpperCase(),
        warehouseId: wish.warehouseId,
        exchangeWhen: wish.exchangeWhen,
      }))
      return { results: await db.transaction().execute((tx) => createReturns(tx, wishes, { actor, scope })) }
    },
  )
  app.post(
    '/api/returns/refused',
    route('returns.receive', 'Make returns of parcels that came back', {
      tags,
      body: idsInput,
      response: { 200: createdReturns },
    }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => returnParcels(tx, body.ids, { actor, scope })),
    }),
  )
}
