import Type from 'typebox'
import { audit } from '../audit.ts'
import { AppError } from '../errors.ts'
import type { Routes } from '../http.ts'
import { idParams } from '../http-contract.ts'
import { countExactly, countRows, listIds } from '../list.ts'
import {
  convertInput,
  downloadInput,
  exactCount,
  idsInput,
  outcomes,
  personalView,
  tradeCounts,
  tradeDetail,
  tradeFilter,
  tradeList,
  tradeListQuery,
  tradeTabs,
} from './contract.ts'
import { convertTrades } from './convert.ts'
import { openPersonal } from './trade-columns.ts'
import { requestDownload } from './download-now.ts'
import { tradeQuery, tradeTable } from './trade-list.ts'
import { viewTrade } from './trade-view.ts'
import { processTrades, removeTrades, unprocessTrades } from './trades.ts'
import { sealedPersonal, tradeRows } from './trade-view-queries.ts'

/** 待转入订单 and 历史订单. */
export const tradeRoutes: Routes = async (app) => {
  const { db, ring } = app
  const tags = ['trades']

  app.get(
    '/api/staged-trades',
    { config: { permission: 'trades.read' }, schema: { tags, querystring: tradeListQuery, response: { 200: tradeList } } },
    async ({ query, scope }) => {
      const { sort, after, limit = 50, ...filter } = query
      const page = await listIds(db, tradeTable, await tradeQuery(db, ring, filter, scope, sort), { limit, after })
      return { rows: await tradeRows(db, page.ids), next: page.next }
    },
  )

  app.get(
    '/api/staged-trades/counts',
    { config: { permission: 'trades.read' }, schema: { tags, querystring: tradeFilter, response: { 200: tradeCounts } } },
    async ({ query, scope }) => {
      const counts = await Promise.all(
        tradeTabs.map(async (tab) => [tab, await countRows(db, tradeTable, await tradeQuery(db, ring, { ...query, tab }, scope, undefined))] as const),
      )
      return { tabs: Object.fromEntries(counts) }
    },
  )

  app.get(
    '/api/staged-trades/count',
    { config: { permission: 'trades.read' }, schema: { tags, querystring: tradeFilter, response: { 200: exactCount } } },
    async ({ query, scope }) => ({ count: await countExactly(db, tradeTable, await tradeQuery(db, ring, query, scope, undefined)) }),
  )

  app.get(
    '/api/staged-trades/:id',
    { config: { permission: 'trades.read' }, schema: { tags, params: idParams, response: { 200: tradeDetail } } },
    async ({ params, scope }) => {
      const trade = await viewTrade(db, params.id, scope)
      if (!trade) throw new AppError('not_found', { what: { zh: '交易', en: 'Trade' } })
      return trade
    },
  )

  app.post(
    '/api/staged-trades/:id/reveal',
    { config: { permission: 'personal.reveal' }, schema: { tags, params: idParams, response: { 200: personalView } } },
    async ({ params, scope, actor, ip, id: requestId }) => {
      const sealed = await sealedPersonal(db, params.id, scope)
      if (!sealed?.personal) throw new AppError('not_found', { what: { zh: '交易', en: 'Trade' } })
      const { nick, receiver } = openPersonal(ring, sealed.shopId, sealed.personal)
      // The row is written first: nobody sees what was not noted.
      await db.transaction().execute((tx) =>
        audit(tx, { actor, action: 'trade.reveal', subject: { type: 'staged_trade', id: params.id }, shopId: sealed.shopId, request: { ip, id: requestId } }),
      )
      return { nick, ...receiver }
    },
  )

  const verbs = [
    ['remove', 'trades.remove', removeTrades],
    ['process', 'trades.process', processTrades],
    ['unprocess', 'trades.process', unprocessTrades],
  ] as const
  for (const [verb, permission, run] of verbs) {
    app.post(
      `/api/staged-trades/${verb}`,
      { config: { permission }, schema: { tags, body: idsInput, response: { 200: outcomes } } },
      async ({ body, actor, scope }) => ({ results: await db.transaction().execute((tx) => run(tx, body.ids, actor, scope)) }),
    )
  }

  app.post(
    '/api/staged-trades/convert',
    { config: { permission: 'trades.convert' }, schema: { tags, body: convertInput, response: { 200: outcomes } } },
    async ({ body, actor, scope }) => {
      const options = { asRecord: body.asRecord ?? false }
      return { results: await db.transaction().execute((tx) => convertTrades(tx, body.ids, actor, scope, options)) }
    },
  )

  app.post(
    '/api/staged-trades/download',
    {
      config: { permission: 'trades.download' },
      schema: { tags, body: downloadInput, response: { 202: Type.Object({ taskId: Type.String() }) } },
    },
    async ({ body, actor, scope }, reply) => {
      const taskId = await db.transaction().execute((tx) => requestDownload(tx, 'trade_pull', body, actor, scope))
      return reply.code(202).send({ taskId })
    },
  )
}
