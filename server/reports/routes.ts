import type { Scope } from '../core/access/actor.ts'
import { readDisk } from '../core/db/disk.ts'
import { type Routes, route } from '../core/http/http.ts'
import { sharedNow } from '../lib/clock.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { alarmsNow } from './alarms/alarms.ts'
import { alarmSum, alarmsAnswer, coverageAnswer, coverageQuery, overview } from './contract.ts'
import { presentCoverage, streamStates, sumsOfToday } from './overview/coverage.ts'
import { waitsOf } from './overview/coverage-queries.ts'
import { paidHours } from './overview/hours.ts'
import { queuesAndStuck, readQueueCounts } from './overview/overview.ts'
import { remember } from './overview/remember.ts'

/** So old may the figures be that people look at; the screen asks every ten seconds. */
const maxAgeMs = 4000
/** What looks further may be older: nobody acts on an alarm within seconds. */
const alarmsAgeMs = 8000
const tags = ['overview']

/** 总览: queues, what is stuck and why, coverage, alarms. */
export const reportRoutes =
  (taskName: (kind: string) => LocalizedText | undefined): Routes =>
  async (app) => {
    const { db, ring, config } = app
    const asked = (scope: Scope) => ({ db, ring, scope, now: sharedNow(), taskName })
    const standing = remember(maxAgeMs, (scope) => readQueueCounts(asked(scope)))
    const alarms = remember(alarmsAgeMs, async (scope) =>
      alarmsNow(asked(scope), await standing(scope), await readDisk(config.dataDir)),
    )
    const sums = remember(alarmsAgeMs, (scope) => sumsOfToday(db, scope))
    const waits = remember(maxAgeMs, (scope) => waitsOf(db, scope))
    const whole = remember(maxAgeMs, async (scope) => {
      const facts = await standing(scope)
      const [queues, told, hours] = await Promise.all([
        queuesAndStuck(asked(scope), facts),
        alarms(scope),
        paidHours(db, scope),
      ])
      return { at: sharedNow().toISOString(), ...queues, alarms: told, hours }
    })

    app.get(
      '/api/overview',
      route('overview.read', 'Queues, what is stuck and why, alarms, paid orders by the hour', {
        tags,
        response: { 200: overview },
      }),
      ({ scope }) => whole(scope),
    )
    app.get(
      '/api/overview/alarms',
      route('overview.read', 'How many alarms, and how grave the worst is', {
        tags,
        response: { 200: alarmSum },
      }),
      async ({ scope }) => {
        const told = await alarms(scope)
        return { count: told.length, worst: told[0]?.tone ?? null }
      },
    )
    app.get(
      '/api/alarms',
      route('overview.read', 'What cannot wait, each with its remedy', {
        tags,
        response: { 200: alarmsAnswer },
      }),
      async ({ scope }) => ({ rows: await alarms(scope) }),
    )
    app.get(
      '/api/coverage',
      route('overview.read', 'Up to which minute each shop and stream is complete', {
        tags,
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
