import { databaseSeconds, processorSeconds } from '../processor.ts'
import type { TradingHouse } from './trading-house.ts'

/** The seconds of processor time so far of each process of a trading house: its own, the simulator (`market`), the database, and this driver. */
export function processors(house: TradingHouse): Record<string, number> {
  const pids = Object.entries({ ...house.pids(), driver: process.pid })
  const seconds = pids.map(([name, pid]) => [name, processorSeconds(pid)] as const)
  return { ...Object.fromEntries(seconds), database: databaseSeconds() }
}

/** The seconds of each since `before`, rounded to tenths. */
export const usedSince = (house: TradingHouse, before: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(processors(house)).map(([name, s]) => [
      name,
      Math.round((s - (before[name] ?? 0)) * 10) / 10,
    ]),
  )
