import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { BenchServer } from '../database.ts'
import { quantile, report } from '../report.ts'
import { processors, usedSince } from './processors.ts'
import { asNew } from './seen.ts'
import { sellable } from './staging.ts'
import { openTradingHouse, type TradingHouse } from './trading-house.ts'

/** Trades of all marketplaces together, a second. */
const perSecond = 300
/** Each marketplace has its shops in turn; a shop's trades are within half of the quota that its platform has in ordinary hours. */
const shopCount = 84
/** The seconds after the platform shows a trade in which it is to be in the pool. 小红书 asks for five minutes between two readings of its list. */
const floorSeconds = 60
const slow = { kind: 'xiaohongshu', floorSeconds: 360 }
const longestSeconds = 420
/** The share of the trades of each marketplace. Most cost one call each, some two, besides the lists. 小红书 collects those of five minutes. */
const shares: Readonly<Record<string, number>> = {
  ...{ tmall: 6, pinduoduo: 2, weixin: 6, doudian: 7, kuaishou: 4, jd: 3, xiaohongshu: 0.4 },
}

type Made = Map<string, { shownAt: number; shop: string }>

/**
 * Peak hours on all marketplaces: lists late by ten minutes (by four if the run is short), quotas halved, three hundred trades a second.
 * Measures how long after the platform shows a trade it is staged with its detail, and whether everything came.
 */
export async function benchSeenPeak(server: BenchServer, minutes: number): Promise<void> {
  const lateSeconds = minutes >= 10 ? 600 : 240
  await using house = await openTradingHouse(server, 'bench_seen_peak', shopCount, 'all')
  await asNew(house, false)
  await skipPast(house)
  await house.start('worker')
  const kinds = await kindsOf(house)
  for (const { key } of house.shops) {
    await house.control('limit', { shop: key })
    await house.control('peak', { shop: key, on: true, staleSeconds: lateSeconds })
  }
  const before = processors(house)
  const made: Made = new Map()
  const seen = new Map<string, number>()
  const making = makeTrades(house, made, { kinds, seconds: minutes * 60, lateSeconds })
  const isAll = await watch(house, making, made, seen)
  await making
  const counters = Object(await house.control('counters'))
  const refusals = Object.entries<number>(counters.errors).reduce((sum, [, n]) => sum + n, 0)
  const calls = Object.values<number>(counters.calls).reduce((sum, n) => sum + n, 0)
  const secondsOf = (isMeant: (kind: string) => boolean) =>
    [...seen].flatMap(([tid, at]) => {
      const trade = made.get(tid)
      return trade && isMeant(kinds.get(trade.shop) ?? '') ? [Math.max(0, (at - trade.shownAt) / 1000)] : []
    })
  const byKind = [...new Set(kinds.values())].map((kind) => {
    const seconds = secondsOf((one) => one === kind)
    return { kind, seen: seconds.length, p50: quantile(seconds, 0.5), p99: quantile(seconds, 0.99) }
  })
  const facts = {
    made: made.size,
    seen: seen.size,
    lateSeconds,
    calls,
    refusals,
    // The simulator stands for seven marketplaces, so its time is no part of the work.
    processorSeconds: usedSince(house, before),
    byKind,
  }
  console.log(JSON.stringify(facts))
  if (!isAll) throw new Error(`${seen.size} of ${made.size} trades came`)
  const pace = `${Math.round(made.size / minutes / 60)}/s for ${minutes} min`
  for (const { name, floor, seconds } of [
    { name: 'all others', floor: floorSeconds, seconds: secondsOf((kind) => kind !== slow.kind) },
    { name: slow.kind, floor: slow.floorSeconds, seconds: secondsOf((kind) => kind === slow.kind) },
  ])
    report({
      ...{ unit: 's', atMost: true, facts, name: 'seen-peak', figure: quantile(seconds, 0.99), floor },
      work: `peak hours, ${pace}, ${name}: shown by the platform → staged with its detail, p99`,
    })
}

/** The shops have no past, so their first loads count as done. */
const skipPast = ({ db }: TradingHouse) =>
  sql`insert into stream_cursor (shop_id, stream, complete_to)
    select s.id, stream, s.created_at from shop s, unnest(array['trades_first', 'trades', 'refunds']) stream`.execute(
    db,
  )

/** Returns the marketplace of each shop of the simulator. */
async function kindsOf(house: TradingHouse): Promise<Map<string, string>> {
  const { shops } = Object(await house.control('shops'))
  return new Map(shops.map((shop: { key: string; platform: string }) => [shop.key, shop.platform]))
}

type Making = { kinds: ReadonlyMap<string, string>; seconds: number; lateSeconds: number }

/** Creates trades each second in every shop, by the share of its marketplace. */
async function makeTrades(house: TradingHouse, made: Made, { kinds, seconds, lateSeconds }: Making) {
  const goods = new Map<string, ReturnType<typeof sellable>>()
  for (const { key } of house.shops)
    goods.set(key, sellable(Object(await house.control(`listings/${key}`)).listings))
  const shareOf = (key: string) => shares[kinds.get(key) ?? ''] ?? 1
  const whole = house.shops.reduce((sum, { key }) => sum + shareOf(key), 0)
  const began = Date.now()
  for (let turn = 0; turn < seconds; turn += 1) {
    await sleep(Math.max(0, began + turn * 1000 - Date.now()))
    const now = Math.floor(Date.now() / 1000)
    const times = { created: now, paid: now, modified: now }
    await Promise.all(
      house.shops.map(async ({ key }) => {
        const part = (perSecond * shareOf(key)) / whole
        const count = Math.floor((turn + 1) * part) - Math.floor(turn * part)
        if (count === 0) return
        const lines = [goods.get(key)?.[turn % (goods.get(key)?.length ?? 1)]]
        const plain = { type: 'fixed', status: 'WAIT_SELLER_SEND_GOODS', hold: '' }
        const spec = { shop: key, count, ...plain, ...times, lines }
        for (const tid of Object(await house.control('trades', spec)).tids)
          made.set(tid, { shownAt: (now + lateSeconds) * 1000, shop: key })
      }),
    )
  }
}

/** Looks each second which trades have appeared with their detail. Returns true if all appeared. */
async function watch({ db }: TradingHouse, making: Promise<void>, made: Made, seen: Map<string, number>) {
  let isMade = false
  void making.then(() => {
    isMade = true
  })
  for (let newest = '0'; ; await sleep(500)) {
    const found = await sql<{ tid: string; id: string }>`
      select tid, id from staged_trade where detail_at is not null and id > ${newest}::bigint - 20000`.execute(
      db,
    )
    const now = Date.now()
    for (const { tid, id } of found.rows) {
      if (!seen.has(tid)) seen.set(tid, now)
      if (BigInt(id) > BigInt(newest)) newest = id
    }
    if (isMade && seen.size >= made.size) return true
    const latest = Math.max(0, ...[...made.values()].slice(-1).map(({ shownAt }) => shownAt))
    if (isMade && now > latest + longestSeconds * 1000) return false
  }
}
