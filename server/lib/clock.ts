let aheadMs = 0

/**
 * What the database's clock says, as far as this process compared its own with it. Rules go by this one: of several machines
 * there is always one whose clock is wrong, and what it writes would be in the others' past or future.
 */
export function sharedNow(): Date {
  return new Date(Date.now() - aheadMs)
}

export const sharedMs = (): number => Date.now() - aheadMs

/** Said by whoever compared the clocks (house-process.ts). */
export function clockIsAhead(ms: number): void {
  aheadMs = ms
}
