import { alarmsNow } from '../../server/alarms/alarms.ts'
import { readQueueCounts } from '../../server/alarms/queue-counts.ts'
import { wholeScope } from '../../server/core/access/actor.ts'
import { installationFigures } from '../../server/overview/figures.ts'
import { open, startServer } from '../database.ts'
import { openOrderWorld } from '../world/order-world.ts'

// One scrape of /metrics, and the alarms in it, beside a million orders: node bench/lists/metrics.ts [orders]

const size = Number(process.argv[2] ?? 1_000_000)
const server = await startServer()
const { url } = await openOrderWorld(server, size, false)
const { db, pool, close } = open(url, 2)
const asked = { db, now: new Date(), scope: wholeScope }
for (const [name, work] of [
  ['scrape', () => installationFigures({ db, pool })],
  ['alarms', async () => alarmsNow(asked, await readQueueCounts(asked))],
] as const) {
  const times: number[] = []
  for (let run = 0; run < 11; run += 1) {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  // The first one reads from the disk and loads the catalogue.
  const [first = 0, ...others] = times
  const median = others.toSorted((a, b) => a - b)[5] ?? 0
  console.log(
    `${name}: first ${first.toFixed(0)} ms, then ${median.toFixed(0)} ms (median), slowest ${Math.max(...others).toFixed(0)} ms`,
  )
}
await close()
await server.postgres.stopIfUnused()
