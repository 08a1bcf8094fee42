import { parseArgs } from 'node:util'
import { benchChain } from './chain.ts'
import { benchChoose } from './choose.ts'
import { benchConvert } from './convert.ts'
import { startServer } from './database.ts'
import { benchDownload } from './download.ts'
import { benchIngest } from './ingest.ts'
import { benchKills } from './kills.ts'
import { benchLists } from './lists.ts'
import { openOrderWorld } from './order-world.ts'
import { benchOrders } from './orders.ts'
import { machine, writeResults } from './report.ts'
import { benchReserve } from './reserve.ts'
import { benchUpload } from './upload.ts'
import { benchStart, benchWeb } from './web.ts'
import { openWorld } from './world.ts'

const names = [
  'ingest',
  'convert',
  'lists',
  'download',
  'start',
  'web',
  'reserve',
  'choose',
  'upload',
] as const
/** What runs only when it is named: each takes as long as all the others. */
const byName = ['kills', 'orders', 'chain'] as const
/** What needs the world of millions of trades. */
const inTheWorld = ['ingest', 'convert', 'lists', 'web'] as const

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rebuild: { type: 'boolean', default: false },
    only: { type: 'string', default: names.join(',') },
    size: { type: 'string' },
    /** How many the download takes. */
    trades: { type: 'string' },
    /** How long the chain runs. */
    minutes: { type: 'string', default: '10' },
  },
})
const size = Number(values.size ?? (values.quick ? 200_000 : 5_000_000))
const only = values.only.split(',')
const known: readonly string[] = [...names, ...byName]
const unknown = only.filter((name) => !known.includes(name))
if (unknown.length > 0) throw new Error(`--only takes ${known.join(', ')}, not ${unknown.join(', ')}`)
const wanted = (name: (typeof names)[number] | (typeof byName)[number]) => only.includes(name)

const facts = machine()
console.log(JSON.stringify(facts))
const server = await startServer()
try {
  const count = values.quick ? 30_000 : 60_000
  const world = inTheWorld.some(wanted) ? await openWorld(server, size, values.rebuild) : undefined
  if (world && wanted('ingest')) await benchIngest(world, count)
  if (world && wanted('convert')) await benchConvert(world, server.ring, count)
  if (world && wanted('lists')) await benchLists(world, server.ring, values.quick ? 200 : 600)
  if (wanted('download'))
    await benchDownload(server, Number(values.trades ?? (values.quick ? 20_000 : 500_000)))
  if (wanted('start')) await benchStart()
  if (world && wanted('web')) await benchWeb(world, server.ring)
  if (wanted('reserve')) await benchReserve(server, values.quick ? 50_000 : 200_000)
  if (wanted('upload')) await benchUpload(server, 10_000)
  if (wanted('choose')) await benchChoose(server, values.quick ? 10_000 : 40_000)
  if (wanted('orders')) {
    const orders = Number(values.size ?? (values.quick ? 200_000 : 10_000_000))
    await benchOrders(
      await openOrderWorld(server, orders, values.rebuild),
      server.ring,
      values.quick ? 200 : 600,
    )
  }
  if (wanted('chain')) await benchChain(server, { minutes: Number(values.minutes), size })
  if (wanted('kills'))
    await benchKills(Number(process.env.KILLS ?? 100), process.env.SEED ?? String(Date.now()))
  process.exitCode = writeResults(size, facts) ? 0 : 1
} finally {
  await server.postgres.stopIfUnused()
}
