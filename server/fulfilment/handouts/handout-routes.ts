import { Readable } from 'node:stream'
import type { Connector } from '../../connectors/connector.ts'
import type { Scope } from '../../core/access/actor.ts'
import { type Routes, route } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { xlsx, xlsxHeaders } from '../../lib/files/xlsx-out.ts'
import { readShopOfSheets } from '../../shops/shops.ts'
import { handoutInput, handoutList, handoutMade } from './contract.ts'
import { handOut, handoutSheet, handoutsOf } from './handouts.ts'

const tags = ['fulfilment']
const errors = ['not_found', 'unsupported_by_platform'] as const

/** 发货表: the parcels of a spreadsheet shop leave in sheets, each parcel in one. */
export function handoutRoutes(connectors: readonly Connector[]): Routes {
  return async (app) => {
    const { db } = app
    const why = { zh: '发货直接回写到它那里', en: 'parcels are written back to it' }
    const shopOf = (shopId: string, scope: Scope) => readShopOfSheets(db, connectors, { shopId, why }, scope)
    app.get(
      '/api/shops/:id/handouts',
      route(
        'trades.import',
        'Sheets of parcels of a spreadsheet shop',
        { tags, params: idParams, response: { 200: handoutList } },
        errors,
      ),
      async ({ params: { id }, scope }) => handoutsOf(db, (await shopOf(id, scope)).id, scope),
    )
    app.post(
      '/api/shops/:id/handouts',
      route(
        'trades.import',
        'Make a sheet of the parcels that are in none',
        { tags, params: idParams, body: handoutInput, response: { 200: handoutMade } },
        errors,
      ),
      async ({ params: { id }, body, scope, actor, ip, id: requestId }) => {
        const shop = await shopOf(id, scope)
        const wanted = { shopId: shop.id, columns: body.columns }
        return db
          .transaction()
          .execute((tx) => handOut(tx, wanted, { actor, scope, request: { ip, id: requestId } }))
      },
    )
    app.get(
      '/api/handouts/:id/sheet',
      {
        ...route('trades.import', 'A sheet of parcels as XLSX, also again', { tags, params: idParams }, [
          'not_found',
        ]),
        exposeHeadRoute: false,
      },
      async ({ params: { id }, scope }, reply) => {
        const { shop, columns, rows, createdAt } = await handoutSheet(db, id, scope)
        return reply
          .headers(xlsxHeaders(`${shop} 发货表`, `parcels-${id}`, createdAt))
          .send(Readable.from(xlsx('发货表', columns, partsOf(rows)), { objectMode: false }))
      },
    )
  }
}

async function* partsOf<Part>(part: Part): AsyncGenerator<Part> {
  yield part
}
