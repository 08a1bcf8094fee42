import { alarmsNow } from '../alarms/alarms.ts'
import { alarmSum, alarmsAnswer } from '../alarms/contract.ts'
import { channelRoutes } from '../alarms/notices/channel-routes.ts'
import { readQueueCounts } from '../alarms/queue-counts.ts'
import { watchdogRoutes } from '../alarms/watchdog/watchdog-routes.ts'
import type { Scope } from '../core/access/actor.ts'
import { readDisk } from '../core/db/disk.ts'
import { type Routes, route } from '../core/http/http.ts'
import { remember } from '../core/http/remember.ts'
import { sharedNow } from '../lib/clock.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { overview } from './contract.ts'
import { healthRoutes } from './health/health-routes.ts'
import { queuesAndStuck } from './overview.ts'
import { salesNow, salesOfWeek } from './sales.ts'

/** The milliseconds for which the figures are cached. The page reads them every ten seconds. */
const maxAgeMs = 4000
/** The milliseconds for which alarms are cached. No user reacts to an alarm within seconds. */
const alarmsAgeMs = 8000
const tags = ['overview']

/** The overview and its alarms use the same counts, which are read once. */
export const overviewRoutes =
  (taskName: (kind: string) => LocalizedText | undefined): Routes =>
  async (app) => {
    const { db, ring, config } = app
    const asked = (scope: Scope) => ({ db, ring, scope, now: sharedNow(), taskName })
    const queueCounts = remember(maxAgeMs, (scope) => readQueueCounts(asked(scope)))
    const alarms = remember(alarmsAgeMs, async (scope) =>
      alarmsNow(asked(scope), await queueCounts(scope), await readDisk(config.dataDir)),
    )
    const whole = remember(maxAgeMs, async (scope) => {
      const facts = await queueCounts(scope)
      const [queues, told, sales] = await Promise.all([
        queuesAndStuck(asked(scope), facts),
        alarms(scope),
        salesNow(db, scope),
      ])
      const week = await salesOfWeek(db, scope, sales)
      return { at: sharedNow().toISOString(), ...queues, alarms: told, sales, week }
    })

    app.get(
      '/api/overview',
      route(
        'overview.read',
        'Queues, reasons of stuck documents, alarms, and the sales of today and of seven days',
        {
          tags,
          response: { 200: overview },
        },
      ),
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
    await app.register(channelRoutes)
    await app.register(watchdogRoutes)
    await app.register(healthRoutes(taskName))
  }
