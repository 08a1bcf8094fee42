import type { Connector } from '../../connectors/connector.ts'
import type { Scope } from '../../core/access/actor.ts'
import { type Routes, route, secret } from '../../core/http/http.ts'
import { idParams } from '../../core/http/http-contract.ts'
import { sheetBodyLimit } from '../../core/sheets/sheet-rows.ts'
import { readShopOfSheets } from '../../shops/shops.ts'
import { sheetInput, tradeSheetPreview, tradeSheetReport } from './contract.ts'
import { importTrades, previewTrades } from './import-trades.ts'

const errors = ['not_found', 'unsupported_by_platform', 'sheet_unreadable', 'sheet_too_large'] as const

/** 表格店铺: a user looks at a sheet of trades, and imports it. Nothing of the request is kept, because sheets are of buyers. */
export function sheetRoutes(connectors: readonly Connector[]): Routes {
  return async (app) => {
    const { db, ring } = app
    const why = { zh: '它的交易不是用表格导入的', en: 'its trades do not come from sheets' }
    const shopOf = (shopId: string, scope: Scope) => readShopOfSheets(db, connectors, { shopId, why }, scope)
    const input = { params: idParams, body: sheetInput }
    app.post(
      '/api/shops/:id/trade-sheet/preview',
      {
        ...secret(
          route(
            'trades.import',
            'Show what a sheet of trades would change, and change nothing',
            { ...input, response: { 200: tradeSheetPreview } },
            errors,
          ),
        ),
        bodyLimit: sheetBodyLimit,
      },
      async ({ params: { id }, body, scope }) =>
        previewTrades(
          { db, ring },
          { shop: await shopOf(id, scope), bytes: Buffer.from(body.file, 'base64'), columns: body.columns },
        ),
    )
    app.post(
      '/api/shops/:id/trade-sheet/import',
      {
        ...secret(
          route(
            'trades.import',
            'Stage the trades of a sheet',
            { ...input, response: { 200: tradeSheetReport } },
            errors,
          ),
        ),
        bodyLimit: sheetBodyLimit,
      },
      async ({ params: { id }, body, scope, actor, ip, id: requestId }) =>
        importTrades(
          { db, ring },
          { shop: await shopOf(id, scope), bytes: Buffer.from(body.file, 'base64'), columns: body.columns },
          { actor, scope, request: { ip, id: requestId } },
        ),
    )
  }
}
