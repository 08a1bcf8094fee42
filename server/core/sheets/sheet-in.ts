import iconv from 'iconv-lite'
import { AppError, type ErrorParam } from '../../errors.ts'
import { readCsv } from '../../lib/files/csv-in.ts'
import { readXlsx } from '../../lib/files/xlsx-in.ts'

/** The limits of an imported file, including its header row. */
const limits = {
  bytes: 5_000_000,
  rows: 5001,
  columns: 100,
  unpackedBytes: 60_000_000,
  cell: 2000,
  // The limit of XML tags. A cell has four tags, or six with inline text; some sheets also have formatted empty cells in many columns.
  tags: 4_000_000,
  letters: 20_000_000,
}

/**
 * Returns the rows of an XLSX or CSV file as trimmed texts. A CSV file that is not UTF-8 is read as GB18030, which Chinese spreadsheet
 * programs write. Throws `sheet_unreadable` and `sheet_too_large`.
 */
export function readSheet(bytes: Buffer): string[][] {
  if (bytes.length > limits.bytes) throw tooLarge('5 MB')
  const rows = readRows(bytes).map((row) => row.map((cell) => cell.trim()))
  while (rows.at(-1)?.every((cell) => cell === '')) rows.pop()
  if (rows.length === 0) throw unreadable({ zh: '里面没有数据', en: 'there is nothing in it' })
  if (rows.length > limits.rows) throw tooLarge({ zh: '最多 5,000 行', en: 'at most 5,000 rows' })
  if (rows.some((row) => row.length > limits.columns || row.some((cell) => cell.length > limits.cell)))
    throw tooLarge({
      zh: '最多 100 列，一格最多 2,000 字',
      en: 'at most 100 columns, 2,000 letters in a cell',
    })
  return rows
}

function readRows(bytes: Buffer): string[][] {
  if (bytes.subarray(0, 4).equals(oldExcel))
    throw unreadable({
      zh: '旧的 .xls 或加密的表格，另存为 .xlsx',
      en: 'an old or locked .xls; save it as .xlsx',
    })
  try {
    return bytes.subarray(0, 2).equals(zipMark) ? readXlsx(bytes, limits) : csvRows(textOf(bytes))
  } catch (error) {
    // A broken or malicious archive causes these errors in the reader, so the file is refused.
    if (error instanceof AppError || (!(error instanceof RangeError) && !isNodeError(error))) throw error
    if (error instanceof RangeError && /too m/i.test(error.message))
      throw tooLarge({ zh: '行、列或内容太多', en: 'too many rows, columns, or too much content' })
    if (isNodeError(error) && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge({ zh: '展开后太大', en: 'too much once unpacked' })
    throw unreadable({ zh: '不是完整的 .xlsx', en: 'no complete .xlsx' })
  }
}

function csvRows(text: string): string[][] {
  const rows = readCsv(text, limits)
  if (Array.isArray(rows)) return rows
  const row = rows.openQuoteInRow
  throw unreadable({ zh: `第 ${row} 行的引号不成对`, en: `a quote in row ${row} does not end` })
}

const oldExcel = Buffer.from('d0cf11e0', 'hex')
const zipMark = Buffer.from('PK')

function isNodeError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

function textOf(bytes: Buffer): string {
  if (bytes.includes(0)) throw unreadable({ zh: '不是表格', en: 'no sheet' })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return iconv.decode(bytes, 'gb18030')
  }
}

const unreadable = (detail: ErrorParam) => new AppError('sheet_unreadable', { detail }, 'file')
const tooLarge = (detail: ErrorParam) => new AppError('sheet_too_large', { detail }, 'file')
