/** Returns a random time between 0 and base × 2ⁿ, at most `longestMs`. Calls that failed together are then not repeated together. */
export function backoffMs(attempt: number, baseMs: number, longestMs: number): number {
  return Math.random() * Math.min(longestMs, baseMs * 2 ** Math.min(attempt, 30))
}
