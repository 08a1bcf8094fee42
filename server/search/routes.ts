import { findSkus } from '../catalog/find.ts'
import type { Scope } from '../core/access/actor.ts'
import { type Routes, route } from '../core/http/http.ts'
import { findDeliveries, findOrdersOfWaybill } from '../fulfilment/find.ts'
import { findRefunds, findTrades } from '../intake/find.ts'
import { mapConcurrent } from '../lib/few-at-a-time.ts'
import { findOrders } from '../orders/view/find.ts'
import { findParcels, findReturns } from '../returns/find.ts'
import type { Permission } from '../users/permissions.ts'
import { type Found, foundList, searchQuery } from './contract.ts'
import { lookUp } from './look-up.ts'
import { foundByCode, lookUpQuery } from './look-up-contract.ts'

type App = Parameters<Routes>[0]
type Row = Omit<Found, 'kind'>

export const searchRoutes: Routes = async (app) => {
  app.get(
    '/api/look-up',
    route('signed_in', 'What a scanned code is: goods, a bin, a parcel or an order', {
      querystring: lookUpQuery,
      response: { 200: foundByCode },
    }),
    ({ query, scope, permissions }) => lookUp(app.db, query.code, { scope, permissions }),
  )
  app.get(
    '/api/search',
    route('signed_in', 'Documents by number, waybill, phone, name or goods', {
      querystring: searchQuery,
      response: { 200: foundList },
    }),
    async ({ query: { q, shop }, scope, permissions }) => {
      const parts = { ring: app.ring, text: q.trim(), shop: shop || undefined, scope }
      const may = (permission: Permission, found: () => Promise<Row[]>) =>
        permissions.has(permission) ? found() : Promise.resolve([])
      const of = (permission: Permission, find: (db: App['db'], asked: typeof parts) => Promise<Row[]>) =>
        may(permission, () => find(app.db, parts))
      const finds = [
        () => of('orders.read', findOrders),
        () => of('orders.read', findOrdersOfWaybill),
        () => of('fulfilment.read', findDeliveries),
        () => of('trades.read', findTrades),
        () => of('refunds.read', findRefunds),
        () => of('returns.read', findReturns),
        () => of('returns.read', findParcels),
        () => may('catalog.read', () => skusNamed(app.db, parts)),
      ]
      const found = await mapConcurrent(finds, (find) => find())
      const [
        orders = [],
        sent = [],
        deliveries = [],
        trades = [],
        refunds = [],
        returns = [],
        parcels = [],
        skus = [],
      ] = found
      const known = new Set(orders.map(({ id }) => id))
      return {
        rows: [
          ...named('order', [...orders, ...sent.filter(({ id }) => !known.has(id))]),
          ...named('delivery', deliveries),
          ...named('trade', trades),
          ...named('refund', refunds),
          ...named('return', returns),
          ...named('parcel', parcels),
          ...named('sku', skus),
        ],
      }
    },
  )
}

async function skusNamed(db: App['db'], { text, scope }: { text: string; scope: Scope }): Promise<Row[]> {
  const skus = await findSkus(db, { text, scope, retired: true, limit: 6 })
  return skus.map(({ id, code, name, spec }) => ({
    id,
    no: code,
    text: [name, spec].filter(Boolean).join(' · '),
  }))
}

function named(kind: Found['kind'], rows: readonly Row[]): Found[] {
  return rows.map((row) => ({ kind, ...row }))
}
