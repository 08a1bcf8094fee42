import { createHash } from 'node:crypto'
import type { SheetRow } from '../../core/sheets/sheet-pick.ts'
import { bareTitle, type SheetFieldKey, sheetFieldKeys, usualField } from './heads-contract.ts'

/** The title of the column for each field. */
export type Columns = Partial<Record<SheetFieldKey, string>>

export type Head = {
  /** The number of the row in the sheet. */
  row: number
  titles: readonly string[]
}

/** Some files begin with lines about themselves. */
const headWithin = 20

/**
 * Returns the row whose cells are known titles most often, the first of equals. Undefined: no row has any, so the sheet may begin with the
 * orders themselves.
 */
export function findHead(rows: readonly SheetRow<string>[], known: readonly string[]): Head | undefined {
  const bare = new Set(known.map(bareTitle))
  const points = (row: SheetRow<string>) =>
    titlesOf(row).filter((title) => usualField(title) !== undefined || bare.has(bareTitle(title))).length
  const [best] = rows
    .slice(0, headWithin)
    .toSorted((one, other) => points(other) - points(one) || one.row - other.row)
  return best && points(best) > 0 ? { row: best.row, titles: titlesOf(best) } : undefined
}

/** A layout is kept in plain text, so a cell that may be of a buyer (a number, a long text) is no title. */
const isTitle = (text: string) => text.length <= 40 && !/\d{5}/.test(text)

function titlesOf({ cells }: SheetRow<string>): string[] {
  const last = Math.max(-1, ...Object.keys(cells).map(Number))
  const titles = Array.from({ length: last + 1 }, (_, at) => cells[String(at)] ?? '')
  return titles.map((title) => (isTitle(title) ? title : ''))
}

/** The key under which the layout of a head is kept. */
export const headKey = ({ titles }: Head): string =>
  createHash('sha256').update(titles.map(bareTitle).filter(Boolean).join('\n'), 'utf8').digest('hex')

/**
 * Returns which column is which field: as the layout of the same head says, else as the shop's last layout says of the titles that are still
 * there, and of the rest by the usual titles.
 */
export function columnsOf({ titles }: Head, same: Columns | undefined, last: Columns | undefined): Columns {
  if (same) return onlyOf(same, titles)
  const columns = onlyOf(last ?? {}, titles)
  const taken = new Set(Object.values(columns))
  for (const title of titles) {
    const field = usualField(title)
    if (title === '' || field === undefined || columns[field] !== undefined || taken.has(title)) continue
    columns[field] = title
    taken.add(title)
  }
  return columns
}

/** Leaves out fields whose title the sheet does not have. */
export function onlyOf(columns: Columns, titles: readonly string[]): Columns {
  const kept: Columns = {}
  for (const field of sheetFieldKeys) {
    const title = columns[field]
    const there = title && titles.find((one) => bareTitle(one) === bareTitle(title))
    if (there) kept[field] = there
  }
  return kept
}

export type FieldRow = SheetRow<SheetFieldKey>

/** Returns the rows below the head by field, without empty ones and sums. */
export function fieldRows(rows: readonly SheetRow<string>[], head: Head, columns: Columns): FieldRow[] {
  const fields = new Map<string, SheetFieldKey[]>()
  for (const field of sheetFieldKeys) {
    const at = head.titles.indexOf(columns[field] ?? '\0')
    if (at >= 0) fields.set(String(at), [...(fields.get(String(at)) ?? []), field])
  }
  return rows.flatMap(({ row, cells }) => {
    if (row <= head.row) return []
    const found: FieldRow['cells'] = {}
    for (const [at, text] of Object.entries(cells))
      for (const field of fields.get(at) ?? []) if (text) found[field] = text
    const isSum =
      Object.values(cells).some((text) => /^(合计|总计|小计)[:：]?$/.test(text ?? '')) && !found.name
    return Object.keys(found).length > 0 && !isSum ? [{ row, cells: found }] : []
  })
}
