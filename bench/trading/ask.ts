import { sql } from 'kysely'
import { connectors } from '../../server/connectors/index.ts'
import { systemActor, wholeScope } from '../../server/core/access/actor.ts'
import type { Tx } from '../../server/core/db/db.ts'
import type { Outcome } from '../../server/core/decide.ts'
import { bulkActions } from '../../server/core/verbs.ts'
import { convertTrades } from '../../server/flows/convert-trade.ts'
import { flowVerbs } from '../../server/flows/verbs.ts'
import { releaseOrders } from '../../server/fulfilment/shipping/release.ts'
import { unshipDeliveries } from '../../server/fulfilment/shipping/unship.ts'
import { setWaybills } from '../../server/fulfilment/shipping/waybills.ts'
import { refundCheckOf } from '../../server/intake/asking/ask-before.ts'
import { shopFacts } from '../../server/intake/downloads/shop-facts.ts'
import { stageTrades } from '../../server/intake/refunds/stage-trades.ts'
import { prepareTrades, rememberItems } from '../../server/intake/trades/ingest.ts'
import { createLimiter } from '../../server/lib/limiter.ts'
import { transition } from '../../server/orders/status/transition.ts'
import { callShop, openCall } from '../../server/shops/calls.ts'
import type { BenchServer } from '../database.ts'
import { quantile, report } from '../report.ts'
import { runBatch } from '../run-batch.ts'
import { convertible } from './conveyor.ts'
import { createTrades, sellable, stageAll } from './staging.ts'
import { openTradingHouse, type TradingHouse } from './trading-house.ts'

const shopCount = 5
const perShop = 200
/** The chunk size of the bulk action that ships. */
const chunk = 500
const slowMs = 200
const rounds = Number(process.env.ROUNDS ?? 7)
const platforms = {
  /** One page of the refund list for each shop. */
  tmall: { method: 'taobao.refunds.receive.get', calls: shopCount },
  /** A hundred trades for each call. */
  pinduoduo: { method: 'pdd.refund.status.check', calls: (shopCount * perShop) / 100 },
}
type Platform = keyof typeof platforms
type Way = 'without' | 'fresh' | 'asked'

/**
 * Ships a thousand deliveries of five shops as a bulk action does, against a simulator that answers after 200 ms and enforces its quotas.
 * Three cases are compared: the shops were checked for refunds two minutes ago, they were checked a moment ago, and the action makes no
 * check. All three ship the same deliveries in turn, which are reset in between.
 */
export async function benchAsk(server: BenchServer): Promise<void> {
  for (const platform of ['tmall', 'pinduoduo'] as const) await benchPlatform(server, platform)
}

async function benchPlatform(server: BenchServer, platform: Platform): Promise<void> {
  await using house = await openTradingHouse(server, `bench_ask_${platform}`, shopCount, platform)
  const ids = await deliveriesOf(house, platform)
  await house.control('faults', { kind: 'slow', ms: slowMs })
  const deps = { db: house.db, ring: server.ring, connectors, simulator: true, limiter: createLimiter() }
  const engines = {
    asks: bulkActions(flowVerbs(server.ring, refundCheckOf(deps))),
    asksNobody: bulkActions(flowVerbs(server.ring)),
  }
  const ship = (way: Way) =>
    runBatch(
      { ...house, ring: server.ring },
      way === 'without' ? engines.asksNobody : engines.asks,
      'deliveries.ship',
      ids,
    )
  const times: Record<Way, number[]> = { without: [], fresh: [], asked: [] }
  let mostCalls = 0
  for (let round = 0; round <= rounds; round += 1) {
    for (const way of ['without', 'fresh', 'asked'] as const) {
      await lastAsked(house, way === 'asked' ? 120 : 0)
      const before = await callsOf(house, platform)
      const { seconds, succeeded } = await ship(way)
      if (succeeded !== ids.length) throw new Error(`${succeeded} were shipped`)
      // The first round is a warm-up.
      if (round > 0) times[way].push(seconds * 1000)
      const calls = (await callsOf(house, platform)) - before
      if (way !== 'asked' && calls > 0) throw new Error(`${calls} calls though everything was known`)
      if (way === 'asked') mostCalls = Math.max(mostCalls, calls)
      await bringBack(house, ids)
    }
  }
  tell(platform, mostCalls, times)
}

function tell(platform: Platform, calls: number, times: Record<Way, number[]>): void {
  const middle = (all: readonly number[]) => Math.round(quantile(all, 0.5))
  const facts = Object.fromEntries(
    Object.entries(times).map(([way, all]) => [
      way,
      { medianMs: middle(all), leastMs: Math.round(Math.min(...all)), mostMs: Math.round(Math.max(...all)) },
    ]),
  )
  console.log(JSON.stringify({ platform, rounds, calls, ...facts }))
  const work = `${(shopCount * perShop).toLocaleString('en')} deliveries of ${shopCount} shops (${platform}), ${slowMs} ms a call`
  const { calls: most } = platforms[platform]
  report({
    name: 'ask calls',
    work: `${work}: calls`,
    figure: calls,
    unit: 'calls',
    floor: most + 1,
    atMost: true,
  })
  for (const [way, floor] of [
    ['asked', 1.15],
    ['fresh', 1.02],
  ] as const) {
    const ratios = times[way].map((ms, at) => ms / (times.without[at] ?? ms))
    const figure = quantile(ratios, 0.5)
    report({
      name: `ask ${way}`,
      work: `${work}: time by that of an action that asks nobody`,
      figure,
      unit: '×',
      floor,
      atMost: true,
      facts,
    })
  }
}

async function bringBack({ db }: TradingHouse, ids: string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += chunk)
    done(
      await db
        .transaction()
        .execute((tx) =>
          unshipDeliveries(tx, ids.slice(at, at + chunk), { actor: systemActor, scope: wholeScope }),
        ),
    )
  const unasked = await sql<{ n: number }>`select count(*)::int as n from unasked_parcel`.execute(db)
  if (unasked.rows[0]?.n !== 0) throw new Error('something left without an answer')
  await sql`vacuum (analyze) delivery, sales_order, platform_action`.execute(db)
}

/** Records that every shop was checked `seconds` ago, with all its trades. */
async function lastAsked({ db }: TradingHouse, seconds: number): Promise<void> {
  await sql`delete from refund_ask_trade`.execute(db)
  await sql`
    insert into refund_ask (shop_id, asked_to, answered_at)
    select id, now() - make_interval(secs => ${seconds}), now() - make_interval(secs => ${seconds}) from shop
    on conflict (shop_id) do update set asked_to = excluded.asked_to, answered_at = excluded.answered_at`.execute(
    db,
  )
}

async function callsOf(house: TradingHouse, platform: Platform): Promise<number> {
  const { calls } = Object(await house.control('counters'))
  return Object.entries<number>(calls)
    .filter(([name]) => name.endsWith(platforms[platform].method))
    .reduce((sum, [, count]) => sum + count, 0)
}

/** Prepares the deliveries up to the waybill, from the shops in turn, as on a usual day. */
async function deliveriesOf(house: TradingHouse, platform: Platform): Promise<string[]> {
  if (platform === 'tmall') {
    await createTrades(house, perShop)
    await stageAll(house)
  } else await stageByDetail(house)
  const { db } = house
  const trades = await convertible(house)
  await inChunks(house, trades, (tx, ids) =>
    convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }),
  )
  const orders = await idsOf(house, sql`select id from sales_order where status = 'unconfirmed' order by id`)
  await inChunks(house, orders, async (tx, ids) => {
    await transition(tx, ids, { event: 'confirm' }, systemActor)
    return []
  })
  await inChunks(house, orders, (tx, ids) =>
    releaseOrders(tx, ids, { actor: systemActor, scope: wholeScope }),
  )
  const deliveries = await idsOf(
    house,
    sql`select id from (select id, shop_id, row_number() over (partition by shop_id order by id) as turn
      from delivery where status = 'pending') d order by turn, shop_id`,
  )
  await inChunks(house, deliveries, (tx, ids) =>
    setWaybills(
      tx,
      ids.map((id) => ({ deliveryId: id, courier: 'SF', waybillNo: `SF${1_000_000_000_000 + Number(id)}` })),
      { actor: systemActor, scope: wholeScope },
    ),
  )
  if (deliveries.length !== shopCount * perShop) throw new Error(`${deliveries.length} deliveries`)
  await sql`vacuum analyze`.execute(db)
  return deliveries
}

/** Ten trades for each of twenty goods. */
function shares<Line>(lines: readonly Line[]): (readonly [Line, number])[] {
  return Array.from({ length: perShop / 10 }, (_, at) => lines[at % lines.length])
    .filter((line) => line !== undefined)
    .map((line) => [line, 10] as const)
}

/** Pinduoduo does not push trades, so they are downloaded. */
async function stageByDetail(house: TradingHouse): Promise<void> {
  const { db, server } = house
  const plain = { status: 'WAIT_SELLER_SEND_GOODS', hold: '', message: '', memo: '', flag: 0 }
  await Promise.all(
    house.shops.map(async ({ id, key }) => {
      const listings = Object(await house.control(`listings/${key}`)).listings
      const made: string[] = []
      for (const [line, count] of shares(sellable(listings)))
        made.push(
          ...Object(await house.control('trades', { shop: key, count, ...plain, lines: [line] })).tids,
        )
      const opened = await openCall(
        { db, ring: server.ring, connectors, simulator: true, limiter: createLimiter() },
        id,
      )
      const details = await Promise.all(
        made.map((tid) => callShop(opened, ({ trades }, call) => trades.detail(call, tid))),
      )
      const shop = { id, facts: await shopFacts(db, id) }
      const arrived = details.flatMap((detail) => (detail && 'trade' in detail ? [detail] : []))
      await rememberItems(db, id, arrived)
      const prepared = prepareTrades(server.ring, shop, arrived)
      await db
        .transaction()
        .execute((tx) => stageTrades(tx, server.ring, { shop, prepared, fetchedAt: new Date() }, systemActor))
    }),
  )
}

async function idsOf({ db }: TradingHouse, query: ReturnType<typeof sql>): Promise<string[]> {
  const found = await sql<{ id: string }>`${query}`.execute(db)
  return found.rows.map(({ id }) => id)
}

async function inChunks(
  { db }: TradingHouse,
  ids: readonly string[],
  work: (tx: Tx, ids: readonly string[]) => Promise<Outcome[]>,
): Promise<void> {
  for (let at = 0; at < ids.length; at += chunk)
    done(await db.transaction().execute((tx) => work(tx, ids.slice(at, at + chunk))))
}

function done(outcomes: readonly Outcome[]): void {
  const refused = outcomes.find((one) => !one.done)
  if (refused) throw new Error(JSON.stringify(refused))
}
