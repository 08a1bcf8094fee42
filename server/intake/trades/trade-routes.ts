import { bodyless, noteReveal, revealErrors } from '../../core/access/reveals.ts'
import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { personalView, revealBody } from '../../core/lists/list-contract.ts'
import { AppError } from '../../errors.ts'
import { personalOf } from '../../orders/order/personal.ts'
import { tradeDetail } from '../contract.ts'
import { viewTrade } from './trade-view.ts'
import { sealedPersonal } from './trade-view-queries.ts'

export const tradeRoutes: Routes = async (app) => {
  readRoutes(app)
  revealRoute(app)
}

type App = Parameters<Routes>[0]

function readRoutes(app: App): void {
  const { db } = app

  app.get(
    '/api/staged-trades/:id',
    route(
      'trades.read',
      'One trade with lines, events and refunds',
      { params: idParams, response: { 200: tradeDetail } },
      ['not_found'],
    ),
    async ({ params, scope }) => {
      const trade = await viewTrade(db, params.id, scope)
      if (!trade) throw new AppError('not_found', { what: { zh: '交易', en: 'Trade' } })
      return trade
    },
  )
}

function revealRoute(app: App): void {
  const { db, ring, config } = app
  app.post(
    '/api/staged-trades/:id/reveal',
    {
      ...route(
        'personal.reveal',
        'The buyer in clear; leaves an audit row',
        { params: idParams, body: revealBody, response: { 200: personalView } },
        revealErrors,
      ),
      preValidation: bodyless,
    },
    async ({ params, body, scope, actor, ip, id: requestId }) => {
      const sealed = await sealedPersonal(db, params.id, scope)
      if (!sealed?.personal) throw new AppError('not_found', { what: { zh: '交易', en: 'Trade' } })
      const { nick, receiver } = personalOf(ring, sealed.shopId, sealed.personal)
      const entry = {
        actor,
        action: 'trade.reveal',
        subject: { type: 'staged_trade', id: params.id },
        shopId: sealed.shopId,
        request: { ip, id: requestId },
      }
      await noteReveal(db, config.reveals, entry, body.reason)
      return { nick, ...receiver }
    },
  )
}
