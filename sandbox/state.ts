import type { FaultBoard } from './faults.ts'
import type { Kuaidi100 } from './kuaidi100/labels.ts'
import type { TrackingBooks } from './kuaidi100/tracking.ts'
import type { PushBooks } from './push/books.ts'
import type { Rate } from './world/life.ts'
import type { World } from './world/world.ts'

export interface Sandbox {
  world: World
  board: FaultBoard
  kuaidi100: Kuaidi100
  tracking: TrackingBooks
  push: PushBooks
  /** Number of calls by `shop method`, and of errors by `shop method code`. */
  calls: Map<string, number>
  errors: Map<string, number>
  /** For each shop, the calls of the present second and the most calls of any second. */
  peaks: Map<string, Peak>
  rate: Rate
  /** Lifetime of a new access token in seconds. */
  tokenLife: number
}

export interface Peak {
  second: number
  calls: number
  most: number
}

/** Counts a call of a shop, before it is known how the call will be answered. */
export function countCall({ calls, peaks }: Sandbox, shop: string, method: string, nowMs: number): void {
  count(calls, `${shop} ${method}`)
  const second = Math.floor(nowMs / 1000)
  const peak = peaks.get(shop)
  if (peak === undefined) {
    peaks.set(shop, { second, calls: 1, most: 1 })
    return
  }
  peak.calls = peak.second === second ? peak.calls + 1 : 1
  peak.second = second
  peak.most = Math.max(peak.most, peak.calls)
}

export function count(counter: Map<string, number>, key: string): void {
  counter.set(key, (counter.get(key) ?? 0) + 1)
}
