import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { createRandom } from '../sandbox/world/random.ts'
import { keepEvidence } from './check/evidence.ts'
import { type Checked, describe } from './checker.ts'
import { type Cluster, type Kill, killPostmaster, ownCluster, resumption } from './cluster.ts'
import { endOfDay } from './day.ts'
import { type House, openHouse } from './day-house.ts'
import { openWarehouses } from './hands/place.ts'
import { peopleAtWork, type Work } from './people.ts'
import { hurry } from './settle.ts'

export type ChaosOptions = {
  kills: number
  trades: number
  /** How many of the demo's shops; undefined: all. */
  shops?: number | undefined
  seed: string
  people: number
  hands: number
}
export type ChaosEnd = {
  checked: Checked
  restless: string[]
  work: Work
  /** For each interrupted task, the milliseconds from the kill to its next run. */
  resumedMs: number[]
  lostRuns: number
  /** Milliseconds from the end of the database to the next run of a task. */
  afterDatabaseMs: number
  /** Processes that ended without being asked to. */
  deaths: string[]
  /** The folder with the tables, books and logs of a house that was not clean or not at rest. */
  evidence: string | undefined
}

/**
 * Two workers download, convert and write back, while one of them is killed again and again, and the database once. A supervisor restarts
 * what ended. Then everything comes to rest and is checked.
 */
export async function chaos(options: ChaosOptions): Promise<ChaosEnd> {
  await using cluster = await ownCluster()
  await using house = await openHouse({
    trades: options.trades,
    shops: options.shops,
    seed: options.seed,
    database: cluster,
  })
  await openWarehouses(house)
  await house.start('web')
  await hurry(house)
  await Promise.all([house.start('worker', 0), house.start('worker', 1)])
  await house.control('rate', { newTradesPerMinute: 120, eventsPerMinute: 300 })
  const over = new AbortController()
  const people = peopleAtWork(house, options, options.seed, over.signal)
  const random = createRandom(`chaos/${options.seed}`)
  const kills: Kill[] = []
  let afterDatabaseMs = 0
  // The people at work stop also if a process does not come back; otherwise the test would never end.
  using _ending = { [Symbol.dispose]: () => over.abort() }
  for (let turn = 0; turn < options.kills; turn += 1) {
    await sleep(random.between(500, 3000))
    if (turn === Math.floor(options.kills / 2)) afterDatabaseMs = await killDatabase(house, cluster)
    const number = random.between(0, 1)
    const at = new Date()
    kills.push({ at, pid: await house.kill('worker', number) })
    await house.start('worker', number)
  }
  await sleep(3000)
  over.abort()
  const work = await people
  const { resumedMs, lostRuns } = await resumption(house, kills)
  const end = await endOfDay(house, 150_000)
  const isClean = end.checked.differences.length + end.restless.length === 0
  return {
    work,
    resumedMs,
    lostRuns,
    afterDatabaseMs,
    deaths: house.deaths,
    ...end,
    evidence: isClean ? undefined : await keepEvidence(house, end.checked),
  }
}

async function killDatabase(house: House, cluster: Cluster): Promise<number> {
  const died = Date.now()
  await killPostmaster(cluster)
  // A real supervisor also restarts only some time after the end.
  await sleep(300)
  await cluster.again()
  const back = new Date()
  while (Date.now() - died < 60_000) {
    const found = await sql<{ n: number }>`
      select count(*)::int as n from task_run where started_at > ${back} and state = 'done'`
      .execute(house.db)
      .catch(() => undefined)
    if ((found?.rows[0]?.n ?? 0) > 0) break
    await sleep(100)
  }
  return Date.now() - died
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '60' },
      trades: { type: 'string', default: '600' },
      shops: { type: 'string' },
      seed: { type: 'string', default: String(Date.now()) },
      people: { type: 'string', default: '6' },
      hands: { type: 'string', default: '3' },
    },
  })
  console.log(`seed ${values.seed}`)
  const end = await chaos({
    kills: Number(values.kills),
    trades: Number(values.trades),
    shops: values.shops === undefined ? undefined : Number(values.shops),
    seed: values.seed,
    people: Number(values.people),
    hands: Number(values.hands),
  })
  console.log(
    `lost runs ${end.lostRuns}, slowest resumption ${Math.max(0, ...end.resumedMs)} ms, after the database ${end.afterDatabaseMs} ms`,
  )
  for (const death of end.deaths) console.log(`died: ${death}`)
  for (const what of [...new Set(end.work.broken)].slice(0, 20)) console.log(`broken: ${what}`)
  for (const what of end.restless.slice(0, 20)) console.log(`not at rest: ${what}`)
  console.log(describe(end.checked))
  if (end.evidence) console.log(`tables, books and logs: ${end.evidence}`)
  process.exitCode = end.checked.differences.length + end.restless.length === 0 ? 0 : 1
}
