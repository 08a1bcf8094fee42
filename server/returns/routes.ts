import type { Static } from 'typebox'
import { skusOfCodes } from '../catalog/names.ts'
import type { Database } from '../core/db/db.ts'
import { type Routes, route } from '../core/http/http.ts'
import { idParams } from '../core/http/http-contract.ts'
import { idsInput, outcomes } from '../core/lists/list-contract.ts'
import { AppError } from '../errors.ts'
import {
  createdReturns,
  createReturnInput,
  editReturnInput,
  receiptInput,
  returnableLines,
  returnDetail,
  scanAnswer,
  scanQuery,
} from './contract.ts'
import { createReturns, returnParcels } from './create.ts'
import { editReturns } from './edit.ts'
import { type Receipt, receiveReturns } from './receiving/receive.ts'
import { parcelRoutes } from './view/parcel-routes.ts'
import { scan, viewReturn, viewReturnable } from './view/view.ts'

type App = Parameters<Routes>[0]
const tags = ['returns']
const response = { 200: outcomes }

export const returnRoutes: Routes = async (app) => {
  viewRoutes(app)
  makingRoutes(app)
  receiptRoutes(app)
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
  app.post(
    '/api/returns/edit',
    route('returns.write', 'Change parcel and place', { tags, body: editReturnInput, response }),
    async ({ body: { ids, ...edit }, actor, scope }) => {
      const changes = { ...edit, waybillNo: edit.waybillNo?.toUpperCase(), reason: edit.reason?.trim() }
      return {
        results: await db.transaction().execute((tx) => editReturns(tx, ids, changes, { actor, scope })),
      }
    },
  )
}

function receiptRoutes(app: App): void {
  const { db } = app
  app.post(
    '/api/returns/receipts',
    route('returns.receive', 'Receive what was counted', { tags, body: receiptInput, response }),
    async ({ body, actor, scope }) => {
      const receipts = await withSkus(db, body)
      return {
        results: await db.transaction().execute((tx) => receiveReturns(tx, receipts, { actor, scope })),
      }
    },
  )
}

/** Replaces the codes of wrong goods by SKU ids. Throws `invalid_input` for an unknown code, and for a return that was given twice. */
async function withSkus(db: Database, { receipts }: Static<typeof receiptInput>): Promise<Receipt[]> {
  if (new Set(receipts.map(({ id }) => id)).size < receipts.length)
    throw new AppError(
      'invalid_input',
      { detail: { zh: '同一张退货单写了两次', en: 'one return was given twice' } },
      'receipts',
    )
  const codes = receipts.flatMap(({ wrong = [] }) => wrong.map(({ skuCode }) => skuCode.trim()))
  const skus = await skusOfCodes(db, codes)
  const unknown = codes.find((code) => !skus.has(code))
  if (unknown !== undefined)
    throw new AppError(
      'invalid_input',
      { detail: { zh: `没有商家编码 ${unknown}`, en: `no such code: ${unknown}` } },
      'wrong',
    )
  return receipts.map(({ wrong = [], ...receipt }) => ({
    ...receipt,
    wrong: wrong.map(({ skuCode, quantity, note = '' }) => ({
      skuId: skus.get(skuCode.trim())?.id ?? '',
      quantity,
      note: note.trim(),
    })),
  }))
}
