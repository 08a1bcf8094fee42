import { type Routes, route } from '../../core/http/http.ts'
import { idsInput, outcomes } from '../../core/lists/list-contract.ts'
import { AppError } from '../../errors.ts'
import { orderRows } from '../view/view-queries.ts'
import { mergeOrders, mergeWithCandidates, unmergeOrders } from './merge.ts'
import { mergePage, mergeQuery } from './merge-contract.ts'
import { firstHash, mergeSuggestions } from './merge-suggest.ts'

const tags = ['orders']
const response = { 200: outcomes }

/** Orders that leave in one parcel. */
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
  app.post(
    '/api/orders/merge',
    route('orders.split', 'Let orders to one receiver leave in one parcel', {
      tags,
      body: idsInput,
      response,
    }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => mergeOrders(tx, body.ids, actor, scope)),
    }),
  )
  app.post(
    '/api/orders/merge-mates',
    route('orders.split', 'Merge orders with all open ones to the same receivers', {
      tags,
      body: idsInput,
      response,
    }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => mergeWithCandidates(tx, body.ids, actor, scope)),
    }),
  )
  app.post(
    '/api/orders/unmerge',
    route('orders.split', 'Take orders out of their parcels', { tags, body: idsInput, response }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => unmergeOrders(tx, body.ids, actor, scope)),
    }),
  )
}

function fromOf(after: string | undefined): number {
  if (after === undefined) return firstHash
  const from = Number(after)
  if (!/^-?\d{1,10}$/.test(after) || from < firstHash || from > 2 ** 31) throw new AppError('invalid_cursor')
  return from
}
