import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { sheetBodyLimit } from '../../core/sheets/sheet-rows.ts'
import { AppError } from '../../errors.ts'
import { sheetInput, sheetReport, suggestions } from '../contract.ts'
import { likelySkus, listingText, skuRows } from '../view-queries.ts'
import { importMatches } from './import-matches.ts'

type App = Parameters<Routes>[0]
const tags = ['catalog']

const suggested = 8

export const listingRoutes: Routes = async (app) => {
  suggestionRoute(app)
  importRoute(app)
}

function suggestionRoute(app: App): void {
  const { db } = app
  app.get(
    '/api/listings/:id/suggestions',
    route(
      'catalog.read',
      'SKUs that a listing may be, the likeliest first',
      { tags, params: idParams, response: { 200: suggestions } },
      ['not_found'],
    ),
    async ({ params, scope }) => {
      const listing = await listingText(db, params.id, scope)
      if (!listing) throw new AppError('not_found', { what: { zh: '平台商品', en: 'Listing' } })
      const likely = new Map((await likelySkus(db, listing, suggested)).map(({ id, why }) => [id, why]))
      const rows = await skuRows(db, [...likely.keys()], scope)
      return { rows: rows.map((row) => ({ ...row, why: likely.get(row.id) ?? 'title' })) }
    },
  )
}

function importRoute(app: App): void {
  const { db } = app
  app.post(
    '/api/listings/import',
    {
      ...route(
        'catalog.write',
        'Match listings by a sheet',
        { tags, body: sheetInput, response: { 200: sheetReport } },
        ['sheet_unreadable', 'sheet_too_large'],
      ),
      bodyLimit: sheetBodyLimit,
    },
    ({ body, actor, scope }) => importMatches(db, Buffer.from(body.file, 'base64'), { actor, scope }),
  )
}
