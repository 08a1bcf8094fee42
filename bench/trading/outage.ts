import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { BenchServer } from '../database.ts'
import { report } from '../report.ts'
import { convertible, startConveyor } from './conveyor.ts'
import { type Books, books, reportBooks } from './market-books.ts'
import { createTrades, stageAll } from './staging.ts'
import { openTradingHouse, type TradingHouse } from './trading-house.ts'

const shopCount = 24
/** Orders per second of one shop; 0.5 is 43,200 a day. */
const arrival = Number(process.env.ARRIVAL ?? 0.5)
/** The longest time to wait for catching up. */
const longestCatchUpSeconds = 300

/**
 * Measures catching up after the platform was unavailable for an hour while orders went on arriving. All orders of the hour are shipped
 * while the simulator answers 502 or nothing, as fast as possible. Then the rows are changed as if an hour had passed: actions are up to an
 * hour old, tried ones wait up to ten minutes for their next try, and every shop was just probed in vain, so that the next probe is as late
 * as possible. From then on time is real.
 */
export async function benchOutage(server: BenchServer): Promise<void> {
  await using house = await openTradingHouse(server, 'bench_outage', shopCount)
  const backlog = Math.ceil(3600 * arrival) * shopCount
  await createTrades(house, Math.ceil((3600 + longestCatchUpSeconds) * arrival))
  await stageAll(house)
  await sql`vacuum analyze`.execute(house.db)
  if (process.env.VERBOSE) console.log(`ready after ${Math.round(performance.now() / 1000)} s`)
  const ids = await convertible(house)
  await house.start('web')
  await house.start('worker')
  const faults = await goAway(house)
  const calm = knocksOf(house)
  await shipAll(house, ids.slice(0, backlog))
  const knocksPerShopAMinute = await calm()
  await anHourPasses(house)
  const conveyor = startConveyor(house, ids.slice(backlog), arrival * shopCount)
  await sleep(3000)
  const before = await told(house)
  for (const id of faults) await house.control(`faults/${id}`, undefined, 'DELETE')
  const caught = await catchUp(house, before)
  await conveyor.stop()
  const given = backlog + conveyor.given()
  await untilAllTold(house, given)
  tell({
    ...caught,
    ...(await books(house)),
    backlog,
    given,
    knocksPerShopAMinute,
  })
}

/** Makes the simulator unavailable: two of three answers are a gateway error, the third never comes. */
async function goAway(house: TradingHouse): Promise<string[]> {
  const silence = await house.control('faults', { kind: 'timeout-before', probability: 0.33, ms: 60_000 })
  const error = await house.control('faults', { kind: 'http', status: 502 })
  return [silence, error].map((fault) => String(Object(fault).id))
}

async function shipAll(house: TradingHouse, ids: readonly string[]): Promise<void> {
  const conveyor = startConveyor(house, ids, 5000)
  while (conveyor.stages.ship.orders < ids.length) await sleep(250)
  await conveyor.stop()
}

async function anHourPasses({ db }: TradingHouse): Promise<void> {
  await sql`
    update platform_action set created_at = created_at - random() * interval '1 hour',
      next_at = case when away then now() + random() * interval '10 minutes' else next_at end`.execute(db)
  await sql`
    update shop_gate set away_since = now() - interval '1 hour', probes = 240, probe_at = now() + (7.5 + random() * 7.5) * interval '1 second'
    where away_since is not null`.execute(db)
  await sql`vacuum analyze platform_action`.execute(db)
}

/** Returns a function that counts the requests of a shop per minute. Counting starts 15 s later, when Sanyi has noticed the failure. */
function knocksOf(house: TradingHouse): () => Promise<number> {
  const seen = sleep(15_000).then(async () => ({ at: Date.now(), calls: await callsIn(house) }))
  return async () => {
    const { at, calls } = await seen
    const atLeast = 15_000 - (Date.now() - at)
    if (atLeast > 0) await sleep(atLeast)
    return ((await callsIn(house)) - calls) / shopCount / ((Date.now() - at) / 60_000)
  }
}

async function callsIn(house: TradingHouse): Promise<number> {
  const { calls } = Object(await house.control('counters'))
  return Object.values<number>(calls).reduce((sum, one) => sum + one, 0)
}

async function told({ db }: TradingHouse): Promise<number> {
  const found = await sql<{
    n: number
  }>`select count(*)::int as n from platform_action where state = 'succeeded'`.execute(db)
  return found.rows[0]?.n ?? 0
}

type Caught = { noticedSeconds: number; seconds: number; perSecond: number }

/** Waits until the actions that existed when the platform came back are done. */
async function catchUp(house: TradingHouse, before: number): Promise<Caught> {
  const began = new Date()
  const seconds = () => (Date.now() - began.getTime()) / 1000
  let noticedSeconds = 0
  for (; seconds() < longestCatchUpSeconds; await sleep(500)) {
    const done = (await told(house)) - before
    if (process.env.VERBOSE) console.log(Math.round(seconds()), done)
    if (noticedSeconds === 0 && done > 0) noticedSeconds = seconds()
    const left = await sql`
      select from platform_action where state in ('pending', 'sending', 'unknown') and created_at < ${began} limit 1`.execute(
      house.db,
    )
    if (left.rows.length === 0) return { noticedSeconds, seconds: seconds(), perSecond: done / seconds() }
  }
  throw new Error('the backlog was not caught up with')
}

async function untilAllTold(house: TradingHouse, count: number): Promise<void> {
  for (const deadline = Date.now() + 60_000; (await told(house)) < count; await sleep(250))
    if (Date.now() > deadline) throw new Error(`${await told(house)} of ${count} were written back`)
}

type Facts = Caught & Books & { backlog: number; given: number; knocksPerShopAMinute: number }

function tell(facts: Facts): void {
  console.log(JSON.stringify(facts, null, 1))
  report({
    name: 'outage',
    work: `${facts.backlog.toLocaleString('en')} write-backs of an hour, ${(arrival * shopCount).toFixed(1)} more a second: rate of catching up by that of arriving`,
    figure: facts.perSecond / (arrival * shopCount),
    unit: '×',
    floor: 5,
    atMost: false,
    facts,
  })
  reportBooks('outage', facts.given, facts)
  report({
    name: 'outage notice',
    work: 'from the platform’s return to the first write-back',
    figure: facts.noticedSeconds,
    unit: 's',
    floor: 20,
    atMost: true,
  })
  report({
    name: 'outage calm',
    work: 'requests a minute of one shop while the platform was away',
    figure: facts.knocksPerShopAMinute,
    unit: 'requests',
    floor: 30,
    atMost: true,
  })
}
