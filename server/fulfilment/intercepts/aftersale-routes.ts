import { type Routes, route } from '../../core/http/http.ts'
import { countExactly, countRows, listIds } from '../../core/lists/list.ts'
import { exactCount, idsInput, outcomes, tabCounts } from '../../core/lists/list-contract.ts'
import {
  decisionInput,
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
import { decideIntercepts } from './intercept-verbs.ts'
import { finishPutBacks, scanPutBack } from './put-backs.ts'

type App = Parameters<Routes>[0]
const tags = ['fulfilment']

/** 拦截 and 待放回. */
export const aftersaleRoutes: Routes = async (app) => {
  interceptReads(app)
  interceptVerbs(app)
  putBackReads(app)
  putBackVerbs(app)
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

function interceptVerbs(app: App): void {
  const { db } = app
  const verbs = [
    ['pull', 'fulfilment.unship', 'Pulled out: its shipping is undone'],
    ['ask', 'aftersale.intercept', 'The courier was asked'],
    ['return', 'aftersale.intercept', 'The courier brought it back'],
    ['miss', 'aftersale.intercept', 'Missed: the platform is told after all'],
    ['money', 'aftersale.intercept', 'Money only: the parcel goes on'],
  ] as const
  for (const [event, permission, summary] of verbs) {
    app.post(
      `/api/intercepts/${event}`,
      route(permission, summary, { tags, body: decisionInput, response: { 200: outcomes } }),
      async ({ body: { ids, note }, actor, scope }) => ({
        results: await db
          .transaction()
          .execute((tx) => decideIntercepts(tx, ids, { event, note: note?.trim() }, actor, scope)),
      }),
    )
  }
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

function putBackVerbs(app: App): void {
  const { db } = app
  const ends = [
    ['done', 'Put back'],
    ['unpicked', 'Nobody had picked them'],
  ] as const
  for (const [state, summary] of ends) {
    app.post(
      `/api/put-backs/${state}`,
      route('aftersale.put_back', summary, { tags, body: idsInput, response: { 200: outcomes } }),
      async ({ body, actor, scope }) => ({
        results: await db.transaction().execute((tx) => finishPutBacks(tx, body.ids, state, actor, scope)),
      }),
    )
  }
  app.post(
    '/api/put-backs/scan',
    route(
      'aftersale.put_back',
      'A number is scanned: all that waits of it is put back',
      { tags, body: scanInput, response: { 200: outcomes } },
      ['not_found'],
    ),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => scanPutBack(tx, body.number, actor, scope)),
    }),
  )
}
