import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { AppError } from '../../errors.ts'
import type { CallDeps } from '../../shops/calls.ts'
import { accepted, agreeInput, refundDetail, refuseInput, refuseReasons } from '../contract.ts'
import { agreeRefunds, notFound, refuseRefunds, type Sent } from './refund-actions.ts'
import { readRefuseReasons, viewRefund } from './refund-view.ts'

export const refundRoutes =
  (calls: Omit<CallDeps, 'db' | 'ring'>): Routes =>
  async (app) => {
    readRoutes(app)
    answerRoutes(app, { ...calls, db: app.db, ring: app.ring })
  }

type App = Parameters<Routes>[0]

function readRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/staged-refunds/:id',
    route(
      'refunds.read',
      'One refund: its original, what converting does, what is allowed',
      { params: idParams, response: { 200: refundDetail } },
      ['not_found'],
    ),
    async ({ params, scope }) => {
      const refund = await viewRefund(db, params.id, scope)
      if (!refund) throw new AppError('not_found', { what: { zh: '退单', en: 'Refund' } })
      return refund
    },
  )
}

function answerRoutes(app: App, calls: CallDeps): void {
  const { db, ring } = app
  app.get(
    '/api/staged-refunds/:id/refuse-reasons',
    route(
      'refunds.refuse',
      'Why a refund may be refused, by the platform',
      { params: idParams, response: { 200: refuseReasons } },
      ['not_found', 'reauthorise'],
    ),
    ({ params, scope }) => readRefuseReasons(calls, params.id, scope),
  )
  app.post(
    '/api/staged-refunds/:id/refuse',
    route(
      'refunds.refuse',
      'Refuse, and write it back to the shop',
      { params: idParams, body: refuseInput, response: { 202: accepted } },
      [
        'not_found',
        'conflict',
        'refund_not_open',
        'being_answered',
        'proof_needed',
        'proof_too_large',
        'proof_invalid',
        'unsupported_by_platform',
      ],
    ),
    async ({ params, body, actor, scope }, reply) => {
      const { version, ...wish } = body
      const seen = { id: params.id, version, amountFen: 0 }
      await db.transaction().execute(async (tx) => {
        must(await refuseRefunds(tx, ring, { seen: [seen], request: wish }, { actor, scope }), params.id)
      })
      return reply.code(202).send({ accepted: true })
    },
  )
  app.post(
    '/api/staged-refunds/:id/agree',
    route(
      'refunds.agree',
      'Agree: moves money on the platform',
      { params: idParams, body: agreeInput, response: { 202: accepted } },
      [
        'not_found',
        'conflict',
        'refund_not_open',
        'being_answered',
        'already_agreed',
        'goods_first',
        'pays_nothing',
        'paid_there',
        'amount_differs',
        'unsupported_by_platform',
      ],
    ),
    async ({ params, body, actor, scope }, reply) => {
      const seen = { id: params.id, version: body.version, amountFen: body.amountFen }
      await db.transaction().execute(async (tx) => {
        must(await agreeRefunds(tx, ring, { seen: [seen], request: body }, { actor, scope }), params.id)
      })
      return reply.code(202).send({ accepted: true })
    },
  )
}

/** Throws the refusal of a request that concerns one refund. */
function must({ answers }: Sent, id: string): void {
  const answer = answers.get(id)
  if (!answer) throw notFound()
  if (!answer.done) throw answer.error
}
