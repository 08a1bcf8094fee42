import { type Routes, route } from '../../core/http/http.ts'
import { sheetBodyLimit } from '../../core/sheets/sheet-rows.ts'
import { importBins, saveBin } from './bins.ts'
import { binInput, binReport, binSheet, savedBin } from './contract.ts'

const tags = ['stock']

/** 库位 */
export const binRoutes: Routes = async (app) => {
  const { db } = app
  app.post(
    '/api/bins',
    route(
      'inventory.write',
      'Add a bin, or change the one with this code',
      { tags, body: binInput, response: { 200: savedBin } },
      ['not_found', 'conflict', 'duplicate'],
    ),
    ({ body, actor, scope }) => db.transaction().execute((tx) => saveBin(tx, body, { actor, scope })),
  )
  app.post(
    '/api/bins/import',
    {
      ...route(
        'inventory.write',
        'Add and change bins and their goods by a sheet',
        { tags, body: binSheet, response: { 200: binReport } },
        ['sheet_unreadable', 'sheet_too_large'],
      ),
      bodyLimit: sheetBodyLimit,
    },
    ({ body, actor, scope }) => importBins(db, Buffer.from(body.file, 'base64'), { actor, scope }),
  )
}
