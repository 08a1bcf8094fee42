import { bodyless, noteReveal, revealErrors } from '../../core/access/reveals.ts'
import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { revealBody } from '../../core/lists/list-contract.ts'
import { retryParked, revealParked } from './parked.ts'
import { parkedIds, parkedOutcomes, parkedText } from './parked-contract.ts'

const tags = ['intake']

export const parkedRoutes: Routes = async (app) => {
  const { db, ring, config } = app

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
