/** "+9.6%", or "×12" of a figure that has become many times as much; empty: there is nothing to compare with. */
export function changeOf(now: number, before: number): string {
  if (before === 0) return ''
  if (now >= 10 * before) return `×${Math.round(now / before)}`
  const change = (100 * (now - before)) / before
  return `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)}%`
}
