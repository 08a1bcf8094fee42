import { type Routes, route } from '../../core/http/http.ts'
import { AppError } from '../../errors.ts'
import { orderRows } from '../view/view-queries.ts'
import { mergePage, mergeQuery } from './merge-contract.ts'
import { firstHash, mergeSuggestions } from './merge-suggest.ts'

const tags = ['orders']

export const mergeRoutes: Routes = async (app) => {
  const { db } = app
  app.get(
    '/api/order-merges',
    route('orders.read', 'Receivers to whom several open orders go', {
      tags,
      querystring: mergeQuery,
      response: { 200: mergePage },
    }),
    async ({ query, scope }) => {
      const page = { from: fromOf(query.after), limit: query.limit ?? 50, tab: query.tab ?? 'all' }
      const { rows, next } = await mergeSuggestions(db, page, scope)
      const cards = new Map(
        (
          await orderRows(
            db,
            rows.flatMap(({ members }) => members.map(({ id }) => id)),
          )
        ).map((row) => [row.id, row]),
      )
      return {
        rows: rows.map(({ members }) => ({
          id: members[0]?.id ?? '',
          orders: members.flatMap(({ id, why }) => {
            const order = cards.get(id)
            return order ? [{ order, why }] : []
          }),
        })),
        next: next === null ? null : String(next),
      }
    },
  )
}

function fromOf(after: string | undefined): number {
  if (after === undefined) return firstHash
  const from = Number(after)
  if (!/^-?\d{1,10}$/.test(after) || from < firstHash || from > 2 ** 31) throw new AppError('invalid_cursor')
  return from
}
