/** Server and pages both import this file, so it imports nothing. */

const twoPlaces = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** Formats fen as yuan without a currency sign: 126800 分 → "1,268.00". */
export function yuan(fen: number): string {
  return twoPlaces.format((fen || 0) / 100).replace('-', '−')
}

/** Formats fen as yuan with ¥: −2900 分 → "−¥29.00". */
export function money(fen: number): string {
  return fen < 0 ? `−¥${yuan(-fen)}` : `¥${yuan(fen)}`
}
