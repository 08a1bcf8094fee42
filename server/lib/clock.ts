/**
 * The database's time less this process's `performance.now()`, which does not change when the machine's clock is set. Undefined: the
 * database was not asked yet.
 */
let offset: number | undefined

/**
 * Returns the database's time in milliseconds; before the first comparison this machine's time. All rules use it, because machines have
 * different clocks.
 */
export const sharedMs = (): number =>
  offset === undefined ? Date.now() : Math.floor(offset + performance.now())

export const sharedNow = (): Date => new Date(sharedMs())

/** A process that serves many installations follows the directory's database, because their servers' clocks may differ. */
export type ClockSource = 'installation' | 'directory'
let source: ClockSource = 'installation'

/** From now on this process follows the time of the directory only. */
export function followDirectory(): void {
  source = 'directory'
}

/**
 * Sets the database's time, which is exact to ± `giveOrTakeMs`. A difference that is smaller than that is ignored. house-process.ts calls
 * it.
 */
export function databaseSays(ms: number, giveOrTakeMs: number, from: ClockSource = 'installation'): void {
  if (from !== source) return
  const now = performance.now()
  if (offset === undefined || Math.abs(offset + now - ms) > giveOrTakeMs) offset = ms - now
}
