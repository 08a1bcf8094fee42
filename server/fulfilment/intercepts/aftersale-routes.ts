import { type Routes, route } from '../../core/http/http.ts'
import { countExactly, countRows, listIds } from '../../core/lists/list.ts'
import { exactCount, outcomes, tabCounts } from '../../core/lists/list-contract.ts'
import {
  interceptFilter,
  interceptList,
  interceptListQuery,
  interceptTabs,
  putBackFilter,
  putBackList,
  putBackListQuery,
  putBackTabs,
  scanInput,
} from './aftersale-contract.ts'
import { interceptQuery, interceptTable, putBackQuery, putBackTable } from './aftersale-lists.ts'
import { viewIntercepts, viewPutBacks } from './aftersale-view.ts'
import { scanPutBack } from './put-backs.ts'

type App = Parameters<Routes>[0]
const tags = ['fulfilment']

export const aftersaleRoutes: Routes = async (app) => {
  interceptReads(app)
  putBackReads(app)
  scanRoute(app)
}

function interceptReads(app: App): void {
  const { db } = app
  app.get(
    '/api/intercepts',
    route('fulfilment.read', 'Parcels that are wanted back', {
      tags,
      querystring: interceptListQuery,
      response: { 200: interceptList },
    }),
    async ({ query, scope }) => {
      const { sort, after, limit = 50, ...filter } = query
      const page = await listIds(db, interceptTable, interceptQuery(filter, scope, sort), { limit, after })
      return { rows: await viewIntercepts(db, page.ids), next: page.next }
    },
  )
  app.get(
    '/api/intercepts/counts',
    route('fulfilment.read', 'How many, by tab', {
      tags,
      querystring: interceptFilter,
      response: { 200: tabCounts },
    }),
    async ({ query, scope }) => {
      const counts = await Promise.all(
        interceptTabs.map(async (tab) => {
          const asked = interceptQuery({ ...query, tab }, scope, undefined)
          return [tab, await countRows(db, interceptTable, asked)] as const
        }),
      )
      return { tabs: Object.fromEntries(counts) }
    },
  )
  app.get(
    '/api/intercepts/count',
    route('fulfilment.read', 'How many exactly', {
      tags,
      querystring: interceptFilter,
      response: { 200: exactCount },
    }),
    async ({ query, scope }) => ({
      count: await countExactly(db, interceptTable, interceptQuery(query, scope, undefined)),
    }),
  )
}

function putBackReads(app: App): void {
  const { db } = app
  app.get(
    '/api/put-backs',
    route('fulfilment.read', 'Goods that go back on the shelf', {
      tags,
      querystring: putBackListQuery,
      response: { 200: putBackList },
    }),
    async ({ query, scope }) => {
      const { sort, after, limit = 50, ...filter } = query
      const page = await listIds(db, putBackTable, putBackQuery(filter, scope, sort), { limit, after })
      return { rows: await viewPutBacks(db, page.ids), next: page.next }
    },
  )
  app.get(
    '/api/put-backs/counts',
    route('fulfilment.read', 'How many, by tab', {
      tags,
      querystring: putBackFilter,
      response: { 200: tabCounts },
    }),
    async ({ query, scope }) => {
      const counts = await Promise.all(
        putBackTabs.map(async (tab) => {
          const asked = putBackQuery({ ...query, tab }, scope, undefined)
          return [tab, await countRows(db, putBackTable, asked)] as const
        }),
      )
      return { tabs: Object.fromEntries(counts) }
    },
  )
  app.get(
    '/api/put-backs/count',
    route('fulfilment.read', 'How many exactly', {
      tags,
      querystring: putBackFilter,
      response: { 200: exactCount },
    }),
    async ({ query, scope }) => ({
      count: await countExactly(db, putBackTable, putBackQuery(query, scope, undefined)),
    }),
  )
}

function scanRoute(app: App): void {
  const { db } = app
  app.post(
    '/api/put-backs/scan',
    route(
      'aftersale.put_back',
      'A number is scanned: all that waits of it is put back',
      { tags, body: scanInput, response: { 200: outcomes } },
      ['not_found'],
    ),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => scanPutBack(tx, body.number, { actor, scope })),
    }),
  )
}
