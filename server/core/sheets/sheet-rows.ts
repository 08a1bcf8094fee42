import type { LocalizedText } from '../../lib/localized-text.ts'
import { fenFromYuan } from '../../lib/money.ts'
import { readApart } from './sheet-apart.ts'
import type { RowRefusal } from './sheet-contract.ts'
import type { Heads, SheetRow } from './sheet-pick.ts'

/**
 * The largest body in bytes of a request with a sheet. The file, at most 5 MB, is sent as base64 inside JSON, which makes it a third
 * larger.
 */
export const sheetBodyLimit = 7_500_000

/** A report lists at most this many refused rows, because a user reads no more. */
const namedMax = 1000

/** Returns the rows of a sheet by field name (`sheet-pick.ts`), read in a thread of its own (`sheet-apart.ts`). */
export async function namedRows<Name extends string>(
  bytes: Uint8Array,
  heads: Heads<Name>,
  needed: readonly Name[],
  headWithin = 1,
): Promise<SheetRow<Name>[]> {
  return readApart({ bytes, heads, needed, headWithin })
}

/** Returns all rows with their cells by the place of their column, for sheets whose head a user explains. */
export async function allRows(bytes: Uint8Array): Promise<SheetRow<string>[]> {
  return readApart({ bytes, heads: {}, needed: [], headWithin: 0, all: true })
}

/** Thrown for a cell whose text does not fit its column. */
export class BadCell extends Error {
  readonly column: string
  readonly words: LocalizedText

  constructor(column: string, zh: string, en: string) {
    super(en)
    this.name = 'BadCell'
    this.column = column
    this.words = { zh, en }
  }
}

/** Returns the text of a cell. Throws BadCell if it is empty. */
export function neededCell(column: string, text: string | undefined): string {
  if (text === undefined) throw new BadCell(column, '没有填', 'Empty')
  return text
}

export type RefusalReason = { code?: string; message?: LocalizedText }

export function refusal(
  row: number,
  column: string,
  { code = '', message = { zh: code, en: code } }: RefusalReason,
): RowRefusal {
  return { row, column, code, message }
}

/** Reads each row. A row with a bad cell is refused, and the other rows are still read. */
export function readEach<Name extends string, T>(
  rows: readonly SheetRow<Name>[],
  read: (cells: Partial<Record<Name, string>>) => T,
): { good: { row: number; value: T }[]; refused: RowRefusal[] } {
  const good: { row: number; value: T }[] = []
  const refused: RowRefusal[] = []
  for (const { row, cells } of rows) {
    try {
      good.push({ row, value: read(cells) })
    } catch (error) {
      if (!(error instanceof BadCell)) throw error
      refused.push({ row, column: error.column, code: 'bad_cell', message: error.words })
    }
  }
  return { good, refused }
}

export function fenCell(column: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  try {
    const fen = fenFromYuan(text.replace(/^[¥￥]|,/g, ''))
    if (fen >= 0) return fen
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw new BadCell(column, `「${text}」不是金额`, `${text} is no amount`)
}

export function wholeCell(column: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= 100_000_000) return value
  throw new BadCell(column, `「${text}」不是整数`, `${text} is no whole number`)
}

export function textCell(column: string, text: string | undefined, longest: number): string | undefined {
  if (text === undefined || text.length <= longest) return text
  throw new BadCell(column, `最多 ${longest} 个字`, `At most ${longest} letters`)
}

export function reportOf<Counts extends object>(
  rows: number,
  counts: Counts,
  refused: readonly RowRefusal[],
): Counts & { rows: number; refused: RowRefusal[] } {
  const sorted = refused.toSorted((a, b) => a.row - b.row)
  return { rows, ...counts, refused: sorted.slice(0, namedMax) }
}
