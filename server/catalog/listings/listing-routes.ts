import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { countExactly, countRows, listIds } from '../../core/lists/list.ts'
import { exactCount, tabCounts } from '../../core/lists/list-contract.ts'
import { sheetBodyLimit } from '../../core/sheets/sheet-rows.ts'
import { AppError } from '../../errors.ts'
import {
  listingFilter,
  listingList,
  listingListQuery,
  listingTabs,
  sheetInput,
  sheetReport,
  suggestions,
} from '../contract.ts'
import { likelySkus, listingRows, listingText, skuRows } from '../view-queries.ts'
import { importMatches } from './import-matches.ts'
import { listingQuery, listingTable } from './listing-list.ts'

type App = Parameters<Routes>[0]
const tags = ['catalog']

/** The number of suggestions for one listing. */
const suggested = 8

/** The routes of 平台商品 (listings). */
export const listingRoutes: Routes = async (app) => {
  listRoutes(app)
  suggestionRoute(app)
  importRoute(app)
}

function listRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/listings',
    route('catalog.read', "The shops' listings", {
      tags,
      querystring: listingListQuery,
      response: { 200: listingList },
    }),
    async ({ query, scope }) => {
      const { sort, after, limit = 50, ...filter } = query
      const page = await listIds(db, listingTable, listingQuery(filter, scope, sort), { limit, after })
      return { rows: await listingRows(db, page.ids), next: page.next }
    },
  )
  app.get(
    '/api/listings/counts',
    route('catalog.read', 'How many, by tab', {
      tags,
      querystring: listingFilter,
      response: { 200: tabCounts },
    }),
    async ({ query, scope }) => {
      const counts = await Promise.all(
        listingTabs.map(async (tab) => {
          const asked = listingQuery({ ...query, tab }, scope, undefined)
          return [tab, await countRows(db, listingTable, asked)] as const
        }),
      )
      return { tabs: Object.fromEntries(counts) }
    },
  )
  app.get(
    '/api/listings/count',
    route('catalog.read', 'How many exactly', {
      tags,
      querystring: listingFilter,
      response: { 200: exactCount },
    }),
    async ({ query, scope }) => ({
      count: await countExactly(db, listingTable, listingQuery(query, scope, undefined)),
    }),
  )
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
