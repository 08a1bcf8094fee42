import type { Tx } from '../core/db/db.ts'
import { type Routes, route } from '../core/http/http.ts'
import { idParams, pageOnly } from '../core/http/http-contract.ts'
import { binRoutes } from './bins/bin-routes.ts'
import { putAwayRoutes } from './bins/put-away-routes.ts'
import {
  movementList,
  newWarehouse,
  reservationList,
  stockDetail,
  stockParams,
  warehouse,
  warehouseList,
  warehousePatch,
} from './contract.ts'
import type { OffShelf } from './counting/count.ts'
import { countRoutes } from './counting/count-routes.ts'
import { documentRoutes } from './documents/document-routes.ts'
import { movementsOf, type OrderNumbers, pairOf, reservationsOf, viewStock } from './view.ts'
import { changeWarehouse, createWarehouse, listWarehouses } from './warehouses.ts'

type App = Parameters<Routes>[0]

/** Copies a warehouse's changed steps to its parcels, in the transaction of the change. */
export type RenewShipSteps = (tx: Tx, warehouseId: string) => Promise<void>

/** Routes of 库存. `orderNumbers`, `renewShipSteps` and `offShelf` come from higher slices, which this slice may not import. */
export function inventoryRoutes(options: {
  orderNumbers: OrderNumbers
  renewShipSteps: RenewShipSteps
  offShelf: OffShelf
}): Routes {
  return async (app) => {
    warehouseRoutes(app, options.renewShipSteps)
    stockRoutes(app)
    bookRoutes(app, options.orderNumbers)
    await app.register(documentRoutes)
    await app.register(binRoutes)
    await app.register(putAwayRoutes)
    await app.register(countRoutes(options.offShelf))
  }
}

function warehouseRoutes(app: App, renewShipSteps: RenewShipSteps): void {
  const { db } = app
  const tags = ['warehouses']
  // Every signed-in user may read the names, since making returns, changing orders and granting scopes need them.
  app.get(
    '/api/warehouses',
    route('signed_in', 'Warehouses, the preferred one first', {
      tags,
      response: { 200: warehouseList },
    }),
    async ({ scope }) => ({ rows: await listWarehouses(db, scope), next: null }),
  )
  app.post(
    '/api/warehouses',
    route('inventory.write', 'Add a warehouse', { tags, body: newWarehouse, response: { 201: warehouse } }, [
      'duplicate',
      'outside_scope',
    ]),
    async (request, reply) => {
      const made = await db.transaction().execute((tx) => createWarehouse(tx, request.body, request))
      return reply.code(201).send(made)
    },
  )
  app.patch(
    '/api/warehouses/:id',
    route(
      'inventory.write',
      'Change or retire a warehouse',
      { tags, params: idParams, body: warehousePatch, response: { 200: warehouse } },
      ['duplicate', 'not_found'],
    ),
    (request) =>
      db.transaction().execute(async (tx) => {
        const { id } = request.params
        const changed = await changeWarehouse(tx, id, request.body, request)
        if (request.body.shipSteps) await renewShipSteps(tx, id)
        return changed
      }),
  )
}

function stockRoutes(app: App): void {
  const { db } = app
  const tags = ['stock']
  app.get(
    '/api/stock/:id',
    route(
      'inventory.read',
      'One SKU in one warehouse, and in the others',
      { tags, params: stockParams, response: { 200: stockDetail } },
      ['not_found'],
    ),
    ({ params, scope }) => viewStock(db, pairOf(params.id), scope),
  )
}

function bookRoutes(app: App, orderNumbers: OrderNumbers): void {
  const { db } = app
  const tags = ['stock']
  app.get(
    '/api/stock/:id/movements',
    route('inventory.read', 'What came and went, the latest first', {
      tags,
      params: stockParams,
      querystring: pageOnly,
      response: { 200: movementList },
    }),
    ({ params, query: { after, limit = 50 }, scope }) =>
      movementsOf(db, pairOf(params.id), { after, limit }, { orderNumbers, scope }),
  )
  app.get(
    '/api/stock/:id/reservations',
    route('inventory.read', 'Which orders hold it, and which wait for it', {
      tags,
      params: stockParams,
      querystring: pageOnly,
      response: { 200: reservationList },
    }),
    ({ params, query: { after, limit = 50 }, scope }) =>
      reservationsOf(db, pairOf(params.id), { after, limit }, { orderNumbers, scope }),
  )
}
