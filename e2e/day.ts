import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Checked, check, describe } from './checker.ts'
import { type House, openHouse } from './day-house.ts'
import { hurry, settle } from './settle.ts'

export type DayOptions = {
  seconds: number
  trades: number
  seed?: string
  faults?: boolean
  log?: (line: string) => void
}
export type DayEnd = { checked: Checked; restless: string[] }

/** A day of trading, compressed: real processes, four shops, people at work, faults in turn; then rest, and the checker. */
export async function tradingDay(options: DayOptions): Promise<DayEnd> {
  const log = options.log ?? (() => {})
  await using house = await openHouse({
    trades: options.trades,
    ...(options.seed ? { seed: options.seed } : {}),
  })
  await house.start('web')
  await house.start('worker')
  await hurry(house)
  await house.control('rate', { newTradesPerMinute: 120, eventsPerMinute: 200 })
  await sleep(options.seconds * 1000)
  log('the day is over; settling')
  // Awaited here: the house stands until the checker is done.
  return await endOfDay(house, 60_000)
}

export async function endOfDay(house: House, timeoutMs: number): Promise<DayEnd> {
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
    },
  })
  console.log(`seed ${values.seed}`)
  const { checked, restless } = await tradingDay({
    seconds: Number(values.minutes) * 60,
    trades: Number(values.trades),
    seed: values.seed,
    log: (line) => console.log(line),
  })
  for (const what of restless) console.log(`not at rest: ${what}`)
  console.log(describe(checked))
  process.exitCode = checked.differences.length + restless.length === 0 ? 0 : 1
}
