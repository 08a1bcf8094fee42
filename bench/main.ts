import { parseArgs } from 'node:util'
import { benchBackup } from './backup.ts'
import { benchChain } from './chain/chain.ts'
import { benchChoose } from './chain/choose.ts'
import { benchGifts } from './chain/gifts.ts'
import { benchMerge } from './chain/merge.ts'
import { benchConvert } from './convert.ts'
import { startServer } from './database.ts'
import { benchIngest } from './ingest.ts'
import { benchArchive } from './lists/archive.ts'
import { benchBulk } from './lists/bulk.ts'
import { benchClicks } from './lists/clicks.ts'
import { benchLists } from './lists/lists.ts'
import { benchOrders } from './lists/orders.ts'
import { benchParallel } from './parallel.ts'
import { benchRefunds } from './refunds.ts'
import { machine, writeResults } from './report.ts'
import { benchReserve } from './reserve.ts'
import { benchStations } from './stations.ts'
import { benchTrack } from './track.ts'
import { benchAsk } from './trading/ask.ts'
import { benchDownload } from './trading/download.ts'
import { benchKills } from './trading/kills.ts'
import { benchNumbers } from './trading/numbers.ts'
import { benchOutage } from './trading/outage.ts'
import { benchSeen } from './trading/seen.ts'
import { benchSeenPeak } from './trading/seen-peak.ts'
import { benchThrough } from './trading/through.ts'
import { benchTrim } from './trim.ts'
import { benchUpload } from './upload.ts'
import { benchWaves } from './waves.ts'
import { benchStart, benchWeb } from './web.ts'
import { openOrderWorld } from './world/order-world.ts'
import { openWorld, type World } from './world/world.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rebuild: { type: 'boolean', default: false },
    only: { type: 'string' },
    /** The number of existing trades or orders. */
    size: { type: 'string' },
    /** The number of trades to download. */
    trades: { type: 'string' },
    /** How long trades arrive, in the runs with a whole Sanyi. */
    minutes: { type: 'string', default: '10' },
  },
})
const { quick, rebuild } = values
const minutes = Number(values.minutes)
const size = Number(values.size ?? (quick ? 200_000 : 5_000_000))
const orders = Number(values.size ?? (quick ? 200_000 : 10_000_000))
const count = quick ? 30_000 : 60_000

const facts = machine()
console.log(JSON.stringify(facts))
const server = await startServer()
let opened: Promise<World> | undefined
const world = () => {
  opened ??= openWorld(server, size, rebuild)
  return opened
}

const usual = {
  ingest: async () => benchIngest(await world(), count),
  convert: async () => benchConvert(await world(), server.ring, count),
  lists: async () => benchLists(await world(), server.ring, quick ? 200 : 600),
  download: () => benchDownload(server, Number(values.trades ?? (quick ? 20_000 : 500_000))),
  start: () => benchStart(),
  web: async () => benchWeb(await world(), server.ring),
  reserve: () => benchReserve(server, quick ? 50_000 : 200_000),
  waves: () => benchWaves(server, 20_000),
  track: () => benchTrack(server, count),
  choose: () => benchChoose(server, quick ? 10_000 : 40_000),
  upload: () => benchUpload(server, 10_000),
}
/** Benchmarks that run only by name, because each takes as long as all others together or needs other data. */
const byName = {
  orders: async () =>
    benchOrders(await openOrderWorld(server, orders, rebuild), server.ring, quick ? 200 : 600),
  trim: () => benchTrim(server, Number(values.size ?? 400_000)),
  archive: () => benchArchive(server, Number(values.size ?? (quick ? 100_000 : 1_000_000)), rebuild),
  refunds: () => benchRefunds(server, Number(values.size ?? (quick ? 2_000 : 20_000))),
  merge: () => benchMerge(server, Number(values.size ?? (quick ? 120_000 : 1_000_000))),
  chain: () => benchChain(server, { minutes, size }),
  mixed: () => benchChain(server, { minutes, size, mixed: true }),
  through: () => benchThrough(server, minutes),
  outage: () => benchOutage(server),
  bulk: () => benchBulk(server),
  clicks: () => benchClicks(server),
  ask: () => benchAsk(server),
  numbers: () => benchNumbers(),
  seen: () => benchSeen(server, Math.min(minutes, 2)),
  'seen-peak': () => benchSeenPeak(server, Math.min(minutes, 10)),
  'seen-push': () => benchSeen(server, Math.min(minutes, 2), ['push', 'faulty']),
  backup: async () =>
    benchBackup(await openWorld(server, 2_000, rebuild), server.ring, quick ? 20_000 : 240_000),
  stations: () => benchStations(server, size, rebuild),
  gifts: () => benchGifts(server, quick ? 10_000 : 20_000),
  parallel: async () => benchParallel(await world(), server.ring),
  kills: async () =>
    void (await benchKills(Number(process.env.KILLS ?? 100), process.env.SEED ?? String(Date.now()))),
}
const benches: Record<string, () => Promise<void>> = { ...usual, ...byName }

try {
  const only = values.only?.split(',') ?? Object.keys(usual)
  const unknown = only.filter((name) => !Object.hasOwn(benches, name))
  if (unknown.length > 0)
    throw new Error(`--only takes ${Object.keys(benches).join(', ')}, not ${unknown.join(', ')}`)
  for (const [name, bench] of Object.entries(benches)) if (only.includes(name)) await bench()
  process.exitCode = writeResults(size, facts) ? 0 : 1
} finally {
  await server.postgres.stopIfUnused()
}
