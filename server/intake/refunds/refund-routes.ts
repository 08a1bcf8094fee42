import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { countExactly, countRows, listIds } from '../../core/lists/list.ts'
import { exactCount, tabCounts } from '../../core/lists/list-contract.ts'
import { AppError } from '../../errors.ts'
import type { CallDeps } from '../../shops/calls.ts'
import {
  accepted,
  agreeInput,
  refundDetail,
  refundFilter,
  refundList,
  refundListQuery,
  refundTabs,
  refuseInput,
  refuseReasons,
} from '../contract.ts'
import { refundRows } from '../staged/refund-view-queries.ts'
import { type Answers, agreeRefunds, notFound, refuseRefunds } from './refund-actions.ts'
import { refundQuery, refundTable } from './refund-list.ts'
import { readRefuseReasons, viewRefund } from './refund-view.ts'

export const refundRoutes =
  (calls: Omit<CallDeps, 'db' | 'ring'>): Routes =>
  async (app) => {
    readRoutes(app)
    answerRoutes(app, { ...calls, db: app.db, ring: app.ring })
  }

type App = Parameters<Routes>[0]

function readRoutes(app: App): void {
  const { db, ring } = app

  app.get(
    '/api/staged-refunds',
    route('refunds.read', 'Staged refunds and refund history', {
      querystring: refundListQuery,
      response: { 200: refundList },
    }),
    async ({ query, scope }) => {
      const { sort, after, limit = 50, ...filter } = query
      const page = await listIds(db, refundTable, refundQuery(ring, filter, { scope, sort }), {
        limit,
        after,
      })
      return { rows: await refundRows(db, page.ids), next: page.next }
    },
  )
  app.get(
    '/api/staged-refunds/counts',
    route('refunds.read', 'How many stand in each tab, capped', {
      querystring: refundFilter,
      response: { 200: tabCounts },
    }),
    async ({ query, scope }) => {
      const counts = await Promise.all(
        refundTabs.map(
          async (tab) =>
            [
              tab,
              await countRows(
                db,
                refundTable,
                refundQuery(ring, { ...query, tab }, { scope, sort: undefined }),
              ),
            ] as const,
        ),
      )
      return { tabs: Object.fromEntries(counts) }
    },
  )
  app.get(
    '/api/staged-refunds/count',
    route('refunds.read', 'Exactly how many match', {
      querystring: refundFilter,
      response: { 200: exactCount },
    }),
    async ({ query, scope }) => ({
      count: await countExactly(db, refundTable, refundQuery(ring, query, { scope, sort: undefined })),
    }),
  )
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
        'goods_first',
        'amount_differs',
        'unsupported_by_platform',
      ],
    ),
    async ({ params, body, actor, scope }, reply) => {
      const seen = { id: params.id, version: body.version, amountFen: body.amountFen }
      await db.transaction().execute(async (tx) => {
        must(
          (await agreeRefunds(tx, ring, { seen: [seen], request: body }, { actor, scope })).answers,
          params.id,
        )
      })
      return reply.code(202).send({ accepted: true })
    },
  )
}

/** Throws the refusal of a request that concerns one refund. */
function must(answers: Answers, id: string): void {
  const answer = answers.get(id)
  if (!answer) throw notFound()
  if (!answer.done) throw answer.error
}
