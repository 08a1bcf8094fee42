import type { TradeBook } from '../../e2e/check/books.ts'
import { report } from '../report.ts'
import { rowsOf } from './staging.ts'
import { quota, type TradingHouse } from './trading-house.ts'

export type Books = { shippedOnce: number; twice: number; busiest: number; errors: object }

/** Returns the simulator's record: how often each line was shipped, and whether a shop exceeded its quota. */
export async function books(house: TradingHouse): Promise<Books> {
  let shippedOnce = 0
  let twice = 0
  for (const { key } of house.shops)
    for await (const row of rowsOf<TradeBook>(`${house.market}/control/books/${key}?kind=trades`)) {
      const most = Math.max(...row.lines.map(({ shipments }) => shipments))
      if (most > 1) twice += 1
      else if (row.lines.every(({ shipments }) => shipments === 1)) shippedOnce += 1
    }
  const { mostInASecond, errors } = Object(await house.control('counters'))
  const busiest = Math.max(...Object.values<number>(mostInASecond))
  return { shippedOnce, twice, busiest, errors }
}

/** Reports lines shipped twice or not at all, and shops that exceeded their quota. */
export function reportBooks(name: string, given: number, { shippedOnce, twice, busiest }: Books): void {
  report({
    name: `${name} books`,
    work: 'trades that the platform has not shipped exactly once',
    figure: given - shippedOnce + twice,
    unit: 'trades',
    floor: 1,
    atMost: true,
  })
  report({
    name: `${name} quota`,
    work: 'requests of the busiest shop in its busiest second',
    figure: busiest,
    unit: 'requests',
    floor: quota + 1,
    atMost: true,
  })
}
