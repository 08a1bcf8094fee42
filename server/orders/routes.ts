import { bodyless, noteReveal, revealErrors } from '../core/access/reveals.ts'
import { type Routes, route } from '../core/http/http.ts'
import { idParams, nothing } from '../core/http/http-contract.ts'
import { personalView, revealBody } from '../core/lists/list-contract.ts'
import { AppError } from '../errors.ts'
import { buyerRoutes } from './buyers/routes.ts'
import { offPlatformRoutes } from './create/own-routes.ts'
import { giftRoutes } from './gifts/routes.ts'
import type { SearchParts } from './list/order-list.ts'
import { personalOf } from './order/personal.ts'
import { memoInput } from './platform-changes/contract.ts'
import { writeMemo } from './platform-changes/memo.ts'
import { reviewRoutes } from './review/desk-routes.ts'
import { extraRefundRoutes } from './settle/extra-refund-routes.ts'
import { choiceRoutes } from './sourcing/choice-routes.ts'
import { splitRoutes } from './split/split-routes.ts'
import { orderDetail } from './view/contract.ts'
import { viewOrder } from './view/view.ts'
import { sealedPersonal } from './view/view-queries.ts'

type App = Parameters<Routes>[0]
const tags = ['orders']

export function orderRoutes(options: Omit<SearchParts, 'ring'> = {}): Routes {
  return async (app) => {
    drawerRoutes(app)
    memoRoute(app)
    await app.register(extraRefundRoutes)
    await app.register(reviewRoutes)
    await app.register(choiceRoutes({ ...options, ring: app.ring }))
    await app.register(giftRoutes({ ...options, ring: app.ring }))
    await app.register(offPlatformRoutes)
    await app.register(buyerRoutes)
    await app.register(splitRoutes)
  }
}

function drawerRoutes(app: App): void {
  const { db, ring, config } = app
  app.get(
    '/api/orders/:id',
    route('orders.read', 'One order', { tags, params: idParams, response: { 200: orderDetail } }, [
      'not_found',
    ]),
    async ({ params, actor, scope }) => (await viewOrder(db, params.id, { actor, scope })) ?? notFound(),
  )
  app.post(
    '/api/orders/:id/reveal',
    {
      ...route(
        'personal.reveal',
        "The buyer's personal data; leaves an audit row",
        { tags, params: idParams, body: revealBody, response: { 200: personalView } },
        revealErrors,
      ),
      preValidation: bodyless,
    },
    async ({ params, body, scope, actor, ip, id: requestId }) => {
      const sealed = await sealedPersonal(db, params.id, scope)
      if (!sealed?.personal) return notFound()
      const { shopId } = sealed
      const { nick, receiver } = personalOf(ring, shopId, sealed.personal)
      const entry = {
        actor,
        action: 'order.reveal',
        subject: { type: 'sales_order', id: params.id },
        shopId,
        request: { ip, id: requestId },
      }
      await noteReveal(db, config.reveals, entry, body.reason)
      return { ...receiver, nick }
    },
  )
}

function notFound(): never {
  throw new AppError('not_found', { what: { zh: '销售订单', en: 'Sales order' } })
}

function memoRoute(app: App): void {
  app.post(
    '/api/orders/:id/memo',
    route(
      'memo.write',
      "Write the seller's memo and flag, here and on the shop",
      { tags, params: idParams, body: memoInput, response: nothing },
      ['not_found', 'conflict', 'locked'],
    ),
    async ({ params, body, actor, scope }, reply) => {
      await app.db
        .transaction()
        .execute((tx) => writeMemo(tx, app.ring, { id: params.id, ...body }, { actor, scope }))
      return reply.code(204).send(null)
    },
  )
}
