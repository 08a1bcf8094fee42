import type { Scope } from '../core/access/actor.ts'
import { inScope } from '../core/access/scope.ts'
import { type Database, num } from '../core/db/db.ts'
import { type Routes, route } from '../core/http/http.ts'
import { idParams } from '../core/http/http-contract.ts'
import { sheetBodyLimit } from '../core/sheets/sheet-rows.ts'
import { AppError } from '../errors.ts'
import { dayMs } from '../lib/time.ts'
import {
  type BillTradeDetail,
  billDayCauses,
  billDayQuery,
  billDays,
  billDaysQuery,
  billImportInput,
  billReport,
  billTradeDetail,
} from './recon-contract.ts'
import { importBill } from './recon-import.ts'
import { billDayRows, dayCauses, dayTypes, linesOfTrade, oneBillTrade } from './recon-rows.ts'
import { settlementRows } from './settlement-rows.ts'

type App = Parameters<Routes>[0]
const tags = ['finance']

export const reconRoutes: Routes = async (app) => {
  oneRoute(app)
  dayRoutes(app)
  verbRoutes(app)
}

function oneRoute(app: App): void {
  const { db } = app
  app.get(
    '/api/bill-trades/:id',
    route(
      'finance.read',
      "One trade: the platform's lines beside our settlements",
      { tags, params: idParams, response: { 200: billTradeDetail } },
      ['not_found'],
    ),
    ({ params, scope }) => viewTrade(db, params.id, scope),
  )
}

async function viewTrade(db: Database, id: string, scope: Scope): Promise<BillTradeDetail> {
  const found = await oneBillTrade(db, id, scope)
  if (!found) throw new AppError('not_found', { what: { zh: '这笔', en: 'It' } })
  const { settlementIds, ...trade } = found
  return {
    ...trade,
    lines: await linesOfTrade(db, trade),
    settlements: await settlementRows(db, settlementIds),
  }
}

/** A request may cover at most this many days, because the settlements of every day are read. */
const daysMax = 31

function dayRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/bill-days',
    route('finance.read', 'Both sides by shop and day, at most 31 days', {
      tags,
      querystring: billDaysQuery,
      response: { 200: billDays },
    }),
    async ({ query: { shop, from, to }, scope }) => {
      const days = (startOf(to) - startOf(from)) / dayMs + 1
      if (days < 1 || days > daysMax) throw new AppError('invalid_input', { detail: 'to' }, 'to')
      return { rows: await billDayRows(db, { shops: shop?.split(',') ?? null, from, to }, scope) }
    },
  )
  app.get(
    '/api/bill-days/causes',
    route(
      'finance.read',
      "Where a day's difference comes from",
      { tags, querystring: billDayQuery, response: { 200: billDayCauses } },
      ['not_found'],
    ),
    async ({ query: { shop, day }, scope }) => {
      if (!inScope(scope, shop)) throw new AppError('not_found', { what: { zh: '店铺', en: 'Shop' } })
      const [causes, types] = [await dayCauses(db, shop, day), await dayTypes(db, shop, day)]
      return {
        causes: causes.map((row) => ({ ...row, billFen: num(row.billFen), ownFen: num(row.ownFen) })),
        types: types.map((row) => ({ ...row, amountFen: num(row.amountFen) })),
      }
    },
  )
}

const startOf = (day: string) => Date.parse(`${day}T00:00:00Z`)

function verbRoutes(app: App): void {
  const { db } = app
  app.post(
    '/api/bills/import',
    {
      ...route(
        'finance.reconcile',
        "Import a shop's bill",
        { tags, body: billImportInput, response: { 200: billReport } },
        ['sheet_unreadable', 'sheet_too_large', 'not_found'],
      ),
      bodyLimit: sheetBodyLimit,
    },
    ({ body: { shopId, file }, actor, scope, ip, id }) =>
      importBill(db, { shopId, bytes: Buffer.from(file, 'base64') }, { actor, scope, request: { ip, id } }),
  )
}
