/** An amount is whole 分 in a `number`, safe up to 90 trillion yuan. */

/**
 * Converts yuan as platforms write them ("12.50", 12.5, "-0.01") to 分. Throws unless the value is a decimal number with at most two places;
 * further zeros are accepted.
 */
export function fenFromYuan(value: string | number): number {
  const match = /^(-?)(\d{1,12})(?:\.(\d{0,2})0*)?$/.exec(
    typeof value === 'number' ? decimal(value) : value.trim(),
  )
  if (!match) throw new RangeError('not an amount in yuan')
  const fen = Number(match[2]) * 100 + Number((match[3] ?? '').padEnd(2, '0'))
  return match[1] && fen !== 0 ? -fen : fen
}

/** A platform that sends numbers may send an inexact one, such as 0.1 + 0.2. It is rounded to two places. */
function decimal(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError('not an amount in yuan')
  return value.toFixed(2)
}

/** Converts 分 to a decimal text in yuan: 1234567 → "12345.67" */
export function yuanFromFen(fen: number): string {
  const sign = fen < 0 ? '-' : ''
  const absolute = Math.abs(fen)
  return `${sign}${Math.floor(absolute / 100)}.${String(absolute % 100).padStart(2, '0')}`
}

/**
 * Splits `total` in proportion to `weights`. The parts sum to `total`, and each differs from its exact share by less than one 分. The
 * remaining 分 go to the largest remainders, and of equal ones to the earlier part. If all weights are zero, the parts are equal.
 */
export function apportion(total: number, weights: readonly number[]): number[] {
  if (weights.length === 0) return []
  const sum = weights.reduce((a, b) => a + b, 0)
  const shares = sum === 0 ? weights.map(() => 1) : weights
  const whole = BigInt(sum === 0 ? weights.length : sum)
  const sign = total < 0 ? -1 : 1
  const amount = BigInt(Math.abs(total))
  const parts = shares.map((weight) => Number((amount * BigInt(weight)) / whole))
  const remainders = shares.map((weight, index) => ({ index, rest: (amount * BigInt(weight)) % whole }))
  let left = Math.abs(total) - parts.reduce((a, b) => a + b, 0)
  remainders.sort((a, b) => (b.rest === a.rest ? a.index - b.index : b.rest > a.rest ? 1 : -1))
  for (const { index } of remainders) {
    if (left === 0) break
    parts[index] = (parts[index] ?? 0) + 1
    left -= 1
  }
  return parts.map((part) => (part === 0 ? 0 : part * sign))
}
