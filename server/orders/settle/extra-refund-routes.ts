import { type Routes, route } from '../../core/http/http.ts'
import { extraRefundAnswer, extraRefundInput } from './contract.ts'
import { createExtraRefund } from './extra-refunds.ts'

export const extraRefundRoutes: Routes = async (app) => {
  app.post(
    '/api/extra-refunds',
    route('refunds.extra', 'Book an extra refund on an order', {
      tags: ['extra refunds'],
      body: extraRefundInput,
      response: { 200: extraRefundAnswer },
    }),
    ({ body, actor, scope }) =>
      app.db.transaction().execute((tx) => createExtraRefund(tx, body, { actor, scope })),
  )
}
