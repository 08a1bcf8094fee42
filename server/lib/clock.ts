/**
 * The database's time less `performance.now()` of this process, which is not changed when the machine's clock is set; undefined: the
 * database has not been asked yet.
 */
let offset: number | undefined

/**
 * Returns the database's time in milliseconds, as last compared; this machine's time before the first comparison. All rules use this time:
 * of several machines one always has a wrong clock, and the times it wrote would be in the past or future of the others. Setting the
 * machine's clock does not change the result.
 */
export const sharedMs = (): number =>
  offset === undefined ? Date.now() : Math.floor(offset + performance.now())

export const sharedNow = (): Date => new Date(sharedMs())

/** Sets the database's time, which is exact to ± `giveOrTakeMs`; called by house-process.ts. A difference within that changes nothing. */
export function databaseSays(ms: number, giveOrTakeMs: number): void {
  const now = performance.now()
  if (offset === undefined || Math.abs(offset + now - ms) > giveOrTakeMs) offset = ms - now
}
