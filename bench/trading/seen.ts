import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { createLimiter } from '../../server/lib/limiter.ts'
import { taskKinds } from '../../server/worker.ts'
import type { BenchServer } from '../database.ts'
import { quantile, report } from '../report.ts'
import type { BenchPlatform } from './shops.ts'
import { sellable } from './staging.ts'
import { openTradingHouse, type TradingHouse } from './trading-house.ts'

/** Trades per second within the quota: each detail is a call. */
const platforms: Record<BenchPlatform, { perShop: number; lagSeconds: number }> = {
  tmall: { perShop: 10, lagSeconds: 0 },
  pinduoduo: { perShop: 5, lagSeconds: 180 },
}
const many = 50
/** Added to the platform's own delay. */
const floorSeconds = 20
const longestSeconds = 240

/**
 * Measures how long a new trade takes to appear with its detail in 待转入, with the tasks of a new shop: one shop with a trade a second,
 * beside others with fifty a second together, each within its quota.
 */
export async function benchSeen(server: BenchServer, minutes: number): Promise<void> {
  for (const platform of ['tmall', 'pinduoduo'] as const) await benchPlatform(server, platform, minutes)
}

async function benchPlatform(server: BenchServer, platform: BenchPlatform, minutes: number): Promise<void> {
  const { perShop, lagSeconds } = platforms[platform]
  const shopCount = 1 + many / perShop
  await using house = await openTradingHouse(server, `bench_seen_${platform}`, shopCount, platform)
  await asNew(house)
  await house.start('worker')
  await untilFirstLoaded(house)
  const made = new Map<string, { at: number; slow: boolean }>()
  const seen = new Map<string, number>()
  const making = makeTrades(house, made, perShop, minutes * 60)
  const isAll = await watch(house, making, { made, seen }, lagSeconds)
  await making
  const rows = (slow: boolean) =>
    [...made].flatMap(([tid, trade]) => {
      const at = seen.get(tid)
      return trade.slow === slow && at !== undefined ? [(at - trade.at) / 1000] : []
    })
  if (!isAll) throw new Error(`${seen.size} of ${made.size} trades came`)
  const counters = Object(await house.control('counters'))
  const busiest = Math.max(...Object.values<number>(counters.mostInASecond))
  for (const [name, seconds] of [
    ['1/s', rows(true)],
    [`${many}/s`, rows(false)],
  ] as const) {
    const [p50, p95] = [quantile(seconds, 0.5), quantile(seconds, 0.95)]
    const facts = {
      platform,
      trades: seconds.length,
      p50,
      p95,
      most: Math.max(...seconds),
      busiest,
      errors: counters.errors,
    }
    console.log(JSON.stringify(facts))
    report({
      name: 'seen',
      work: `${platform}, ${name}: trade made → staged with its detail, median (p95 ${p95.toFixed(1)} s)`,
      figure: p50,
      unit: 's',
      floor: lagSeconds + floorSeconds,
      atMost: true,
      facts,
    })
  }
}

/** Sets the tasks as a new shop has them, but with a short first load, because there are no past trades. */
async function asNew({ db, server }: TradingHouse): Promise<void> {
  const on = taskKinds(server.ring).flatMap(({ kind, enabled }) => (enabled ? [kind] : []))
  await sql`
    update task set enabled = kind = any(${on}::text[]),
      params = case when params ? 'firstLoadDays' then params || '{"firstLoadDays": 1}' else params end
    where shop_id is not null`.execute(db)
}

async function untilFirstLoaded({ db, shops }: TradingHouse): Promise<void> {
  for (const deadline = Date.now() + 120_000; ; await sleep(500)) {
    const found = await sql<{ n: number }>`
      select count(*)::int as n from stream_cursor where stream = 'trades_first' and complete_to > now() - interval '10 minutes'`.execute(
      db,
    )
    if (found.rows[0]?.n === shops.length) return
    if (Date.now() > deadline) throw new Error('the first loads did not end')
  }
}

/** Creates trades each second: one in the first shop, `perShop` in each other shop. */
async function makeTrades(
  house: TradingHouse,
  made: Map<string, { at: number; slow: boolean }>,
  perShop: number,
  seconds: number,
): Promise<void> {
  const goods = await Promise.all(
    house.shops.map(async ({ key }) => sellable(Object(await house.control(`listings/${key}`)).listings)),
  )
  // Calls start at even intervals, independent of how long the answers take.
  const limiter = createLimiter()
  const rate = { perSecond: 1 / 0.95, concurrent: 4 }
  await Promise.all(
    house.shops.map(async ({ key }, no) => {
      const slow = no === 0
      const turns = Array.from({ length: seconds }, (_, at) => at)
      await Promise.all(
        turns.map((at) =>
          limiter.run(key, rate, async () => {
            const now = Math.floor(Date.now() / 1000)
            const times = { created: now, paid: now, modified: now }
            const lines = [goods[no]?.[at % (goods[no]?.length ?? 1)]]
            const count = slow ? 1 : perShop
            const plain = { type: 'fixed', status: 'WAIT_SELLER_SEND_GOODS', hold: '' }
            const spec = { shop: key, count, ...plain, ...times, lines }
            const began = Date.now()
            for (const tid of Object(await house.control('trades', spec)).tids)
              made.set(tid, { at: began, slow })
          }),
        ),
      )
    }),
  )
}

/** Reads twice a second which trades have appeared with their detail. Returns true if all appeared. */
async function watch(
  { db }: TradingHouse,
  making: Promise<void>,
  { made, seen }: { made: ReadonlyMap<string, unknown>; seen: Map<string, number> },
  lagSeconds: number,
): Promise<boolean> {
  let madeAll = 0
  void making.then(() => {
    madeAll = Date.now()
  })
  for (;;) {
    const found = await sql<{
      tid: string
    }>`select tid from staged_trade where detail_at is not null`.execute(db)
    const now = Date.now()
    for (const { tid } of found.rows) if (!seen.has(tid)) seen.set(tid, now)
    if (madeAll > 0 && seen.size >= made.size) return true
    if (madeAll > 0 && now > madeAll + (lagSeconds + longestSeconds) * 1000) return false
    await sleep(500)
  }
}
