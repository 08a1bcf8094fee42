import { withPlans } from '../../core/db/db.ts'
import { type Routes, route } from '../../core/http/http.ts'
import type { Leaving } from '../shipping/import.ts'
import {
  asideInput,
  recountInput,
  scanInput,
  stationAnswer,
  stationNow,
  stationQuery,
  weighInput,
} from './contract.ts'
import { recount, scan, setAside, weigh } from './station.ts'
import { nowAt } from './station-now.ts'

const tags = ['stations']
const answers = { tags, response: { 200: stationAnswer } }

/** 验货台: the scans, weighings and keys of a station. */
export function stationRoutes(leaving: Leaving): Routes {
  return async (app) => {
    const deps = { db: withPlans(app.db), leaving }
    app.get(
      '/api/stations/now',
      route('fulfilment.ship', 'The parcel on a station, and what each person did today', {
        tags,
        querystring: stationQuery,
        response: { 200: stationNow },
      }),
      ({ query: { station }, actor, scope }) => nowAt(app.db, station, { actor, scope }),
    )
    app.post(
      '/api/stations/scan',
      route('fulfilment.ship', 'Scan a waybill, a basket or goods; the last piece ships the parcel', {
        ...answers,
        body: scanInput,
      }),
      ({ body, actor, scope }) => scan(deps, body, { actor, scope }),
    )
    app.post(
      '/api/stations/weigh',
      route('fulfilment.ship', 'Weigh the parcel on a station', { ...answers, body: weighInput }),
      ({ body, actor, scope }) => weigh(deps, body, { actor, scope }),
    )
    app.post(
      '/api/stations/aside',
      route('fulfilment.ship', 'Take the parcel off a station, unshipped', { ...answers, body: asideInput }),
      ({ body, actor, scope }) => setAside(deps, body, { actor, scope }),
    )
    app.post(
      '/api/stations/recount',
      route('fulfilment.ship', 'Count the parcel on a station from the beginning', {
        ...answers,
        body: recountInput,
      }),
      ({ body, actor, scope }) => recount(deps, body, { actor, scope }),
    )
  }
}
