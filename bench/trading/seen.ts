import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { createLimiter } from '../../server/lib/limiter.ts'
import { taskKinds } from '../../server/worker.ts'
import type { BenchServer } from '../database.ts'
import { quantile, report } from '../report.ts'
import type { BenchPlatform } from './shops.ts'
import { sellable } from './staging.ts'
import { openTradingHouse, type TradingHouse } from './trading-house.ts'

/**
 * Trades per second within the quota: each detail is a call. With push it is called twice, since the list asks again for a detail that was
 * fetched in the second of its change.
 */
const platforms: Record<
  Exclude<BenchPlatform, 'all'>,
  { perShop: number; perShopPushed: number; lagSeconds: number }
> = {
  tmall: { perShop: 10, perShopPushed: 5, lagSeconds: 0 },
  pinduoduo: { perShop: 5, perShopPushed: 2, lagSeconds: 180 },
}
const many = 50
/** `faulty`: a tenth of the messages is lost, a tenth comes twice, a tenth a minute late, a tenth after the next one, and some are forged. */
type Way = 'lists' | 'push' | 'faulty'
const faults = { lose: 0.1, double: 0.1, late: 0.1, lateMs: 60_000, shuffle: 0.1 }
const pushFloors = { p50: 3, p99: 10 }
/** The seconds that are allowed besides the platform lag. */
const floorSeconds = 20
const longestSeconds = 240

/**
 * Measures how long a new trade takes to appear with its detail in 待转入, with the tasks of a new shop: one shop with a trade a second,
 * beside others with fifty a second together, each within its quota.
 */
export async function benchSeen(
  server: BenchServer,
  minutes: number,
  ways: readonly Way[] = ['lists'],
): Promise<void> {
  for (const way of ways)
    for (const platform of ['tmall', 'pinduoduo'] as const)
      await benchPlatform(server, platform, way, minutes)
}

async function benchPlatform(
  server: BenchServer,
  platform: Exclude<BenchPlatform, 'all'>,
  way: Way,
  minutes: number,
): Promise<void> {
  const { lagSeconds } = platforms[platform]
  const perShop = way === 'lists' ? platforms[platform].perShop : platforms[platform].perShopPushed
  const shopCount = 1 + many / perShop
  await using house = await openTradingHouse(server, `bench_seen_${platform}_${way}`, shopCount, platform)
  await asNew(house, way !== 'lists')
  await house.start('worker')
  await untilFirstLoaded(house)
  if (way !== 'lists') await untilPushed(house)
  if (way === 'faulty') await house.control('push', faults)
  const made = new Map<string, { at: number; slow: boolean }>()
  const seen = new Map<string, number>()
  if (way === 'faulty') await forge(house, platform)
  const making = makeTrades(house, made, perShop, minutes * 60)
  const isAll = await watch(house, making, { made, seen }, lagSeconds)
  await making
  const rows = (slow: boolean) =>
    [...made].flatMap(([tid, trade]) => {
      const at = seen.get(tid)
      return trade.slow === slow && at !== undefined ? [(at - trade.at) / 1000] : []
    })
  if (!isAll) throw new Error(`${seen.size} of ${made.size} trades came`)
  const strange = await notMade(house, made)
  if (strange > 0) throw new Error(`${strange} trades were staged that nobody made`)
  const counters = Object(await house.control('counters'))
  const busiest = Math.max(...Object.values<number>(counters.mostInASecond))
  for (const [name, seconds] of [
    ['1/s', rows(true)],
    [`${many}/s`, rows(false)],
  ] as const) {
    const [p50, p95, p99] = [quantile(seconds, 0.5), quantile(seconds, 0.95), quantile(seconds, 0.99)]
    const facts = {
      ...{ platform, way, trades: seconds.length, p50, p95, p99 },
      most: Math.max(...seconds),
      busiest,
      errors: counters.errors,
    }
    console.log(JSON.stringify(facts))
    const line = { unit: 's', atMost: true, facts }
    const work = `${platform}, ${name}: trade made → staged with its detail`
    if (way === 'lists')
      report({
        ...{ ...line, name: 'seen', figure: p50, floor: lagSeconds + floorSeconds },
        work: `${work}, median (p95 ${p95.toFixed(1)} s)`,
      })
    if (way === 'push')
      for (const [share, figure] of [
        ['p50', p50],
        ['p99', p99],
      ] as const)
        report({
          ...{ ...line, name: 'seen-push', figure, floor: pushFloors[share] },
          work: `${work}, with push, ${share}`,
        })
  }
}

/** Counts staged trades that were not made here, which only a forged message can have brought. */
async function notMade({ db }: TradingHouse, made: ReadonlyMap<string, unknown>): Promise<number> {
  const found = await sql<{ tid: string }>`select tid from staged_trade`.execute(db)
  return found.rows.filter(({ tid }) => !made.has(tid)).length
}

async function untilPushed({ db, shops }: TradingHouse): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await sleep(500)) {
    const found = await sql<{ n: number }>`
      select count(*)::int as n from push_shop join push_channel using (channel)
      where opened_at is not null and permitted_at is not null`.execute(db)
    if (found.rows[0]?.n === shops.length) return
    if (Date.now() > deadline) throw new Error('push did not begin')
  }
}

/** Sends messages of trades that do not exist. */
async function forge(house: TradingHouse, platform: Exclude<BenchPlatform, 'all'>): Promise<void> {
  const topic = platform === 'tmall' ? 'taobao_trade_TradeBuyerPay' : 'pdd_trade_TradeConfirmed'
  for (const { key } of house.shops) {
    const tid = platform === 'tmall' ? '999999999999999999' : '991124-999999999999999'
    await house.control('push-say', { shop: key, topic, content: JSON.stringify({ tid }) })
  }
}

/** Sets the tasks as a new shop has them, but with a short first load, because there are no past trades. */
export async function asNew({ db, server }: TradingHouse, push: boolean): Promise<void> {
  const on = taskKinds(server.ring).flatMap(({ kind, enabled }) => (enabled ? [kind] : []))
  await sql`
    update task set enabled = kind = any(${on}::text[]),
      params = case when params ? 'firstLoadDays' then params || '{"firstLoadDays": 1}' else params end
    where shop_id is not null`.execute(db)
  await sql`update shop set settings = settings || ${JSON.stringify({ push })}::jsonb`.execute(db)
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

/** Reads several times a second which trades have appeared with their detail. Returns true if all appeared. */
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
    await sleep(200)
  }
}
