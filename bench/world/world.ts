import { sql } from 'kysely'
import type { TradeBrief } from '../../server/connectors/connector.ts'
import { systemActor } from '../../server/core/access/actor.ts'
import type { Database } from '../../server/core/db/db.ts'
import { migrate } from '../../server/core/db/migrate.ts'
import { createQueues } from '../../server/core/jobs/job.ts'
import { moveQueue, queueTrades } from '../../server/intake/downloads/queue-queries.ts'
import type { ShopFacts } from '../../server/intake/lifecycle.ts'
import { stageTrades } from '../../server/intake/refunds/stage-trades.ts'
import { prepareTrades, rememberItems } from '../../server/intake/trades/ingest.ts'
import type { KeyRing } from '../../server/lib/seal.ts'
import { dayMs } from '../../server/lib/time.ts'
import { jobs } from '../../server/worker.ts'
import { type BenchServer, freshDatabase, hasDatabase, open, renameDatabase, urlOf } from '../database.ts'
import { copyBase, keepBase, restoreIndexes, takeIndexes } from './copies.ts'
import { rawOf } from './raw.ts'
import { type BenchShop, makeShop, makeTrade, tidOf } from './trades.ts'

/** The number of days that are generated trade by trade. Earlier days are copies of the oldest eight. */
export const baseDays = 20
export const copiedDays = 8
export const worldDays = 396
/** The present time of the generated data. */
export const worldNow = new Date('2026-11-24T12:00:00+08:00')

export type World = { url: string; size: number; shops: BenchShop[]; facts: Map<string, ShopFacts> }

const tables = ['staged_trade', 'staged_trade_lines', 'raw_payload', 'listing', 'trade_event']

export const shares = [0.25, 0.4, 0.25, 0.1]

export const factsFor = (no: number): ShopFacts => ({
  // The last shop was connected a day ago; trades paid before that belong to the former system.
  goLiveAt: new Date(worldNow.getTime() - (no === 3 ? 1 : 800) * dayMs),
  convertUnpaid: false,
})

/** Returns the kept database of this size, or builds a new one. Two builds differ only in their times. */
export async function openWorld(server: BenchServer, size: number, rebuild: boolean): Promise<World> {
  const name = `world_${size}`
  if (rebuild || !(await hasDatabase(server, name))) {
    const began = performance.now()
    const draft = `${name}_draft`
    const url = await freshDatabase(server, draft)
    await build(url, server.ring, size)
    await renameDatabase(server, draft, name)
    console.log(
      `built ${size.toLocaleString('en')} trades in ${Math.round((performance.now() - began) / 1000)} s`,
    )
  }
  const url = urlOf(server, name)
  // Applies newer migrations. If a migration was changed after the build, --rebuild is needed.
  await migrate(url)
  await makeQueues(url)
  const shops = shopsOf(size)
  return { url, size, shops, facts: new Map(shops.map((shop, no) => [shop.id, factsFor(no)])) }
}

export async function makeQueues(url: string): Promise<void> {
  const { db, close } = open(url, 1)
  try {
    await createQueues(db, jobs)
  } finally {
    await close()
  }
}

export function shopsOf(size: number): BenchShop[] {
  return shares.map((_, no) => makeShop(String(no + 1), no + 1, Math.round(size / 2)))
}

async function build(url: string, ring: KeyRing, size: number): Promise<void> {
  await migrate(url)
  const { db, close } = open(url)
  try {
    for (const no of shares.keys()) await addShop(db, no)
    const indexes = await takeIndexes(db, ['staged_trade'])
    await makeBase(db, ring, size)
    await keepBase(db, worldNow)
    await copyBase(url, { baseDays, copiedDays, worldDays })
    await makeFetching(db, ring, Math.round(size / 250))
    await restoreIndexes(url, indexes, tables)
  } finally {
    await close()
  }
}

export async function addShop(db: Database, no: number): Promise<void> {
  await sql`
    insert into shop (platform, variant, name, go_live_at, auth_state)
    values ('taobao', 'tmall', ${`山隅家居 ${no + 1} 店`}, ${factsFor(no).goLiveAt.toISOString()}, 'live')`.execute(
    db,
  )
}

/** Creates the last twenty days through the production code. */
async function makeBase(db: Database, ring: KeyRing, size: number): Promise<void> {
  const total = Math.round((size / worldDays) * baseDays)
  const shops = shopsOf(size)
  const perShop = shares.map((share) => Math.round(total * share))
  const lanes = shops.map(async (shop, no) => {
    const count = perShop[no] ?? 0
    for (let from = 0; from < count; from += 500) {
      const arrived = Array.from({ length: Math.min(500, count - from) }, (_, at) => {
        const age = ((count - from - at) / count) * baseDays * dayMs
        const createdAt = new Date(worldNow.getTime() - age)
        const tid = tidOf('2960', (from + at) * 4 + no)
        const lineCount = shop.random.chance(0.3) ? 1 : 2
        const trade = makeTrade(shop, { tid, createdAt, now: worldNow, lineCount })
        return { trade, raw: rawOf(trade) }
      })
      const known = { id: shop.id, facts: factsFor(no) }
      const prepared = prepareTrades(ring, known, arrived)
      await rememberItems(db, shop.id, arrived)
      await db
        .transaction()
        .execute((tx) => stageTrades(tx, ring, { shop: known, prepared, fetchedAt: new Date() }, systemActor))
    }
  })
  await Promise.all(lanes)
}

/** Adds trades that are known from the list only, with their details still missing. */
async function makeFetching(db: Database, ring: KeyRing, count: number): Promise<void> {
  const briefs = Array.from({ length: count }, (_, at): TradeBrief => {
    const modifiedAt = new Date(worldNow.getTime() - at * 100)
    return {
      kind: 'brief',
      tid: tidOf('2970', at),
      modifiedAt,
      createdAt: modifiedAt,
      platformStatus: 'WAIT_SELLER_SEND_GOODS',
      type: 'fixed',
      buyerNick: `买家${at}`,
      receiverName: '王小明',
      paymentFen: 9900,
    }
  })
  await db.transaction().execute((tx) => queueTrades(tx, '2', briefs, ring))
  await db.transaction().execute((tx) => moveQueue(tx, '2', count))
}
