import { CsvError, parse } from 'csv-parse/sync'

/** More than a head of a sheet has; what lies behind says nothing about the separator. */
const headLetters = 20_000

/**
 * The rows of a CSV file, separated by comma, tab or semicolon, whichever the first line has most of. Throws RangeError beyond
 * the limits, and answers the row whose quotes are wrong.
 */
export function readCsv(
  text: string,
  limits: { rows: number; columns: number },
): string[][] | { openQuoteInRow: number } {
  try {
    return parse(text, {
      delimiter: separatorOf(text),
      relax_column_count: true,
      // Each cell, so that a file that was made to hurt is left as soon as it passes a limit.
      cast(cell, { index, records }) {
        if (index >= limits.columns) throw new RangeError('Too many columns.')
        if (records >= limits.rows) throw new RangeError('Too many rows.')
        return cell
      },
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return { openQuoteInRow: Number(error['records']) + 1 }
  }
}

function separatorOf(text: string): string {
  const head = text.slice(0, headLetters).split(/[\r\n]/, 1)[0] ?? ''
  const count = (one: string) => head.split(one).length
  return [',', '\t', ';'].reduce((best, one) => (count(one) > count(best) ? one : best))
}
