import type { FaultBoard } from './faults.ts'
import type { Rate } from './world/life.ts'
import type { World } from './world/world.ts'

/** All that one running simulator knows. */
export interface Sandbox {
  world: World
  board: FaultBoard
  /** Calls by `shop method`, and errors by `shop method code`. */
  calls: Map<string, number>
  errors: Map<string, number>
  rate: Rate
  /** How long a fresh access token lives, seconds. */
  tokenLife: number
}

export function count(counter: Map<string, number>, key: string): void {
  counter.set(key, (counter.get(key) ?? 0) + 1)
}
