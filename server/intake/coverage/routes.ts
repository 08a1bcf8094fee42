import { type Routes, route } from '../../core/http/http.ts'
import { remember } from '../../core/http/remember.ts'
import { sharedNow } from '../../lib/clock.ts'
import { coverageAnswer, coverageQuery } from './contract.ts'
import { presentCoverage, streamStates, sumsOfToday } from './coverage.ts'
import { waitsOf } from './coverage-queries.ts'

/** The milliseconds for which figures are cached. The sums of the day cost more than the counts of waiting rows. */
const sumsAgeMs = 8000
const waitsAgeMs = 4000

export const coverageRoutes: Routes = async (app) => {
  const { db } = app
  const sums = remember(sumsAgeMs, (scope) => sumsOfToday(db, scope))
  const waits = remember(waitsAgeMs, (scope) => waitsOf(db, scope))
  app.get(
    '/api/coverage',
    route('overview.read', 'Up to which minute each shop and stream is complete', {
      tags: ['overview'],
      querystring: coverageQuery,
      response: { 200: coverageAnswer },
    }),
    async ({ query, scope }) => {
      const now = sharedNow()
      const shops = query.shop?.split(',')
      const states = await streamStates(db, scope, {
        hours: query.hours ?? 2,
        now,
        sums: await sums(scope),
        waits: await waits(scope),
      })
      const chosen = states.filter(
        ({ stream, shopId }) =>
          (query.stream === undefined || stream === query.stream) && (!shops || shops.includes(shopId)),
      )
      return { at: now.toISOString(), rows: chosen.map(presentCoverage) }
    },
  )
}
