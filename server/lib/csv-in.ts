/** More than a head of a sheet has; what lies behind says nothing about the separator. */
const headLetters = 20_000

/**
 * Comma, tab or semicolon, whichever the first line has most of; quotes as RFC 4180 has them. One pass. Throws RangeError beyond the
 * limits, and answers the row whose quote does not end.
 */
export function readCsv(
  text: string,
  limits: { rows: number; columns: number },
): string[][] | { openQuoteInRow: number } {
  const separator = separatorOf(text)
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  const end = new RegExp(`[${separator}\\r\\n]`, 'g')
  while (at < text.length) {
    const quoted = text.charCodeAt(at) === quote
    const closed = quoted ? endOfQuotes(text, at + 1) : -1
    if (quoted && closed < 0) return { openQuoteInRow: rows.length + 1 }
    end.lastIndex = quoted ? closed + 1 : at
    const stop = end.exec(text)?.index ?? text.length
    // Between a closing quote and the separator there is nothing.
    if (quoted && stop !== closed + 1) return { openQuoteInRow: rows.length + 1 }
    if (row.length >= limits.columns) throw new RangeError('Too many columns.')
    row.push(quoted ? text.slice(at + 1, closed).replaceAll('""', '"') : text.slice(at, stop))
    at = stop + 1
    if (text[stop] === separator) continue
    if (text[stop] === '\r' && text[at] === '\n') at += 1
    rows.push(row)
    row = []
    if (rows.length > limits.rows) throw new RangeError('Too many rows.')
  }
  return row.length > 0 ? [...rows, row] : rows
}

const quote = 0x22

function separatorOf(text: string): string {
  const head = text.slice(0, headLetters).split(/[\r\n]/, 1)[0] ?? ''
  const count = (one: string) => head.split(one).length
  return [',', '\t', ';'].reduce((best, one) => (count(one) > count(best) ? one : best))
}

/** Of the quote that ends the cell; two of them are one inside it. */
function endOfQuotes(text: string, from: number): number {
  let at = text.indexOf('"', from)
  while (at >= 0 && text.charCodeAt(at + 1) === quote) at = text.indexOf('"', at + 2)
  return at
}
