/** Full jitter: anything between nothing and base × 2ⁿ, capped. Those that failed together do not come back together. */
export function backoffMs(attempt: number, baseMs: number, longestMs: number): number {
  return Math.random() * Math.min(longestMs, baseMs * 2 ** Math.min(attempt, 30))
}
