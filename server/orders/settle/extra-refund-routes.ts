import { type Routes, route } from '../../core/http/http.ts'
import { tabCounts } from '../../core/lists/list-contract.ts'
import { capped, countCap } from '../../core/lists/list-table.ts'
import { AppError } from '../../errors.ts'
import { extraRefundCounts, extraRefundPage } from '../../finance/extra-refunds.ts'
import { extraRefundStatuses } from '../../finance/lifecycle.ts'
import {
  extraRefundAnswer,
  extraRefundFilter,
  extraRefundInput,
  extraRefundList,
  extraRefundListQuery,
} from './contract.ts'
import { createExtraRefund } from './extra-refunds.ts'
import { extraRefundFilterOf } from './input.ts'

const tags = ['extra refunds']

export const extraRefundRoutes: Routes = async (app) => {
  const { db } = app
  app.get(
    '/api/extra-refunds',
    route('refunds.read', 'Extra refunds, newest first', {
      tags,
      querystring: extraRefundListQuery,
      response: { 200: extraRefundList },
    }),
    async ({ query, scope }) => {
      const { after, limit = 50, ...filter } = query
      if (after !== undefined && !/^[1-9]\d{0,17}$/.test(after))
        throw new AppError('invalid_cursor', {}, 'after')
      const page = { after, limit: limit + 1 }
      const found = await extraRefundPage(db, extraRefundFilterOf(filter), scope, page)
      const rows = found.slice(0, limit)
      return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null }
    },
  )
  app.get(
    '/api/extra-refunds/counts',
    route('refunds.read', 'How many, by status', {
      tags,
      querystring: extraRefundFilter,
      response: { 200: tabCounts },
    }),
    async ({ query, scope }) => {
      const counts = await extraRefundCounts(db, extraRefundFilterOf(query), scope, countCap)
      const tabs = extraRefundStatuses.map((status) => {
        const count = counts.get(status) ?? 0
        return [status, capped(count)] as const
      })
      return { tabs: Object.fromEntries(tabs) }
    },
  )
  app.post(
    '/api/extra-refunds',
    route('refunds.extra', 'Book an extra refund on an order', {
      tags,
      body: extraRefundInput,
      response: { 200: extraRefundAnswer },
    }),
    ({ body, actor, scope }) =>
      db.transaction().execute((tx) => createExtraRefund(tx, body, { actor, scope })),
  )
}
