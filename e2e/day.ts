import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { type Untrue, untrueFigures } from './check/screens.ts'
import { type Checked, check, describe } from './checker.ts'
import { type House, openHouse } from './day-house.ts'
import { openWarehouses } from './hands/place.ts'
import { peopleAtWork, type Work } from './people.ts'
import { hurry, settle } from './settle.ts'
import { badDay, openHearts } from './trouble.ts'

export type DayOptions = {
  seconds: number
  /** Trades of each shop at the start. */
  trades: number
  /** How many of the demo's shops; undefined: all. */
  shops?: number
  seed: string
  /** The time from one fault to the next; undefined: no faults. */
  troubleEveryMs?: number
  people: number
  /** How many people work in the warehouses. */
  hands: number
  log?: (line: string) => void
}
export type DayEnd = {
  checked: Checked
  restless: string[]
  work: Work
  logs: House['logs']
  /** Figures of pages that the tables contradict, at the end of the day and again when all was settled. */
  untrue: Untrue[]
}

/**
 * One day of trading in a short time: real processes, ten shops, simulated users, and faults in turn. Then everything settles and is
 * checked.
 */
export async function tradingDay(options: DayOptions): Promise<DayEnd> {
  const log = options.log ?? (() => {})
  await using house = await openHouse({ trades: options.trades, shops: options.shops, seed: options.seed })
  await openHearts(house)
  await openWarehouses(house)
  await house.start('web')
  await hurry(house)
  await house.start('worker')
  await house.control('rate', { newTradesPerMinute: 90, eventsPerMinute: 240 })
  const signal = AbortSignal.timeout(options.seconds * 1000)
  const { troubleEveryMs } = options
  const [work] = await Promise.all([
    peopleAtWork(house, options, options.seed, signal),
    troubleEveryMs === undefined ? undefined : badDay(house, options.seed, troubleEveryMs, signal),
  ])
  log('the day is over; reading the screens, settling, and reading them once more')
  // Awaited here, so that the processes run until the checker has finished.
  const untrue = await untrueScreens(house, false)
  const end = await endOfDay(house, 120_000)
  return { work, logs: house.logs, ...end, untrue: [...untrue, ...(await untrueScreens(house, true))] }
}

/** Restarts the web process first, because it keeps the figures of past hours for some minutes. */
async function untrueScreens(house: House, atRest: boolean): Promise<Untrue[]> {
  await house.stop('worker')
  await house.stop('web')
  await house.start('web')
  const client = new pg.Pool({ connectionString: house.databaseUrl, max: 1 })
  try {
    return await untrueFigures(client, house.boss, atRest)
  } finally {
    await client.end()
  }
}

export async function endOfDay(
  house: House,
  timeoutMs: number,
): Promise<Pick<DayEnd, 'checked' | 'restless'>> {
  const restless = await settle(house, timeoutMs)
  const checked = await check({
    databaseUrl: house.databaseUrl,
    sandboxUrl: house.sandbox.url,
    logs: house.logs,
  })
  return { checked, restless }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '20' },
      trades: { type: 'string', default: '400' },
      seed: { type: 'string', default: String(Date.now()) },
      people: { type: 'string', default: '6' },
      hands: { type: 'string', default: '3' },
      calm: { type: 'boolean', default: false },
      log: { type: 'string', default: '' },
    },
  })
  console.log(`seed ${values.seed}`)
  const { checked, restless, work, logs, untrue } = await tradingDay({
    seconds: Number(values.minutes) * 60,
    trades: Number(values.trades),
    seed: values.seed,
    people: Number(values.people),
    hands: Number(values.hands),
    ...(values.calm ? {} : { troubleEveryMs: Math.max(1500, Number(values.minutes) * 1000) }),
    log: (line) => console.log(line),
  })
  if (values.log) await writeFile(values.log, logs.map((log) => log.text).join('\n'))
  for (const [what, times] of [...work.done].toSorted()) console.log(`${String(times).padStart(6)}  ${what}`)
  for (const what of [...new Set(work.broken)].slice(0, 20)) console.log(`broken: ${what}`)
  for (const what of restless.slice(0, 20)) console.log(`not at rest: ${what}`)
  for (const one of untrue) console.log(`untrue: ${JSON.stringify(one)}`)
  console.log(describe(checked))
  process.exitCode =
    checked.differences.length + restless.length + work.broken.length + untrue.length === 0 ? 0 : 1
}
