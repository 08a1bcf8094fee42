import { bodyless, noteReveal, revealErrors } from '../../core/access/reveals.ts'
import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { revealBody } from '../../core/lists/list-contract.ts'
import { AppError } from '../../errors.ts'
import { retryParked, revealParked } from './parked.ts'
import {
  parkedCounts,
  parkedFilter,
  parkedIds,
  parkedList,
  parkedOutcomes,
  parkedQuery,
  parkedText,
} from './parked-contract.ts'
import { parkedCount, parkedPage } from './parked-queries.ts'

const tags = ['intake']

export const parkedRoutes: Routes = async (app) => {
  const { db, ring, config } = app

  app.get(
    '/api/parked-items',
    route(
      'trades.read',
      'What could not be understood, newest first',
      { tags, querystring: parkedQuery, response: { 200: parkedList } },
      ['invalid_cursor'],
    ),
    async ({ query: { after, limit = 50, ...filter }, scope }) => {
      if (after !== undefined && !/^[1-9]\d{0,17}$/.test(after))
        throw new AppError('invalid_cursor', {}, 'after')
      return parkedPage(db, filter, scope, { limit, after })
    },
  )
  app.get(
    '/api/parked-items/counts',
    route('trades.read', 'How many wait and how many are settled, capped', {
      tags,
      querystring: parkedFilter,
      response: { 200: parkedCounts },
    }),
    async ({ query, scope }) => ({
      tabs: {
        open: await parkedCount(db, { ...query, tab: 'open' }, scope),
        settled: await parkedCount(db, { ...query, tab: 'settled' }, scope),
      },
    }),
  )
  app.post(
    '/api/parked-items/:id/reveal',
    {
      ...route(
        'personal.reveal',
        'What came, in clear; leaves an audit row',
        { tags, params: idParams, body: revealBody, response: { 200: parkedText } },
        revealErrors,
      ),
      preValidation: bodyless,
    },
    async ({ params, body, actor, scope, ip, id }) => ({
      text: await revealParked({ db, ring }, params.id, scope, (seen) =>
        noteReveal(db, config.reveals, { ...seen, actor, request: { ip, id } }, body.reason),
      ),
    }),
  )
  app.post(
    '/api/parked-items/retry',
    route('trades.download', 'Read again with what we know today; one answer for each id', {
      tags,
      body: parkedIds,
      response: { 200: parkedOutcomes },
    }),
    async ({ body, actor, scope }) => ({
      results: await retryParked({ db, ring }, [...new Set(body.ids)], { actor, scope }),
    }),
  )
}
