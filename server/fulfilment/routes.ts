import { type Routes, route } from '../core/http/http.ts'
import { sheetBodyLimit } from '../core/sheets/sheet-rows.ts'
import { AppError } from '../errors.ts'
import type { CallDeps } from '../shops/calls.ts'
import { courierList, waybillReport, waybillSheet } from './contract.ts'
import { deskRoutes } from './desk/desk-routes.ts'
import { handoutRoutes } from './handouts/handout-routes.ts'
import { aftersaleRoutes } from './intercepts/aftersale-routes.ts'
import { deliveries } from './lists.ts'
import { paperRoutes } from './papers/paper-routes.ts'
import { printRoutes } from './printing/print-routes.ts'
import { allCouriers } from './queries.ts'
import { importWaybills, type Leaving, type WaybillSource } from './shipping/import.ts'
import { stationRoutes } from './stations/station-routes.ts'
import { trackRoutes } from './tracking/news-routes.ts'
import { waveRoutes } from './waves/wave-routes.ts'
import { accountRoutes } from './waybills/account-routes.ts'
import { waybillRuleRoutes } from './waybills/rule-routes.ts'

type App = Parameters<Routes>[0]
const tags = ['fulfilment']

export function fulfilmentRoutes(leaving: Leaving, calls: Omit<CallDeps, 'db' | 'ring'>): Routes {
  return async (app) => {
    courierRoutes(app)
    waybillRoutes(app, leaving)
    await app.register(aftersaleRoutes)
    await app.register(accountRoutes(calls))
    await app.register(waybillRuleRoutes)
    await app.register(paperRoutes(calls))
    await app.register(printRoutes(calls))
    await app.register(deskRoutes(deliveries))
    await app.register(stationRoutes(leaving))
    await app.register(waveRoutes)
    await app.register(trackRoutes(calls))
    await app.register(handoutRoutes(calls.connectors))
  }
}

function courierRoutes(app: App): void {
  app.get(
    '/api/couriers',
    route('signed_in', 'The couriers that goods are sent with', {
      tags,
      response: { 200: courierList },
    }),
    async () => ({ rows: await allCouriers(app.db) }),
  )
}

function waybillRoutes(app: App, leaving: Leaving): void {
  const { db } = app
  app.post(
    '/api/deliveries/import',
    {
      ...route(
        'fulfilment.ship',
        'Waybills from a paste or a sheet, and shipping if asked',
        { tags, body: waybillSheet, response: { 200: waybillReport } },
        ['sheet_unreadable', 'sheet_too_large'],
      ),
      bodyLimit: sheetBodyLimit,
    },
    ({ body: { text, file, ship = false, keepChosen = false }, actor, scope }) => {
      const source = { ...sourceOf(text, file), keepChosen }
      return importWaybills(db, source, ship ? leaving : undefined, { actor, scope })
    },
  )
}

function sourceOf(text: string | undefined, file: string | undefined): WaybillSource {
  if (file !== undefined) return { file: Buffer.from(file, 'base64') }
  if (text !== undefined) return { text }
  throw new AppError('invalid_input', { detail: { zh: '没有内容', en: 'nothing was given' } }, 'text')
}
