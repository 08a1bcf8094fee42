import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { BenchServer } from '../database.ts'
import { memoryNowMb, peakMemoryMb, report } from '../report.ts'
import { type Conveyor, convertible, startConveyor } from './conveyor.ts'
import { type Books, books, reportBooks } from './market-books.ts'
import { processors, usedSince } from './processors.ts'
import { createTrades, stageAll } from './staging.ts'
import { openTradingHouse, type TradingHouse } from './trading-house.ts'

/** The number of shops: each may make twenty requests a second, so 400 orders a second need twenty shops, and a fifth more for reserve. */
const shopCount = 24
const perSecond = Number(process.env.RATE ?? 425)

/**
 * Measures the whole chain with the real processes: staged trade → sales order → confirmed → released → waybill → shipped → written back
 * over HTTP to a simulator that enforces the platform's quota. Everything runs on this machine, and trades come at a steady rate. Then the
 * simulator's record is checked.
 */
export async function benchThrough(server: BenchServer, minutes: number): Promise<void> {
  await using house = await openTradingHouse(server, 'bench_through', shopCount)
  const seconds = minutes * 60
  const count = Math.ceil((perSecond * seconds) / shopCount) * shopCount
  await createTrades(house, count / shopCount)
  const staged = await stageAll(house)
  await sql`vacuum analyze`.execute(house.db)
  if (process.env.VERBOSE) console.log(`ready after ${Math.round(performance.now() / 1000)} s`)
  const ids = await convertible(house)
  if (staged !== count || ids.length !== count)
    throw new Error(
      `${ids.length} of ${count} trades can be converted ${JSON.stringify(await depths(house))}`,
    )
  await house.start('web')
  await house.start('worker')
  await sleep(1500)
  const before = processors(house)
  const began = new Date()
  const conveyor = startConveyor(house, ids, perSecond)
  const memory = await watch(house, conveyor, began, seconds)
  await conveyor.stop()
  await untilTold(house, conveyor.given())
  const facts = {
    ...(await figures(house, began, seconds)),
    ...(await books(house)),
    stages: stagesOf(conveyor),
    memory,
  }
  tell(house, conveyor.given(), { ...facts, processorSeconds: usedSince(house, before) })
}

async function watch(house: TradingHouse, conveyor: Conveyor, began: Date, seconds: number) {
  let early = 0
  for (;;) {
    await sleep(5000)
    const elapsed = (Date.now() - began.getTime()) / 1000
    const worker = house.pids().worker ?? 0
    if (early === 0) early = memoryNowMb(worker)
    if (process.env.VERBOSE)
      console.log(Math.round(elapsed), conveyor.given(), JSON.stringify(await depths(house)))
    if (elapsed >= seconds) return { early, late: memoryNowMb(worker), peak: peakMemoryMb(worker) }
  }
}

async function depths(house: TradingHouse) {
  const found = await sql<{ what: string; n: number }>`
    select state as what, count(*)::int as n from platform_action group by 1
    union all select status, count(*)::int from sales_order group by 1
    union all select concat_ws(' ', 'trade', state, reason), count(*)::int from staged_trade group by 1`.execute(
    house.db,
  )
  return Object.fromEntries(found.rows.map(({ what, n }) => [what, n]))
}

async function untilTold(house: TradingHouse, count: number): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(250)) {
    const found = await sql<{ n: number }>`
      select count(*)::int as n from platform_action where state = 'succeeded'`.execute(house.db)
    if (found.rows[0]?.n === count) return
  }
  throw new Error(`not all of ${count} were written back: ${JSON.stringify(await depths(house))}`)
}

type Figures = { whole: number; thirds: number[]; p50Ms: number; p99Ms: number; maxMs: number }

/** The whole time ends when the last order was written back; the thirds are thirds of the time in which trades arrived. */
async function figures(house: TradingHouse, began: Date, seconds: number): Promise<Figures> {
  const found = await sql<Omit<Figures, 'thirds'> & { thirds: number[] }>`
    with told as (select extract(epoch from ended_at - ${began}::timestamptz) as at, extract(epoch from ended_at - created_at) * 1000 as ms
      from platform_action where state = 'succeeded')
    select (count(*) / max(at))::float8 as whole,
      array(select (select count(*) from told where at > n * ${seconds / 3}::float8 and at <= (n + 1) * ${seconds / 3}::float8) / ${seconds / 3}::float8
        from generate_series(0, 2) n) as thirds,
      percentile_cont(0.5) within group (order by ms)::float8 as "p50Ms", percentile_cont(0.99) within group (order by ms)::float8 as "p99Ms",
      max(ms)::float8 as "maxMs"
    from told`.execute(house.db)
  const [row] = found.rows
  if (!row) throw new Error('nothing was written back')
  return row
}

const stagesOf = ({ stages }: Conveyor) =>
  Object.fromEntries(
    Object.entries(stages).map(([name, { orders, busyMs }]) => [name, Math.round((orders * 1000) / busyMs)]),
  )

type Facts = Figures & Books & { memory: { peak: number } } & Record<string, unknown>

function tell(house: TradingHouse, given: number, facts: Facts): void {
  console.log(JSON.stringify(facts, null, 1))
  const worst = Math.min(facts.whole, ...facts.thirds)
  report({
    name: 'through',
    work: `${given.toLocaleString('en')} staged trades of ${house.shops.length} shops → shipped → written back, the worst of whole and thirds`,
    figure: worst,
    unit: 'orders/s',
    floor: 400,
    atMost: false,
    facts,
  })
  reportBooks('through', given, facts)
  report({
    name: 'write-back',
    work: 'from shipped to written back, p99',
    figure: facts.p99Ms / 1000,
    unit: 's',
    floor: 5,
    atMost: true,
  })
  report({
    name: 'through memory',
    work: 'the most that the worker held',
    figure: facts.memory.peak,
    unit: 'MB',
    floor: 350,
    atMost: true,
  })
}
