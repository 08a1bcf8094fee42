import { type Routes, route } from '../../core/http/http.ts'
import { sheetBodyLimit } from '../../core/sheets/sheet-rows.ts'
import { copyOrders } from './copy.ts'
import { createOrders } from './create.ts'
import { importOrders } from './import-orders.ts'
import { copyInput, createAnswer, createInput, orderReport, orderSheetInput } from './own-contract.ts'

type App = Parameters<Routes>[0]
const tags = ['orders']

export const offPlatformRoutes: Routes = async (app) => {
  makingRoutes(app)
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
      results: await db.transaction().execute((tx) => createOrders(tx, ring, body.orders, { actor, scope })),
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
    ({ body, actor, scope }) => importOrders(db, ring, Buffer.from(body.file, 'base64'), { actor, scope }),
  )
  app.post(
    '/api/orders/copy',
    route('orders.create', 'Copy orders, or send them once more', {
      tags,
      body: copyInput,
      response: { 200: createAnswer },
    }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => copyOrders(tx, ring, body.copies, { actor, scope })),
    }),
  )
}
