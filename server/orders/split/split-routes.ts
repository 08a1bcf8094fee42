import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { AppError } from '../../errors.ts'
import { splitOrders } from './split.ts'
import { splitPlan } from './split-by.ts'
import { howOf, splitAnswer, splitInput, splitPlanAnswer, splitPlanInput } from './split-contract.ts'

const tags = ['orders']

export const splitRoutes: Routes = async (app) => {
  const { db } = app
  app.post(
    '/api/orders/split',
    route('orders.split', 'Split orders by hand', { tags, body: splitInput, response: { 200: splitAnswer } }),
    async ({ body, actor, scope }) => {
      const wishes = body.splits.map(({ parts, shipAfter: stays, ...split }) => ({
        ...split,
        shipAfter: dayOf(stays),
        cause: 'hand',
        parts: parts.map(({ shipAfter, ...part }) => ({
          ...part,
          ...(shipAfter ? { shipAfter: new Date(shipAfter) } : {}),
        })),
      }))
      return { results: await db.transaction().execute((tx) => splitOrders(tx, wishes, { actor, scope })) }
    },
  )
  app.post(
    '/api/orders/:id/split-plan',
    route(
      'orders.read',
      'How an order would be split',
      { tags, params: idParams, body: splitPlanInput, response: { 200: splitPlanAnswer } },
      ['not_found'],
    ),
    async ({ params, body, scope }) => {
      const plan = await splitPlan(db, params.id, howOf(body.how), scope)
      if (!plan) throw new AppError('not_found', { what: { zh: '销售订单', en: 'Sales order' } })
      return {
        ...plan,
        parts: plan.parts.map(({ lines, warehouseId, shipAfter }) => ({
          lines: [...lines],
          ...(warehouseId ? { warehouseId } : {}),
          ...(shipAfter ? { shipAfter } : {}),
        })),
      }
    },
  )
}

function dayOf(text: string | null | undefined): Date | null | undefined {
  return typeof text === 'string' ? new Date(text) : text
}
