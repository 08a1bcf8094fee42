/** What to add to this process's own counter, which nobody sets, to have the database's time; undefined: nobody asked it yet. */
let offset: number | undefined

/**
 * What the database's clock says, as far as it was asked. Rules go by this one: of several machines there is always one whose clock
 * is wrong, and what it writes would be in the others' past or future. A machine's clock that is set moves nothing here.
 */
export const sharedMs = (): number =>
  offset === undefined ? Date.now() : Math.floor(offset + performance.now())

export const sharedNow = (): Date => new Date(sharedMs())

/** Said by whoever asked the database (house-process.ts): what it says now, give or take. Within that nothing is changed. */
export function databaseSays(ms: number, giveOrTakeMs: number): void {
  const now = performance.now()
  if (offset === undefined || Math.abs(offset + now - ms) > giveOrTakeMs) offset = ms - now
}
