import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { describe } from '../../e2e/checker.ts'
import { ownCluster } from '../../e2e/cluster.ts'
import { endOfDay } from '../../e2e/day.ts'
import { type House, openHouse } from '../../e2e/day-house.ts'
import { hurry, tasksOf } from '../../e2e/settle.ts'
import { type Supervised, supervise, type Victim, victims } from '../../e2e/supervised.ts'
import { createRandom } from '../../sandbox/world/random.ts'
import { stockDemo } from '../../server/inventory/demo.ts'
import { goodsOf } from '../../server/start/demo.ts'
import { quantile, report } from '../report.ts'
import { clerksAtWork } from './clerks.ts'

/** `ms`: until work continues. `healedMs`: until the interrupted work continues, if that was waited for. */
type Kill = { victim: Victim; at: Date; ms: number; healedMs?: { runs: number; jobs: number } }

/**
 * Runs the whole of Sanyi as `npm start` does, from new trades to written-back shipments, and kills at random with `kill -9`: the worker,
 * the web process, the database (its port blocked for five seconds), the main process, or all of them. Only a service manager restarts what
 * ended. Then checks that no work was lost, doubled or reported twice.
 */
export async function benchKills(count: number, seed: string): Promise<number> {
  await using cluster = await ownCluster()
  await using house = await openHouse({ trades: 60, seed, database: cluster })
  const supervised = await supervise(house, cluster)
  await untilPageAnswers(house)
  await openDesk(house)
  const over = new AbortController()
  const clerks = clerksAtWork(house, seed, over.signal)
  const kills = await killing(house, supervised, count, seed).finally(() => over.abort())
  const shift = await clerks
  const orphans = await supervised.stop()
  await house.start('web')
  await house.start('worker')
  const { checked, restless } = await endOfDay(house, 120_000)
  // A killed process may show only as no answer or as 503.
  const broken = [...shift.answers.keys()].filter((answer) => !/ (0|20\d|503)$/.test(answer))
  const wrong = checked.differences
  const chain = await chainOf(house)
  const facts = {
    seed,
    kills: Object.fromEntries(
      victims.map((one) => [one, kills.filter(({ victim }) => victim === one).length]),
    ),
    medianMs: Object.fromEntries(victims.map((one) => [one, quantile(msOf(kills, one), 0.5)])),
    slowestJobMs: Math.max(0, ...kills.map(({ healedMs }) => healedMs?.jobs ?? 0)),
    deaths: house.deaths,
    orphans,
    restless,
    broken,
    chain,
    answers: Object.fromEntries([...shift.answers].toSorted()),
  }
  // A run without work would prove nothing.
  if ((chain['written back'] ?? 0) < count)
    broken.push('fewer parcels were written back than processes killed')
  console.log(describe(checked))
  console.log(JSON.stringify(facts, null, 1))
  const sum = wrong.length + restless.length + house.deaths.length + broken.length + orphans.length
  reportKills(kills, sum, facts)
  return sum
}

/** Prepares stock, short task intervals, automatic conversion and confirmation, and a stream of trades. */
async function openDesk(house: House): Promise<void> {
  const goods = await Promise.all(house.shops.map((shop) => goodsOf(house.sandbox.url, shop)))
  await stockDemo(house.db, goods.flat())
  await hurry(house)
  for (const shop of house.shops) {
    const rule = { name: '全部', enabled: true, from: null, to: null, checks: { difference: { on: false } } }
    const body = { rules: [rule], version: 0 }
    const { status } = await house.boss.call('PUT', `/api/confirm-rules/${shop.id}`, body)
    if (status !== 204) throw new Error(`confirm rules: ${status}`)
  }
  for (const task of await tasksOf(house)) {
    if (!['auto_convert_trades', 'auto_convert_refunds', 'auto_confirm', 'listings'].includes(task.kind))
      continue
    const params = task.kind === 'auto_convert_refunds' ? { params: { allStatuses: true } } : {}
    const patch = { schedule: { everySeconds: 1 }, enabled: true, ...params }
    await house.boss.call('PATCH', `/api/tasks/${task.id}`, patch)
  }
  await house.control('rate', { newTradesPerMinute: 60, eventsPerMinute: 20 })
}

async function killing(house: House, supervised: Supervised, count: number, seed: string): Promise<Kill[]> {
  const random = createRandom(`kills/${seed}`)
  const kills: Kill[] = []
  for (let turn = 0; turn < count; turn += 1) {
    await sleep(random.between(300, 3000))
    const victim = random.pick(victims)
    const at = new Date()
    await supervised.kill(victim)
    await untilWorkGoesOn(house, at)
    const ms = Date.now() - at.getTime()
    // At every other kill the next process is killed before the interrupted work continues.
    kills.push({ victim, at, ms, ...(turn % 2 === 0 ? { healedMs: await healing(house, at) } : {}) })
    console.log(`  ${turn + 1}. ${victim}: work went on after ${(ms / 1000).toFixed(1)} s`)
  }
  return kills
}

async function untilPageAnswers(house: House): Promise<void> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(100)) {
    const page = await house.boss.call('GET', '/api/orders?limit=1').catch(() => undefined)
    if (page?.status === 200) return
  }
  throw new Error('The page did not answer within two minutes.')
}

/** Waits until the page answers and a task that began after the kill has ended. */
async function untilWorkGoesOn(house: House, since: Date): Promise<void> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(100)) {
    const page = await house.boss.call('GET', '/api/orders?limit=1').catch(() => undefined)
    if (page?.status !== 200) continue
    const done = await sql<{ n: number }>`
      select count(*)::int as n from task_run where started_at > ${since} and state = 'done'`
      .execute(house.db)
      .catch(() => undefined)
    if ((done?.rows[0]?.n ?? 0) > 0) return
  }
  throw new Error('Work did not go on within two minutes.')
}

/**
 * Returns how long it takes until the interrupted task runs and jobs run in other processes. Runs that were lost before that wait on
 * purpose and are ignored.
 */
async function healing(house: House, since: Date): Promise<{ runs: number; jobs: number }> {
  const healed = { runs: 0, jobs: 0 }
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) {
    const found = await sql<{ runs: number; jobs: number }>`
      select (
        select count(*)::int from task_run r where r.started_at < ${since} and (r.state = 'running' or r.state = 'lost' and r.ended_at > ${since}
          and not exists (select from task_run n where n.task_id = r.task_id and n.id > r.id and n.started_at is not null)
          and coalesce((select p.state <> 'lost' from task_run p where p.task_id = r.task_id and p.id < r.id order by p.id desc limit 1), true))
      ) as runs, (select count(*)::int from job where state = 'active' and started_on < ${since}) as jobs`
      .execute(house.db)
      .catch(() => undefined)
    const open = found?.rows[0]
    const ms = Date.now() - since.getTime()
    if (open?.runs === 0) healed.runs ||= ms
    if (open?.jobs === 0) healed.jobs ||= ms
    if (healed.runs > 0 && healed.jobs > 0) return healed
  }
  throw new Error('What was interrupted was not taken up within a minute.')
}

/** Returns the number of orders in each stage. */
async function chainOf(house: House): Promise<Record<string, number>> {
  const found = await sql<{ what: string; n: number }>`
    select status as what, count(*)::int as n from sales_order group by 1
    union all select 'written back', count(*)::int from sales_order where written_back_at is not null
    union all select 'write-back ' || write_back, count(*)::int from delivery where write_back <> '' group by 1
    order by 1`.execute(house.db)
  return Object.fromEntries(found.rows.map(({ what, n }) => [what, n]))
}

const msOf = (kills: readonly Kill[], victim: Victim) =>
  kills.filter((kill) => kill.victim === victim).map(({ ms }) => ms)

function reportKills(kills: readonly Kill[], wrong: number, facts: Record<string, unknown>): void {
  const healed = kills
    .filter(({ victim }) => victim === 'worker' || victim === 'web')
    .flatMap(({ healedMs }) => healedMs?.runs ?? [])
  const processes = [...msOf(kills, 'worker'), ...msOf(kills, 'web')]
  const database = msOf(kills, 'database')
  const whole = [...msOf(kills, 'main'), ...msOf(kills, 'everything')]
  const slowest = (times: readonly number[]) => Math.max(0, ...times) / 1000
  report({
    name: 'kill process',
    work: `slowest of ${processes.length} kill -9 of worker or web until work goes on`,
    figure: slowest(processes),
    unit: 's',
    floor: 15,
    atMost: true,
  })
  report({
    name: 'kill task',
    work: `slowest of ${healed.length} kill -9 of worker or web until every interrupted task goes on`,
    figure: slowest(healed),
    unit: 's',
    floor: 15,
    atMost: true,
  })
  report({
    name: 'kill database',
    work: `slowest of ${database.length} kill -9 of the database, its port held for 5 s, until work goes on`,
    figure: slowest(database),
    unit: 's',
    floor: 30,
    atMost: true,
  })
  report({
    name: 'kill house',
    work: `slowest of ${whole.length} kill -9 of the main process, or of everything, until work goes on`,
    figure: slowest(whole),
    unit: 's',
    floor: 60,
    atMost: true,
  })
  report({
    name: 'kill books',
    work: `differences between our books, the desk’s and the platforms’ after ${kills.length} kills`,
    figure: wrong,
    unit: 'rows',
    floor: 1,
    atMost: true,
    facts,
  })
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now()) },
    },
  })
  console.log(`seed ${values.seed}`)
  process.exitCode = (await benchKills(Number(values.kills), values.seed)) === 0 ? 0 : 1
}
