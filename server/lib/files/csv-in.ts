import { CsvError, parse } from 'csv-parse/sync'

/** The separator is searched in this number of characters at the beginning of the file, because no header row is longer. */
const headLetters = 20_000

/**
 * Returns the rows of a CSV file. The separator is comma, tab or semicolon: the most frequent one in the first line. Throws RangeError
 * beyond the limits. If the quotes of a row are wrong, returns the row's number.
 */
export function readCsv(
  text: string,
  limits: { rows: number; columns: number },
): string[][] | { openQuoteInRow: number } {
  try {
    return parse(text, {
      delimiter: separatorOf(text),
      relax_column_count: true,
      // Called for each cell, so that a malicious file is left as soon as it exceeds a limit.
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
