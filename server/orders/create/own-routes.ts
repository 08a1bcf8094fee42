import { type Routes, route } from '../../core/http/http.ts'
import { idParams, pageOnly } from '../../core/http/http-contract.ts'
import { idsInput, outcomes } from '../../core/lists/list-contract.ts'
import { sheetBodyLimit } from '../../core/sheets/sheet-rows.ts'
import { AppError } from '../../errors.ts'
import { planShipping } from '../holds/ship-after.ts'
import { blacklistBuyers, blacklistPage as readBlacklist, removeFromBlacklist } from '../review/blacklist.ts'
import { buyerHistory } from '../view/history.ts'
import { copyOrders } from './copy.ts'
import { createOrders } from './create.ts'
import { importOrders } from './import-orders.ts'
import { shipAfterOf } from './input.ts'
import {
  blacklistInput,
  blacklistPage,
  blacklistQuery,
  copyInput,
  createAnswer,
  createInput,
  historyPage,
  orderReport,
  orderSheetInput,
  shipAfterInput,
} from './own-contract.ts'
import { bookPayment } from './pay.ts'

type App = Parameters<Routes>[0]
const tags = ['orders']
const response = { 200: outcomes }

/** Orders that people make themselves, and what the desk knows of their buyers. */
export const offPlatformRoutes: Routes = async (app) => {
  makingRoutes(app)
  changingRoutes(app)
  buyerRoutes(app)
}

function makingRoutes(app: App): void {
  const { db, ring } = app
  app.post(
    '/api/orders',
    route('orders.create', 'Make orders that no trade stands behind', {
      tags,
      body: createInput,
      response: { 200: createAnswer },
    }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => createOrders(tx, ring, body.orders, actor, scope)),
    }),
  )
  app.post(
    '/api/orders/import',
    {
      ...route(
        'orders.create',
        'Make orders from a sheet',
        { tags, body: orderSheetInput, response: { 200: orderReport } },
        ['sheet_unreadable', 'sheet_too_large'],
      ),
      bodyLimit: sheetBodyLimit,
    },
    ({ body, actor, scope }) => importOrders(db, ring, Buffer.from(body.file, 'base64'), actor, scope),
  )
  app.post(
    '/api/orders/copy',
    route('orders.create', 'Copy orders, or send them once more', {
      tags,
      body: copyInput,
      response: { 200: createAnswer },
    }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => copyOrders(tx, ring, body.copies, actor, scope)),
    }),
  )
}

function changingRoutes(app: App): void {
  const { db } = app
  app.post(
    '/api/orders/book-payment',
    route('orders.create', 'Book that own orders are paid', { tags, body: idsInput, response }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => bookPayment(tx, body.ids, actor, scope)),
    }),
  )
  app.post(
    '/api/orders/ship-after',
    route('orders.edit', 'Plan when presale orders may leave', { tags, body: shipAfterInput, response }),
    async ({ body, actor, scope }) => ({
      results: await db
        .transaction()
        .execute((tx) => planShipping(tx, body.ids, shipAfterOf(body), actor, scope)),
    }),
  )
}

function buyerRoutes(app: App): void {
  const { db, ring } = app
  app.get(
    '/api/orders/:id/history',
    route(
      'orders.read',
      'Other orders of the same buyer',
      {
        tags,
        params: idParams,
        querystring: pageOnly,
        response: { 200: historyPage },
      },
      ['not_found'],
    ),
    async ({ params, query, scope }) => {
      const page = { id: params.id, after: idAfter(query.after), limit: query.limit ?? 50 }
      const found = await buyerHistory(db, ring, page, scope)
      if (!found) throw new AppError('not_found', { what: { zh: '销售订单', en: 'Sales order' } })
      return found
    },
  )
  app.get(
    '/api/blacklist',
    route('orders.read', 'Blacklisted buyers', {
      tags,
      querystring: blacklistQuery,
      response: { 200: blacklistPage },
    }),
    ({ query, scope }) => readBlacklist(db, { after: idAfter(query.after), limit: query.limit ?? 50 }, scope),
  )
  app.post(
    '/api/orders/blacklist',
    route('orders.blacklist', 'Blacklist the buyers of orders', { tags, body: blacklistInput, response }),
    async ({ body: { ids, by, reason, until }, actor, scope }) => ({
      results: await db
        .transaction()
        .execute((tx) =>
          blacklistBuyers(
            tx,
            ring,
            ids,
            { by, reason, until: until ? new Date(until) : null },
            { actor, scope },
          ),
        ),
    }),
  )
  app.post(
    '/api/blacklist/remove',
    route('orders.blacklist', 'Take entries off the blacklist', { tags, body: idsInput, response }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => removeFromBlacklist(tx, body.ids, actor, scope)),
    }),
  )
}

function idAfter(after: string | undefined): string | undefined {
  if (after !== undefined && !/^[1-9]\d{0,17}$/.test(after)) throw new AppError('invalid_cursor')
  return after
}
