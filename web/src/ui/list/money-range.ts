/** A range of amounts as typed, in yuan. An empty side has no limit. */
type Bounds = readonly [from: string, to: string]

/** "1000~" → ["10", ""] */
export function moneyBounds(value: string): Bounds {
  const [from = '', to = ''] = value.split('~').map((fen) => (fen === '' ? '' : String(Number(fen) / 100)))
  return [from, to]
}

/** Returns the range as addresses have it, in fen; '' without limits; undefined if a limit cannot be read. */
export function moneyRange([from, to]: Bounds): string | undefined {
  const [low, high] = [readFen(from), readFen(to)]
  if (low === undefined || high === undefined) return undefined
  return low === '' && high === '' ? '' : `${low}~${high}`
}

/** Reads an amount in yuan, also as copied from a sheet: "¥1,268.5" → "126850"; '' if empty, undefined if it is no amount. */
export function readFen(text: string): string | undefined {
  const amount = text
    .trim()
    .replace(/^[¥￥]\s*/, '')
    .replaceAll(/[,，](?=\d{3})/g, '')
  if (amount === '') return ''
  return /^\d{1,10}(\.\d{1,2})?$/.test(amount) ? String(Math.round(Number(amount) * 100)) : undefined
}
